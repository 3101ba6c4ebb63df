"""Comparing an answer with what is expected, and putting the verdict into words."""

import copy
import functools
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.companion import ledger
from lstm_ref.data import MONTHS, load_souvenirs

Answer: TypeAlias = Any
"""What a reader hands in."""

Inputs: TypeAlias = dict[str, Any]
"""What a reader's function is called with: the inputs by name, in the order of its arguments."""

Case: TypeAlias = tuple[Inputs, Any]
"""The inputs of a function, and what it should return for them."""

TOLERANCE = 1e-6
WIDTH = 76
MOST_SHOWN = 14
MOST_LETTERS = 80
MONTH = np.arange(84) % 12
"""The month of each step of the ledger, January being 0."""


def exercise(check: Callable[[Answer], str]) -> Callable[..., None]:
    """Make `check`, which returns a verdict, print it instead, in lines that fit on a page."""

    @functools.wraps(check)
    def printed(answer: Answer = None) -> None:
        try:
            verdict = check(answer)
        except Exception as error:
            verdict = f"not yet: the answer could not be compared: {describe(error)}"
        for line in verdict.splitlines():
            print(textwrap.fill(line, WIDTH, subsequent_indent="    "))

    return printed


def function(answer: Answer, cases: Sequence[Case], name: str) -> str:
    """Return the verdict on a function: "right", or the first case that went wrong.

    Parameters
    ----------
    answer : anything
        What the reader handed in, which should be a function.
    cases : list of (dict, expected)
        Inputs, and what the function should return for them.
    name : str
        What to call the function in the verdict.
    """
    if not callable(answer):
        return f"not yet: expected a function, got {show(answer)}"
    for given, expected in cases:
        handed = copy.deepcopy(given)
        call = f"not yet: {name}({', '.join(f'{key}={show(value)}' for key, value in given.items())})"
        try:
            got = answer(*handed.values())
        except Exception as error:
            return f"{call}\nraised {describe(error)}\nexpected {show(expected)}"
        if not same(got, expected):
            return f"{call}\n{difference(got, expected)}"
        for key, value in given.items():
            if isinstance(value, np.ndarray) and not same(handed[key], value):
                return f"{call}\ngave the right answer, but changed {key}, which belongs to the caller"
    return "right"


def valve(compute: Callable[..., Array], expected: Array, **changes: Array) -> str:
    """Return the verdict on the ledger's weights with some `changes`, in every month of the ledger.

    Parameters
    ----------
    compute : function
        Of `lstm_ref.unit`: the valve that was set.
    expected : array (84, 2)
        How far open it should be.
    changes : array
        Weights by name.
    """
    try:
        weights = ledger.weights().replace(**changes)
    except (TypeError, ValueError) as error:
        return f"not yet: {error}"
    x, zero = ledger.inputs(*load_souvenirs()), np.zeros((84, 2))
    openings = compute(x, zero, zero, weights)
    wrong = np.flatnonzero(np.abs(openings - expected).max(axis=1) > TOLERANCE)
    if len(wrong) == 0:
        return "right"
    first = wrong[0]
    opening, month = show(openings[first].round(6)), MONTHS[MONTH[first]]
    return f"not yet: in {month} the valve stands at {opening}, expected {show(expected[first])}"


def difference(got: Any, expected: Any) -> str:
    """Return the answer and what was expected: of two large arrays of one shape, the first number that differs."""
    if (
        isinstance(expected, np.ndarray)
        and expected.size > MOST_SHOWN
        and getattr(got, "shape", None) == expected.shape
    ):
        apart = ~(np.abs(got - expected) <= TOLERANCE * np.abs(expected).max())
        index = tuple(int(k) for k in np.argwhere(apart)[0])
        place = f"[{', '.join(map(str, index))}]"
        return f"gave {show(got[index])} at {place}\nexpected {show(expected[index])} there"
    return f"gave {show(got)}\nexpected {show(expected)}"


def describe(error: Exception) -> str:
    """Return an exception's kind and message on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def same(got: Any, expected: Any) -> bool:
    """Return whether two answers agree: in shape, and to TOLERANCE of the largest number expected."""
    if isinstance(expected, (tuple, list)):
        pairs = isinstance(got, (tuple, list)) and len(got) == len(expected)
        return pairs and all(same(one, other) for one, other in zip(got, expected))
    try:
        got, expected = np.asarray(got), np.asarray(expected, float)
        if np.iscomplexobj(got):
            return False
        got = got.astype(float)
    except (TypeError, ValueError):
        return False
    scale = np.abs(expected).max(initial=0.0)
    return got.shape == expected.shape and bool((np.abs(got - expected) <= TOLERANCE * scale).all())


def show(thing: object) -> str:
    """Return a short text for a value: four digits of a number, the shape of a large array."""
    if isinstance(thing, np.bool_):
        return str(bool(thing))
    if isinstance(thing, (float, np.floating)):
        return f"{thing:.4g}"
    if isinstance(thing, np.ndarray):
        return show(thing.tolist()) if thing.size <= MOST_SHOWN else f"<array of shape {thing.shape}>"
    if isinstance(thing, (tuple, list)):
        opening, closing = "()" if isinstance(thing, tuple) else "[]"
        return opening + ", ".join(show(item) for item in thing) + closing
    text = repr(thing)
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 3] + "..."
