"""Whole models with our layer in them, by PyTorch's own exporter: what a runtime answers is what the model answers."""

import inspect
import warnings

import numpy as np
import pytest
import torch
from helpers.onnx_models import evaluated, run_by_onnxruntime

from lstm_ref.inspector import model_file_traces, traces
from lstm_ref.interop import translation_table
from lstm_ref.layer import LSTM

pytest.importorskip("onnxscript")
if "custom_translation_table" not in inspect.signature(torch.onnx.export).parameters:
    pytest.skip("before PyTorch 2.6 the exporter takes no table", allow_module_level=True)
pytestmark = pytest.mark.slow
BATCH, TIME = torch.export.Dim("batch"), torch.export.Dim("time")


class Speller(torch.nn.Module):
    """An embedding, layers that look at their memories, and a readout; it takes a state or begins with none."""

    def __init__(self, **options):
        super().__init__()
        torch.manual_seed(3)
        self.embedding = torch.nn.Embedding(11, 5)
        self.lstm = LSTM(5, 7, **options)
        self.readout = torch.nn.Linear(7 * (1 + self.lstm.bidirectional), 11)

    def forward(self, tokens, hx=None):
        h, last = self.lstm(self.embedding(tokens), hx)
        return self.readout(h), *last


def exported(model, inputs, shapes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model.eval(), inputs, dynamo=True, dynamic_shapes=shapes, custom_translation_table=translation_table()
        )
    return program.model_proto


def close(found, wanted, bound):
    assert [each.shape for each in found] == [tuple(each.shape) for each in wanted]
    return all(np.abs(one - other.detach().numpy()).max() < bound for one, other in zip(found, wanted))


def test_a_model_with_two_layers_in_both_directions_begins_with_no_state_in_every_runtime():
    model = Speller(num_layers=2, bidirectional=True, batch_first=True, peephole="diagonal", dropout=0.5)
    made = exported(model, (torch.randint(11, (3, 9)),), ({0: BATCH, 1: TIME},))
    nodes = [node for node in made.graph.node if node.op_type == "LSTM"]
    assert len(nodes) == 4 and all(node.input[7] for node in nodes)  # the eighth is P
    for shape in ((3, 9), (2, 4), (5, 1)):
        tokens = torch.randint(11, shape)
        found = run_by_onnxruntime(made, {made.graph.input[0].name: tokens.numpy()})
        assert close(found, model(tokens), 1e-5)
    tokens = torch.randint(11, (3, 9))
    ours, read = traces(model, tokens), model_file_traces(made, tokens.numpy())
    assert [trace.weights.peephole for trace in read.values()] == ["diagonal"] * 4
    assert {name.replace("lstm_", "lstm.") for name in read} == set(ours)
    for name, trace in ours.items():
        assert np.abs(read[name.replace(".", "_")].f_t - trace.f_t).max() < 1e-6


@pytest.mark.parametrize("options", [{}, {"bias": False, "peephole": "diagonal"}], ids=["plain", "no bias"])
def test_a_state_may_be_an_input_of_the_model_and_float64_is_equal_to_rounding(options):
    model = Speller(**options).double()
    tokens, hx = torch.randint(11, (6, 4)), (torch.randn(1, 4, 7).double(), torch.randn(1, 4, 7).double())
    made = exported(model, (tokens, hx), ({0: TIME, 1: BATCH}, ({1: BATCH}, {1: BATCH})))
    tokens, hx = tokens[:3, :2], tuple(each[:, :2] for each in hx)
    names = [each.name for each in made.graph.input]
    found = evaluated(made, dict(zip(names, (tokens.numpy(), *(each.numpy() for each in hx)))))
    assert close(found, model(tokens, hx), 1e-12)


def test_a_layer_that_is_called_twice_has_two_traces():
    class Twice(Speller):
        def forward(self, tokens):
            h, _ = self.lstm(self.embedding(tokens))
            return self.lstm(h[..., :5])[0]

    tokens = torch.randint(11, (4, 3))
    read = model_file_traces(exported(Twice(peephole="diagonal"), (tokens,), None), tokens.numpy())
    assert list(read) == ["lstm_l0", "lstm_l0 node 1"]


def test_full_peepholes_stop_the_exporter_and_it_says_why():
    with pytest.raises(Exception, match="peephole: expected 'none' or 'diagonal', which ONNX has, got 'full'") as error:
        exported(Speller(peephole="full"), (torch.randint(11, (4, 3)),), None)
    assert type(error.value).__module__.startswith("torch.onnx")


@pytest.mark.parametrize(
    ("lengths", "memories", "message"),
    [
        (None, True, "memories: expected False, got True: ONNX's LSTM node"),
        (torch.tensor([2, 1]), False, "lengths: expected None, got some"),
    ],
)
def test_what_the_node_of_onnx_has_not_is_refused(lengths, memories, message):
    (translate,) = translation_table().values()
    with pytest.raises(ValueError, match=message):
        translate(None, None, None, torch.zeros(28, 5), torch.zeros(28, 7), None, None, lengths, "auto", memories)
