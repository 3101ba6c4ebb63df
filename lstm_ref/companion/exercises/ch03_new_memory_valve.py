"""Checks for chapter 3, the new-memory valve."""

from collections.abc import Iterator

import numpy as np

from lstm_ref import unit
from lstm_ref.companion.exercises.grading import MONTH, Answer, Case, exercise, function, show, valve


def _joints() -> Iterator[Case]:
    """Return three T-joints: (f_t, c_prev, i_t, g_t) and the memory that comes of them."""
    rng = np.random.default_rng(3)
    for H in (1, 2, 4):
        f_t, i_t = rng.uniform(size=(2, H))
        c_prev, g_t = rng.normal(size=(2, H))
        yield {"f_t": f_t, "c_prev": c_prev, "i_t": i_t, "g_t": g_t}, f_t * c_prev + i_t * g_t


@exercise
def t_joint(answer: Answer) -> str:
    """Check a function of (f_t, c_prev, i_t, g_t): the memory C_t behind the joint."""
    shut = {"f_t": np.array([1.0]), "c_prev": np.array([0.5]), "i_t": np.array([0.0]), "g_t": np.array([0.8])}
    return function(answer, [(shut, np.array([0.5])), *_joints()], "t_joint")


@exercise
def keeps_its_input(answer: Answer) -> str:
    """Check a function of (f_t, c_prev, i_t, g_t) for C_t that leaves its arguments as they were."""
    return function(answer, list(_joints()), "remember")


@exercise
def counts_the_summer(answer: Answer) -> str:
    """Check (W_i, b_i), of shapes (2, 13) and (2,): the second element counts December, January and February alone."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        return f"not yet: expected a pair (W_i, b_i), got {show(answer)}"
    W_i, b_i = answer
    summer = np.isin(MONTH, (11, 0, 1))[:, None]
    return valve(unit.new_memory_valve, np.where(summer, [1.0, 1.0], [1.0, 0.0]), W_i=W_i, b_i=b_i)


@exercise
def takes_back(answer: Answer) -> str:
    """Check a function of (c_prev, returned): the g_t that lowers the memory c_prev by `returned`, both valves open."""
    cases = [({"c_prev": c, "returned": r}, -r) for c, r in ((0.5, 0.2), (0.1, 0.3))]
    return function(answer, cases, "takes_back")
