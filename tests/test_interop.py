"""The same unit in other libraries: torch.nn.LSTM, torch.nn.LSTMCell and ONNX, on weights that tell the gates apart."""

import numpy as np
import onnxruntime
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from lstm_ref.interop import onnx_model, to_onnx, to_torch
from lstm_ref.sequence import unroll
from lstm_ref.weights import UnitWeights

T, B, I, H = 7, 3, 4, 5


def problem(peephole):
    rng = np.random.default_rng(6)
    weights = UnitWeights.random(I, H, peephole, rng=rng)
    return weights, rng.normal(size=(T, B, I)), rng.normal(size=(B, H)), rng.normal(size=(B, H))


def single(part):
    if isinstance(part, UnitWeights):
        return UnitWeights.from_dict({name: single(array) for name, array in part.to_dict().items()})
    return part.astype(np.float32)


def test_lstm_cell_takes_the_same_state_without_the_layer_in_its_names():
    weights, x, h0, c0 = problem("none")
    cell = torch.nn.LSTMCell(I, H, dtype=torch.float64)
    state = to_torch(weights).items()
    cell.load_state_dict({name.removesuffix("_l0"): torch.from_numpy(array) for name, array in state})
    h, c = torch.from_numpy(h0), torch.from_numpy(c0)
    trace = unroll(weights, x, h0, c0)
    for t in range(T):
        with torch.no_grad():
            h, c = cell(torch.from_numpy(x[t]), (h, c))
        assert np.abs(trace.h_t[t] - h.numpy()).max() < 1e-12
        assert np.abs(trace.c_t[t] - c.numpy()).max() < 1e-12


@pytest.mark.parametrize("peephole", ["none", "diagonal"])
def test_unroll_equals_the_reference_evaluator_of_onnx_in_float64(peephole):
    weights, x, h0, c0 = problem(peephole)
    evaluator = ReferenceEvaluator(onnx_model(weights))
    h, _, c_last = evaluator.run(None, {"x": x, "h0": h0[None], "c0": c0[None]})
    trace = unroll(weights, x, h0, c0)
    assert np.abs(trace.h_t - h[:, 0]).max() < 1e-12
    assert np.abs(trace.c_t[-1] - c_last[0]).max() < 1e-12


@pytest.mark.parametrize("peephole", ["none", "diagonal"])
def test_unroll_equals_onnxruntime_in_float32(peephole):
    weights, x, h0, c0 = (single(part) for part in problem(peephole))
    session = onnxruntime.InferenceSession(onnx_model(weights).SerializeToString(), providers=["CPUExecutionProvider"])
    h, _, c_last = session.run(None, {"x": x, "h0": h0[None], "c0": c0[None]})
    trace = unroll(weights, x, h0, c0)
    assert np.abs(trace.h_t - h[:, 0]).max() < 1e-5
    assert np.abs(trace.c_t[-1] - c_last[0]).max() < 1e-5


def test_a_peephole_is_refused_where_the_other_side_has_none():
    with pytest.raises(ValueError, match="weights: expected peephole 'none', .* got 'diagonal'"):
        to_torch(problem("diagonal")[0])
    with pytest.raises(ValueError, match="weights: expected peephole 'none' or 'diagonal', .* got 'full'"):
        to_onnx(problem("full")[0])
