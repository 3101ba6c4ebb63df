"""Training in bfloat16: what is computed in it, and what stays as it was."""

import pytest
import torch
from helpers.trainers import trainer
from torch.utils._python_dispatch import TorchDispatchMode

from lstm_ref.training import fit
from lstm_ref.training.devices import autocast, choose_precision
from lstm_ref.weights import PEEPHOLES


class Products(TorchDispatchMode):
    """Notes the dtype of every matrix product."""

    def __init__(self):
        super().__init__()
        self.dtypes = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function.overloadpacket in (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.bmm):
            self.dtypes.append(result.dtype)
        return result


@pytest.mark.parametrize("task", ["adding", "continual-reber", "counting"])
def test_with_bfloat16_every_product_of_a_step_is_computed_in_it_and_the_weights_stay_as_they_were(task):
    training = trainer(task, precision="bfloat16", num_layers=2)
    for _ in range(2):
        with Products() as products:
            loss = training.step()
        assert len(products.dtypes) > 20 and set(products.dtypes) == {torch.bfloat16}
        assert loss.dtype == torch.float32 and loss.isfinite()
    assert {weight.dtype for weight in training.model.parameters()} == {torch.float32}
    assert torch.backends.mkldnn.enabled == torch.backends.mkldnn.is_available()


@pytest.mark.parametrize("peephole", PEEPHOLES[1:])
def test_with_bfloat16_a_layer_with_peepholes_computes_in_float32_and_its_read_out_in_bfloat16(peephole):
    training, said = trainer(precision="bfloat16", peephole=peephole), []
    training.model.lstm.register_forward_hook(lambda module, inputs, outputs: said.append(outputs[0].dtype))
    training.model.read_out.register_forward_hook(lambda module, inputs, output: said.append(output.dtype))
    training.step()
    assert said == [torch.float32, torch.bfloat16]


def test_with_bfloat16_the_adding_problem_is_learnt_and_measured_in_float32():
    settings = {"hidden_size": 16, "learning_rate": 0.05, "steps": 300, "every": 50, "precision": "bfloat16"}
    training = trainer("adding", {"T": 20, "batch_size": 16}, **settings)
    with Products() as products:
        training.measure()
    assert set(products.dtypes) <= {torch.float32}
    losses = [row["loss"] for row in fit(training)]
    # The target's variance is 1/24: that is the loss of the best answer which hears nothing.
    assert losses[-1] < 0.05 / 24 and training.best["score"] > 0.9


def test_autocast_leaves_onednn_as_it_was_even_after_an_error():
    before = torch.backends.mkldnn.enabled

    @autocast(torch.device("cpu"), "bfloat16")
    def fail():
        assert torch.is_autocast_enabled("cpu") and not torch.backends.mkldnn.enabled
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.backends.mkldnn.enabled == before and not torch.is_autocast_enabled("cpu")
    with autocast(torch.device("cpu"), "float32"):
        assert torch.backends.mkldnn.enabled == before and not torch.is_autocast_enabled("cpu")


def test_on_a_cpu_the_precision_is_float32_unless_another_is_named():
    assert choose_precision("auto", torch.device("cpu")) == "float32"
