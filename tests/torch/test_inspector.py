"""Every signal inside a trained layer: what it says is what the layer says, and each trace is one unit's."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import onnxruntime
import pytest
import torch
from onnx import helper
from onnx.reference import ReferenceEvaluator
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_ref import Trace, UnitWeights, plots, step, unroll
from lstm_ref.diagrams import draw
from lstm_ref.explorer import TimeMachine
from lstm_ref.inspector import backwards, onnx_traces, traces
from lstm_ref.layer import LSTM
from lstm_ref.unit import Step
from lstm_ref.weights import PEEPHOLES

torch.set_num_threads(1)
T, B, I, H = 6, 5, 3, 4
LENGTHS = [3, 6, 1, 3, 5]
OPTIONS = ("num_layers", "bidirectional", "batch_first", "bias")
KINDS = list(itertools.product((1, 2, 3), (False, True), (False, True), (False, True)))
CLOSE = {torch.float64: 1e-12, torch.float32: 1e-5}


def layer(kind, make=torch.nn.LSTM, dtype=torch.float64, **more):
    torch.manual_seed(5)
    return make(I, H, **dict(zip(OPTIONS, kind)), dtype=dtype, **more).eval()


def called(lstm, form):
    """Return what the layer may be called with: x in the layer's layout, with a start or without."""
    dtype, rows = lstm.weight_ih_l0.dtype, lstm.num_layers * (1 + lstm.bidirectional)
    x, (h0, c0) = torch.randn(T, B, I, dtype=dtype), torch.randn(2, rows, B, H, dtype=dtype)
    if form == "unbatched":
        return x[:, 0], (h0[:, 0], c0[:, 0])
    if form == "packed":
        return pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False), (h0, c0)
    x = x.transpose(0, 1) if lstm.batch_first else x
    return (x, None) if form == "no start" else (x, (h0, c0))


def joined(found, lstm):
    """Return what the traces say the layer answers: h with time first, h_last and c_last."""
    last = [trace for name, trace in found.items() if name.startswith(f"l{lstm.num_layers - 1}")]
    ways = [last[0].h_t] + [backwards(trace.h_t, trace.lengths) for trace in last[1:]]
    ends = [(t.h_t[-1], t.c_t[-1]) for t in found.values()]
    if last[0].lengths is not None:
        sequences = [[trace.sequence(b) for b in range(B)] for trace in found.values()]
        ends = [(np.stack([one.h_t[-1] for one in row]), np.stack([one.c_t[-1] for one in row])) for row in sequences]
    return np.concatenate(ways, axis=-1), *(np.stack(end) for end in zip(*ends))


def largest_difference(lstm, x, hx):
    with torch.no_grad():
        h, (h_last, c_last) = lstm(x, hx)
    if isinstance(h, torch.nn.utils.rnn.PackedSequence):
        h = pad_packed_sequence(h)[0]
    elif lstm.batch_first and h.dim() == 3:
        h = h.transpose(0, 1)
    found, expected = joined(traces(lstm, x, hx), lstm), [part.numpy() for part in (h, h_last, c_last)]
    assert [part.dtype for part in found] == [part.dtype for part in expected]
    assert [part.shape for part in found] == [part.shape for part in expected]
    return max(np.abs(got - want).max() for got, want in zip(found, expected))


FORMS = ("batched", "no start", "unbatched", "packed")


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_outputs_are_those_of_torch(kind, form, dtype):
    lstm = layer(kind, dtype=dtype)
    assert largest_difference(lstm, *called(lstm, form)) < CLOSE[dtype]


@pytest.mark.parametrize("peephole", PEEPHOLES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [(1, False, False, False), (2, True, True, True), (3, True, False, True)])
def test_the_outputs_are_those_of_our_layer_with_every_peephole(kind, form, peephole):
    lstm = layer(kind, LSTM, peephole=peephole, engine="torch")
    assert largest_difference(lstm, *called(lstm, form)) < 1e-12


@pytest.mark.parametrize("form", FORMS)
def test_every_trace_is_that_of_its_own_unit_at_every_step(form):
    lstm = layer((2, True, False, True), LSTM, peephole="full")
    found = traces(lstm, *called(lstm, form))
    assert list(found) == ["l0", "l0_reverse", "l1", "l1_reverse"]
    for trace in found.values():
        assert (trace.lengths is None) == (form != "packed") and trace.peephole == "full"
        for one in [trace] if form != "packed" else [trace.sequence(b) for b in range(B)]:
            for at in one:
                for name, want in step(*at[:3], one.weights)._asdict().items():
                    assert np.abs(getattr(at, name) - want).max() < 1e-12, name


