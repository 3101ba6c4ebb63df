"""The same unit in other libraries, there and back: PyTorch, ONNX and Keras, on weights that tell the gates apart."""

import numpy as np
import pytest
import torch
from helpers.onnx_models import answer, evaluated, run_by_onnxruntime
from helpers.random_unit import B, H, I, T, cast, problem

from lstm_ref.interop import (
    from_keras,
    from_onnx,
    from_torch,
    onnx_model,
    to_keras,
    to_layer,
    to_onnx,
    to_torch,
    units,
)
from lstm_ref.layer import LSTM
from lstm_ref.sequence import unroll
from lstm_ref.unit import sigmoid
from lstm_ref.weights import PEEPHOLES


def tensors(state):
    return {name: torch.from_numpy(array) for name, array in state.items()}


def same(ours, theirs):
    ours, theirs = ours.to_dict(), theirs.to_dict()
    return ours.keys() == theirs.keys() and all(
        np.array_equal(ours[name], theirs[name]) and ours[name].dtype == theirs[name].dtype for name in ours
    )


def cell_agrees(cell, weights, x, h0, c0):
    h, c = torch.from_numpy(h0), torch.from_numpy(c0)
    trace = unroll(weights, x, h0, c0)
    for t in range(T):
        with torch.no_grad():
            h, c = cell(torch.from_numpy(x[t]), (h, c))
        assert np.abs(trace.h_t[t] - h.numpy()).max() < 1e-12
        assert np.abs(trace.c_t[t] - c.numpy()).max() < 1e-12


def test_lstm_cell_takes_the_state_whose_names_end_in_nothing_and_gives_it_back():
    weights, (x, h0, c0), _ = problem(peephole="none")
    cell = torch.nn.LSTMCell(I, H, dtype=torch.float64)
    cell.load_state_dict(tensors(to_torch(weights, "")))
    cell_agrees(cell, weights, x, h0, c0)
    assert same(from_torch(cell.state_dict(), ""), weights)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("suffix", ["_l0", "_l0_reverse", "_l1", "_l1_reverse"])
def test_each_layer_and_direction_of_torch_is_read_by_its_suffix(suffix, bias):
    torch.manual_seed(2)
    lstm = torch.nn.LSTM(I, H, 2, bias=bias, bidirectional=True, dtype=torch.float64)
    state, size = lstm.state_dict(), I if "l0" in suffix else 2 * H
    cell = torch.nn.LSTMCell(size, H, bias=bias, dtype=torch.float64)
    own = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if bias else ("weight_ih", "weight_hh")
    cell.load_state_dict({name: state[name + suffix] for name in own})
    _, (x, h0, c0), _ = problem(peephole="none")
    x = x if size == I else np.random.default_rng(3).normal(size=(T, B, size))
    cell_agrees(cell, from_torch(state, suffix), x, h0, c0)
    assert list(units(lstm)) == ["l0", "l0_reverse", "l1", "l1_reverse"]
    assert same(units(lstm)[suffix[1:]], from_torch(state, suffix))


@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_every_round_trip_is_exact(peephole, low):
    weights = problem(peephole=peephole)[0]
    weights = cast(weights, np.float32) if low else weights
    for suffix in ("_l0", "_l1_reverse", ""):
        assert same(from_torch(to_layer(weights, suffix), suffix), weights)
        assert same(from_torch(tensors(to_layer(weights, suffix)), suffix), weights)
    if peephole != "full":
        assert same(from_onnx(*to_onnx(weights)), weights)
    if peephole == "none":
        assert same(from_torch(to_torch(weights)), weights)
        assert same(from_keras(*to_keras(weights)), weights)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_our_layer_takes_the_peephole_and_gives_it_back(peephole):
    weights, (x, h0, c0), _ = problem(peephole=peephole)
    layer = LSTM(I, H, peephole=peephole, engine="torch", dtype=torch.float64)
    layer.load_state_dict(tensors(to_layer(weights)))
    with torch.no_grad():
        h, _ = layer(torch.from_numpy(x), (torch.from_numpy(h0)[None], torch.from_numpy(c0)[None]))
    assert np.abs(unroll(weights, x, h0, c0).h_t - h.numpy()).max() < 1e-12
    assert same(from_torch(dict(layer.named_parameters())), weights)


