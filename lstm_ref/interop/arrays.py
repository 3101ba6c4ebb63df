"""What the modules of this folder share: reading arrays of other libraries, and taking stacks of networks apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.weights import UnitWeights


def floats(name: str, value: Any) -> Array:
    """Return an array or a tensor as an array; TypeError unless it holds float32 or float64."""
    if value is None:
        raise TypeError(f"{name}: expected an array, got None")
    value = value.detach().cpu() if hasattr(value, "detach") else checks.floats(name, value)
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in ("float32", "float64"):
        raise TypeError(f"{name}: expected float32 or float64, got {dtype}")
    return np.asarray(value)


def fitting(*wanted: tuple[str, Any, str]) -> list[Array]:
    """Return arrays of one dtype whose shapes fit together.

    Each of `wanted` is a name, a value and its axes, as in ("R", R, "4H H"); the first says what H is.
    """
    arrays: list[Array] = []
    sizes = {"3": 3}
    for name, value, words in wanted:
        array, axes = floats(name, value), words.split()
        meaning = f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"
        if array.ndim != len(axes) or 0 in array.shape:
            raise ValueError(f"{name}: expected shape {meaning}, all at least 1, got {array.shape}")
        sizes = {axis: size for axis, size in zip(axes, array.shape) if axis in ("H", "I")} | sizes
        expected = tuple(sizes[axis] if axis in sizes else int(axis[0]) * sizes["H"] for axis in axes)
        checks.shape(name, array, expected, meaning)
        arrays.append(array)
        if array.dtype != arrays[0].dtype:
            raise TypeError(f"{name}: expected {arrays[0].dtype} like {wanted[0][0]}, got {array.dtype}")
    return arrays


def unit_of_stacks(order: str, W: Array, R: Array, b: Array, P: Iterable[Array] = ()) -> UnitWeights:
    """Return the unit whose networks stand one under the other in this order, and its peepholes in the same."""
    stacks = (("W", W), ("R", R), ("b", b))
    named = {f"{kind}_{net}": part for kind, stack in stacks for net, part in zip(order, np.split(stack, 4))}
    return UnitWeights(**named, **{f"P_{net}": part for net, part in zip(order.replace("g", ""), P)})
