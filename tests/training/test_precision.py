"""Training in bfloat16: what is computed in it, and what stays as it was."""

import pytest
import torch
from helpers.trainers import trainer
from torch.utils._python_dispatch import TorchDispatchMode

from lstm_ref.training import checkpoints, devices, fit, resume
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


@pytest.fixture
def by_pytorch(monkeypatch):
    """Let PyTorch's own operations compute, which can be watched, and not oneDNN's LSTM, which is one."""
    monkeypatch.setattr(devices, "_onednn_takes", lambda precision: False)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("task", ["adding", "continual-reber", "counting"])
def test_with_16_bits_every_product_of_a_step_is_computed_in_them_and_the_weights_stay_as_they_were(
    task, precision, by_pytorch
):
    training = trainer(task, precision=precision, num_layers=2)
    for _ in range(2):
        with Products() as products:
            loss = training.step()
        assert len(products.dtypes) > 20 and set(products.dtypes) == {devices.HALF[precision]}
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


def test_float16_multiplies_the_loss_and_hands_on_the_gradients_of_float32(by_pytorch):
    gradients = {}
    for precision in ("float32", "float16"):
        training = trainer("counting", precision=precision, clip=1e9)
        training.step()
        gradients[precision] = [weight.grad for weight in training.model.parameters()]
    assert training.scaler.get_scale() == 2**16
    for one, other in zip(*gradients.values()):
        assert other.dtype == torch.float32 and torch.allclose(other, one, rtol=0.02, atol=0.01 * one.abs().max())


def test_a_step_whose_gradients_overflow_is_left_out_and_a_resumed_run_knows_the_smaller_factor(tmp_path, by_pytorch):
    training = trainer("counting", precision="float16")
    training.step()
    before = [weight.clone() for weight in training.model.parameters()]
    training.scaler.update(2.0**60)
    training.step()
    assert all(torch.equal(one, other) for one, other in zip(before, training.model.parameters()))
    assert training.scaler.get_scale() == 2.0**59
    checkpoints.write(tmp_path, training.steps, training.state_dict())
    assert resume(tmp_path, "cpu").scaler.get_scale() == 2.0**59


def test_autocast_leaves_onednn_as_it_was_even_after_an_error(by_pytorch):
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
    assert choose_precision("auto", torch.device("cpu"), "none") == "float32"
    assert choose_precision("bfloat16", torch.device("cpu"), "none") == "bfloat16"


def test_on_a_gpu_cudnn_gets_float16_and_a_layer_with_peepholes_bfloat16(monkeypatch):
    cuda = torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    assert [choose_precision("auto", cuda, peephole) for peephole in PEEPHOLES] == ["float16", "bfloat16", "bfloat16"]
    assert choose_precision("bfloat16", cuda, "diagonal") == "bfloat16"
    with pytest.raises(ValueError, match="float16 or float32 without a peephole"):
        choose_precision("bfloat16", cuda, "none")
    for generation, first in ((7, "float16"), (6, "float32")):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device, found=generation: (found, 5))
        assert [choose_precision("auto", cuda, peephole) for peephole in PEEPHOLES] == [first, "float32", "float32"]


@pytest.mark.parametrize(("precision", "taken"), [("bfloat16", True), ("float16", False)])
def test_where_onednn_takes_a_precision_it_computes_the_layer(monkeypatch, precision, taken):
    monkeypatch.setattr(devices, "_onednn_takes", lambda asked: asked == "bfloat16")
    with autocast(torch.device("cpu"), precision):
        assert torch.backends.mkldnn.enabled == (taken and torch.backends.mkldnn.is_available())
