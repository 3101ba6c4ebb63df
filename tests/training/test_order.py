"""Temporal order against its paper: every batch, and every measure beside an answer that reads."""

import re

import numpy as np

from lstm_ref import tasks


def order_oracle(x, state=None):
    said = np.zeros((*x.shape, 4))
    for b in range(x.shape[1]):
        came = [symbol - 5 for symbol in x[:, b] if symbol in (5, 6)]
        said[-1, b, 2 * came[0] + came[1]] = 50
    return said, None


def test_temporal_order_hides_two_symbols_in_noise_and_asks_for_their_order():
    rng, seen = np.random.default_rng(12), {"class": set(), "t1": set(), "t2": set(), "length": set()}
    for _ in range(60):
        (x, target, weight), carry = tasks.make("order", batch_size=25).batch(rng)
        assert carry is None and (weight[:-1] == 0).all() and (weight[-1] == 1).all()
        seen["length"].add(len(x))
        for b in range(25):
            text = "".join("EabcdXYB"[symbol] for symbol in x[:, b])
            assert re.fullmatch("E[abcd]+[XY][abcd]+[XY][abcd]+B", text)
            first, second = (found.start() for found in re.finditer("[XY]", text))
            assert ("XX", "XY", "YX", "YY")[target[-1, b]] == text[first] + text[second]
            seen["class"].add(int(target[-1, b]))
            seen["t1"].add(first)
            seen["t2"].add(second)
    expected = {"class": range(4), "t1": range(10, 21), "t2": range(50, 61), "length": range(100, 111)}
    assert seen == {name: set(values) for name, values in expected.items()}


def test_temporal_order_is_solved_by_reading_and_not_by_one_class_missed_or_too_unsure():
    task = tasks.make("order")
    assert task.measure(order_oracle, np.random.default_rng(13)) == (1.0, True)

    def times(factor):
        def answer(x, state=None):
            said, _ = order_oracle(x)
            said[-1] *= factor
            return said, None

        return task.measure(answer, np.random.default_rng(13), count=400)

    def sure(share):
        """Return the factor that leaves this share of certainty, and the other three classes the rest alike."""
        return np.log(3 * share / (1 - share)) / 50

    assert times(sure(0.71)) == (1.0, True)
    assert times(sure(0.69)) == (0.0, False)
    assert times(np.where(np.arange(400) == 0, -1, 1)[:, None]) == (1 - 1 / 400, False)
