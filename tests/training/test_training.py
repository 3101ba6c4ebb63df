"""The training step against NumPy, the schedule against its formula, and what a run keeps."""

import copy
import math
from unittest import mock

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lstm_ref import tasks
from lstm_ref.inspector import traces
from lstm_ref.training import Settings, Trainer, fit, logs
from lstm_ref.training.devices import autocast, choose_precision
from lstm_ref.training.trainer import until_error
from lstm_ref.weights import PEEPHOLES

torch.set_num_threads(1)
DOUBLE = {"precision": "float64", "device": "cpu"}
SMALL = {
    "adding": {"T": 20, "batch_size": 3},
    "reber": {"batch_size": 3},
    "continual-reber": {"T": 8, "batch_size": 3},
    "order": {"batch_size": 3},
    "counting": {"most": 5, "batch_size": 3},
    "spikes": {"every": 4},
    "characters": {"T": 8, "batch_size": 3},
}
ROWS = {"i": 0, "f": 1, "g": 2, "o": 3}
LOOKING = {"i": 0, "f": 1, "o": 2}


def trainer(task="adding", options=None, **settings):
    options = SMALL[task] if options is None else options
    return Trainer(Settings(task, options, **({"hidden_size": 4, "steps": 20, "device": "cpu"} | settings)))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


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
            if after_error is not None and steps_left == math.inf:
                if max(abs(sigmoid(said[t, b]) - target[t, b])) >= 0.49:
                    steps_left = after_error - 1
    return total / float(weight.sum())


# ---- one step


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


# ---- memory from batch to batch


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


# ---- a run


def test_a_short_training_solves_the_adding_problem_and_stops_there():
    training = trainer("adding", {"T": 30}, hidden_size=None, learning_rate=0.02, steps=3000)
    rows = fit(training)
    assert training.finished and training.steps < 3000 and training.best["solved"]
    assert [row["solved"] for row in rows] == [False] * (len(rows) - 1) + [True]
    assert rows[-1]["score"] == 1.0 and rows[-1]["sequences"] == 32 * training.steps
    assert training.best["steps"] == training.steps == rows[-1]["steps"]
    assert training.task.measure(training.answer, np.random.default_rng(99)).score > 0.99


def scripted(scores, solved=()):
    """Let the measures of the adding problem be these, one after the other."""
    found = iter([tasks.Measure(float(score), k in solved) for k, score in enumerate(scores)])
    return mock.patch.object(tasks.Adding, "measure", lambda self, answer, rng: next(found))


def test_the_weights_of_the_best_measure_are_kept():
    training, seen = trainer(steps=14, every=2), {}
    with scripted([0.1, 0.5, 0.4, 0.5, 0.7, 0.6, 0.2]):
        while not training.finished:
            training.step()
            if training.steps % 2 == 0:
                training.measure()
                seen[training.steps] = copy.deepcopy(training.model.state_dict())
    assert training.steps == 14
    assert (training.best["score"], training.best["solved"], training.best["steps"]) == (0.7, False, 10)
    assert training.best["weights"].keys() == seen[10].keys()
    assert all(torch.equal(weight, seen[10][name]) for name, weight in training.best["weights"].items())
    assert not torch.equal(training.best["weights"]["read_out.bias"], seen[14]["read_out.bias"])


def test_a_run_stops_after_so_many_measures_without_a_better_one():
    training = trainer(steps=100, every=2, patience=3)
    with scripted([0.1, 0.1, 0.2, 0.2, 0.1, 0.2, 0.9]):
        rows = fit(training)
    assert [row["score"] for row in rows] == [0.1, 0.1, 0.2, 0.2, 0.1, 0.2]
    assert training.finished and training.steps == 12 and training.best["steps"] == 6


def test_a_run_stops_when_solved_and_when_its_steps_are_done():
    solved, done = trainer(steps=100, every=2), trainer(steps=5, every=2)
    with scripted([0.1, 0.3], solved={1}):
        assert [row["solved"] for row in fit(solved)] == [False, True] and solved.steps == 4
    with scripted([0.1, 0.2, 0.3]):
        assert [row["steps"] for row in fit(done)] == [2, 4, 5] and done.finished


def test_the_loss_in_a_row_is_the_mean_of_the_steps_since_the_row_before():
    training, losses, step = trainer(steps=6, every=3), [], Trainer.step
    with mock.patch.object(Trainer, "step", lambda self: losses.append(step(self).item())):
        rows = fit(training)
    assert [row["loss"] for row in rows] == pytest.approx([np.mean(losses[:3]), np.mean(losses[3:])], rel=1e-6)
    assert [row["sequences"] for row in rows] == [9, 18]
    assert all(tuple(row) == logs.COLUMNS for row in rows)


