"""The arithmetic of `lstm_ref.engines.numpy_engine` in compiled loops (the extra ``fast``: numba and SciPy).

A compiled loop costs next to nothing to start. So each step goes through its batch row by row, and through each row in
short loops: from a short loop a compiler makes instructions that handle eight numbers at once, from a long one it often
cannot. The first call of all compiles, which takes about half a minute; the result is kept on disk.
"""

import numpy as np

from lstm_ref.checks import Array, Integers
from lstm_ref.engines.numba_kernels import (
    add,
    add_diagonal_look,
    add_full_looks,
    add_look_back,
    add_recurrent,
    back_through_memory,
    back_through_output,
    compiled,
    output,
    remember,
    sigmoid,
    sum_diagonal_looks,
    tanh_of,
    transposed,
)
from lstm_ref.engines.numpy_engine import hold
from lstm_ref.gates import F_T, G_T, I_T, O_T
from lstm_ref.peepholes import kind_of

TENSORS = False


def forward(
    x: Array, h0: Array, c0: Array, W: Array, R: Array, b: Array, P: Array | None, lengths: Integers | None = None
) -> tuple[Array, Array, Array]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    nets, h, c = _forward(x, h0, c0, W, R, b, *_by_kind(P, h0))
    return hold(nets, h, c, lengths)


def backward(
    d_h: Array, d_c_last: Array, x: Array, W: Array, R: Array, P: Array | None, nets: Array, h: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array, Array, Array | None]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    found = _backward(d_h, d_c_last, x, W, R, *_by_kind(P, d_c_last), nets, h, c)
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


@compiled
def _forward(
    x: Array, h0: Array, c0: Array, W: Array, R: Array, b: Array, diagonal: Array, full: Array
) -> tuple[Array, Array, Array]:
    T, B, I = x.shape
    H = R.shape[1]
    h, c = np.empty((T + 1, B, H), x.dtype), np.empty((T + 1, B, H), x.dtype)
    h[0], c[0] = h0, c0
    nets = np.dot(x.reshape(T * B, I), W.T).reshape(T, B, 4, H)
    R, P_if, P_o = np.ascontiguousarray(R.T), transposed(full[:2]), transposed(full[2:])
    recurrent, both, one = np.empty((B, 4 * H), x.dtype), np.empty((B, 2 * H), x.dtype), np.empty((B, H), x.dtype)
    for t in range(T):
        net, c_prev, c_t = nets[t], c[t], c[t + 1]
        np.dot(h[t], R, recurrent)
        add_recurrent(net.reshape(B, 4 * H), recurrent, b)
        if len(full):
            np.dot(c_prev, P_if, both)
            add_full_looks(net, I_T, both.reshape(B, 2, H))
        if len(diagonal):
            add_diagonal_look(net, I_T, diagonal[0], c_prev)
            add_diagonal_look(net, F_T, diagonal[1], c_prev)
        sigmoid(net, I_T)
        sigmoid(net, F_T)
        tanh_of(net, G_T)
        remember(c_t, net, c_prev)
        if len(full):
            np.dot(c_t, P_o, one)
            add_full_looks(net, O_T, one.reshape(B, 1, H))
        if len(diagonal):
            add_diagonal_look(net, O_T, diagonal[2], c_t)
        sigmoid(net, O_T)
        output(h[t + 1], net, c_t)
    return nets, h, c


@compiled
def _backward(
    d_h: Array,
    d_c_last: Array,
    x: Array,
    W: Array,
    R: Array,
    diagonal: Array,
    full: Array,
    nets: Array,
    h: Array,
    c: Array,
) -> tuple[Array, ...]:
    T, B, _, H = nets.shape
    d_nets = np.empty((T, B, 4, H), x.dtype)
    d_h_t, d_c, scratch = np.zeros((B, H), x.dtype), d_c_last.copy(), np.empty((B, H), x.dtype)
    d_diagonal, d_full = np.zeros_like(diagonal), np.zeros_like(full)
    P_if, P_o = full[:2].reshape(-1, H), full[2:].reshape(-1, H)
    both, one = np.empty((B, 2, H), x.dtype), np.empty((B, H), x.dtype)
    for t in range(T - 1, -1, -1):
        d_net, net, c_prev, c_t = d_nets[t], nets[t], c[t], c[t + 1]
        add(d_h_t, d_h[t])
        back_through_output(d_net, d_c, d_h_t, net, c_t, scratch)
        if len(full):
            one[:] = d_net[:, O_T]
            np.dot(one, P_o, scratch)
            add(d_c, scratch)
        if len(diagonal):
            add_look_back(d_c, d_net, O_T, diagonal[2])
        back_through_memory(d_net, d_c, net, c_prev)
        if len(full):
            both[:] = d_net[:, :2]
            np.dot(both.reshape(B, 2 * H), P_if, scratch)
            add(d_c, scratch)
        if len(diagonal):
            add_look_back(d_c, d_net, I_T, diagonal[0])
            add_look_back(d_c, d_net, F_T, diagonal[1])
            sum_diagonal_looks(d_diagonal[0], d_net, I_T, c_prev)
            sum_diagonal_looks(d_diagonal[1], d_net, F_T, c_prev)
            sum_diagonal_looks(d_diagonal[2], d_net, O_T, c_t)
        np.dot(d_net.reshape(B, 4 * H), R, d_h_t)
    flat, old, new = d_nets.reshape(T * B, 4 * H), c[:-1].reshape(T * B, H), c[1:].reshape(T * B, H)
    d_x = np.dot(flat, W).reshape(x.shape)
    d_W = np.dot(flat.T, x.reshape(T * B, -1))
    d_R = np.dot(flat.T, h[:-1].reshape(T * B, H))
    d_b = np.dot(np.ones(T * B, x.dtype), flat)
    if len(full):
        d_full[:2] = np.dot(np.ascontiguousarray(flat[:, : 2 * H]).T, old).reshape(2, H, H)
        d_full[2] = np.dot(np.ascontiguousarray(flat[:, 3 * H :]).T, new)
    return d_x, d_h_t, d_c, d_W, d_R, d_b, d_diagonal, d_full
