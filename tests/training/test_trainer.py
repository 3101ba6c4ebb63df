"""The training step against NumPy, the schedule against its formula, and where all that is random comes from."""

import copy
import math

import numpy as np
import pytest
import torch
from helpers.trainers import trainer

from lstm_ref import tasks
from lstm_ref.inspector import traces
from lstm_ref.training.trainer import until_error
from lstm_ref.unit import sigmoid
from lstm_ref.weights import PEEPHOLES

DOUBLE = {"precision": "float64", "device": "cpu"}
ROWS = {"i": 0, "f": 1, "g": 2, "o": 3}
LOOKING = {"i": 0, "f": 1, "o": 2}


def loss_by_hand(kind, said, target, weight, after_error=None):
    """Return the mean loss of a batch over its steps by weight, one number after the other."""
    total = 0.0
    for b in range(said.shape[1]):
        steps_left = math.inf
        for t in range(len(said)):
            if kind == "squared":
                loss = sum((said[t, b] - target[t, b]) ** 2)
            elif kind == "symbol":
                loss = math.log(sum(math.exp(each) for each in said[t, b])) - said[t, b, target[t, b]]
            else:
                chances = sigmoid(said[t, b])
                loss = -sum(math.log(p if y else 1 - p) for p, y in zip(chances, target[t, b]))
            if steps_left >= 0:
                total += float(weight[t, b]) * float(loss)
            steps_left -= 1
            wrong = after_error is not None and max(abs(sigmoid(said[t, b]) - target[t, b])) >= 0.49
            if wrong and steps_left == math.inf:
                steps_left = after_error - 1
    return total / float(weight.sum())


@pytest.mark.parametrize("name", tasks.TASKS)
def test_the_loss_is_that_of_the_outputs_by_hand(name):
    training = trainer(name, **DOUBLE)
    rng, carry, state = np.random.default_rng(0), None, None
    for _ in range(3):
        model = copy.deepcopy(training.model)
        batch, carry = training.task.batch(rng, carry)
        x = torch.from_numpy(np.array(batch.x))
        said, after = model(x.double() if x.is_floating_point() else x, state)
        state = after if training.task.continual else None
        after_error = getattr(training.task, "after_error", None)
        expected = loss_by_hand(training.task.loss, said.detach().numpy(), batch.target, batch.weight, after_error)
        assert training.step().item() == pytest.approx(expected, rel=1e-12)


def test_a_step_goes_back_clips_and_moves_every_weight_as_adam_does():
    training = trainer(clip=1e-3, learning_rate=0.01, **DOUBLE)
    before = copy.deepcopy(training.model)
    batch, _ = training.task.batch(np.random.default_rng(0))
    said, _ = before(torch.from_numpy(batch.x).double())
    ((said[-1] - torch.from_numpy(batch.target[-1]).double()) ** 2).mean().backward()
    length = math.sqrt(sum((weight.grad**2).sum().item() for weight in before.parameters()))
    assert length > 1e-3
    training.step()
    for weight, old in zip(training.model.parameters(), before.parameters()):
        gradient = old.grad * 1e-3 / (length + 1e-6)
        assert torch.allclose(weight.grad, gradient, rtol=1e-9, atol=1e-18)
        assert torch.allclose(weight, old - 0.01 * gradient / (gradient.abs() + 1e-8), rtol=0, atol=1e-12)


def test_a_gradient_shorter_than_the_clip_is_left_alone():
    free, clipped = trainer(clip=1e9, **DOUBLE), trainer(clip=1e3, **DOUBLE)
    assert free.step() == clipped.step()
    for one, other in zip(free.model.parameters(), clipped.model.parameters()):
        assert torch.equal(one.grad, other.grad) and one.grad.abs().max() > 0


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_the_spikes_loss_stops_so_many_steps_after_the_first_error(steps):
    rng = np.random.default_rng(1)
    said, target = rng.normal(0, 0.1, (12, 200, 2)), rng.integers(0, 2, (12, 200, 2)).astype(float)
    # Answers so near a half are mostly right within 0.49 of a half where the sign is right; spoil a few of them.
    said = np.where(rng.random(said.shape) < 0.05, -1.0, 1.0) * (2 * target - 1) * (0.1 + np.abs(said))
    found = until_error(torch.from_numpy(said), torch.from_numpy(target), steps).numpy()
    ends = set()
    for b in range(200):
        wrong = np.flatnonzero((np.abs(sigmoid(said[:, b]) - target[:, b]) >= 0.49).any(-1))
        end = 12 if len(wrong) == 0 else wrong[0] + steps + 1
        assert found[:, b].tolist() == [float(t < end) for t in range(12)]
        ends.add(min(int(end), 12))
    assert 12 in ends and steps + 1 in ends


def test_an_error_is_an_answer_049_or_more_away():
    said = torch.logit(torch.tensor([[0.489], [0.491], [0.511], [0.509]], dtype=torch.float64))[None]
    target = torch.tensor([[0.0], [0], [1], [1]], dtype=torch.float64)[None]
    later = torch.cat([said, said]), torch.cat([target, target])
    assert until_error(*later, 0)[1].tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(("warm_up", "warm"), [(0.0, 0), (0.25, 5), (0.3, 6), (1.0, 20)])