def test_a_run_writes_what_it_returns_into_its_log(tmp_path):
    rows = fit(trainer(steps=6, every=2), tmp_path)
    assert logs.read(tmp_path / "log.csv") == rows and len(rows) == 3


def test_a_row_that_was_cut_short_is_left_out(tmp_path):
    rows = fit(trainer(steps=4, every=2), tmp_path)
    text = (tmp_path / "log.csv").read_bytes()
    last = text.rindex(b"\r\n", 0, -2) + 2
    for length in range(last, len(text) - 2):
        (tmp_path / "log.csv").write_bytes(text[:length])
        assert logs.read(tmp_path / "log.csv") == rows[:1], text[:length]


# ---- where it all comes from


@pytest.mark.parametrize("name", tasks.TASKS)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_the_seed_alone_decides_and_global_random_state_is_left_alone(name, peephole):
    numpy_before, torch_before = np.random.get_state(), torch.get_rng_state()
    runs = []
    for seed in (1, 1, 2):
        training = trainer(name, peephole=peephole, seed=seed)
        runs.append([*(weight.detach().clone() for weight in training.model.parameters()), training.step()])
        training.step()
    assert torch.equal(torch_before, torch.get_rng_state())
    assert all(np.array_equal(a, b) for a, b in zip(numpy_before, np.random.get_state()))
    one, same, other = runs
    assert all(torch.equal(*pair) for pair in zip(one, same)) and not torch.equal(one[0], other[0])


@pytest.mark.parametrize("peephole", PEEPHOLES[:2])
def test_what_dropout_drops_follows_from_the_seed_and_is_another_at_every_step(peephole):
    settings = {"num_layers": 2, "dropout": 0.5, "peephole": peephole, "learning_rate": 1e-30}
    before, runs = torch.get_rng_state(), []
    for seed in (1, 1, 2):
        training, heard = trainer("spikes", seed=seed, **settings), []
        training.model.read_out.register_forward_hook(lambda module, inputs, output: heard.append(inputs[0].detach()))
        training.step()
        training.step()
        runs.append(heard)
    (first, second), again, other = runs
    assert torch.equal(first, again[0]) and torch.equal(second, again[1])
    assert not torch.equal(first, second) and not torch.equal(first, other[0])
    assert torch.equal(before, torch.get_rng_state())


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


def test_settings_that_are_left_out_are_the_tasks_own():
    settings = Settings("spikes", {"every": 5})
    assert (settings.hidden_size, settings.steps, settings.precision) == (4, 5000, "auto")
    settings = Settings("counting", hidden_size=7)
    assert (settings.hidden_size, settings.warm_up, settings.precision, settings.steps) == (7, 0.3, "auto", 4000)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("hidden_size", 0),
        ("num_layers", 0),
        ("steps", 0),
        ("every", 0),
        ("seed", -1),
        ("patience", 0),
        ("learning_rate", 0.0),
        ("learning_rate", math.nan),
        ("clip", -1.0),
        ("dropout", 1.5),
        ("dropout", 0.5),
        ("warm_up", 2.0),
        ("held_open", "fx"),
        ("peephole", "half"),
        ("precision", "float16"),
        ("device", "nonsense"),
        ("device", "cuda:99"),
        ("device", "xpu"),
    ],
)
def test_a_bad_setting_is_refused_by_name(name, bad):
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got {bad!r}$"):
        Trainer(Settings("adding", **{name: bad}))


def test_numbers_of_numpy_are_taken_as_plain_ones():
    plain = Settings("adding", {"T": 25}, learning_rate=0.25, seed=3, patience=4)
    numpy = Settings(
        "adding", {"T": np.int64(25)}, learning_rate=np.float64(0.25), seed=np.int64(3), patience=np.int8(4)
    )
    assert numpy == plain
    assert {type(value) for value in (numpy.options["T"], numpy.seed, numpy.patience)} == {int}
    assert type(numpy.learning_rate) is float


# ---- bfloat16


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
    with pytest.raises(ZeroDivisionError), autocast(torch.device("cpu"), "bfloat16"):
        assert torch.is_autocast_enabled("cpu") and not torch.backends.mkldnn.enabled
        1 / 0  # noqa: B018
    assert torch.backends.mkldnn.enabled == before and not torch.is_autocast_enabled("cpu")
    with autocast(torch.device("cpu"), "float32"):
        assert torch.backends.mkldnn.enabled == before and not torch.is_autocast_enabled("cpu")


def test_on_a_cpu_the_precision_is_float32_unless_another_is_named():
    assert choose_precision("auto", torch.device("cpu")) == "float32"
