"""Checks for chapter 3, the new-memory valve."""

from collections.abc import Iterator

import numpy as np

from lstm_ref import unit
from lstm_ref.companion import ledger
from lstm_ref.companion.exercises.grading import MONTH, Answer, Case, exercise, function, show, valve
from lstm_ref.data import load_souvenirs
from lstm_ref.sequence import unroll


def _joints() -> Iterator[Case]:
    """Return three T-joints: (f_t, c_prev, i_t, g_t) and the memory that comes of them."""
    rng = np.random.default_rng(3)
    for H in (1, 2, 4):
        f_t, i_t = rng.uniform(size=(2, H))
        c_prev, g_t = rng.normal(size=(2, H))
        yield {"f_t": f_t, "c_prev": c_prev, "i_t": i_t, "g_t": g_t}, f_t * c_prev + i_t * g_t


@exercise
def t_joint(answer: Answer) -> str:
    """Check a function of (f_t, c_prev, i_t, g_t): the memory C_t after the joint."""
    shut = {"f_t": np.array([1.0]), "c_prev": np.array([0.5]), "i_t": np.array([0.0]), "g_t": np.array([0.8])}
    return function(answer, [(shut, np.array([0.5])), *_joints()], "t_joint")


@exercise
def keeps_its_input(answer: Answer) -> str:
    """Check a function of (f_t, c_prev, i_t, g_t) for C_t that leaves its arguments as they were."""
    return function(answer, list(_joints()), "remember")


@exercise
def counts_the_summer(answer: Answer) -> str:
    """Check (W_f, W_i, b_i), of shapes (2, 13), (2, 13) and (2,): the second element counts December, January and
    February alone, and holds the total of the three from the end of February to that of November."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        return f"not yet: expected (W_f, W_i, b_i), got {show(answer)}"
    W_f, W_i, b_i = answer
    summer = np.isin(MONTH, (11, 0, 1))[:, None]
    verdict = valve(unit.new_memory_valve, np.where(summer, [1.0, 1.0], [1.0, 0.0]), W_i=W_i, b_i=b_i)
    if verdict != "right":
        return verdict.replace("the valve", "the new-memory valve")
    try:
        weights = ledger.weights().replace(W_f=W_f, W_i=W_i, b_i=b_i)
    except (TypeError, ValueError) as error:
        return f"not yet: {error}"
    months, sales = load_souvenirs()
    memory = unroll(weights, ledger.inputs(months, sales)).c_t / ledger.SCALE
    for t in range(13, 84, 12):  # the end of each February that has a whole summer before it
        expected = np.array([sales[t - 1 : t + 1].sum(), sales[t - 2 : t + 1].sum()])
        if not np.allclose(memory[t], expected, rtol=0, atol=0.005):
            return f"not yet: after {months[t]} the memory is {show(memory[t].round(2))}\nexpected {show(expected)}"
        kept, november = expected[1], memory[t + 9 : t + 10, 1]
        if not np.allclose(november, kept, rtol=0, atol=0.005):
            return f"not yet: after {months[t + 9]} the second element is {show(november[0].round(2))}\nexpected {kept}"
    return "right"


@exercise
def takes_back(answer: Answer) -> str:
    """Check a function of (c_prev, returned): the g_t that lowers the memory c_prev by `returned`, both valves open."""
    cases = [({"c_prev": c, "returned": r}, -r) for c, r in ((0.5, 0.2), (0.1, 0.3))]
    return function(answer, cases, "takes_back")
