"""What each kind of part does to what its wires bring, and how a gradient comes back through it.

The value is the same for NumPy's arrays and PyTorch's tensors: `of` brings the functions. The way back is NumPy's
alone, for PyTorch finds its own.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from lstm_ref.peepholes import look
from lstm_ref.unit import sigmoid

SMALL = {"norm": 1e-5, "unit": 1e-12}
"""What is added to a variance, and to a squared length, before a division."""


class Operation(NamedTuple):
    """How to compute a part's value, ``value(of, *inputs)``, and from the value's gradient those of its inputs."""

    value: Callable[..., Any]
    back: Callable[..., tuple[Any, ...]]


NUMPY = SimpleNamespace(
    abs=np.abs,
    at_least=np.maximum,
    cummax=lambda z: np.maximum.accumulate(z, axis=0),
    cumsum=np.cumsum,
    exp=np.exp,
    join=np.concatenate,
    log=np.log,
    look=look,
    lower=lambda L, k, like: np.tri(L, k=k, dtype=bool),
    maximum=np.maximum,
    moveaxis=np.moveaxis,
    sigmoid=sigmoid,
    softplus=lambda z: np.logaddexp(0, z),
    solve=lambda below, right: np.linalg.solve(np.eye(below.shape[-1]) + below, right),
    sqrt=np.sqrt,
    stack=np.stack,
    swap=lambda z: np.swapaxes(z, -1, -2),
    tanh=np.tanh,
    where=np.where,
)
"""What parts and scans need of NumPy; `lstm_ref.gated_layer` has the same of PyTorch.

`lower` says where a column's place is at most a row's, shifted by k; `solve` solves with 1 on the diagonal and `below`
below it.
"""


def _norm(of: Any, z: Any) -> Any:
    """Return numbers of mean 0 and variance 1, as a layer normalisation makes them."""
    centred = z - z.mean(axis=-1, keepdims=True)
    return centred / of.sqrt((centred * centred).mean(axis=-1, keepdims=True) + SMALL["norm"])


def _norm_back(d: Any, y: Any, z: Any) -> tuple[Any]:
    """Neither a common shift of z nor a common factor moves y: the gradient has neither part."""
    rest = d - d.mean(axis=-1, keepdims=True) - y * (d * y).mean(axis=-1, keepdims=True)
    return (rest / np.sqrt(z.var(axis=-1, keepdims=True) + SMALL["norm"]),)


def _length(of: Any, z: Any) -> Any:
    return of.sqrt((z * z).sum(axis=-1, keepdims=True) + SMALL["unit"])


ELEMENTWISE = {
    "sigmoid": Operation(lambda of, z: of.sigmoid(z), lambda d, y, z: (d * y * (1 - y),)),
    "tanh": Operation(lambda of, z: of.tanh(z), lambda d, y, z: (d * (1 - y * y),)),
    "exp": Operation(lambda of, z: of.exp(z), lambda d, y, z: (d * y,)),
    "softplus": Operation(lambda of, z: of.softplus(z), lambda d, y, z: (d * sigmoid(z),)),
    # As a logarithm of the sigmoid it would overflow.
    "log_sigmoid": Operation(lambda of, z: -of.softplus(-z), lambda d, y, z: (d * sigmoid(-z),)),
    "one_minus": Operation(lambda of, z: 1 - z, lambda d, y, z: (-d,)),
    "absolute": Operation(lambda of, z: of.abs(z), lambda d, y, z: (d * np.sign(z),)),
    "square": Operation(lambda of, z: z * z, lambda d, y, z: (2 * d * z,)),
    "root": Operation(lambda of, z: of.sqrt(z), lambda d, y, z: (d / (2 * y),)),
    "norm": Operation(_norm, _norm_back),
    "unit": Operation(
        lambda of, z: z / _length(of, z),
        lambda d, y, z: ((d - y * (d * y).sum(axis=-1, keepdims=True)) / _length(NUMPY, z),),
    ),
    # Divided by the root of how many they are, numbers of size 1 make products of size 1.
    "shrink": Operation(lambda of, z: z * z.shape[-1] ** -0.5, lambda d, y, z: (d * z.shape[-1] ** -0.5,)),
}
"""Functions of one signal."""

JOINING = {
    "difference": Operation(lambda of, a, b: a - b, lambda d, y, a, b: (d, -d)),
    "quotient": Operation(lambda of, a, b: a / b, lambda d, y, a, b: (d / b, -d * y / b)),
    "larger": Operation(lambda of, a, b: of.maximum(a, b), lambda d, y, a, b: (d * (a >= b), d * (a < b))),
}
"""Functions of two signals. The sum and the product take any number."""

MATRICES = ("outer", "read")
"""The outer product of two vectors is a matrix; to read is to multiply a matrix from the left by a vector."""

KINDS = ("box", "scale", "sum", "product", *ELEMENTWISE, *JOINING, *MATRICES)
"""Every kind of part that computes something."""


def widened(value: Any, axes: str, to: str) -> Any:
    """Return numbers along some axes so that they meet others: a vector in a matrix, a single number anywhere."""
    if axes == to or len(to) == 1:
        return value
    if axes == "1" or axes == to[0]:
        return value[..., None]
    return value[..., None, :]


def narrowed(d: Any, axes: str, to: str, shape: tuple[int, ...]) -> Any:
    """Return the gradient of what was widened: summed wherever one number was used for many."""
    if axes != to:
        if len(to) == 2:
            d = d.sum(axis=-1) if axes in ("1", to[0]) else d.sum(axis=-2)
        if axes == "1":
            d = d.sum(axis=-1, keepdims=True)
    d = d.sum(axis=tuple(range(d.ndim - len(shape))))
    return d.sum(axis=tuple(k for k, size in enumerate(shape) if size == 1 < d.shape[k]), keepdims=True)
