"""Weights in files of safetensors and in layers of Keras: the real packages compute what we do."""

import os

import numpy as np
import pytest
import torch
from helpers.random_unit import problem

from lstm_ref import unroll
from lstm_ref.inspector import load_layers
from lstm_ref.interop import from_keras, from_torch, to_keras, to_layer, units
from lstm_ref.layer import LSTM


def test_a_layer_saved_by_safetensors_is_found_again_with_its_weights(tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    model = torch.nn.Module()
    model.encoder = LSTM(3, 5, num_layers=2, bidirectional=True, peephole="diagonal")
    safetensors.save_file(model.state_dict(), tmp_path / "model.safetensors")
    (layer,) = load_layers(tmp_path / "model.safetensors").values()
    x = torch.randn(6, 2, 3)
    assert torch.equal(layer(x)[0], model.encoder(x)[0])


def test_a_unit_goes_into_a_file_of_safetensors_and_comes_back(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    weights = problem(peephole="full")[0]
    safetensors.save_file(to_layer(weights), tmp_path / "unit.safetensors")
    found = from_torch(safetensors.load_file(tmp_path / "unit.safetensors"))
    assert all(np.array_equal(array, weights.to_dict()[name]) for name, array in found.to_dict().items())


def test_what_only_ends_like_a_file_of_safetensors_is_refused(tmp_path):
    pytest.importorskip("safetensors")
    (tmp_path / "a.safetensors").write_bytes(b"no")
    with pytest.raises(ValueError, match=r"path: expected a file of safetensors, got '.*', which is none"):
        load_layers(tmp_path / "a.safetensors")


@pytest.fixture
def keras(monkeypatch):
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras reads tensors in the old way
def test_a_layer_of_keras_with_our_weights_computes_what_we_do(keras):
    weights, (x, h0, c0), _ = problem(peephole="none")
    layer = keras.layers.LSTM(weights.hidden_size, return_sequences=True, return_state=True, dtype="float64")
    layer.build((None, None, weights.input_size))
    layer.set_weights(to_keras(weights))
    h, h_last, c_last = layer(x.swapaxes(0, 1), initial_state=[h0, c0])
    trace = unroll(weights, x, h0, c0)
    for found, wanted in ((h, trace.h_t.swapaxes(0, 1)), (h_last, trace.h_t[-1]), (c_last, trace.c_t[-1])):
        assert np.abs(keras.ops.convert_to_numpy(found) - wanted).max() < 1e-12
    again = from_keras(*layer.get_weights()).to_dict()
    assert all(np.array_equal(again[name], array) for name, array in weights.to_dict().items())


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras reads tensors in the old way
def test_a_layer_of_pytorch_in_both_directions_goes_into_keras(keras):
    lstm = torch.nn.LSTM(4, 3, bidirectional=True, batch_first=True, dtype=torch.float64)
    theirs = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True, dtype="float64"), dtype="float64")
    theirs.build((None, None, 4))
    theirs.set_weights([array for weights in units(lstm).values() for array in to_keras(weights)])
    x = torch.randn(2, 5, 4, dtype=torch.float64)
    assert np.abs(keras.ops.convert_to_numpy(theirs(x)) - lstm(x)[0].detach().numpy()).max() < 1e-12
