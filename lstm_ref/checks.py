"""Checks of what callers hand in: every error names the argument, what came and what was expected.

Types are checked by `arguments`, from the signature; the rest, what a type cannot say, by a line in the function. Also
the types of arrays that signatures name; their shapes stand in the docstrings.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.integer[Any]]
Truths: TypeAlias = NDArray[np.bool_]

MOST = 2**31 - 1
"""The largest size: what is longer fits into no memory and is done in no time."""


def floats(name: str, value: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """Return `value` as an array of floating-point numbers, of `dtype` where one is given.

    Raises
    ------
    TypeError
        If the numbers are not floating-point, or not of `dtype`.
    """
    expected = "floating-point numbers" if dtype is None else f"{np.dtype(dtype)} like the weights"
    array = _array(name, value, expected)
    if not np.issubdtype(array.dtype, np.floating) or (dtype is not None and array.dtype != dtype):
        raise TypeError(f"{name}: expected {expected}, got {array.dtype}")
    return array


def numbers(name: str, value: ArrayLike, ndim: int | None = None) -> Array:
    """Return real numbers of any kind as an array in double precision; TypeError or ValueError if they are none."""
    array = _array(name, value, "numbers")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: expected numbers, got {array.dtype}")
    if ndim not in (None, array.ndim):
        raise ValueError(f"{name}: expected {ndim} axes, got {array.shape}")
    return array.astype(float)


def integers(name: str, value: ArrayLike, low: int, high: int) -> Integers:
    """Return whole numbers from `low` to `high` as an array; TypeError or ValueError if they are none."""
    array = _array(name, value, "whole numbers")
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"{name}: expected whole numbers, got {array.dtype}")
    if array.size and not low <= array.min() <= array.max() <= high:
        raise ValueError(f"{name}: expected whole numbers from {low} to {high}, got {array.min()} to {array.max()}")
    return array


def _array(name: str, value: ArrayLike, expected: str) -> NDArray[Any]:
    # A masked array would lose its mask without a word.
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name}: expected {expected}, got a masked array")
    try:
        return np.asarray(value)
    except Exception as error:
        raise TypeError(f"{name}: expected {expected}, got {type(value).__name__}") from error


def shape(name: str, array: Any, expected: tuple[int, ...], meaning: str) -> None:
    """Raise ValueError unless an array or tensor has the shape `expected`; `meaning` names its axes, as "(H, I)"."""
    if array.shape != expected:
        raise ValueError(f"{name}: expected shape {meaning} = {tuple(expected)}, got {tuple(array.shape)}")


def finite(name: str, array: Array) -> None:
    """Raise ValueError if `array` holds NaN or infinity, and say where the first one is."""
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        index = tuple(int(k) for k in bad[0])
        raise ValueError(f"{name}: expected finite numbers, got {array[index]} at {index}")


def number(name: str, value: Any) -> float:
    """Return a finite number, Python's or NumPy's; ValueError if it is none."""
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float, np.integer, np.floating))
        or not np.isfinite(value)
    ):
        raise ValueError(f"{name}: expected a finite number, got {value!r}")
    return float(value)


def above_zero(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is a finite number above 0."""
    if number(name, value) <= 0:
        raise ValueError(f"{name}: expected a number above 0, got {value!r}")


def within(name: str, value: Any, low: float, high: float) -> None:
    """Raise ValueError unless `value` is a number from `low` to `high`."""
    if not low <= number(name, value) <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value}")


def whole_number(name: str, value: object, least: int, most: int = MOST) -> None:
    """Raise ValueError unless `value` is a whole number from `least` to `most`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number, at least {least}, got {value!r}")
    if value > most:
        raise ValueError(f"{name}: expected a whole number, at most {most}, got {value}")


def one_of(name: str, value: object, known: Iterable[object]) -> None:
    """Raise ValueError unless `value` is one of those known."""
    if value not in tuple(known):
        raise ValueError(f"{name}: expected one of {tuple(known)}, got {value!r}")


def memory(name: str, size: int) -> None:
    """Raise ValueError if so many bytes are more than this machine has, where it says what it has."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if size > there:
            raise ValueError(
                f"{name}: expected what fits into {there / 1e9:.3g} GB, got what needs {size / 1e9:.3g} GB"
            )


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