@pytest.mark.parametrize("left_out", ["", "B", "P", "BP"])
def test_what_is_read_from_onnx_equals_the_reference_evaluator(left_out):
    rng = np.random.default_rng(4)
    shapes = {"W": (4 * H, I), "R": (4 * H, H), "B": (8 * H,), "P": (3 * H,)}
    arrays = {name: rng.normal(size=shape) for name, shape in shapes.items() if name not in left_out}
    _, (x, h0, c0), _ = problem(peephole="none")
    inputs = {"x": x, "h0": h0[None], "c0": c0[None]} | {name: array[None] for name, array in arrays.items()}
    h, _, c_last = answer(inputs, evaluated)
    trace = unroll(from_onnx(**arrays), x, h0, c0)
    assert np.abs(trace.h_t - h[:, 0]).max() < 1e-12
    assert np.abs(trace.c_t[-1] - c_last[0]).max() < 1e-12


def keras(x, h, c, kernel, recurrent_kernel, bias):
    """Return h (T, B, H) as ``LSTMCell.call`` of Keras 3.15 computes it, line by line."""
    said = []
    for inputs in x:
        z = np.matmul(inputs, kernel)
        z = np.add(z, np.matmul(h, recurrent_kernel))
        z = z if bias is None else np.add(z, bias)
        z0, z1, z2, z3 = np.split(z, 4, axis=1)
        i = sigmoid(z0)
        f = sigmoid(z1)
        c = f * c + i * np.tanh(z2)
        o = sigmoid(z3)
        h = o * np.tanh(c)
        said.append(h)
    return np.stack(said)


def test_unroll_equals_the_arithmetic_of_keras():
    weights, (x, h0, c0), _ = problem(peephole="none")
    arrays = to_keras(weights)
    assert [array.shape for array in arrays] == [(I, 4 * H), (H, 4 * H), (4 * H,)]
    assert np.abs(unroll(weights, x, h0, c0).h_t - keras(x, h0, c0, *arrays)).max() < 1e-12


@pytest.mark.parametrize("bias", [True, False])
def test_what_is_read_from_keras_equals_the_arithmetic_of_keras(bias):
    rng = np.random.default_rng(5)
    kernel, recurrent_kernel = rng.normal(size=(I, 4 * H)), rng.normal(size=(H, 4 * H))
    bias = rng.normal(size=4 * H) if bias else None
    _, (x, h0, c0), _ = problem(peephole="none")
    trace = unroll(from_keras(kernel, recurrent_kernel, bias), x, h0, c0)
    assert np.abs(trace.h_t - keras(x, h0, c0, kernel, recurrent_kernel, bias)).max() < 1e-12


@pytest.mark.parametrize("peephole", ["none", "diagonal"])
@pytest.mark.parametrize(
    ("run", "dtype", "bound"), [(evaluated, np.float64, 1e-12), (run_by_onnxruntime, np.float32, 1e-5)]
)
def test_unroll_equals_the_reference_evaluator_of_onnx_in_float64_and_onnxruntime_in_float32(
    run, dtype, bound, peephole
):
    weights, (x, h0, c0), _ = problem(peephole=peephole, dtype=dtype)
    h, _, c_last = run(onnx_model(weights), {"x": x, "h0": h0[None], "c0": c0[None]})
    trace = unroll(weights, x, h0, c0)
    assert np.abs(trace.h_t - h[:, 0]).max() < bound
    assert np.abs(trace.c_t[-1] - c_last[0]).max() < bound


@pytest.mark.parametrize(
    ("write", "peephole", "message"),
    [
        (to_torch, "diagonal", "weights: expected peephole 'none', .* got 'diagonal'"),
        (to_onnx, "full", "weights: expected peephole 'none' or 'diagonal', .* got 'full'"),
        (to_keras, "diagonal", "weights: expected peephole 'none', which Keras has, got 'diagonal'"),
    ],
)
def test_a_peephole_is_refused_where_the_other_side_has_none(write, peephole, message):
    with pytest.raises(ValueError, match=message):
        write(problem(peephole=peephole)[0])


STATE = to_layer(problem(peephole="diagonal")[0])


