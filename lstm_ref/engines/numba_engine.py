"""The arithmetic of `lstm_ref.engines.numpy_engine` in compiled loops (the extra ``fast``: numba and SciPy).

A compiled loop costs next to nothing to start. So each step goes through its batch row by row, and through each row in
short loops: from a short loop a compiler makes instructions that handle eight numbers at once, from a long one it often
cannot. The first call of all compiles, which takes about half a minute; the result is kept on disk.
"""

import numpy as np

from lstm_ref.checks import Array, Integers
from lstm_ref.engines.numba_kernels import backward_loop, forward_loop
from lstm_ref.engines.numpy_engine import hold
from lstm_ref.peepholes import kind_of

TENSORS = False


def forward(
    x: Array, h0: Array, c0: Array, W: Array, R: Array, b: Array, P: Array | None, lengths: Integers | None = None
) -> tuple[Array, Array, Array]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    nets, h, c = forward_loop(x, h0, c0, W, R, b, *_by_kind(P, h0))
    return hold(nets, h, c, lengths)


def backward(
    d_h: Array, d_c: Array, x: Array, W: Array, R: Array, P: Array | None, nets: Array, h: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array, Array, Array | None]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    found = backward_loop(d_h, d_c, x, W, R, *_by_kind(P, d_c), nets, h, c)
    d_x, d_h0, d_c0, d_W, d_R, d_b, d_diagonal, d_full = found
    d_P = {"none": None, "diagonal": d_diagonal, "full": d_full}[kind_of(P, stacked=True)]
    return d_x, d_h0, d_c0, d_W, d_R, d_b, d_P


def _by_kind(P: Array | None, like: Array) -> tuple[Array, Array]:
    """Return the diagonal peepholes (3, H) and the full ones (3, H, H); those that are not there have length 0.

    A compiled function has one type for each argument, so that None cannot stand for an array.
    """
    H, kind = like.shape[-1], kind_of(P, stacked=True)
    diagonal = P if P is not None and kind == "diagonal" else np.empty((0, H), like.dtype)
    return diagonal, P if P is not None and kind == "full" else np.empty((0, H, H), like.dtype)
