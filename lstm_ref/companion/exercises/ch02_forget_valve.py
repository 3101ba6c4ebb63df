"""Checks for chapter 2, the forget valve."""

import numpy as np

from lstm_ref import unit
from lstm_ref.companion.exercises.grading import MONTH, Answer, exercise, function, same, show, valve
from lstm_ref.weights import UnitWeights


@exercise
def half_life(answer: Answer) -> str:
    """Check a function of f: after how many steps half of the memory is left (a fraction of a step counts)."""
    return function(answer, [({"f": f}, np.log(0.5) / np.log(f)) for f in (0.5, 0.9, 0.99)], "half_life")


@exercise
def opening(answer: Answer) -> str:
    """Check a function of steps: the opening at which a memory has this half-life."""
    return function(answer, [({"steps": steps}, 2 ** (-1 / steps)) for steps in (1, 12, 365)], "opening")


@exercise
def forget_valve(answer: Answer) -> str:
    """Check a function of (x_t, h_prev, weights): the forget valve of a unit without a peephole."""
    rng = np.random.default_rng(7)
    weights = UnitWeights.random(3, 2, rng=rng)
    cases = []
    for opened in (weights, weights.replace(b_f=weights.b_f + 2)):
        x_t, h_prev = rng.normal(size=3), rng.normal(size=2)
        cases.append(
            ({"x_t": x_t, "h_prev": h_prev, "weights": opened}, unit.forget_valve(x_t, h_prev, np.zeros(2), opened))
        )
    return function(answer, cases, "forget_valve")


@exercise
def draw_networks(answer: Answer) -> str:
    """Check a function of (rng, hidden, inputs): four different matrices (hidden, inputs), drawn from `rng`."""
    if not callable(answer):
        return f"not yet: expected a function, got {show(answer)}"
    first, again, other = (list(answer(np.random.default_rng(seed), 2, 3)) for seed in (11, 11, 12))
    if [np.shape(matrix) for matrix in first] != [(2, 3)] * 4:
        return f"not yet: draw_networks(rng, 2, 3) gave {show(first)}, expected four arrays of shape (2, 3)"
    if any(same(first[j], first[k]) for j in range(4) for k in range(j)):
        return "not yet: draw_networks(rng, 2, 3) gave networks that are the same"
    if not same(again, first) or any(same(one, two) for one, two in zip(first, other)):
        return "not yet: the networks of draw_networks(rng, 2, 3) do not come from rng alone"
    return "right"


@exercise
def year_ends_in_june(answer: Answer) -> str:
    """Check W_f (2, 13), to go with b_f = +DRIVE: the memory is to start afresh each July."""
    july = (MONTH == 6)[:, None]
    return valve(unit.forget_valve, np.where(july, [0.0, 0.0], [1.0, 1.0]), W_f=answer)


@exercise
def plenty(answer: Answer) -> str:
    """Check a function of (threshold, drive): P_f (1,) and b_f (1,) of a valve whose pre-activation is -drive for an
    empty tank and zero at the threshold."""
    cases = [
        ({"threshold": threshold, "drive": drive}, (np.array([drive / threshold]), np.array([-drive])))
        for threshold, drive in ((1.0, 30.0), (0.25, 8.0))
    ]
    return function(answer, cases, "plenty")
