"""The arithmetic of `lstm_ref.engines.numpy_engine` in compiled loops (the extra ``fast``: numba and SciPy).

NumPy multiplies the inputs of a few steps at once, then compiled loops go through these steps, whose signals stay in
the processor's cache meanwhile. The first call for a kind of peephole and a precision compiles, which takes some
seconds; the result is kept on disk.
"""

from typing import Any

import numpy as np

from lstm_ref.checks import Array, Integers
from lstm_ref.engines.numba_kernels import backward_loop, forward_loop
from lstm_ref.engines.numpy_engine import all_steps, hold

TENSORS = False

# How many rows, sequences times steps, a turn has: few enough for the cache, enough for a fast matrix product.
ROWS = 1024

# OpenBLAS has a faster routine for small products, of at most so many multiplications: on processors with AVX-512 it
# takes two thirds to three quarters of the time. So larger products are cut into panels of so many columns, at least
# and at most. On other processors these take up to a fifth longer than one product.
SMALL = 100**3
WIDTHS = 16, 32


def forward(
    x: Array, h0: Array, c0: Array, W: Array, R: Array, b: Array, P: Array | None, lengths: Integers | None = None
) -> tuple[Array, Array, Array]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    T, B, I = x.shape
    H, dtype = R.shape[1], x.dtype
    # NumPy asks the system for large pages of memory, numba does not: these arrays are ready five times as soon.
    nets, h, c = np.empty((T, B, 4, H), dtype), np.empty((T + 1, B, H), dtype), np.empty((T + 1, B, H), dtype)
    h[0], c[0] = h0, c0
    weights = _panels(R.T, B), np.ascontiguousarray(b).reshape(4, H), *_looks(P, B, ahead=True)
    for some, and_one in _turns(T, B):
        np.dot(x[some].reshape(-1, I), W.T, nets[some].reshape(-1, 4 * H))
        forward_loop(nets[some], h[and_one], c[and_one], *weights)
    return hold(nets, h, c, lengths)


def backward(
    d_h: Array, d_c: Array, x: Array, W: Array, R: Array, P: Array | None, nets: Array, h: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array, Array, Array | None]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    T, B, _, H = nets.shape
    d_h, d_c = np.ascontiguousarray(d_h), np.ascontiguousarray(d_c)
    d_h0, d_c0 = np.zeros((B, H), x.dtype), np.zeros((B, H), x.dtype)
    diagonal, full = _looks(P, B, ahead=False)
    R, d_diagonal = _panels(R, B), None if diagonal is None else np.zeros(diagonal.shape, x.dtype)
    turns, d_x = _turns(T, B), np.empty(x.shape, x.dtype)
    buffer, totals = np.empty_like(nets[turns[0][0]]), list[Any]()
    for some, and_one in reversed(turns):
        d_nets, first = buffer[: some.stop - some.start], T - len(d_c) - some.start
        backward_loop(d_nets, d_h0, d_c0, d_diagonal, d_h[some], d_c, first, nets[some], c[and_one], R, diagonal, full)
        # The loop has summed up the gradient of diagonal peepholes.
        d_x[some], *shares = all_steps(d_nets, x[some], W, P if diagonal is None else None, h[and_one], c[and_one])
        for total, share in zip(totals, shares):
            if share is not None:
                total += share
        totals = totals or shares
    d_W, d_R, d_b, d_full = totals
    return d_x, d_h0, d_c0, d_W, d_R, d_b, d_full if diagonal is None else d_diagonal


def _turns(T: int, B: int) -> list[tuple[slice, slice]]:
    """Return the steps of each turn, and the same steps and one more: of h and c, the states before and after them."""
    steps = max(1, ROWS // B)
    return [(slice(k, min(k + steps, T)), slice(k, k + steps + 1)) for k in range(0, T, steps)]


def _looks(P: Array | None, B: int, ahead: bool) -> tuple[Array | None, tuple[Array, ...] | None]:
    """Return P if it is diagonal, and if it is full the panels of i and f and those of o."""
    if P is None:
        return None, None
    if P.ndim == 2:
        return np.ascontiguousarray(P), None
    matrices = P[:2].reshape(-1, P.shape[2]), P[2]
    return None, tuple(_panels(M.T if ahead else M, B) for M in matrices)


def _panels(M: Array, rows: int) -> Array:
    """Return M (K, N), by which so many rows will be multiplied, as panels of columns, (count, K, width).

    There are several, the last filled up with zeros, where their products are small and that of M is not.
    """
    K, N = M.shape
    least, most = WIDTHS
    width = min(most, SMALL // (rows * K) // 8 * 8)
    if rows * K * N <= SMALL or width < least:
        return np.ascontiguousarray(M)[None]
    count = -(-N // width)
    padded = np.zeros((K, count * width), M.dtype)
    padded[:, :N] = M
    return np.ascontiguousarray(padded.reshape(K, count, width).transpose(1, 0, 2))
