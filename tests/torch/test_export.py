"""Trained layers as ONNX models: what a runtime answers is what the layer answers."""

import itertools

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from lstm_ref.interop import export_onnx
from lstm_ref.layer import LSTM

torch.set_num_threads(1)
T, B, I, H = 6, 3, 4, 5
KINDS = list(itertools.product((1, 2, 3), (False, True), (False, True), (False, True)))
OPTIONS = ("num_layers", "bidirectional", "batch_first", "bias")


def problem(kind, make=torch.nn.LSTM, dtype=torch.float64, **more):
    torch.manual_seed(11)
    lstm = make(I, H, **dict(zip(OPTIONS, kind)), dtype=dtype, **more)
    x = torch.randn((B, T, I) if lstm.batch_first else (T, B, I), dtype=dtype)
    h0, c0 = torch.randn(2, lstm.num_layers * (1 + lstm.bidirectional), B, H, dtype=dtype)
    with torch.no_grad():
        h, (h_last, c_last) = lstm(x, (h0, c0))
    return lstm, {"x": x.numpy(), "h0": h0.numpy(), "c0": c0.numpy()}, (h.numpy(), h_last.numpy(), c_last.numpy())


def largest_difference(found, expected):
    assert [part.shape for part in found] == [part.shape for part in expected]
    return max(np.abs(got - want).max() for got, want in zip(found, expected))


def run(model, inputs):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == ["x", "h0", "c0"]
    assert [each.name for each in session.get_outputs()] == ["h", "h_last", "c_last"]
    return session.run(None, inputs)


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_is_valid_and_equals_torch_in_float64_on_the_reference_evaluator(kind):
    lstm, inputs, expected = problem(kind)
    model = export_onnx(lstm)
    onnx.checker.check_model(model, full_check=True)
    assert largest_difference(ReferenceEvaluator(model).run(None, inputs), expected) < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_onnxruntime_equals_torch_in_float32(kind):
    lstm, inputs, expected = problem(kind, dtype=torch.float32)
    assert largest_difference(run(export_onnx(lstm), inputs), expected) < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_onnxruntime_equals_our_layer_with_a_diagonal_peephole(kind):
    lstm, inputs, expected = problem(kind, LSTM, torch.float32, peephole="diagonal", engine="numpy")
    assert largest_difference(run(export_onnx(lstm), inputs), expected) < 1e-5


def test_our_layer_without_a_peephole_and_torchs_make_the_same_model():
    torchs, ours = problem(KINDS[-1])[0], problem(KINDS[-1], LSTM)[0]
    assert export_onnx(ours) == export_onnx(torchs)


def test_other_lengths_and_batches_than_one_has_seen_run_too():
    lstm = problem((2, True, True, True), dtype=torch.float32)[0]
    model = export_onnx(lstm)
    for batch, steps in ((1, 1), (7, 2)):
        x, (h0, c0) = torch.randn(batch, steps, I), torch.randn(2, 4, batch, H)
        with torch.no_grad():
            h, last = lstm(x, (h0, c0))
        found = run(model, {"x": x.numpy(), "h0": h0.numpy(), "c0": c0.numpy()})
        assert largest_difference(found, [part.numpy() for part in (h, *last)]) < 1e-5


def test_dropout_is_not_in_the_model_and_the_layer_stays_in_training():
    lstm, inputs, expected = problem((3, False, False, True), dtype=torch.float32)
    torch.manual_seed(11)
    dropping = torch.nn.LSTM(I, H, 3, dropout=0.9)
    dropping.load_state_dict(lstm.state_dict())
    assert largest_difference(run(export_onnx(dropping), inputs), expected) < 1e-5
    assert dropping.training


def test_the_model_keeps_the_weights_of_the_moment():
    lstm, inputs, expected = problem((1, False, False, True), dtype=torch.float32)
    model = export_onnx(lstm)
    with torch.no_grad():
        lstm.weight_ih_l0 += 1
    assert largest_difference(run(model, inputs), expected) < 1e-5
    assert largest_difference(run(export_onnx(lstm), inputs), expected) > 1e-2


@pytest.mark.parametrize(
    ("lstm", "error", "message"),
    [
        (LSTM(I, H, peephole="full"), ValueError, "lstm: expected peephole 'none' or 'diagonal', .* got 'full'"),
        (torch.nn.LSTM(I, H, proj_size=2), ValueError, "lstm: expected one without projections, got proj_size=2"),
        (torch.nn.LSTM(I, H, dtype=torch.float16), TypeError, "expected float32 or float64, got float16"),
        (torch.nn.LSTM(I, H, dtype=torch.bfloat16), TypeError, "expected float32 or float64, got bfloat16"),
        (torch.nn.GRU(I, H), TypeError, "lstm: expected a torch.nn.LSTM, got GRU"),
    ],
)
def test_what_the_model_can_not_hold_is_refused(lstm, error, message):
    with pytest.raises(error, match=message):
        export_onnx(lstm)
