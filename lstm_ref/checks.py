"""Checks of what callers hand in: every error names the argument, what came and what was expected.

What a type can say is checked by `lstm_ref.signatures`; here is the rest. Also the types of arrays that signatures
name; their shapes stand in the docstrings.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.integer[Any]]
Truths: TypeAlias = NDArray[np.bool_]

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML does not allow, not even escaped."""

MOST = 2**31 - 1
"""The largest size: what is longer fits into no memory and is done in no time."""


def plain(name: str, value: ArrayLike, expected: str) -> NDArray[Any]:
    """Return anything as an array; TypeError, which says what was expected, if it cannot be one."""
    # A masked array would lose its mask without a word.
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name}: expected {expected}, got a masked array")
    try:
        return np.asarray(value)
    except Exception as error:
        raise TypeError(f"{name}: expected {expected}, got {type(value).__name__}") from error


def floats(name: str, value: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """Return `value` as an array of floating-point numbers, of `dtype` where one is given.

    Raises
    ------
    TypeError
        If the numbers are not floating-point, or not of `dtype`.
    """
    expected = "floating-point numbers" if dtype is None else f"{np.dtype(dtype)} like the weights"
    array = plain(name, value, expected)
    if not np.issubdtype(array.dtype, np.floating) or (dtype is not None and array.dtype != dtype):
        raise TypeError(f"{name}: expected {expected}, got {array.dtype}")
    return array


def numbers(name: str, value: ArrayLike, ndim: int | None = None) -> Array:
    """Return real numbers of any kind as a floating-point array; TypeError or ValueError if they are none.

    With `ndim` they must have so many axes, none of them empty.
    """
    array = plain(name, value, "numbers")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: expected numbers, got {array.dtype}")
    if ndim is not None and (array.ndim != ndim or not array.size):
        raise ValueError(f"{name}: expected numbers along {ndim} axes, got shape {array.shape}")
    return array if array.dtype.kind == "f" else array.astype(float)


def float_type(name: str, value: DTypeLike) -> np.dtype[Any]:
    """Return a dtype of floating-point numbers; TypeError if it is none."""
    try:
        dtype = np.dtype(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected one of floating-point numbers, got {value!r}") from error
    if not np.issubdtype(dtype, np.floating):
        raise TypeError(f"{name}: expected one of floating-point numbers, got {dtype}")
    return dtype


def integers(name: str, value: ArrayLike, low: int, high: int) -> Integers:
    """Return whole numbers from `low` to `high` as an array; TypeError or ValueError if they are none."""
    array = plain(name, value, "whole numbers")
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"{name}: expected whole numbers, got {array.dtype}")
    if array.size and not low <= array.min() <= array.max() <= high:
        raise ValueError(f"{name}: expected whole numbers from {low} to {high}, got {array.min()} to {array.max()}")
    return array


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
    if not abs(_real(value)) <= sys.float_info.max:
        raise ValueError(f"{name}: expected a finite number, got {value!r}")
    return float(value)


def _real(value: Any) -> Any:
    """Return a number as Python's, NaN for what is none. NumPy would compare in the number's own precision."""
    if not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, bool):
        return np.nan
    return value.item() if isinstance(value, np.generic) else value


def above_zero(name: str, value: Any, most: float = sys.float_info.max) -> None:
    """Raise ValueError unless `value` is a finite number above 0, up to `most`."""
    if not 0 < _real(value) <= most:
        bound = "" if most == sys.float_info.max else f" and at most {most:g}"
        raise ValueError(f"{name}: expected a number above 0{bound}, got {value!r}")


def within(name: str, value: Any, low: float, high: float) -> None:
    """Raise ValueError unless `value` is a number from `low` to `high`."""
    if not low <= _real(value) <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value}")


def whole_number(name: str, value: object, least: int, most: int = MOST) -> None:
    """Raise ValueError unless `value` is a whole number from `least` to `most`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number, at least {least}, got {value!r}")
    if value > most:
        raise ValueError(f"{name}: expected a whole number, at most {most}, got {value}")


def one_of(name: str, value: object, known: Iterable[str]) -> None:
    """Raise ValueError unless `value` is one of the texts known."""
    if not isinstance(value, str) or value not in tuple(known):
        raise ValueError(f"{name}: expected one of {tuple(known)}, got {value!r}")


def printable(name: str, value: object) -> None:
    """Raise ValueError if a text, or one in a dict, list or tuple, has a character that no picture may hold."""
    if isinstance(value, str) and (found := UNPRINTABLE.search(value)):
        raise ValueError(f"{name}: expected characters that can be drawn, got {found[0]!r}")
    inner = (*value.keys(), *value.values()) if isinstance(value, dict) else value
    for each in inner if isinstance(inner, (list, tuple)) else ():
        printable(name, each)


def letters(name: str, value: object, known: str) -> None:
    """Raise ValueError unless `value` is a text of some of the letters known."""
    if not isinstance(value, str) or set(value) - set(known):
        raise ValueError(f"{name}: expected some of the letters {', '.join(known)}, got {value!r}")


def memory(name: str, size: int) -> None:
    """Raise ValueError unless so many bytes fit into this machine's memory four times, where it says how large it is.

    Four times, for gradients and an optimiser's two moments stand beside the weights.
    """
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if 4 * size > there:
            needed = f"{4 * size / 1e9:.3g} GB, gradients and optimiser included"
            raise ValueError(f"{name}: expected what fits into {there / 1e9:.3g} GB, got what needs {needed}")


def pair(name: str, value: object, meaning: str) -> None:
    """Raise ValueError unless `value` is a tuple or list of two; `meaning` names them, as in "h0 and c0"."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        length = f" of length {len(value)}" if isinstance(value, (tuple, list)) else ""
        raise ValueError(f"{name}: expected a pair, {meaning}, got {type(value).__name__}{length}")


@contextmanager
def installed(extra: str) -> Iterator[None]:
    """Let imports of what one of our extras brings say how to install it.

    Raises
    ------
    ImportError
        If something is not installed; the message says what it is, and how to install it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = str(error.name).partition(".")[0]
        if name == "lstm_ref":
            raise
        raise ImportError(f'{name}: expected it installed, as by pip install "lstm_ref[{extra}]"') from error


def package(name: str, extra: str) -> Any:
    """Import a package that one of our extras brings, or a module of it, and return it; raise as `installed` does."""
    with installed(extra):
        return importlib.import_module(name)
