"""The layer, and a step of a training, on a device that is no CPU: nothing in them creeps back to the CPU."""

import json
import re

import pytest
import torch
from helpers import dry_run
from helpers.dry_run import CASES, LENGTHS, MISTAKES, SLIPS, STEPS, B, H, I, T, mistaken, slipped, train, training_step
from helpers.processes import python
from torch.utils import backend_registration

from lstm_ref.layer import LSTM
from lstm_ref.weights import PEEPHOLES


@pytest.fixture(scope="module")
def outcomes():
    """What the dry run says of each step."""
    if not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"):
        pytest.skip("this torch has no device that is written in Python")
    return json.loads(python(dry_run.__file__))


@pytest.mark.parametrize("case", CASES)
def test_a_training_step_stays_on_the_device_of_the_layer(case, outcomes):
    assert outcomes[case] == ["fakegpu"]


@pytest.mark.parametrize(("source", "name"), MISTAKES, ids=[name for _, name in MISTAKES])
def test_the_dry_run_notices_a_tensor_made_without_its_device(source, name, outcomes):
    assert "device" in outcomes[name] and "Error" in outcomes[name], outcomes[name]
    with mistaken(source):
        assert train(CASES[-1], torch.device("cpu")) == {"cpu"}


@pytest.mark.parametrize("case", STEPS)
def test_a_step_of_the_trainer_stays_on_its_device(case, outcomes):
    assert outcomes[case] == ["fakegpu"]


@pytest.mark.parametrize("slip", SLIPS)
def test_the_dry_run_notices_what_the_training_leaves_behind(slip, outcomes):
    assert re.match(r"\w+Error: .*device", outcomes[slip], re.DOTALL), outcomes[slip]
    with slipped(slip):
        assert training_step(f"{SLIPS[slip][1]}, none", "cpu") == {"cpu"}


@pytest.mark.parametrize("case", STEPS)
def test_a_step_of_the_trainer_on_meta_tensors_stays_on_them(case):
    assert training_step(case, "meta") == {"meta"}


@pytest.mark.parametrize("case", CASES)
def test_a_training_step_on_meta_tensors_stays_on_them(case):
    assert train(case, torch.device("meta")) == {"meta"}


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_a_layer_made_on_meta_moves_to_the_cpu_with_to_empty_and_runs(peephole):
    lstm = LSTM(I, H, peephole=peephole, device="meta").to_empty(device="cpu")
    lstm.reset_parameters()
    assert lstm(torch.zeros(T, B, I))[0].isfinite().all()


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_with_a_default_device_the_layer_is_made_there(peephole):
    with torch.device("meta"):
        lstm = LSTM(I, H, peephole=peephole)
        y, _ = lstm(torch.zeros(T, B, I))
    assert {weight.device.type for weight in lstm.parameters()} == {y.device.type} == {"meta"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("peephole", PEEPHOLES[1:])
@pytest.mark.parametrize("packed", [False, True])
def test_on_a_gpu_the_outputs_and_gradients_are_those_of_the_cpu(packed, peephole):
    torch.manual_seed(0)
    lstm = LSTM(I, H, 2, bidirectional=True, peephole=peephole, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    results = []
    for device in ("cpu", "cuda"):
        lstm = lstm.to(device).requires_grad_()
        lstm.zero_grad()
        given = x.to(device)
        if packed:
            given = torch.nn.utils.rnn.pack_padded_sequence(given, torch.tensor(LENGTHS))
        y, (h, c) = lstm(given)
        y = y.data if packed else y
        (y.pow(2).sum() + h.sum() + c.sum()).backward()
        results.append([each.detach().cpu() for each in (y, h, c, *(weight.grad for weight in lstm.parameters()))])
    assert all((one - other).abs().max() < 1e-10 for one, other in zip(*results))