def test_the_rate_rises_over_the_warm_up_and_falls_along_half_a_cosine(warm_up, warm):
    training = trainer(warm_up=warm_up, learning_rate=0.02, steps=20)
    for step in range(20):
        rate = training.optimiser.param_groups[0]["lr"]
        if step < warm:
            assert rate == pytest.approx(0.02 * (step + 1) / (warm + 1), rel=1e-12)
        else:
            assert rate == pytest.approx(0.01 * (1 + math.cos(math.pi * (step - warm) / (20 - warm))), rel=1e-12)
        training.step()
    assert training.schedule.get_last_lr()[0] == pytest.approx(0 if warm < 20 else 0.02, abs=1e-15)


@pytest.mark.parametrize("peephole", PEEPHOLES)
@pytest.mark.parametrize("held_open", ["f", "i", "o", "fio"])
def test_valves_held_open_stay_exactly_1_and_learn_nothing(peephole, held_open):
    training = trainer(held_open=held_open, peephole=peephole, num_layers=2, learning_rate=0.05)
    before = copy.deepcopy(training.model.lstm.state_dict())
    for _ in range(8):
        training.step()
    (x, _, _), _ = training.task.batch(np.random.default_rng(2))
    H = 4
    for layer, trace in traces(training.model.lstm, torch.from_numpy(x)).items():
        for valve in "fio":
            assert (getattr(trace, valve + "_t") == 1).all() == (valve in held_open)
        for name, weight in training.model.lstm.state_dict().items():
            if not name.endswith(layer):
                continue
            rows = LOOKING if "weight_ch" in name else ROWS
            for net, row in rows.items():
                part = row if "weight_ch" in name else slice(row * H, (row + 1) * H)
                assert torch.equal(weight[part], before[name][part]) == (net in held_open), (name, net)


@pytest.mark.parametrize("name", ["continual-reber", "characters"])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_the_state_after_several_batches_is_that_of_an_unbroken_run(name, peephole):
    # At this rate no weight moves, so that the whole run has one model.
    training = trainer(name, peephole=peephole, num_layers=2, learning_rate=1e-300, **DOUBLE)
    model, rng, carry, heard = copy.deepcopy(training.model), np.random.default_rng(0), None, []
    for _ in range(6):
        training.step()
        batch, carry = training.task.batch(rng, carry)
        heard.append(batch.x)
        _, state = model(torch.from_numpy(np.concatenate(heard)))
        for kept, expected in zip(training.state, state):
            assert not kept.requires_grad and torch.allclose(kept, expected, rtol=0, atol=1e-13)
    for one, other in zip(model.parameters(), training.model.parameters()):
        assert torch.allclose(one, other, rtol=0, atol=1e-290)
    assert training.carry == carry


@pytest.mark.parametrize("name", ["adding", "reber", "order", "counting", "spikes"])
def test_a_task_of_single_sequences_begins_each_from_an_empty_memory(name):
    training = trainer(name)
    for _ in range(2):
        training.step()
    assert training.state is None and training.carry is None


@pytest.mark.usefixtures("global_randomness_untouched")
@pytest.mark.parametrize("name", tasks.TASKS)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_the_seed_alone_decides_and_global_random_state_is_left_alone(name, peephole):
    runs = []
    for seed in (1, 1, 2):
        training = trainer(name, peephole=peephole, seed=seed)
        runs.append([*(weight.detach().clone() for weight in training.model.parameters()), training.step()])
        training.step()
    one, same, other = runs
    assert all(torch.equal(*pair) for pair in zip(one, same)) and not torch.equal(one[0], other[0])


@pytest.mark.usefixtures("global_randomness_untouched")
@pytest.mark.parametrize("peephole", PEEPHOLES[:2])
def test_what_dropout_drops_follows_from_the_seed_and_is_another_at_every_step(peephole):
    settings = {"num_layers": 2, "dropout": 0.5, "peephole": peephole, "learning_rate": 1e-30}

    def heard(seed):
        training, inputs = trainer("spikes", seed=seed, **settings), []
        training.model.read_out.register_forward_hook(lambda module, given, output: inputs.append(given[0].detach()))
        training.step()
        training.step()
        return inputs

    (first, second), again, other = heard(1), heard(1), heard(2)
    assert torch.equal(first, again[0]) and torch.equal(second, again[1])
    assert not torch.equal(first, second) and not torch.equal(first, other[0])


def test_a_model_begins_as_its_task_says():
    model = trainer("spikes", hidden_size=50, peephole="diagonal").model
    bias = (model.lstm.bias_ih_l0 + model.lstm.bias_hh_l0).reshape(4, 50)
    assert (bias[1] == -2).all() and (bias[0] == 0).all() and (bias[3] == 2).all() and bias[2].unique().numel() > 40
    for weight, bound in (
        (model.lstm.weight_hh_l0, 0.5),
        (model.lstm.weight_ch_l0, 0.1),
        (model.read_out.weight, 5),
        (model.lstm.weight_ih_l0, 50**-0.5),
    ):
        assert 0.9 * bound < weight.abs().max() <= bound and abs(weight.mean()) < 0.25 * bound
