"""Checks for chapter 4, the output valve."""

import numpy as np

from lstm_ref import unit
from lstm_ref.companion import ledger
from lstm_ref.companion.exercises.grading import TOLERANCE, Answer, Inputs, exercise, function, same
from lstm_ref.data import MONTHS, load_souvenirs
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
def reports_the_coming_month(answer: Answer) -> str:
    """Check W_o (12, 13), to go with b_o = -DRIVE: element k holds month k, January being 0, and in each month only the
    element of the coming month is to be reported."""
    try:
        weights = UnitWeights.zeros(ledger.INPUT_SIZE, 12).replace(W_o=answer, b_o=np.full(12, -ledger.DRIVE))
    except (TypeError, ValueError) as error:
        return f"not yet: {error}"
    zero = np.zeros((84, 12))
    openings = unit.output_valve(ledger.inputs(*load_souvenirs()), zero, zero, weights)
    for month in range(12):
        expected = np.arange(12) == (month + 1) % 12
        if not same(openings[month], expected.astype(float)):
            shown = [MONTHS[k] for k in np.flatnonzero(openings[month] > TOLERANCE)]
            return f"not yet: in {MONTHS[month]} elements shown: {shown}\nexpected {[MONTHS[(month + 1) % 12]]}"
    return "right"


@exercise
def quiet_until(answer: Answer) -> str:
    """Check a function of (threshold, width): P_o (1,) and b_o (1,) of a valve half open where c_t is the threshold,
    and at sigmoid(+-30) where c_t is `width` above or below it."""
    cases = [
        ({"threshold": threshold, "width": width}, (np.array([30 / width]), np.array([-30 * threshold / width])))
        for threshold, width in ((0.5, 0.1), (2e-5, 1e-7))
    ]
    return function(answer, cases, "quiet_until")
