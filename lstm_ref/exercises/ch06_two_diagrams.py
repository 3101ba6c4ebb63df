"""Checks for chapter 6, two diagrams, one machine."""

import numpy as np

from lstm_ref.diagrams import planted, unit
from lstm_ref.diagrams.wiring import NODES
from lstm_ref.exercises.grading import exercise, function, show
from lstm_ref.sequence import unroll
from lstm_ref.weights import UnitWeights

NETS = {"box_f": "f_t", "box_i": "i_t", "box_g": "g_t", "box_o": "o_t"}


def _named(wires):
    """Return wires into boxes as pairs: the signal, and what the network makes of it."""
    return {(NODES[start].gives, NETS[end]) for start, end in wires}


@exercise
def errors_in_the_diagram(answer):
    """Check (too many, missing): two sets of (signal, network) for the diagram with planted errors."""
    if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
        return f"not yet: expected two sets (too_many, missing), got {show(answer)}"
    right, drawn = set(unit().wires), set(planted().wires)
    expected = _named(drawn - right), _named(right - drawn)
    given = [{tuple(pair) for pair in pairs} for pairs in answer]
    for words, pairs, true in zip(("is no wire too many", "is not missing"), given, expected):
        if wrong := sorted(pairs - true):
            return f"not yet: {show(wrong[0])} {words}"
    left = [len(true - pairs) for pairs, true in zip(given, expected)]
    return f"not yet: still to find: {left[0]} too many, {left[1]} missing" if any(left) else "right"


@exercise
def each_from_empty(answer):
    """Check a function of (weights, sequences): the last output of each, every one begun with an empty memory."""
    rng = np.random.default_rng(62)
    weights = UnitWeights.random(1, 2, rng=rng)
    sequences = rng.normal(size=(3, 4, 1))
    expected = np.array([unroll(weights, x).h_t[-1] for x in sequences])
    return function(answer, [({"weights": weights, "sequences": sequences}, expected)], "last_outputs")


@exercise
def one_peephole(answer):
    """Check a function of the unit's wires: those of a unit of which only the output valve sees the memory."""
    wires = unit().wires
    if not callable(answer):
        return f"not yet: expected a function, got {show(answer)}"
    expected = set(wires) - {("c_prev", "box_f"), ("c_prev", "box_i")}
    got = {tuple(wire) for wire in answer(wires)}
    for words, wrong in (("should not be there", got - expected), ("is missing", expected - got)):
        if wrong:
            return f"not yet: {show(min(wrong))} {words}"
    return "right"


@exercise
def can_be_computed(answer):
    """Check a function of a list of wires (from, to): whether no part waits for itself."""
    chain, ring = [("a", "b"), ("b", "c"), ("a", "c")], [("a", "b"), ("b", "c"), ("c", "b")]
    two = [("a", "b"), ("c", "d"), ("d", "e"), ("e", "c")]
    cases = [(chain, True), (ring, False), ([], True), (two, False)]
    cases += [([tuple(wire) for wire in unit().wires], True), ([tuple(wire) for wire in planted().wires], False)]
    return function(answer, [({"wires": wires}, expected) for wires, expected in cases], "can_be_computed")
