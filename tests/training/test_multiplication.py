"""The multiplication problem against its paper: every batch, and every measure beside an answer that multiplies."""

import numpy as np
import pytest

from lstm_ref import tasks


def multiplication_oracle(x, state=None):
    outputs = np.zeros((*x.shape[:2], 1))
    outputs[-1, :, 0] = np.where(x[:, :, 1] == 1, x[:, :, 0], 1).prod(axis=0)
    return outputs, None


def test_multiplication_marks_two_numbers_as_adding_does_and_asks_for_their_product():
    rng, at_the_start, numbers = np.random.default_rng(1), 0, []
    for _ in range(60):
        (x, target, weight), carry = tasks.make("multiplication", T=40, batch_size=20).batch(rng)
        assert carry is None and x.dtype == target.dtype == weight.dtype == np.float32
        assert 40 <= len(x) <= 44 and x[:, :, 0].min() >= 0 and x[:, :, 0].max() <= 1
        assert (weight[:-1] == 0).all() and (weight[-1] == 1).all()
        for b in range(20):
            first, second = np.flatnonzero(x[:, b, 1] == 1)
            assert first < 10 and second < 19 and x[-1, b, 1] == -1
            assert first or x[0, b, 0] == 1
            assert target[-1, b, 0] == pytest.approx(float(x[first, b, 0]) * float(x[second, b, 0]), abs=1e-7)
            at_the_start += first == 0
        numbers.append(x[1:, :, 0].mean())
    assert at_the_start > 60 and np.mean(numbers) == pytest.approx(0.5, abs=0.01)


def test_multiplication_is_solved_by_the_product_and_by_twelve_errors_but_not_by_thirteen():
    task, perfect = tasks.make("multiplication", T=30), multiplication_oracle
    assert task.measure(perfect, np.random.default_rng(2)) == (1.0, True)

    def wrong(count, by=0.041):
        """Return the measure of an answer that is off in so many of the first 500 sequences."""
        calls = []

        def answer(x, state=None):
            calls.append(1)
            outputs, _ = perfect(x)
            outputs[-1, : count if len(calls) == 1 else 0, 0] += by
            return outputs, None

        return task.measure(answer, np.random.default_rng(2))

    assert wrong(12) == (1 - 12 / 2000, True) and wrong(13) == (1 - 13 / 2000, False)
    assert wrong(500, by=-0.039) == (1.0, True) and wrong(500, by=-0.041) == (0.75, False)
