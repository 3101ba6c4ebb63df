"""The long time lag against its paper: every batch, and every measure beside an answer that reads."""

import numpy as np
import pytest

from lstm_ref import tasks


def lag_oracle(x, state=None):
    outputs = np.zeros((*x.shape, 2))
    outputs[-1] = 50 * np.eye(2)[x[1] - 2]
    return outputs, None


def test_a_long_lag_hides_one_symbol_behind_distractors_and_asks_for_it_at_the_trigger():
    rng, seen, lags = np.random.default_rng(3), set(), []
    for _ in range(300):
        (x, target, weight), carry = tasks.make("long-lag", T=12, distractors=5, batch_size=10).batch(rng)
        assert carry is None and (weight[:-1] == 0).all() and (weight[-1] == 1).all()
        assert (x[0] == 0).all() and (x[-1] == 1).all() and (target[-1] == x[1] - 2).all()
        between = x[2:-1]
        assert set(x[1]) <= {2, 3} and set(between.flat) <= set(range(4, 9))
        seen |= set(between.flat) | set(x[1])
        lags.append(len(between))
    assert seen == {2, 3, *range(4, 9)}
    assert min(lags) == 12 and np.mean(lags) == pytest.approx(12 + 9, abs=1.5)


def test_a_long_lag_is_solved_by_reading_and_not_by_one_class_missed_or_too_unsure():
    task = tasks.make("long-lag", T=5, distractors=4)
    assert task.measure(lag_oracle, np.random.default_rng(4)) == (1.0, True)

    def times(factor, count=10_000):
        def answer(x, state=None):
            outputs, _ = lag_oracle(x)
            outputs[-1] *= factor
            return outputs, None

        return task.measure(answer, np.random.default_rng(4), count)

    def sure(share):
        """Return the factor that leaves this share of certainty to the right class."""
        return np.log(share / (1 - share)) / 50

    assert times(sure(0.81)) == (1.0, True)
    assert times(sure(0.79)) == (0.0, False)
    assert times(np.where(np.arange(100) == 0, -1, 1)[:, None], count=2000) == (0.99, False)


def test_one_wrong_answer_after_the_first_thousand_is_seen():
    calls = []

    def answer(x, state=None):
        calls.append(len(x))
        outputs, _ = lag_oracle(x)
        if len(calls) == 100:
            outputs[-1, 0] *= -1
        return outputs, None

    found = tasks.make("long-lag", T=5, distractors=4).measure(answer, np.random.default_rng(5))
    assert len(calls) == 100 and found == (1 - 1 / 10_000, False)
