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


def unit(weights):
    """Raise TypeError unless `weights` are the weights of a unit."""
    if not hasattr(weights, "hidden_size"):
        raise TypeError(f"weights: expected UnitWeights, got {type(weights).__name__}")


def signals(weights, **named):
    """Check one step's signals against `weights`; return them as arrays.

    The last axis of ``x_t`` is I, that of every other signal H; leading axes must broadcast together.

    Raises
    ------
    TypeError
        If a signal's numbers are not of the weights' dtype.
    ValueError
        If a last axis has the wrong length, or leading axes do not fit together.
    """
    unit(weights)
    arrays = {name: floats(name, value, weights.dtype) for name, value in named.items()}
    for name, array in arrays.items():
        axis, size = ("I", weights.input_size) if name == "x_t" else ("H", weights.hidden_size)
        if array.ndim == 0 or array.shape[-1] != size:
            raise ValueError(f"{name}: expected shape (..., {axis}) = (..., {size}), got {array.shape}")
    try:
        np.broadcast_shapes(*(array.shape[:-1] for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"{', '.join(arrays)}: expected leading axes that fit together, got {shapes}") from None
    return arrays.values()
