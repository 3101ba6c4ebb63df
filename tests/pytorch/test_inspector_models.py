"""Every LSTM inside a whole model, of PyTorch or of ONNX, is found and traced as it is called there."""

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from lstm_ref.inspector import model_file_traces, traces
from lstm_ref.interop import export_onnx


class Tagger(nn.Module):
    """An embedding, two LSTMs and a read-out; the second LSTM goes on where the first ended, and is called twice."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.encoder = nn.LSTM(6, 4, batch_first=True)
        self.decoder = nn.LSTM(input_size=4, hidden_size=4, batch_first=True)
        self.read_out = nn.Linear(4, 2)

    def forward(self, symbols):
        h, state = self.encoder(self.embedding(symbols))
        h, state = self.decoder(hx=state, input=h)
        h, _ = self.decoder(h, state)
        return self.read_out(h)


@pytest.fixture(scope="module")
def tagger():
    torch.manual_seed(2)
    return Tagger().eval()


SYMBOLS = torch.arange(14).reshape(2, 7) % 11


def test_each_layer_of_a_model_is_traced_with_what_reached_it(tagger):
    found = traces(tagger, SYMBOLS)
    assert list(found) == ["encoder.l0", "decoder.l0", "decoder call 2.l0"]
    encoder, decoder, again = found.values()
    assert np.array_equal(encoder.x_t.swapaxes(0, 1), tagger.embedding(SYMBOLS).detach())
    assert np.allclose(decoder.x_t, encoder.h_t, atol=1e-6) and np.allclose(
        decoder.c_prev[0], encoder.c_t[-1], atol=1e-6
    )
    assert np.allclose(again.c_prev[0], decoder.c_t[-1], atol=1e-6)
    answer = tagger.read_out(torch.from_numpy(again.h_t.swapaxes(0, 1).copy()))
    assert torch.allclose(answer, tagger(SYMBOLS), atol=1e-6)


def test_a_model_is_left_as_it_was(tagger):
    before = {name: weight.clone() for name, weight in tagger.state_dict().items()}
    traces(tagger, SYMBOLS)
    assert all(torch.equal(before[name], weight) for name, weight in tagger.state_dict().items())
    assert not any(module._forward_pre_hooks for module in tagger.modules())


@pytest.mark.parametrize(
    ("model", "hx", "message"),
    [
        (nn.Linear(2, 2), None, "model: expected a torch.nn.LSTM in it, got Linear without one"),
        (nn.Sequential(nn.LSTM(2, 3)), (0, 0), "hx: expected None beside a whole model"),
    ],
    ids=["no lstm", "hx"],
)
def test_a_model_that_cannot_be_traced_is_refused(model, hx, message):
    with pytest.raises(ValueError, match=message):
        traces(model, torch.zeros(4, 2), hx)


@pytest.fixture(scope="module")
def layers():
    torch.manual_seed(3)
    return nn.LSTM(3, 4, num_layers=2, bidirectional=True)


def test_every_lstm_node_of_a_file_is_traced(layers, tmp_path):
    x = torch.randn(5, 2, 3)
    onnx.save(export_onnx(layers), tmp_path / "layers.onnx")
    found = model_file_traces(tmp_path / "layers.onnx", x.numpy())
    expected = traces(layers, x)
    assert list(found) == ["LSTM 0 forward", "LSTM 0 reverse", "LSTM 1 forward", "LSTM 1 reverse"]
    for one, other in zip(found.values(), expected.values()):
        assert np.allclose(one.f_t, other.f_t, atol=1e-6) and np.allclose(one.c_t, other.c_t, atol=1e-6)


def test_a_state_may_be_given_to_a_file_by_name(layers):
    given = {"x": np.ones((5, 2, 3), np.float32), "h0": np.full((4, 2, 4), 0.5, np.float32)}
    found = model_file_traces(export_onnx(layers), given)
    assert (found["LSTM 0 forward"].h_prev[0] == 0.5).all() and (found["LSTM 0 forward"].c_prev[0] == 0).all()


def spoiled(**attributes):
    model = export_onnx(nn.LSTM(3, 4))
    (node,) = [node for node in model.graph.node if node.op_type == "LSTM"]
    node.attribute.extend(onnx.helper.make_attribute(name, value) for name, value in attributes.items())
    return model


def test_the_usual_activations_may_be_written_out():
    found = model_file_traces(spoiled(activations=["Sigmoid", "Tanh", "Tanh"]), np.ones((5, 2, 3), np.float32))
    assert len(found) == 1


def test_a_file_that_is_no_plain_lstm_is_refused():
    x = np.ones((5, 2, 3), np.float32)
    with pytest.raises(ValueError, match=r"model: expected an LSTM node without .*'clip'"):
        model_file_traces(spoiled(clip=1.0), x)
    empty = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    with pytest.raises(ValueError, match="model: expected an LSTM node in it, got none"):
        model_file_traces(empty, x)
