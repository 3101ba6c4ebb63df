"""The kinds of peephole: what the sum of a valve sees of the memory, and the way back through it.

"none" sees nothing. "diagonal" has one weight per element: the valve of an element sees that element. "full" has a
matrix: each valve sees the whole memory. Everything here is for one valve: its weights P, and its sums z (..., H).
The engines do the same for three valves at once. How to add a kind: CONTRIBUTING.md. Kinds are told apart by how many
axes P has, so that a file of weights need not name its kind.
"""

from typing import Any

import numpy as np

from lstm_ref.checks import Array

AXES: dict[str, tuple[str, ...]] = {"none": (), "diagonal": ("H",), "full": ("H", "H")}
"""By kind: the axes of P; a unit without peepholes has no P."""

PEEPHOLES = tuple(AXES)


def kind_of(P: Any, stacked: bool = False) -> str:
    """Return the kind of an array or tensor P, or of several P `stacked` along a first axis; that of None is "none"."""
    if P is None:
        return "none"
    # Of an array that is no P at all, the simplest kind's name leads to the message that its shape is wrong.
    return next((kind for kind, axes in AXES.items() if axes and len(axes) == np.ndim(P) - stacked), "diagonal")


def look(P: Array | None, c: Array) -> Array | float:
    """Return what the sum sees of the memory c (..., H)."""
    if P is None:
        return 0.0
    return c * P if kind_of(P) == "diagonal" else c @ P.T


def look_back(P: Array | None, d_z: Array) -> Array | float:
    """Return what the gradient of the sum, d_z (..., H), adds to the gradient of the memory that it saw."""
    if P is None:
        return 0.0
    return d_z * P if kind_of(P) == "diagonal" else d_z @ P


def weight_gradient(kind: str, d_z: Array, c: Array) -> Array:
    """Return the gradient of P from those of the sums, d_z (B, H), which saw the memories c (B, H)."""
    return (d_z * c).sum(axis=0) if kind == "diagonal" else d_z.T @ c
