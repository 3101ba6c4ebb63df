"""The arithmetic of `lstm_ref.engines.numpy_engine` in compiled loops (the extra ``fast``: numba and SciPy).

NumPy makes the arrays and the products over all steps; numba compiles what goes from step to step.
"""

import numpy as np

from lstm_ref.checks import Array, Integers
from lstm_ref.engines.numba_kernels import backward_loop, forward_loop
from lstm_ref.engines.numpy_engine import CHUNK, hold
from lstm_ref.peepholes import kind_of

TENSORS = False

WIDTH = 32
"""How many columns of a step's matrix product are computed at once."""

SMALL = 100**3
"""How many multiplications a matrix product has, at most, that OpenBLAS takes for small."""


def forward(
    x: Array, h0: Array, c0: Array, W: Array, R: Array, b: Array, P: Array | None, lengths: Integers | None = None
) -> tuple[Array, Array, Array]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    T, B, I = x.shape
    H, dtype = R.shape[1], x.dtype
    # NumPy asks the system for large pages of memory, which numba does not: they are ready five times as soon.
    nets, h, c = np.empty((T, B, 4, H), dtype), np.empty((T + 1, B, H), dtype), np.empty((T + 1, B, H), dtype)
    h[0], c[0] = h0, c0
    diagonal, P_if, P_o = _looks(P)
    if P_if is not None and P_o is not None:
        P_if, P_o = _panels(P_if.T, B), _panels(P_o.T, B)
    R, b, steps = _panels(R.T, B), b.reshape(4, H), max(1, CHUNK // (B * H))
    for start in range(0, T, steps):
        some, and_one = slice(start, start + steps), slice(start, start + steps + 1)
        np.dot(x[some].reshape(-1, I), W.T, nets[some].reshape(-1, 4 * H))
        forward_loop(nets[some], h[and_one], c[and_one], R, b, diagonal, P_if, P_o)
    return hold(nets, h, c, lengths)


def backward(
    d_h: Array, d_c: Array, x: Array, W: Array, R: Array, P: Array | None, nets: Array, h: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array, Array, Array | None]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    T, B, _, H = nets.shape
    I, dtype = x.shape[2], x.dtype
    d_h0, d_c0 = np.zeros((B, H), dtype), np.zeros((B, H), dtype)
    d_x, d_W, d_R, d_b = np.empty(x.shape, dtype), np.zeros_like(W), np.zeros_like(R), np.zeros(4 * H, dtype)
    diagonal, P_if, P_o = _looks(P)
    d_P = None if P is None else np.zeros_like(P)
    if P_if is not None and P_o is not None:
        P_if, P_o = _panels(P_if, B), _panels(P_o, B)
    d_diagonal = None if diagonal is None else d_P
    d_h, d_c = np.ascontiguousarray(d_h), np.ascontiguousarray(d_c)
    R, steps = _panels(R, B), max(1, CHUNK // (B * H))
    d_nets = np.empty((min(steps, T), B, 4, H), dtype)
    first = T - len(d_c)
    ones = np.ones(min(steps,T)*B, dtype)
    for start in reversed(range(0, T, steps)):
        stop = min(T, start + steps)
        some, and_one = slice(start, stop), slice(start, stop + 1)
        d_some = d_nets[:stop - start]
        backward_loop(d_h[some], d_c[max(0, start - first):max(0, stop - first)], nets[some], c[and_one], R, diagonal, P_if, P_o, d_some, d_h0, d_c0, d_diagonal)
        flat, old, new = d_some.reshape(-1, 4 * H), c[start:stop].reshape(-1, H), c[start + 1:stop + 1].reshape(-1, H)
        np.dot(flat, W, d_x[some].reshape(-1, I))
        d_W += np.dot(flat.T, x[some].reshape(-1, I))
        d_R += np.dot(flat.T, h[some].reshape(-1, H))
        d_b += np.dot(ones[:len(flat)], flat)
        if d_P is not None and P_if is not None:
            # Unlike np.dot, matmul takes a part of the columns without copying it.
            d_P[:2] += np.matmul(flat[:, : 2 * H].T, old).reshape(2, H, H)
            d_P[2] += np.matmul(flat[:, 3 * H :].T, new)
    return d_x, d_h0, d_c0, d_W, d_R, d_b, d_P


def _looks(P: Array | None) -> tuple[Array | None, Array | None, Array | None]:
    """Return the diagonal peepholes (3, H), and the full ones of i and f (2H, H) and of o (H, H): what there is."""
    if P is None or kind_of(P, stacked=True) == "diagonal":
        return P, None, None
    return None, P[:2].reshape(-1, P.shape[2]), P[2]


def _panels(M: Array, rows: int) -> Array:
    """Return M (K, N), by which `rows` rows will be multiplied, cut into panels of columns, (count, K, width).

    OpenBLAS computes small products, on processors with AVX-512, a third faster than large ones. Where one product is
    too large and those of panels are not, there are as many panels as it takes, the last filled up with zeros; else
    there is one.
    """
    K, N = M.shape
    width = WIDTH if rows * K * WIDTH <= SMALL < rows * K * N else N
    count = -(-N // width)
    padded = np.zeros((K, count * width), M.dtype)
    padded[:, :N] = M
    return np.ascontiguousarray(padded.reshape(K, count, width).transpose(1, 0, 2))
