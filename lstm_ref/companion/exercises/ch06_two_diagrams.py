"""Checks for chapter 6, two diagrams, one machine."""

from collections.abc import Iterable

import numpy as np

from lstm_ref.companion.exercises.grading import Answer, exercise, function, same, show
from lstm_ref.diagrams import Wiring, unit_wiring
from lstm_ref.diagrams.nodes import NODES
from lstm_ref.diagrams.wiring import parse_wires
from lstm_ref.sequence import unroll
from lstm_ref.weights import UnitWeights

NETS = {"box_f": "f_t", "box_i": "i_t", "box_g": "g_t", "box_o": "o_t"}
SIGNALS = ("x_t", "h_prev", "c_prev", "c_t")


def planted() -> Wiring:
    """Return a wiring with four planted errors; what is wrong is the difference between its wires and the unit's."""
    wrong = set(parse_wires("plus box_o, c_prev box_i, h_prev box_f"))
    right = tuple(wire for wire in unit_wiring().wires if wire not in wrong)
    return Wiring(right + parse_wires("c_prev box_o, plus box_i, c_prev box_g"), "An LSTM unit with errors")


def _named(wires: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return wires into boxes as pairs: the signal, and what the network makes of it."""
    return {(NODES[start].gives, NETS[end]) for start, end in wires}


@exercise
def errors_in_the_diagram(answer: Answer) -> str:
    """Check (too_many, missing): two sets of (signal, network) for the diagram with planted errors."""
    if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
        return f"not yet: expected two sets (too_many, missing), got {show(answer)}"
    right, drawn = set(unit_wiring().wires), set(planted().wires)
    expected = _named(drawn - right), _named(right - drawn)
    given = [sorted(map(tuple, pairs), key=str) for pairs in answer]
    for words, pairs, true in zip(("is not a line too many", "is not missing"), given, expected):
        for pair in pairs:
            if len(pair) != 2 or pair[0] not in SIGNALS or pair[1] not in NETS.values():
                names = f"a signal of {', '.join(SIGNALS)} and a network of {', '.join(NETS.values())}"
                return f"not yet: {show(pair)}: expected {names}"
            if pair not in true:
                return f"not yet: {show(pair)} {words}"
    left = [len(true - set(pairs)) for pairs, true in zip(given, expected)]
    return f"not yet: still to find: {left[0]} too many, {left[1]} missing" if any(left) else "right"


@exercise
def each_from_empty(answer: Answer) -> str:
    """Check a function of (weights, sequences): the last output of each, every one begun with an empty memory."""
    if not callable(answer):
        return f"not yet: expected a function, got {show(answer)}"
    rng = np.random.default_rng(62)
    weights = UnitWeights.random(1, 2, rng=rng)
    sequences = rng.normal(size=(3, 4, 1))
    got = answer(weights, sequences.copy())
    for number, x in enumerate(sequences):
        expected = unroll(weights, x).h_t[-1]
        if not same(got[number], expected):
            return f"not yet: sequence {number} of 3 ends with {show(got[number])}\nexpected {show(expected)}"
    return "right" if len(got) == len(sequences) else f"not yet: expected 3 outputs, got {len(got)}"


@exercise
def one_peephole(answer: Answer) -> str:
    """Check a function of the unit's wires: those of a unit of which only the output valve sees the memory."""
    wires = unit_wiring().wires
    if not callable(answer):
        return f"not yet: expected a function, got {show(answer)}"
    expected = set(wires) - {("c_prev", "box_f"), ("c_prev", "box_i")}
    answered = answer(wires)
    got = [tuple(wire) for wire in getattr(answered, "wires", answered)]
    if len(set(got)) < len(got):
        return "not yet: some wires are there twice"
    for words, wrong in (("should not be there", set(got) - expected), ("is missing", expected - set(got))):
        if wrong:
            return f"not yet: {show(min(wrong))} {words}"
    return "right"


@exercise
def can_be_computed(answer: Answer) -> str:
    """Check a function of a list of wires (from, to): whether no part waits for itself."""
    chain, ring = [("a", "b"), ("b", "c"), ("a", "c")], [("a", "b"), ("b", "c"), ("c", "b")]
    two = [("a", "b"), ("c", "d"), ("d", "e"), ("e", "c")]
    itself, large = [("a", "b"), ("b", "b")], [(k, (k + 1) % 9) for k in range(9)]
    cases = [
        (chain, True),
        (ring, False),
        ([], True),
        (two, False),
        (itself, False),
        (large, False),
        (large[:-1], True),
    ]
    cases += [([tuple(wire) for wire in unit_wiring().wires], True), ([tuple(wire) for wire in planted().wires], False)]
    return function(answer, [({"wires": wires}, expected) for wires, expected in cases], "can_be_computed")
