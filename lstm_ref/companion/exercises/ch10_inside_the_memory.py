"""Checks for chapter 10, inside the memory: tests of what a memory tells, and memories set by hand."""

import numpy as np

from lstm_ref.companion.exercises.grading import Answer, Inputs, exercise, function
from lstm_ref.companion.probing import auc, pick, properties, ranks, set_memory
from lstm_ref.sequence import unroll
from lstm_ref.weights import UnitWeights


def _two_texts() -> Inputs:
    """Return values and a label of two texts; the best column of the first is not the best of the second."""
    rng = np.random.default_rng(101)
    texts = []
    for strength in ([1, -2, 0, 0], [0, -1, 0, 3]):
        label = rng.random(30) < 0.4
        texts += [rng.normal(size=(30, 4)) + np.outer(label, strength), label]
    return dict(zip(("values", "label", "other_values", "other_label"), texts))


@exercise
def tells(answer: Answer) -> str:
    """Check a function of (value, label), a number and a truth for each place: the area under the curve."""
    rng = np.random.default_rng(102)
    cases = []
    for value in (rng.normal(size=12), rng.integers(0, 3, 12)):
        label = np.arange(12) % 3 == 0
        cases.append(({"value": value, "label": label}, float(auc(ranks(value), label))))
    return function(answer, cases, "tells")


@exercise
def held_out_area(answer: Answer) -> str:
    """Check a function of (values, label, other_values, other_label): the first text's best column on the other.

    It is turned round, to 1 minus itself, where on the first text it was below 0.5.
    """
    given = _two_texts()
    column, area = pick(ranks(given["values"]), given["label"])
    found = float(auc(ranks(given["other_values"][:, column]), given["other_label"]))
    return function(answer, [(given, found if area > 0.5 else 1 - found)], "held_out_area")


@exercise
def best_by_chance(answer: Answer) -> str:
    """Check a function of (values, label, shifts): the area of the best column for each shift."""
    given = _two_texts()
    values, label, shifts = given["values"], given["label"], np.array([5, 11, 17, 24])
    areas = [auc(ranks(values), np.roll(label, shift)) for shift in shifts]
    expected = 0.5 + np.abs(np.array(areas) - 0.5).max(axis=1)
    return function(answer, [({"values": values, "label": label, "shifts": shifts}, expected)], "best_by_chance")


@exercise
def open_brackets(answer: Answer) -> str:
    """Check a function of a text without strings or comments: how many brackets are open after each character."""
    cases = []
    for text in ("f(a[0], (b))\n", "x = {}\n"):
        true = properties(text)
        cases.append(({"text": text}, [int(one) + int(two) for one, two in zip(true["brackets"], true["nested"])]))
    return function(answer, cases, "open_brackets")


@exercise
def said_after(answer: Answer) -> str:
    """Check a function of (now, element, value): h_t, (H,), once that element of the memory is set."""
    rng = np.random.default_rng(103)
    weights = UnitWeights.random(2, 3, rng=rng)
    now = unroll(weights, rng.normal(size=(3, 2)))[-1]
    expected, _ = set_memory(now, 1, 0.8)
    return function(answer, [({"now": now, "element": 1, "value": 0.8}, expected)], "said_after")
