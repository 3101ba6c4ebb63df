"""Checks of what callers hand in: every error names the argument, what came and what was expected."""

import numpy as np


def floats(name, value, dtype=None):
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


def shape(name, array, expected, meaning):
    """Raise ValueError unless `array.shape` is `expected`; `meaning` names the axes, as in "(H, I)"."""
    if array.shape != expected:
        raise ValueError(f"{name}: expected shape {meaning} = {expected}, got {array.shape}")


def finite(name, array):
    """Raise ValueError if `array` holds NaN or infinity, and say where the first one is."""
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        index = tuple(int(k) for k in bad[0])
        raise ValueError(f"{name}: expected finite numbers, got {array[index]} at {index}")
