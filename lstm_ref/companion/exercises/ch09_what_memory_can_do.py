"""Checks for chapter 9, what memory can do: two wrong measures, a counter by hand and a test that is too short."""

import numpy as np

from lstm_ref.companion.exercises.grading import Answer, exercise, function, show
from lstm_ref.sequence import unroll
from lstm_ref.weights import UnitWeights


@exercise
def all_right(answer: Answer) -> str:
    """Check a function of (output, target), both (B,): whether every error is below 0.04."""
    target = np.array([0.2, 0.5, 0.8])
    cases = [
        ({"output": target + shift, "target": target}, good)
        for shift, good in (
            (np.array([0.01, -0.02, 0.03]), True),
            (np.array([0.3, -0.3, 0.0]), False),
            (np.array([0.0, 0.0, -0.05]), False),
        )
    ]
    return function(answer, cases, "all_right")


@exercise
def legal_first(answer: Answer) -> str:
    """Check a function of (logits, legal), both (N,): whether every legal symbol is ranked above every other."""
    legal = np.array([True, False, True, False])
    cases = [
        ({"logits": np.array(logits), "legal": legal}, good)
        for logits, good in (
            ([3.0, 0.0, 2.0, 1.0], True),
            ([3.0, 0.0, 0.5, 1.0], False),
            ([2.0, 3.0, 2.5, 1.0], False),
        )
    ]
    return function(answer, cases, "legal_first")


@exercise
def counter(answer: Answer) -> str:
    """Check a matrix W_g (1, 3): with it the memory rises by 0.5 at each a, falls by 0.5 at each b, and starts at 0."""
    one, wide = np.zeros((1, 1)), np.zeros((1, 3))
    try:
        weights = UnitWeights(
            W_f=wide, R_f=one, b_f=np.array([1000.0]), W_i=wide, R_i=one, b_i=np.array([1000.0]),
            W_g=np.array(answer, float), R_g=one, b_g=np.zeros(1), W_o=wide, R_o=one, b_o=np.zeros(1),
        )  # fmt: skip
    except (TypeError, ValueError) as error:
        return f"not yet: {error}"
    text = "Saaabbbaabb"
    levels = unroll(weights, np.eye(3)[["Sab".index(letter) for letter in text]]).c_t[:, 0]
    wanted = np.cumsum([{"S": 0.0, "a": 0.5, "b": -0.5}[letter] for letter in text])
    wrong = np.flatnonzero(np.abs(levels - wanted) > 1e-6)
    if len(wrong) == 0:
        return "right"
    k = wrong[0]
    return f"not yet: after {text[: k + 1]!r} the memory is {show(levels[k])}, expected {show(wanted[k])}"


@exercise
def unnoticed(answer: Answer) -> str:
    """Check a function of n: the probability of no error in n symbols, of which one in a million is wrong."""
    return function(answer, [({"n": n}, (1 - 1e-6) ** n) for n in (1, 100_000, 1_000_000, 10_000_000)], "unnoticed")