@pytest.mark.parametrize("form", ["batched", "packed"])
def test_the_way_back_begins_with_the_last_step_and_backwards_lines_it_up(form):
    lstm = layer((2, True, False, True))
    x, hx = called(lstm, form)
    found = traces(lstm, x, hx)
    x = pad_packed_sequence(x)[0].numpy() if form == "packed" else x.numpy()
    lengths = LENGTHS if form == "packed" else [T] * B
    for b, length in enumerate(lengths):
        assert np.array_equal(found["l0"].x_t[:length, b], x[:length, b])
        assert np.array_equal(found["l0_reverse"].x_t[:length, b], x[:length, b][::-1])
        assert np.array_equal(found["l0_reverse"].h_prev[0, b], hx[0][1, b])
    back = found["l0_reverse"]
    assert np.array_equal(backwards(back.x_t, back.lengths), x)
    heard = np.concatenate([found["l0"].h_t, backwards(back.h_t, back.lengths)], axis=2)
    assert np.array_equal(found["l1"].x_t, heard)


def test_backwards_keeps_what_stands_past_the_end_and_undoes_itself():
    array = np.random.default_rng(1).normal(size=(T, B, H))
    turned = backwards(array, LENGTHS)
    for b, length in enumerate(LENGTHS):
        assert np.array_equal(turned[:, b], np.concatenate([array[:length, b][::-1], array[length:, b]]))
    assert np.array_equal(backwards(turned, LENGTHS), array)


def test_the_layer_its_gradients_and_the_input_stay_as_they_are():
    lstm = layer((2, True, False, True))
    x, hx = called(lstm, "batched")
    x.requires_grad_(True)
    copies = [part.detach().clone() for part in (x, *hx, *lstm.parameters())]
    found = traces(lstm, x, hx)
    assert all(torch.equal(copy, part) for copy, part in zip(copies, (x, *hx, *lstm.parameters())))
    assert all(part.grad is None for part in (x, *lstm.parameters()))
    with torch.no_grad():
        x += 1
        lstm.weight_ih_l0 += 1
    assert np.array_equal(found["l0"].x_t, copies[0])
    assert np.array_equal(found["l0"].weights.stack("W", "ifgo"), copies[3])


def test_dropout_that_would_strike_is_refused_and_dropout_at_rest_is_not():
    lstm = layer((2, False, False, True), dropout=0.5)
    assert largest_difference(lstm, *called(lstm, "batched")) < 1e-12
    with pytest.raises(ValueError, match=r"lstm: expected evaluation, .* got training with dropout=0.5"):
        traces(lstm.train(), *called(lstm, "batched"))
    lstm.dropout = 0.0
    assert largest_difference(lstm, *called(lstm, "batched")) < 1e-12
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        single = torch.nn.LSTM(I, H, dropout=0.5, dtype=torch.float64)
    assert largest_difference(single, *called(single, "batched")) < 1e-12


x32 = torch.zeros(T, B, I)


@pytest.mark.parametrize(
    ("lstm", "arguments", "error", "message"),
    [
        (torch.nn.GRU(I, H), (x32,), TypeError, "lstm: expected a torch.nn.LSTM, got GRU"),
        (
            torch.nn.LSTM(I, H, proj_size=2),
            (x32,),
            ValueError,
            "lstm: expected one without projections, got proj_size=2",
        ),
        (
            torch.nn.LSTM(I, H).half(),
            (x32.half(),),
            TypeError,
            "weight_hh_l0: expected float32 or float64, got float16",
        ),
        (torch.nn.LSTM(I, H), (x32.bfloat16(),), TypeError, "x: expected float32 or float64, got bfloat16"),
        (torch.nn.LSTM(I, H), (x32.double(),), TypeError, "x: expected float32 like the weights, got float64"),
        (torch.nn.LSTM(I, H), (x32[0, 0],), ValueError, r"x: expected \(T, I\) or \(T, B, I\) .* got \(3,\)"),
        (torch.nn.LSTM(I, H), (x32, x32), ValueError, "hx: expected a pair, h0 and c0, got 6"),
        (
            torch.nn.LSTM(I, H, 2),
            (x32, (torch.zeros(2, B, H), torch.zeros(1, B, H))),
            ValueError,
            r"c0: expected shape \(layers \* directions, B, H\) = \(2, 5, 4\), got \(1, 5, 4\)",
        ),
        (
            torch.nn.LSTM(I, H),
            (x32, (torch.zeros(1, B, H).double(),) * 2),
            TypeError,
            "h0: expected float32 like the weights, got float64",
        ),
    ],
)
def test_a_bad_layer_or_argument_is_named_with_what_came_and_what_was_expected(lstm, arguments, error, message):
    with pytest.raises(error, match=message):
        traces(lstm, *arguments)


