"""Checks for chapter 5, the whole unit."""

import numpy as np

from lstm_ref import interop
from lstm_ref.companion.exercises.grading import Answer, exercise, function, same, show
from lstm_ref.weights import PEEPHOLES, UnitWeights


@exercise
def count(answer: Answer) -> str:
    """Check a function of (I, H, peephole): how many numbers the unit has to learn."""
    rng = np.random.default_rng(0)
    cases = [
        ({"I": I, "H": H, "peephole": kind}, UnitWeights.random(I, H, kind, rng=rng).count)
        for I, H in ((13, 2), (3, 5))
        for kind in PEEPHOLES
    ]
    return function(answer, cases, "count")


@exercise
def onnx_weights(answer: Answer) -> str:
    """Check a function of weights: the matrices over x, stacked in the order of ONNX, (4H, I)."""
    weights = UnitWeights.random(2, 3, rng=np.random.default_rng(8))
    return function(answer, [({"weights": weights}, interop.to_onnx(weights)[0])], "onnx_weights")


@exercise
def sequences_first(answer: Answer) -> str:
    """Check a function of x (B, T, I): the same numbers as `unroll` takes them, (T, B, I)."""
    x = np.arange(1.0, 13.0).reshape(2, 3, 2)
    return function(answer, [({"x": x}, x.transpose(1, 0, 2))], "sequences_first")


@exercise
def lone_bias(answer: Answer) -> str:
    """Check a function of b (4H,): the two biases (4H,) that PyTorch wants, which together do what b did alone."""
    b = np.array([0.5, 1.0, -2.0, 0.25])
    if not callable(answer):
        return f"not yet: expected a function, got {show(answer)}"
    first, second = answer(b.copy())
    if np.shape(first) != b.shape or np.shape(second) != b.shape:
        return f"not yet: expected two arrays of shape (4,), got {np.shape(first)} and {np.shape(second)}"
    if not same(np.add(first, second), b):
        return f"not yet: for b = {show(b)} the two add up to {show(np.add(first, second))}"
    return "right"
