"""Checks for chapter 2, the forget valve."""

import numpy as np

from lstm_ref import ledger, unit
from lstm_ref.data import load_souvenirs
from lstm_ref.exercises.grading import exercise, function, raised, show
from lstm_ref.weights import UnitWeights


@exercise
def half_life(answer):
    """Check a function of f: after how many steps half of the memory is left (a fraction of a step counts)."""
    return function(answer, [({"f": f}, np.log(0.5) / np.log(f)) for f in (0.5, 0.9, 0.99)], "half_life")


@exercise
def forget_valve(answer):
    """Check a function of (x_t, h_prev, weights): the forget valve of a unit without a peephole."""
    rng = np.random.default_rng(7)
    weights = UnitWeights.random(3, 2, rng=rng)
    cases = []
    for opened in (weights, weights.replace(b_f=weights.b_f + 2)):
        x_t, h_prev = rng.normal(size=3), rng.normal(size=2)
        cases.append(({"x_t": x_t, "h_prev": h_prev, "weights": opened}, unit.forget_valve(x_t, h_prev, np.zeros(2), opened)))
    return function(answer, cases, "forget_valve")


@exercise
def draw_networks(answer):
    """Check a function of (rng, hidden, inputs): four different matrices, drawn one after another from `rng`."""
    expected_rng = np.random.default_rng(11)
    expected = [expected_rng.normal(size=(2, 3)) for _ in range(4)]
    given = {"rng": np.random.default_rng(11), "hidden": 2, "inputs": 3}
    try:
        got = [np.asarray(matrix, float) for matrix in answer(*given.values())]
    except Exception as error:
        return f"not yet: draw_networks(rng, 2, 3) raised {raised(error)}"
    if len(got) == 4 and all(np.array_equal(got[0], other) for other in got[1:]):
        return "not yet: draw_networks(rng, 2, 3) gave four networks that are all the same"
    if len(got) != 4 or any(not np.array_equal(a, b) for a, b in zip(got, expected)):
        return f"not yet: draw_networks(rng, 2, 3) gave {show(got)}, expected four draws of rng.normal, one after another"
    return "right"


@exercise
def year_ends_in_june(answer):
    """Check W_f (2, 13), to go with b_f = +DRIVE: the memory is to start afresh each July."""
    months, sales = load_souvenirs()
    try:
        changed = ledger.weights().replace(W_f=answer)
    except (TypeError, ValueError) as error:
        return f"not yet: {error}"
    x = ledger.inputs(months, sales)
    zero = np.zeros((len(x), 2))
    valve = unit.forget_valve(x, zero, zero, changed)
    names = np.array("January February March April May June July August September October November December".split())
    for month, opening in zip(names, valve[:12]):
        expected = 0.0 if month == "July" else 1.0
        if np.abs(opening - expected).max() > 1e-6:
            return f"not yet: in {month} the valve stands at {show(opening)}, expected {expected:.0f} for both elements"
    return "right"


@exercise
def overflowing_tank(answer):
    """Check a function of (mark, drive): P_f (1,) and b_f (1,) of a valve that is half open at c_prev = mark,
    and all but open (a sigmoid of +drive) on an empty tank."""
    cases = [
        ({"mark": mark, "drive": drive}, (np.array([-drive / mark]), np.array([drive])))
        for mark, drive in ((1.0, 30.0), (0.25, 8.0))
    ]
    return function(answer, cases, "overflowing_tank")