def node(direction, peephole, dtype=np.float64):
    """Return x and the other inputs of an ONNX LSTM node, by our names."""
    rng = np.random.default_rng(8)
    D = 2 if direction == "bidirectional" else 1
    shapes = {"x": (T, B, I), "W": (D, 4 * H, I), "R": (D, 4 * H, H), "B": (D, 8 * H), "h0": (D, B, H), "c0": (D, B, H)}
    shapes |= {"P": (D, 3 * H)} if peephole else {}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


def answer(direction, inputs, run, lengths=None):
    """Return what a runtime makes of the node: h (T, D, B, H), h_last and c_last (D, B, H)."""
    inputs = inputs if lengths is None else inputs | {"lengths": np.array(lengths, np.int32)}
    order = ("x", "W", "R", "B", "lengths", "h0", "c0", "P")
    names = [name if name in inputs else "" for name in order]
    lstm = helper.make_node("LSTM", names, ["h", "h_last", "c_last"], hidden_size=H, direction=direction)
    kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in inputs.items()}
    values = [helper.make_tensor_value_info(name, kinds[name], array.shape) for name, array in inputs.items()]
    results = [helper.make_tensor_value_info(name, kinds["x"], None) for name in lstm.output]
    graph = helper.make_graph([lstm], "node", values, results)
    return run(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), inputs)


def evaluated(model, inputs):
    return ReferenceEvaluator(model).run(None, inputs)


def run_by_onnxruntime(model, inputs):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


def onnx_difference(found, expected, lengths):
    h, h_last, c_last = expected
    worst = 0
    for d, (name, trace) in enumerate(found.items()):
        said = backwards(trace.h_t, trace.lengths) if name == "reverse" else trace.h_t
        worst = max(worst, np.abs(said - h[:, d]).max())
        for b in range(B):
            one = trace.sequence(b)
            assert len(one) == lengths[b]
            ends = np.abs(one.h_t[-1] - h_last[d, b]), np.abs(one.c_t[-1] - c_last[d, b])
            worst = max(worst, *(end.max() for end in ends))
    return worst


DIRECTIONS = {"forward": ["forward"], "reverse": ["reverse"], "bidirectional": ["forward", "reverse"]}


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_traces_of_an_onnx_node_equal_the_reference_evaluator_in_float64(direction, peephole, lengths):
    inputs = node(direction, peephole)
    found = onnx_traces(**inputs, lengths=lengths, direction=direction)
    assert list(found) == DIRECTIONS[direction]
    if lengths is None:
        expected = answer(direction, inputs, evaluated)
    else:  # the evaluator passes over sequence_lens: each sequence runs by itself, cut at its length
        expected = [np.zeros((T, len(found), B, H)), *np.zeros((2, len(found), B, H))]
        for b, length in enumerate(lengths):
            alone = inputs | {"x": inputs["x"][:length, [b]]} | {name: inputs[name][:, [b]] for name in ("h0", "c0")}
            h, h_last, c_last = answer(direction, alone, evaluated)
            expected[0][:length, :, b], expected[1][:, b], expected[2][:, b] = h[:, :, 0], h_last[:, 0], c_last[:, 0]
    assert onnx_difference(found, expected, lengths or [T] * B) < 1e-12


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_traces_of_an_onnx_node_equal_onnxruntime_in_float32(direction, peephole, lengths):
    inputs = node(direction, peephole, np.float32)
    expected = answer(direction, inputs, run_by_onnxruntime, lengths)
    found = onnx_traces(**inputs, lengths=lengths, direction=direction)
    assert onnx_difference(found, expected, lengths or [T] * B) < 1e-5


