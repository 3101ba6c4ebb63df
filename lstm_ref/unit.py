r"""The LSTM unit, one step at a time, in the article's order and with its names.

.. math::

    f_t &= \sigma(W_f x_t + R_f h_{t-1} + P_f C_{t-1} + b_f) \\
    i_t &= \sigma(W_i x_t + R_i h_{t-1} + P_i C_{t-1} + b_i) \\
    g_t &= \tanh(W_g x_t + R_g h_{t-1} + b_g) \\
    C_t &= f_t \odot C_{t-1} + i_t \odot g_t \\
    o_t &= \sigma(W_o x_t + R_o h_{t-1} + P_o C_t + b_o) \\
    h_t &= o_t \odot \tanh(C_t)

Without a peephole the terms in P are not there; with a diagonal one they are element-wise products, with a full one
matrix products. Sources: Hochreiter and Schmidhuber (1997), Gers et al. (2000), Gers and Schmidhuber (2000); told as
valves on a pipe by Shi Yan, "Understanding LSTM and its diagrams" (2016).

Every function takes any leading batch axes: x_t is (..., I), every other signal (..., H).
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.peepholes import look
from lstm_ref.weights import UnitWeights

__all__ = [
    "VALVES",
    "Step",
    "UnitWeights",
    "forget_valve",
    "new_memory",
    "new_memory_valve",
    "output_valve",
    "sigmoid",
    "step",
]


class Step(NamedTuple):
    """The nine signals of one step: x_t is (..., I), every other one (..., H)."""

    x_t: Array
    h_prev: Array
    c_prev: Array
    f_t: Array
    i_t: Array
    g_t: Array
    o_t: Array
    c_t: Array
    h_t: Array


VALVES = ("f_t", "i_t", "o_t")
"""The signals that say how far a valve is open."""


def sigmoid(z: ArrayLike) -> Array:
    """Return 1 / (1 + exp(-z)), element by element, in a form in which exp never overflows."""
    z = checks.numbers("z", z)
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def forget_valve(x_t: ArrayLike, h_prev: ArrayLike, c_prev: ArrayLike, weights: UnitWeights) -> Array:
    """Return f_t (..., H): how much of each element of the old memory stays, from 0 (shut) to 1 (open).

    Parameters
    ----------
    x_t : array (..., I)
    h_prev, c_prev : array (..., H)
    weights : UnitWeights

    Raises
    ------
    TypeError, ValueError
        If a signal's dtype or shape does not fit the weights; the message names it.
    """
    x_t, h_prev, c_prev = _signals(weights, x_t=x_t, h_prev=h_prev, c_prev=c_prev)
    seen = look(weights.P_f, c_prev)
    return sigmoid(x_t @ weights.W_f.T + h_prev @ weights.R_f.T + seen + weights.b_f)


def new_memory_valve(x_t: ArrayLike, h_prev: ArrayLike, c_prev: ArrayLike, weights: UnitWeights) -> Array:
    """Return i_t (..., H): how much of each element of the new memory comes in, from 0 (shut) to 1 (open).

    Arguments and errors as for `forget_valve`.
    """
    x_t, h_prev, c_prev = _signals(weights, x_t=x_t, h_prev=h_prev, c_prev=c_prev)
    seen = look(weights.P_i, c_prev)
    return sigmoid(x_t @ weights.W_i.T + h_prev @ weights.R_i.T + seen + weights.b_i)


def new_memory(x_t: ArrayLike, h_prev: ArrayLike, weights: UnitWeights) -> Array:
    """Return g_t (..., H): the new memory on offer, from -1 to 1. It never looks at the memory.

    Arguments and errors as for `forget_valve`.
    """
    x_t, h_prev = _signals(weights, x_t=x_t, h_prev=h_prev)
    return np.tanh(x_t @ weights.W_g.T + h_prev @ weights.R_g.T + weights.b_g)


def output_valve(x_t: ArrayLike, h_prev: ArrayLike, c_t: ArrayLike, weights: UnitWeights) -> Array:
    """Return o_t (..., H): how much of each element of the memory is said, from 0 (shut) to 1 (open).

    It looks at c_t (..., H), the memory that this step has made; the rest and the errors as for `forget_valve`.
    """
    x_t, h_prev, c_t = _signals(weights, x_t=x_t, h_prev=h_prev, c_t=c_t)
    seen = look(weights.P_o, c_t)
    return sigmoid(x_t @ weights.W_o.T + h_prev @ weights.R_o.T + seen + weights.b_o)


def step(x_t: Array, h_prev: Array, c_prev: Array, weights: UnitWeights) -> Step:
    """Carry the unit one step on.

    Parameters
    ----------
    x_t : array (..., I)
        This step's input.
    h_prev, c_prev : array (..., H)
        The last output and the old memory.
    weights : UnitWeights

    Returns
    -------
    Step
        All nine signals, the three that came in among them.

    Raises
    ------
    TypeError, ValueError
        If a signal's dtype or shape does not fit the weights; the message names it.
    """
    f_t = forget_valve(x_t, h_prev, c_prev, weights)
    i_t = new_memory_valve(x_t, h_prev, c_prev, weights)
    g_t = new_memory(x_t, h_prev, weights)
    c_t = f_t * np.asarray(c_prev) + i_t * g_t
    o_t = output_valve(x_t, h_prev, c_t, weights)
    h_t = o_t * np.tanh(c_t)
    return Step(np.asarray(x_t), np.asarray(h_prev), np.asarray(c_prev), f_t, i_t, g_t, o_t, c_t, h_t)


def check_weights(weights: object) -> None:
    """Raise TypeError unless `weights` are the weights of a unit."""
    if not isinstance(weights, UnitWeights):
        raise TypeError(f"weights: expected UnitWeights, got {type(weights).__name__}")


def _signals(weights: UnitWeights, **named: ArrayLike) -> Iterable[Array]:
    """Check one step's signals against `weights`; return them as arrays.

    The last axis of ``x_t`` is I, that of every other signal H; leading axes must broadcast together.

    Raises
    ------
    TypeError
        If a signal's numbers are not of the weights' dtype.
    ValueError
        If a last axis has the wrong length, or leading axes do not fit together.
    """
    check_weights(weights)
    arrays = {name: checks.floats(name, value, weights.dtype) for name, value in named.items()}
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
