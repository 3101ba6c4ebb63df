"""Checks for chapter 4, the output valve."""

import numpy as np

from lstm_ref import unit
from lstm_ref.companion.exercises.grading import MONTH, Answer, Inputs, exercise, function, valve
from lstm_ref.weights import UnitWeights


@exercise
def output(answer: Answer) -> str:
    """Check a function of (o_t, c_t): the output h_t."""
    rng = np.random.default_rng(4)
    cases = [{"o_t": np.array([1.0, 0.5]), "c_t": np.array([3.0, -2.0])}]
    cases += [{"o_t": rng.uniform(size=H), "c_t": 2 * rng.normal(size=H)} for H in (1, 3)]
    return function(answer, [(given, given["o_t"] * np.tanh(given["c_t"])) for given in cases], "output")


@exercise
def output_after_memory(answer: Answer) -> str:
    """Check a function of (x_t, h_prev, c_prev, weights): the valve o_t of a unit with a diagonal peephole."""
    rng = np.random.default_rng(5)
    cases = []
    for _ in range(2):
        weights = UnitWeights.random(3, 2, "diagonal", rng=rng)
        given: Inputs = {
            "x_t": rng.normal(size=3),
            "h_prev": rng.normal(size=2),
            "c_prev": rng.normal(size=2),
            "weights": weights,
        }
        cases.append((given, unit.step(**given).o_t))
    return function(answer, cases, "output_valve")


@exercise
def reports_each_quarter(answer: Answer) -> str:
    """Check W_o (2, 13), to go with b_o = -DRIVE: the unit is to report in March, June, September and December."""
    quarter = (MONTH % 3 == 2)[:, None]
    return valve(unit.output_valve, np.where(quarter, [1.0, 1.0], [0.0, 0.0]), W_o=answer)


@exercise
def quiet_until(answer: Answer) -> str:
    """Check a function of (mark, width): P_o (1,) and b_o (1,) of a valve half open where c_t is the mark, and at
    sigmoid(+-30) where c_t is `width` above or below it."""
    cases = [
        ({"mark": mark, "width": width}, (np.array([30 / width]), np.array([-30 * mark / width])))
        for mark, width in ((0.5, 0.1), (2e-5, 1e-7))
    ]
    return function(answer, cases, "quiet_until")
