"""The loops of `lstm_ref.engines.numba_engine`, compiled by numba; net is one step's (B, 4, H).

They stand in one file because numba keeps on disk what it compiled, and looks for changes in that file alone.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from lstm_ref.checks import Array
from lstm_ref.gates import F_T, G_T, I_T, O_T


def compiled(function: Callable[..., Any]) -> Any:
    """Return the function compiled, at its first call, for the types that it is given."""
    # NumPy's rule for a division by zero: under Python's, every division asks first, one number at a time.
    return njit(function, cache=True, error_model="numpy")


def tanh(x: Any) -> Any:
    """Return tanh(x) of one number."""
    return math.tanh(x)


# In single precision math.tanh would be one call of a library for each number. (numba wants the argument of the
# choice written as those of what is chosen, where a lambda has no types.)
@overload(tanh)
def _tanh_of_type(x):  # type: ignore[no-untyped-def]
    return (lambda x: _lambert(x)) if x == types.float32 else (lambda x: math.tanh(x))


@compiled
def _lambert(x: Any) -> Any:
    """Return tanh(x) in single precision, by operations that a processor does eight at a time.

    Lambert's continued fraction, cut after its seventh level, gives tanh(x / 2) = p / q; the double angle gives the
    rest. Beyond 9 the answer is 1 to the last digit of single precision; nowhere is it off by more than 3e-7.
    """
    number = np.float32
    x = number(9) if x > number(9) else x
    x = number(-9) if x < number(-9) else x
    half = number(0.5) * x
    s = half * half
    p = half * (number(135135) + s * (number(17325) + s * (number(378) + s)))
    q = number(135135) + s * (number(62370) + s * (number(3150) + s * number(28)))
    y = number(2) * p * q / (p * p + q * q)
    y = number(1) if y > number(1) else y
    return number(-1) if y < number(-1) else y


@compiled
def transposed(P: Array) -> Array:
    """Return k matrices (k, H, H) one under the other and turned over, (H, k H)."""
    return np.ascontiguousarray(P.reshape(-1, P.shape[2]).T)


# Below, n, m and k count the sequences, the networks and the elements.


@compiled
def add_recurrent(net: Array, recurrent: Array, b: Array) -> None:
    for n in range(net.shape[0]):
        for k in range(net.shape[1]):
            net[n, k] += recurrent[n, k] + b[k]


@compiled
def add(rows: Array, more: Array) -> None:
    for n in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            rows[n, k] += more[n, k]


@compiled
def add_full_looks(net: Array, first: int, looks: Array) -> None:
    for n in range(looks.shape[0]):
        for m in range(looks.shape[1]):
            for k in range(looks.shape[2]):
                net[n, first + m, k] += looks[n, m, k]


@compiled
def add_diagonal_look(net: Array, m: int, P: Array, c: Array) -> None:
    for n in range(c.shape[0]):
        for k in range(len(P)):
            net[n, m, k] += P[k] * c[n, k]


@compiled
def sigmoid(net: Array, m: int) -> None:
    half = net.dtype.type(0.5)
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, m, k] = half + half * tanh(half * net[n, m, k])


@compiled
def tanh_of(net: Array, m: int) -> None:
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, m, k] = tanh(net[n, m, k])


@compiled
def remember(c_t: Array, net: Array, c_prev: Array) -> None:
    for n in range(c_t.shape[0]):
        for k in range(c_t.shape[1]):
            c_t[n, k] = net[n, F_T, k] * c_prev[n, k] + net[n, I_T, k] * net[n, G_T, k]


@compiled
def output(h_t: Array, net: Array, c_t: Array) -> None:
    for n in range(c_t.shape[0]):
        for k in range(c_t.shape[1]):
            h_t[n, k] = net[n, O_T, k] * tanh(c_t[n, k])


@compiled
def back_through_output(d_net: Array, d_c: Array, d_h: Array, net: Array, c_t: Array, squashed: Array) -> None:
    """From the gradient of h_t: write that of the sum of o, and add to that of c_t what comes through the tanh."""
    for n in range(c_t.shape[0]):
        for k in range(c_t.shape[1]):
            squashed[n, k] = tanh(c_t[n, k])
        for k in range(c_t.shape[1]):
            o_t = net[n, O_T, k]
            d_net[n, O_T, k] = d_h[n, k] * squashed[n, k] * (o_t - o_t * o_t)
        for k in range(c_t.shape[1]):
            d_c[n, k] += d_h[n, k] * (net[n, O_T, k] - net[n, O_T, k] * squashed[n, k] * squashed[n, k])


@compiled
def back_through_memory(d_net: Array, d_c: Array, net: Array, c_prev: Array) -> None:
    """From the gradient of c_t: write those of the sums of i, f and g, and turn it into that of c_prev."""
    for n in range(c_prev.shape[0]):
        for k in range(c_prev.shape[1]):
            i_t, g_t = net[n, I_T, k], net[n, G_T, k]
            d_net[n, I_T, k] = d_c[n, k] * g_t * (i_t - i_t * i_t)
        for k in range(c_prev.shape[1]):
            f_t = net[n, F_T, k]
            d_net[n, F_T, k] = d_c[n, k] * c_prev[n, k] * (f_t - f_t * f_t)
        for k in range(c_prev.shape[1]):
            i_t, g_t = net[n, I_T, k], net[n, G_T, k]
            d_net[n, G_T, k] = d_c[n, k] * (i_t - i_t * g_t * g_t)
        for k in range(c_prev.shape[1]):
            d_c[n, k] *= net[n, F_T, k]


@compiled
def add_look_back(d_c: Array, d_net: Array, m: int, P: Array) -> None:
    for n in range(d_c.shape[0]):
        for k in range(len(P)):
            d_c[n, k] += P[k] * d_net[n, m, k]


@compiled
def sum_diagonal_looks(d_P: Array, d_net: Array, m: int, c: Array) -> None:
    for n in range(c.shape[0]):
        for k in range(len(d_P)):
            d_P[k] += d_net[n, m, k] * c[n, k]


@compiled
def forward_loop(
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
def backward_loop(
    d_h: Array,
    d_c: Array,
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
    d_h_t, d_c_t = np.zeros((B, H), x.dtype), np.zeros((B, H), x.dtype)
    d_diagonal, d_full = np.zeros_like(diagonal), np.zeros_like(full)
    P_if, P_o = full[:2].reshape(-1, H), full[2:].reshape(-1, H)
    both, one, scratch = np.empty((B, 2, H), x.dtype), np.empty((B, H), x.dtype), np.empty((B, H), x.dtype)
    for t in range(T - 1, -1, -1):
        d_net, net, c_prev, c_t = d_nets[t], nets[t], c[t], c[t + 1]
        add(d_h_t, d_h[t])
        if t >= T - len(d_c):
            add(d_c_t, d_c[t - T + len(d_c)])
        back_through_output(d_net, d_c_t, d_h_t, net, c_t, scratch)
        if len(full):
            one[:] = d_net[:, O_T]
            np.dot(one, P_o, scratch)
            add(d_c_t, scratch)
        if len(diagonal):
            add_look_back(d_c_t, d_net, O_T, diagonal[2])
        back_through_memory(d_net, d_c_t, net, c_prev)
        if len(full):
            both[:] = d_net[:, :2]
            np.dot(both.reshape(B, 2 * H), P_if, scratch)
            add(d_c_t, scratch)
        if len(diagonal):
            add_look_back(d_c_t, d_net, I_T, diagonal[0])
            add_look_back(d_c_t, d_net, F_T, diagonal[1])
            sum_diagonal_looks(d_diagonal[0], d_net, I_T, c_prev)
            sum_diagonal_looks(d_diagonal[1], d_net, F_T, c_prev)
            sum_diagonal_looks(d_diagonal[2], d_net, O_T, c_t)
        np.dot(d_net.reshape(B, 4 * H), R, d_h_t)
    flat, old, new = d_nets.reshape(T * B, 4 * H), c[:-1].reshape(T * B, H), c[1:].reshape(T * B, H)
    d_x, d_b = np.dot(flat, W).reshape(x.shape), np.dot(np.ones(T * B, x.dtype), flat)
    d_W, d_R = np.dot(flat.T, x.reshape(T * B, -1)), np.dot(flat.T, h[:-1].reshape(T * B, H))
    if len(full):
        d_full[:2] = np.dot(np.ascontiguousarray(flat[:, : 2 * H]).T, old).reshape(2, H, H)
        d_full[2] = np.dot(np.ascontiguousarray(flat[:, 3 * H :]).T, new)
    return d_x, d_h_t, d_c_t, d_W, d_R, d_b, d_diagonal, d_full
