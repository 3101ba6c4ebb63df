"""Every signal inside an ONNX LSTM node: what its traces say is what two runtimes say."""

import numpy as np
import pytest
from helpers.layers import LENGTHS, B, H, I, T
from helpers.onnx_models import answer, evaluated, run_by_onnxruntime

from lstm_ref.inspector import backwards, onnx_traces


def node(direction, peephole, dtype=np.float64):
    """Return x and the other inputs of an ONNX LSTM node, by our names."""
    rng = np.random.default_rng(8)
    D = 2 if direction == "bidirectional" else 1
    shapes = {"x": (T, B, I), "W": (D, 4 * H, I), "R": (D, 4 * H, H), "B": (D, 8 * H), "h0": (D, B, H), "c0": (D, B, H)}
    shapes |= {"P": (D, 3 * H)} if peephole else {}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


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


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "cut"])
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_traces_of_an_onnx_node_equal_the_reference_evaluator_in_float64(direction, peephole, lengths):
    inputs = node(direction, peephole)
    found = onnx_traces(**inputs, lengths=lengths, direction=direction)
    assert list(found) == DIRECTIONS[direction]
    if lengths is None:
        expected = answer(inputs, evaluated, direction)
    else:  # the evaluator passes over sequence_lens: each sequence runs by itself, cut at its length
        expected = [np.zeros((T, len(found), B, H)), *np.zeros((2, len(found), B, H))]
        for b, length in enumerate(lengths):
            alone = inputs | {"x": inputs["x"][:length, [b]]} | {name: inputs[name][:, [b]] for name in ("h0", "c0")}
            h, h_last, c_last = answer(alone, evaluated, direction)
            expected[0][:length, :, b], expected[1][:, b], expected[2][:, b] = h[:, :, 0], h_last[:, 0], c_last[:, 0]
    assert onnx_difference(found, expected, lengths or [T] * B) < 1e-12


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "cut"])
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_traces_of_an_onnx_node_equal_onnxruntime_in_float32(direction, peephole, lengths):
    inputs = node(direction, peephole, np.float32)
    cut = {} if lengths is None else {"lengths": np.array(lengths, np.int32)}
    expected = answer(inputs | cut, run_by_onnxruntime, direction)
    found = onnx_traces(**inputs, lengths=lengths, direction=direction)
    assert onnx_difference(found, expected, lengths or [T] * B) < 1e-5


def test_an_onnx_node_may_have_no_bias_and_no_start_and_takes_its_inputs_in_order():
    inputs = node("bidirectional", True)
    x, W, R, P = (inputs[name] for name in "xWRP")
    expected = answer({"x": x, "W": W, "R": R, "P": P}, evaluated, "bidirectional")
    found = onnx_traces(x, W, R, None, None, None, None, P, direction="bidirectional")
    assert onnx_difference(found, expected, [T] * B) < 1e-12
    expected = answer(inputs, evaluated, "bidirectional")
    order = (inputs.get(name) for name in ("x", "W", "R", "B", "lengths", "h0", "c0", "P"))
    assert onnx_difference(onnx_traces(*order, direction="bidirectional"), expected, [T] * B) < 1e-12


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"direction": "back"}, ValueError, r"direction: expected one of \('forward', .*\), got 'back'"),
        ({"direction": "bidirectional"}, ValueError, r"W: expected 2 in front, .* got \(1, 16, 3\)"),
        ({"W": np.array(1.0)}, ValueError, r"W: expected 1 in front, .* got \(\)"),
        ({"B": np.zeros(32)}, ValueError, r"B: expected 1 in front, .* got \(32,\)"),
        ({"P": np.zeros((1, 3, H))}, ValueError, r"P: expected shape \(3H,\), .* got \(3, 4\)"),
        ({"h0": np.zeros((1, B, H + 1))}, ValueError, r"h0: expected shape \(B, H\) = \(5, 4\), got \(5, 5\)"),
        ({"c0": np.zeros((1, B, H), np.float16)}, TypeError, "c0: expected float32 or float64, got float16"),
        ({"x": np.zeros((T, B, I), int)}, TypeError, "x: expected floating-point numbers, got int64"),
        ({"lengths": [7, 1, 1, 1, 1]}, ValueError, "lengths: expected whole numbers from 1 to 6, got 1 to 7"),
        ({"lengths": [1, 2]}, ValueError, "lengths: expected shape .B,. = .5,., got .2,."),
        ({"lengths": [1.5, 1, 1, 1, 1]}, TypeError, "lengths: expected whole numbers, got float64"),
    ],
)
def test_a_bad_input_of_an_onnx_node_is_named(changes, error, message):
    with pytest.raises(error, match=message):
        onnx_traces(**{"direction": "reverse"} | node("reverse", True) | changes)
