"""Weights of ``keras.layers.LSTM``. Source: the documentation of Keras."""

from typing import Any

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.gates import ORDERS
from lstm_ref.interop.arrays import fitting, unit_of_stacks
from lstm_ref.signatures import checked
from lstm_ref.weights import UnitWeights

ORDER = ORDERS["keras"]


@checked
def to_keras(weights: UnitWeights) -> tuple[Array, Array, Array]:
    """Return kernel (I, 4H), recurrent_kernel (H, 4H) and bias (4H,), for ``set_weights`` of a ``keras.layers.LSTM``.

    The networks stand side by side in the order i, f, c, o (c is the new memory g).

    Raises
    ------
    ValueError
        If the unit has a peephole, which Keras has not.
    """
    if weights.peephole != "none":
        raise ValueError(f"weights: expected peephole 'none', which Keras has, got {weights.peephole!r}")
    return weights.stack("W", ORDER).T, weights.stack("R", ORDER).T, weights.stack("b", ORDER)


def from_keras(kernel: Any, recurrent_kernel: Any, bias: Any = None) -> UnitWeights:
    """Return the weights of a ``keras.layers.LSTM``, from what its ``get_weights`` returns.

    Parameters
    ----------
    kernel : array (I, 4H)
    recurrent_kernel : array (H, 4H)
    bias : array (4H,), optional
        In the order of `to_keras`.

    Returns
    -------
    UnitWeights

    Raises
    ------
    TypeError, ValueError
        If an array's dtype or shape does not fit, as for `from_torch`.
    """
    given = ("recurrent_kernel", recurrent_kernel, "H 4H"), ("kernel", kernel, "I 4H"), ("bias", bias, "4H")
    R, W, *b = fitting(*given[: 2 if bias is None else 3])
    return unit_of_stacks(ORDER, W.T, R.T, b[0] if b else np.zeros(R.shape[1], R.dtype))
