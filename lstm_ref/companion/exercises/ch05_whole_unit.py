"""Checks for chapter 5, the whole unit."""

import numpy as np

from lstm_ref import interop
from lstm_ref.companion.exercises.grading import Answer, difference, exercise, function, same, show
from lstm_ref.sequence import unroll
from lstm_ref.weights import UnitWeights


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
def side_by_side(answer: Answer) -> str:
    """Check a function of two units that read the same input: the weights of one unit that does what both do."""
    rng = np.random.default_rng(2)
    one, other = UnitWeights.random(3, 2, rng=rng), UnitWeights.random(3, 1, rng=rng)
    x, both = rng.normal(size=(4, 3)), answer(one, other)
    if not isinstance(both, UnitWeights):
        return f"not yet: expected UnitWeights, got {show(both)}"
    h_t, expected = unroll(both, x).h_t, np.concatenate((unroll(one, x).h_t, unroll(other, x).h_t), axis=1)
    for t in range(len(x)):
        if not same(h_t[t], expected[t]):
            return f"not yet: the output of step {t}\n{difference(h_t[t], expected[t])}"
    return "right"
