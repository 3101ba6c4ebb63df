"""Counting against its paper: every string, and every measure beside an answer that counts."""

import numpy as np
import pytest

from lstm_ref import tasks


def counting_oracle(letters):
    """Say what may come by counting the letters that came."""

    def answer(x, state=None):
        said = -np.ones((*x.shape, letters + 1))
        for b in range(x.shape[1]):
            counts = [0] * (letters + 1)
            for t, symbol in enumerate(x[:, b]):
                counts[symbol] += 1
                if symbol == 0:
                    said[t, b, 0] = 1
                elif symbol == 1:
                    said[t, b, :2] = 1
                else:
                    said[t, b, symbol - 1 + (counts[symbol] == counts[1])] = 1
        return said, None

    return answer


@pytest.mark.parametrize(("kinds", "text"), [(2, "S" + 3 * "a" + 3 * "b"), (3, "S" + 3 * "a" + 3 * "b" + 3 * "c")])
def test_a_counting_string_has_n_of_each_letter_and_marks_what_may_come(kinds, text):
    task = tasks.make("counting", letters=kinds)
    x, target = task.string(3)
    assert "".join("Sabc"[symbol] for symbol in x) == text and target.dtype == np.float32
    may = {2: "a ab ab ab b b $", 3: "a ab ab ab b b c c c $"}[kinds].split()
    names = "abc"[:kinds] + "$"
    assert ["".join(np.array(list(names))[step > 0.5]) for step in target] == may
    assert set(target.flat) == {0, 1} and (task.input_size, task.output_size) == (kinds + 1, kinds + 1)


@pytest.mark.parametrize("kinds", [2, 3])
def test_a_batch_of_counting_strings_holds_every_n_up_to_the_largest(kinds):
    task, rng, seen = tasks.make("counting", letters=kinds, most=6, batch_size=5), np.random.default_rng(14), set()
    for _ in range(40):
        (x, target, weight), carry = task.batch(rng)
        assert carry is None and x.shape == weight.shape == target.shape[:2] and weight.any(1).all()
        for b in range(5):
            length = int(weight[:, b].sum())
            n = (length - 1) // kinds
            expected, marks = task.string(n)
            assert (x[:length, b] == expected).all() and (target[:length, b] == marks).all()
            assert (weight[:length, b] == 1).all() and (weight[length:, b] == 0).all()
            seen.add(n)
    assert seen == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("kinds", [2, 3])
def test_counting_is_solved_by_counting_and_not_by_counting_to_five(kinds):
    task, perfect = tasks.make("counting", letters=kinds, most=10), counting_oracle(kinds)
    assert task.measure(perfect) == (1.0, True) and task.reach(perfect, stop=15) == 15

    def to_five(x, state=None):
        said, _ = perfect(x)
        return (said if len(x) <= 1 + 5 * kinds else -said), None

    assert task.measure(to_five) == (0.5, False) and task.reach(to_five) == 5
    assert task.reach(lambda x, state=None: (-perfect(x)[0], None)) == 0

    def late(x, state=None):
        said, _ = perfect(x)
        said[-1, 0, -1] = -1
        return said, None

    assert task.measure(late) == (0.0, False)


def test_a_window_of_n_is_trained_and_measured_from_its_least_n_on():
    task, rng, perfect = tasks.make("counting", least=4, most=6), np.random.default_rng(15), counting_oracle(3)
    seen = set()
    for _ in range(30):
        _, _, weight = task.batch(rng)[0]
        seen |= set(((weight.sum(0) - 1) // 3).astype(int))
    assert seen == {4, 5, 6}

    def from_four_to_eight(x, state=None):
        outputs, _ = perfect(x)
        return (outputs if 1 + 3 * 4 <= len(x) <= 1 + 3 * 8 else -outputs), None

    assert task.measure(from_four_to_eight) == (1.0, True)
    assert task.reach(from_four_to_eight) == 0 and task.reach(from_four_to_eight, first=4) == 8