def test_an_onnx_node_may_have_no_bias_and_no_start_and_takes_its_inputs_in_order():
    inputs = node("bidirectional", True)
    x, W, R, P = (inputs[name] for name in "xWRP")
    expected = answer("bidirectional", {"x": x, "W": W, "R": R, "P": P}, evaluated)
    found = onnx_traces(x, W, R, None, None, None, None, P, direction="bidirectional")
    assert onnx_difference(found, expected, [T] * B) < 1e-12
    expected = answer("bidirectional", inputs, evaluated)
    order = (inputs.get(name) for name in ("x", "W", "R", "B", "lengths", "h0", "c0", "P"))
    assert onnx_difference(onnx_traces(*order, direction="bidirectional"), expected, [T] * B) < 1e-12


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"direction": "back"}, ValueError, r"direction: expected one of \('forward', .*\), got 'back'"),
        ({"direction": "bidirectional"}, ValueError, r"W: expected 2 in front, .* got \(1, 16, 3\)"),
        ({"B": np.zeros(32)}, ValueError, r"B: expected 1 in front, .* got \(32,\)"),
        ({"P": np.zeros((1, 3, H))}, ValueError, r"P: expected shape \(3H,\), .* got \(3, 4\)"),
        ({"h0": np.zeros((1, B, H + 1))}, ValueError, r"h0: expected shape \(B, H\) = \(5, 4\), got \(5, 5\)"),
        ({"c0": np.zeros((1, B, H), np.float16)}, TypeError, "c0: expected float32 or float64, got float16"),
        ({"x": np.zeros((T, B, I), int)}, TypeError, "x: expected floating-point numbers, got int64"),
        ({"lengths": [7, 1, 1, 1, 1]}, ValueError, "lengths: expected whole numbers from 1 to T, .* got .7 1"),
        ({"lengths": [1, 2]}, ValueError, "lengths: expected whole numbers from 1 to T, .* got .1 2"),
        ({"lengths": [1.5, 1, 1, 1, 1]}, ValueError, "lengths: expected whole numbers from 1 to T, .* got .1.5 1"),
    ],
)
def test_a_bad_input_of_an_onnx_node_is_named(changes, error, message):
    with pytest.raises(error, match=message):
        onnx_traces(**{"direction": "reverse"} | node("reverse", True) | changes)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_diagrams_figures_and_the_explorer_take_the_traces_as_they_are(peephole):
    lstm = layer((2, True, True, True), LSTM, torch.float32, peephole=peephole)
    alone, packed = traces(lstm, *called(lstm, "unbatched")), traces(lstm, *called(lstm, "packed"))
    for trace in (alone["l0"], packed["l1_reverse"].sequence(0)):
        diagram = draw("pipe", trace=trace, t=-1, weights=trace.weights)
        assert f"Values at step {len(trace) - 1}" in diagram.alt
        assert plots.signals(trace).svg
        assert repr(TimeMachine(trace, weights=trace.weights)).startswith(f"TimeMachine({len(trace)} steps")
    plt.close("all")


def test_one_sequence_of_a_batch_is_what_the_unit_does_with_it_alone():
    rng = np.random.default_rng(3)
    weights = UnitWeights.random(I, H, "full", rng=rng)
    x, h0, c0 = (rng.normal(size=shape) for shape in ((T, B, I), (B, H), (B, H)))
    for lengths in (None, LENGTHS):
        trace = unroll(weights, x, h0, c0, lengths)
        for b, length in enumerate(lengths or [T] * B):
            one, alone = trace.sequence(b), unroll(weights, x[:length, b], h0[b], c0[b])
            assert isinstance(one, Trace) and one.weights is weights and one.lengths is None
            for name in Step._fields:
                assert getattr(one, name).shape == getattr(alone, name).shape
                assert np.abs(getattr(one, name) - getattr(alone, name)).max() < 1e-12
    with pytest.raises(TypeError, match="b: expected a whole number, got slice"):
        trace.sequence(slice(2))
    with pytest.raises(ValueError, match=r"b: expected a trace of a batch, .* got \(6, 3\)"):
        unroll(weights, x[:, 0]).sequence(0)
    with pytest.raises(IndexError):
        trace.sequence(B)
