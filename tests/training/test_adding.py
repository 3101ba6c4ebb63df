"""The adding problem against its paper: every batch, and every measure beside an answer that adds."""

import numpy as np
import pytest

from lstm_ref import tasks


def adding_oracle(x, state=None):
    marked = x[:, :, 1] == 1
    said = np.zeros((*x.shape[:2], 1))
    said[-1, :, 0] = 0.5 + (x[:, :, 0] * marked).sum(0) / 4
    return said, None


@pytest.mark.parametrize("T", [20, 25, 100])
def test_adding_marks_two_numbers_where_the_paper_says_and_asks_for_their_sum(T):
    rng, first_marks, second_marks = np.random.default_rng(1), set(), set()
    for _ in range(60):
        (x, target, weight), carry = tasks.make("adding", T=T, batch_size=20).batch(rng)
        assert carry is None and x.dtype == target.dtype == weight.dtype == np.float32
        assert T <= len(x) <= 1.1 * T and np.abs(x[:, :, 0]).max() <= 1
        assert (weight[:-1] == 0).all() and (weight[-1] == 1).all()
        for b in range(20):
            marks = x[:, b, 1]
            at = np.flatnonzero(marks == 1)
            assert len(at) == 2 and at.min() < 10 and at.max() < max(10, T // 2 - 1)
            assert marks[-1] == -1 and marks[0] == (1 if 0 in at else -1)
            assert set(np.delete(marks, [0, len(x) - 1, *at])) == {0}
            assert 0 not in at or x[0, b, 0] == 0
            total = sum(float(x[t, b, 0]) for t in at)
            assert target[-1, b, 0] == pytest.approx(0.5 + total / 4, abs=1e-7)
            first_marks.add(int(at.min()))
            second_marks.add(int(at.max()))
    assert first_marks >= set(range(8)) and max(second_marks) >= T // 2 - 3


def test_adding_takes_every_length_from_T_to_a_tenth_more():
    rng = np.random.default_rng(0)
    found = {len(tasks.make("adding", T=50, batch_size=1).batch(rng)[0].x) for _ in range(200)}
    assert found == set(range(50, 56))


def test_adding_is_solved_by_the_sum_and_not_by_one_error_or_a_mean_error_too_large():
    task = tasks.make("adding", T=30)

    def off_by(errors):
        def answer(x, state=None):
            said, _ = adding_oracle(x)
            said[-1, : len(errors), 0] += errors
            return said, None

        return task.measure(answer, np.random.default_rng(2))

    assert off_by([]) == (1.0, True)
    assert off_by([0.039]) == (1.0, True)
    assert off_by([0.041]) == (1 - 4 / 2000, False)
    assert off_by([-0.5]) == (1 - 4 / 2000, False)
    assert off_by(np.full(500, 0.02)) == (1.0, False)
    assert off_by(np.full(500, 0.009)) == (1.0, True)


def test_marks_anywhere_are_two_of_all_steps_between_the_first_and_the_last():
    rng, places = np.random.default_rng(4), set()
    for _ in range(40):
        (x, target, _), _ = tasks.make("adding", T=30, marks="anywhere", batch_size=20).batch(rng)
        for b in range(20):
            at = np.flatnonzero(x[:, b, 1] == 1)
            assert len(at) == 2 and at.min() > 0 and at.max() < len(x) - 1
            assert target[-1, b, 0] == pytest.approx(0.5 + x[at, b, 0].sum() / 4, abs=1e-6)
            places |= {at.min(), at.max() - len(x)}
    assert 1 in places and -2 in places


def test_with_marks_anywhere_a_hundredth_of_the_constant_answer_s_error_is_success():
    task = tasks.make("adding", T=30, marks="anywhere")

    def off_by(error):
        def answer(x, state=None):
            said, _ = adding_oracle(x)
            said[-1] += error
            return said, None

        return task.measure(answer, np.random.default_rng(5))

    constant = task.measure(lambda x: (np.full((*x.shape[:2], 1), 0.5), None), np.random.default_rng(5))
    assert constant.score == pytest.approx(0, abs=0.05) and not constant.solved
    assert off_by(0.02).solved and off_by(0.02).score == pytest.approx(1 - 24 * 0.02**2, abs=1e-6)
    assert not off_by(0.021).solved
    with pytest.raises(ValueError, match=r"marks: expected one of \('early', 'anywhere'\), got 'late'"):
        tasks.make("adding", marks="late")
