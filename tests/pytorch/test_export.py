"""Trained layers as ONNX models: what a runtime answers is what the layer answers."""

import numpy as np
import onnx
import pytest
import torch
from helpers.layers import H, I, kinds, layer, problem
from helpers.onnx_models import evaluated, run_by_onnxruntime

from lstm_ref.interop import export_onnx
from lstm_ref.layer import LSTM

KINDS = kinds((1, 2, 3))
SINGLE = {"dtype": torch.float32}


def answered(lstm):
    """Return inputs for a layer, by their names in the model, and its answers."""
    x, (h0, c0), _ = problem(lstm)
    with torch.no_grad():
        h, last = lstm(x, (h0, c0))
    return {name: each.detach().numpy() for name, each in (("x", x), ("h0", h0), ("c0", c0))}, [h, *last]


def largest_difference(found, expected):
    assert [part.shape for part in found] == [part.shape for part in expected]
    return max(np.abs(got - want.numpy()).max() for got, want in zip(found, expected))


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_the_model_is_valid_and_equals_torch_in_float64_on_the_reference_evaluator(options):
    lstm = layer(torch.nn.LSTM, **options)
    model, (inputs, expected) = export_onnx(lstm), answered(lstm)
    onnx.checker.check_model(model, full_check=True)
    # No newer than what introduced this form of the node: LSTM of version 14.
    assert [each.version for each in model.opset_import] == [onnx.defs.get_schema("LSTM", 15).since_version] == [14]
    assert [each.name for each in model.graph.input] == ["x", "h0", "c0"]
    assert [each.name for each in model.graph.output] == ["h", "h_last", "c_last"]
    assert largest_difference(evaluated(model, inputs), expected) < 1e-12


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("peephole", [{}, {"peephole": "diagonal", "engine": "numpy"}], ids=["none", "diagonal"])
def test_onnxruntime_equals_torch_and_our_layer_with_a_diagonal_peephole_in_float32(peephole, options):
    lstm = layer(LSTM if peephole else torch.nn.LSTM, **options, **peephole, **SINGLE)
    inputs, expected = answered(lstm)
    assert largest_difference(run_by_onnxruntime(export_onnx(lstm), inputs), expected) < 1e-5


def test_our_layer_without_a_peephole_and_torchs_make_the_same_model():
    options = KINDS["3 layers, both ways, batch first"]
    assert export_onnx(layer(**options)) == export_onnx(layer(torch.nn.LSTM, **options))


def test_other_lengths_and_batches_than_one_has_seen_run_too():
    lstm = layer(torch.nn.LSTM, **KINDS["2 layers, both ways, batch first"], **SINGLE)
    model = export_onnx(lstm)
    for batch, steps in ((1, 1), (7, 2)):
        x, (h0, c0) = torch.randn(batch, steps, I), torch.randn(2, 4, batch, H)
        with torch.no_grad():
            h, last = lstm(x, (h0, c0))
        found = run_by_onnxruntime(model, {"x": x.numpy(), "h0": h0.numpy(), "c0": c0.numpy()})
        assert largest_difference(found, [h, *last]) < 1e-5


def test_dropout_is_not_in_the_model_and_the_layer_stays_in_training():
    lstm, dropping = (layer(torch.nn.LSTM, num_layers=3, dropout=dropout, **SINGLE) for dropout in (0, 0.9))
    inputs, expected = answered(lstm)
    assert largest_difference(run_by_onnxruntime(export_onnx(dropping), inputs), expected) < 1e-5
    assert dropping.training


def test_the_model_keeps_the_weights_of_the_moment():
    lstm = layer(torch.nn.LSTM, **SINGLE)
    model, (inputs, expected) = export_onnx(lstm), answered(lstm)
    with torch.no_grad():
        lstm.weight_ih_l0 += 1
    assert largest_difference(run_by_onnxruntime(model, inputs), expected) < 1e-5
    assert largest_difference(run_by_onnxruntime(export_onnx(lstm), inputs), expected) > 1e-2


@pytest.mark.parametrize(
    ("lstm", "error", "message"),
    [
        (LSTM(I, H, peephole="full"), ValueError, "lstm: expected peephole 'none' or 'diagonal', .* got 'full'"),
        (torch.nn.LSTM(I, H, proj_size=2), ValueError, "lstm: expected one without projections, got proj_size=2"),
        (torch.nn.LSTM(I, H, dtype=torch.float16), TypeError, "expected float32 or float64, got float16"),
        (torch.nn.LSTM(I, H, dtype=torch.bfloat16), TypeError, "expected float32 or float64, got bfloat16"),
        (torch.nn.GRU(I, H), TypeError, r"lstm: expected a torch\.nn\.LSTM, or a layer of lstm_ref, got GRU"),
    ],
)
def test_what_the_model_can_not_hold_is_refused(lstm, error, message):
    with pytest.raises(error, match=message):
        export_onnx(lstm)
