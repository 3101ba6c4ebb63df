"""Checks for chapter 10, inside the memory: tests of what a memory tells, and memories set by hand."""

import numpy as np

from lstm_ref.companion.exercises.grading import Answer, Inputs, exercise, function
from lstm_ref.companion.probes import fit, memories
from lstm_ref.companion.probing import auc, chance_level, pick, properties, ranks, set_memory
from lstm_ref.data import load_characters
from lstm_ref.sequence import unroll
from lstm_ref.tasks.characters import decode, source
from lstm_ref.weights import UnitWeights

LENGTH = 12_000
SHORT = 'def f(a1, b="x"):\n    # one 2\n    return [a1, (b, 3)]  # end\n'


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


@exercise
def own_property(answer: Answer) -> str:
    """Check a function of a text, a truth after each character, (N,) of bool; say what the small model's memory tells.

    It is asked on the beginnings of two modules: one element is picked on the first, and judged on the second.
    """
    whole = np.asarray(answer(SHORT))
    for k in range(1, len(SHORT)):
        if not np.array_equal(np.asarray(answer(SHORT[:k])), whole[:k]):
            return f"not yet: what is true after {SHORT[:k][-12:]!r} must not depend on what follows"
    texts = [decode(source((name,)))[:LENGTH] for name in ("calendar", "heapq")]
    labels = []
    for text in texts:
        label = np.asarray(answer(text))
        if label.shape != (len(text),) or label.dtype != bool:
            return f"not yet: expected {len(text)} of bool, got shape {label.shape} of {label.dtype}"
        if label.all() or not label.any():
            return f"not yet: expected both True and False somewhere, got {label[0]} everywhere"
        labels.append(label)
    memory, other = (memories(load_characters(), text)[0] for text in texts)
    order, there = ranks(memory), ranks(other)
    element, picked = pick(order, labels[0])
    found = float(auc(there[:, element], labels[1]))
    chance = chance_level(there[:, [element]], labels[1], np.random.default_rng(104), 50).max()
    together = float(auc(ranks(fit(memory, labels[0])(other)), labels[1]))
    found = found if picked > 0.5 else 1 - found
    return (
        f"right: a property of its own.\nOne element, picked on the first text: {found:.1f} on the second, "
        f"where chance gives it at most {chance:.1f}.\nAll elements together: {together:.1f}"
    )
