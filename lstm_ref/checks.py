"""Checks of what callers hand in: every error names the argument, what came and what was expected.

Also the types of arrays that signatures name; their shapes stand in the docstrings.
"""

from __future__ import annotations

import importlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.integer[Any]]
Truths: TypeAlias = NDArray[np.bool_]


def floats(name: str, value: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """Return `value` as an array of floating-point numbers, of `dtype` where one is given.

    Raises
    ------
    TypeError
        If the numbers are not floating-point, or not of `dtype`.
    """
    expected = "floating-point numbers" if dtype is None else f"{np.dtype(dtype)} like the weights"
    try:
        array = np.asarray(value)
    except Exception as error:
        raise TypeError(f"{name}: expected {expected}, got {type(value).__name__}") from error
    if not np.issubdtype(array.dtype, np.floating) or (dtype is not None and array.dtype != dtype):
        raise TypeError(f"{name}: expected {expected}, got {array.dtype}")
    return array


def shape(name: str, array: NDArray[Any], expected: tuple[int, ...], meaning: str) -> None:
    """Raise ValueError unless `array.shape` is `expected`; `meaning` names the axes, as in "(H, I)"."""
    if array.shape != expected:
        raise ValueError(f"{name}: expected shape {meaning} = {expected}, got {array.shape}")


def finite(name: str, array: Array) -> None:
    """Raise ValueError if `array` holds NaN or infinity, and say where the first one is."""
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        index = tuple(int(k) for k in bad[0])
        raise ValueError(f"{name}: expected finite numbers, got {array[index]} at {index}")


def within(name: str, value: float, low: float, high: float) -> None:
    """Raise ValueError unless a number is from `low` to `high`."""
    if not low <= value <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value}")


def whole_number(name: str, value: object, least: int) -> None:
    """Raise ValueError unless `value` is a whole number, at least `least`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number, at least {least}, got {value!r}")


def pair(name: str, value: object, meaning: str) -> None:
    """Raise ValueError unless `value` is a tuple or list of two; `meaning` names them, as in "h0 and c0"."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        length = f" of length {len(value)}" if isinstance(value, (tuple, list)) else ""
        raise ValueError(f"{name}: expected a pair, {meaning}, got {type(value).__name__}{length}")


def package(name: str, extra: str) -> Any:
    """Import a package that one of our extras brings, and return it.

    Raises
    ------
    ImportError
        If it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        raise ImportError(f'{name}: expected it installed, as by pip install "lstm_ref[{extra}]"') from error
