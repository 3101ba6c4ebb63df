"""Checks for chapter 7, learning backwards: wrong backward passes to mend, and one to derive."""

import copy

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.companion.exercises.grading import Answer, Inputs, difference, exercise, function, same
from lstm_ref.gradients import backward, step_backward
from lstm_ref.sequence import unroll
from lstm_ref.unit import sigmoid
from lstm_ref.weights import UnitWeights


@exercise
def memory_gradient(answer: Answer) -> str:
    """Check a function of (d_h_t, d_c_t, o_t, c_t): the whole gradient of c_t in a unit without a peephole, (H,)."""
    d_h_t, d_c_t, c_t = np.random.default_rng(1).normal(size=(3, 2))
    o_t = np.array([0.2, 0.9])
    expected = d_c_t + d_h_t * o_t * (1 - np.tanh(c_t) ** 2)
    return function(answer, [({"d_h_t": d_h_t, "d_c_t": d_c_t, "o_t": o_t, "c_t": c_t}, expected)], "memory_gradient")


@exercise
def forget_sum(answer: Answer) -> str:
    """Check a function of (d_c_t, c_prev, f_t): the gradient of the sum z_f, (H,)."""
    d_c_t, c_prev = np.random.default_rng(2).normal(size=(2, 2))
    f_t = np.array([0.7, 0.1])
    expected = d_c_t * c_prev * f_t * (1 - f_t)
    return function(answer, [({"d_c_t": d_c_t, "c_prev": c_prev, "f_t": f_t}, expected)], "forget_sum")


@exercise
def coupled_sum(answer: Answer) -> str:
    """Check a function of (d_c_t, c_prev, g_t, f_t): the gradient of z_f, (H,), where 1 - f_t is the input gate."""
    d_c_t, c_prev, g_t, z_f = np.random.default_rng(5).normal(size=(4, 2))

    def memory(z: Array) -> Array:
        return sigmoid(z) * c_prev + (1 - sigmoid(z)) * g_t

    nudge = 1e-5
    expected = d_c_t * (memory(z_f + nudge) - memory(z_f - nudge)) / (2 * nudge)
    given = {"d_c_t": d_c_t, "c_prev": c_prev, "g_t": g_t, "f_t": sigmoid(z_f)}
    return function(answer, [(given, expected)], "coupled_sum")


@exercise
def through_time(answer: Answer) -> str:
    """Check a function of (trace, weights, d_h): the gradient of x at every step, (T, I)."""
    rng = np.random.default_rng(3)
    weights = UnitWeights.random(1, 2, "diagonal", rng=rng)
    trace, d_h = unroll(weights, rng.normal(size=(3, 1))), rng.normal(size=(3, 2))
    return briefly(answer, {"trace": trace, "weights": weights, "d_h": d_h}, backward(trace, d_h).x)


@exercise
def look_in_time(answer: Answer) -> str:
    """Check a function of (now, weights, d_h_t, d_c_t): the gradient of z_f, with a diagonal peephole, (H,)."""
    rng = np.random.default_rng(4)
    weights = UnitWeights.random(2, 3, "diagonal", rng=rng)
    now = unroll(weights, rng.normal(size=(2, 2)))[1]
    d_h_t, d_c_t = rng.normal(size=(2, 3))
    expected = step_backward(now, weights, d_h_t, d_c_t).z_f
    return briefly(answer, {"now": now, "weights": weights, "d_h_t": d_h_t, "d_c_t": d_c_t}, expected)


@exercise
def handed_back(answer: Answer) -> str:
    """Check a function of (d_h, d_h_last): d_h (T, H) with d_h_last (H,) added at the last step, nothing changed."""
    d_h, d_h_last = np.arange(6.0).reshape(3, 2), np.array([10.0, 20.0])
    expected = np.array([[0.0, 1.0], [2.0, 3.0], [14.0, 25.0]])
    return function(answer, [({"d_h": d_h, "d_h_last": d_h_last}, expected)], "handed_back")


def briefly(answer: Answer, given: Inputs, expected: Array) -> str:
    """Return the verdict on a function without its inputs, of which there are too many to read."""
    if not callable(answer):
        return function(answer, [], "")
    got = answer(*copy.deepcopy(given).values())
    return "right" if same(got, expected) else f"not yet: {difference(got, expected)}"
