"""What all tasks share: sizes, randomness, and options that are refused."""

import numpy as np
import pytest
from helpers.trainers import SMALL

from lstm_ref import tasks
from lstm_ref.training.trainer import LOSSES


@pytest.mark.parametrize("name", tasks.TASKS)
def test_a_batch_has_the_sizes_that_its_task_names(name):
    task = tasks.make(name, **SMALL[name])
    (x, target, weight), _ = task.batch(np.random.default_rng(0))
    assert x.shape[:2] == target.shape[:2] == weight.shape and x.shape[1] == task.batch_size
    assert task.loss in LOSSES and weight.sum() > 0
    if x.ndim == 2:
        assert np.issubdtype(x.dtype, np.integer) and x.min() >= 0 and x.max() < task.input_size
    else:
        assert x.shape[2] == task.input_size
    if task.loss == "symbol":
        assert np.issubdtype(target.dtype, np.integer) and target.min() >= 0 and target.max() < task.output_size
    else:
        assert target.shape[2] == task.output_size
    assert {"hidden_size", "steps", "learning_rate"} <= set(task.defaults)


@pytest.mark.usefixtures("global_randomness_untouched")
@pytest.mark.parametrize("name", tasks.TASKS)
def test_the_same_rng_gives_the_same_batches_and_nothing_else_is_drawn_from(name):
    task = tasks.make(name, **SMALL[name])

    def draw(seed):
        rng, carry, arrays = np.random.default_rng(seed), None, []
        for _ in range(3):
            batch, carry = task.batch(rng, carry)
            arrays += batch
        return arrays

    one, other, another = draw(3), draw(3), draw(4)
    assert all((a == b).all() for a, b in zip(one, other))
    if name not in ("spikes", "characters", "text"):
        assert not all(np.array_equal(a, b) for a, b in zip(one, another))
    seen = []

    def answer(x, state=None):
        seen.append(x)
        return np.zeros((*x.shape[:2], task.output_size)), None

    for seed in (5, 5):
        task.measure(answer, np.random.default_rng(seed))
    half = len(seen) // 2
    assert half and all(np.array_equal(a, b) for a, b in zip(seen[:half], seen[half:]))


@pytest.mark.parametrize(
    ("name", "option", "bad"),
    [
        ("adding", "T", 19),
        ("adding", "T", 50.0),
        ("adding", "T", True),
        ("adding", "batch_size", 0),
        ("reber", "batch_size", -1),
        ("continual-reber", "T", 0),
        ("continual-reber", "batch_size", "4"),
        ("order", "batch_size", 0),
        ("counting", "letters", 4),
        ("counting", "most", 0),
        ("counting", "least", 0),
        ("counting", "least", 2.0),
        ("counting", "batch_size", 0),
        ("spikes", "every", 1),
        ("long-lag", "T", 1),
        ("long-lag", "distractors", 0),
        ("long-lag", "batch_size", 0),
        ("multiplication", "T", 19),
        ("multiplication", "batch_size", 0),
        ("characters", "T", 0),
        ("characters", "T", 10**9),
        ("characters", "batch_size", None),
    ],
)
def test_a_bad_option_is_refused_by_name(name, option, bad):
    with pytest.raises(ValueError, match=rf"^{option}: expected .*, got {bad!r}$"):
        tasks.make(name, **{option: bad})


def test_an_unknown_task_or_option_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^task: expected one of .*'adding'.* got 'multiplying'$"):
        tasks.make("multiplying")
    with pytest.raises(ValueError, match=r"^options: expected some of \('T', 'marks', 'batch_size'\) .*, got 'every'$"):
        tasks.make("adding", every=3)


def test_a_memory_that_is_to_last_T_steps_begins_with_a_forget_valve_at_T_of_T_plus_1():
    start = tasks.make("adding", T=60).start
    assert 1 / (1 + np.exp(-start["b_f"])) == pytest.approx(60 / 61)
    assert 1 / (1 + np.exp(-start["b_i"])) == pytest.approx(1 / 61)
