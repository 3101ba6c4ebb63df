"""Timed spikes against their paper: every step, and every measure beside an answer that keeps time."""

import numpy as np
import pytest

from lstm_ref import tasks


def spikes_oracle(every, loud=1000.0, wrong=None):
    def answer(x, state=None):
        said = np.full(x.shape, -loud, np.float32)
        said[every - 1 :: every] = loud
        if wrong is not None and wrong < len(x):
            said[wrong] *= -1
        return said, None

    return answer


@pytest.mark.parametrize("every", [2, 10, 13])
def test_spikes_come_at_every_F_th_step_and_nothing_is_heard(every):
    (x, target, weight), carry = tasks.make("spikes", every=every).batch()
    assert carry is None and x.shape == target.shape == (5 * every, 1, 1) and weight.shape == (5 * every, 1)
    assert (x == 0).all() and (weight == 1).all()
    assert [t + 1 for t in range(5 * every) if target[t] == 1] == [every, 2 * every, 3 * every, 4 * every, 5 * every]
    assert target.sum() == 5


def test_spikes_are_solved_on_time_and_the_first_error_is_found_wherever_it_is():
    task = tasks.make("spikes", every=10)
    assert task.measure(spikes_oracle(10), count=20_000) == (20_000, True)
    assert task.measure(spikes_oracle(10), count=500) == (500, True)
    for wrong in (0, 9, 57, 999, 1000, 15_000):
        assert task.measure(spikes_oracle(10, wrong=wrong), count=20_000) == (wrong, False)
        assert task.first_error(spikes_oracle(10, wrong=wrong), 20_000) == wrong
    assert task.measure(spikes_oracle(11), count=2000) == (9, False)
    # An answer counts as wrong from 0.49 off on.
    sure = np.log(0.52 / 0.48)
    assert task.measure(spikes_oracle(10, loud=sure), count=2000) == (2000, True)
    assert task.measure(spikes_oracle(10, loud=np.log(0.505 / 0.495)), count=2000) == (0, False)


def delays_oracle(F, wrong=()):
    def answer(x, state=None):
        said = np.full(x.shape, -5.0, np.float32)
        for b in range(x.shape[1]):
            at = np.flatnonzero(x[:, b, 0])
            said[at[1:], b, 0] = np.where(np.diff(at) == F + 1, 5.0, -5.0)
            said[at[1:][list(wrong)], b, 0] *= -1
        return said, None

    return answer


@pytest.mark.parametrize("F", [2, 49])
def test_spikes_are_F_or_F_plus_one_steps_apart_and_the_answers_at_all_but_the_first_count(F):
    (x, target, weight), carry = tasks.make("delays", every=F, spikes=4, batch_size=9).batch(np.random.default_rng(3))
    assert carry is None and x.shape == target.shape == (*weight.shape, 1) and x.shape[1] == 9
    seen = set()
    for b in range(9):
        at = np.flatnonzero(x[:, b, 0])
        assert at[0] == 0 and len(at) == 5 and set(np.diff(at)) <= {F, F + 1}
        assert (np.flatnonzero(weight[:, b]) == at[1:]).all()
        assert (target[at[1:], b, 0] == (np.diff(at) == F + 1)).all() and target[:, b].sum() == (np.diff(at) > F).sum()
        seen |= set(np.diff(at))
    assert seen == {F, F + 1}


def test_delays_are_solved_by_counting_and_not_with_one_time_of_all_told_wrong():
    task = tasks.make("delays", every=10)
    assert task.measure(delays_oracle(10), np.random.default_rng(4), count=200) == (1.0, True)
    assert task.measure(delays_oracle(10, wrong=[199]), np.random.default_rng(4), count=200) == (1 - 1 / 200, False)