def without(*names):
    return {name: array for name, array in STATE.items() if name not in names}


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (torch.nn.LSTM(I, H), TypeError, "state: expected a dict from name to array, .* got LSTM"),
        (
            without("weight_ih_l0"),
            ValueError,
            "state: expected weight_ih_l0, got the names .'bias_hh_l0', 'bias_ih_l0'",
        ),
        (without("weight_hh_l0"), ValueError, "state: expected weight_hh_l0"),
        (without("bias_hh_l0"), ValueError, "state: expected bias_hh_l0"),
        (without("bias_ih_l0"), ValueError, "state: expected bias_ih_l0"),
        (STATE | {"weight_hr_l0": np.zeros((2, H))}, ValueError, "state: expected a layer without projections"),
        (
            {"weight_ih_l0": np.zeros((20, 4, 1))},
            ValueError,
            r"weight_ih_l0: expected shape \(4H, I\), .* got \(20, 4, 1\)",
        ),
        ({"weight_ih_l0": np.zeros((20, 0))}, ValueError, r"weight_ih_l0: .* all at least 1, got \(20, 0\)"),
        ({"weight_ih_l0": np.zeros((16, 4))}, ValueError, r"weight_ih_l0: .* \(4H, I\) = \(20, 4\), got \(16, 4\)"),
        ({"weight_hh_l0": np.zeros((15, 5))}, ValueError, r"weight_hh_l0: .* \(4H, H\) = \(20, 5\), got \(15, 5\)"),
        ({"bias_hh_l0": np.zeros(5)}, ValueError, r"bias_hh_l0: expected shape \(4H,\) = \(20,\), got \(5,\)"),
        ({"weight_ch_l0": np.zeros(15)}, ValueError, r"weight_ch_l0: expected shape \(3, H\), .* got \(15,\)"),
        ({"weight_ch_l0": np.zeros((3, 5, 4))}, ValueError, r"\(3, H, H\) = \(3, 5, 5\), got \(3, 5, 4\)"),
        ({"bias_ih_l0": np.zeros(20, np.float32)}, TypeError, "bias_ih_l0: expected float64 like .*hh_l0, got float32"),
        (
            {"weight_ih_l0": np.zeros((20, 4), np.float16)},
            TypeError,
            "weight_ih_l0: expected float32 or .* got float16",
        ),
        ({"weight_ih_l0": torch.zeros(20, 4).bfloat16()}, TypeError, "weight_ih_l0: expected float32 .* got bfloat16"),
        ({"weight_ih_l0": np.zeros((20, 4), int)}, TypeError, "weight_ih_l0: .* got int64"),
        ({"weight_ih_l0": torch.zeros(20, 4).int()}, TypeError, "weight_ih_l0: .* got int32"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_by_name(state, error, message):
    whole = isinstance(state, torch.nn.LSTM) or len(state) > 1
    with pytest.raises(error, match=message):
        from_torch(state if whole else STATE | state)


def test_a_suffix_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match=r"^suffix: expected a text, got int$"):
        from_torch(STATE, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"W": None}, "^W: expected an array, got None$"),
        ({"W": np.zeros((16, I))}, r"W: expected shape \(4H, I\) = \(20, 4\), got \(16, 4\)"),
        ({"R": np.zeros((1, 20, 5))}, r"R: expected shape \(4H, H\), all at least 1, got \(1, 20, 5\)"),
        ({"B": np.zeros(20)}, r"B: expected shape \(8H,\) = \(40,\), got \(20,\)"),
        ({"P": np.zeros((3, 5))}, r"P: expected shape \(3H,\), all at least 1, got \(3, 5\)"),
        ({"P": np.zeros(15, np.float32)}, "P: expected float64 like R, got float32"),
    ],
)
def test_an_onnx_array_that_does_not_fit_is_refused_by_name(changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        from_onnx(**dict(zip("WRBP", to_onnx(problem(peephole="diagonal")[0]))) | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kernel": np.zeros((20, 4))}, r"kernel: expected shape \(I, 4H\) = \(20, 20\), got \(20, 4\)"),
        ({"recurrent_kernel": np.zeros((20, 5))}, r"recurrent_kernel: .* \(H, 4H\) = \(20, 80\), got \(20, 5\)"),
        ({"bias": np.zeros((4, 5))}, r"bias: expected shape \(4H,\), all at least 1, got \(4, 5\)"),
        ({"kernel": np.zeros((4, 20), np.float32)}, "kernel: expected float64 like recurrent_kernel, got float32"),
    ],
)
def test_a_keras_array_that_does_not_fit_is_refused_by_name(changes, message):
    names = "kernel", "recurrent_kernel", "bias"
    with pytest.raises((TypeError, ValueError), match=message):
        from_keras(**dict(zip(names, to_keras(problem(peephole="none")[0]))) | changes)


def test_a_state_of_nested_lists_is_read_like_one_of_arrays():
    weights, _, _ = problem(peephole="diagonal")
    state = {name: array.tolist() for name, array in to_layer(weights).items()}
    assert all(np.array_equal(from_torch(state).to_dict()[name], array) for name, array in weights.to_dict().items())
