"""The loops of `lstm_ref.engines.numba_engine`, compiled by numba at their first call; net is one step's (B, 4, H).

A compiled loop costs next to nothing to start. So each step goes through its batch row by row, and through each row in
short loops: from a short loop a compiler makes instructions that handle many numbers at once, from a long one it often
cannot, because it would have to make sure first that no array overlaps another. And each loop receives all four
networks and the index of one: given a slice, the compiler could not tell that the numbers of a row are neighbours in
memory.

They stand in one file because numba keeps on disk what it compiled, and looks for changes in that file alone.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from lstm_ref.checks import Array
from lstm_ref.engines.numba_cache import may_keep
from lstm_ref.gates import F_T, G_T, I_T, O_T

# NumPy's rule for a division by zero: under Python's, every division asks first, one number at a time. And a processor
# may multiply and add in one instruction, which rounds once instead of twice.
compiled: Callable[..., Any] = partial(njit, error_model="numpy", fastmath={"contract"})
kept: Callable[..., Any] = partial(compiled, cache=may_keep())


def tanh(x: Any) -> Any:
    """Return tanh(x) of one number."""
    return math.tanh(x)


# In single precision math.tanh would be one call of a library for each number. (numba wants x to have no type here.)
@overload(tanh)
def _tanh_of_type(x):  # type: ignore[no-untyped-def]
    return (lambda x: _lambert(x)) if x == types.float32 else (lambda x: math.tanh(x))


@compiled
def _lambert(x: Any) -> Any:
    """Return tanh(x) in single precision, by operations that a processor does many at a time.

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
def add_product(out: Array, first: int, last: int, rows: Array, panels: Array) -> None:
    """Add to columns first to last of out (B, N) the product of rows (B, K) and panels (count, K, width)."""
    count, _, width = panels.shape
    product = np.empty((len(rows), width), rows.dtype)
    for j in range(count):
        np.dot(rows, panels[j], product)
        start = first + j * width
        for n in range(len(rows)):
            for k in range(min(width, last - start)):
                out[n, start + k] += product[n, k]


@compiled
def sigmoid(x: Any, half: Any) -> Any:
    """Return the sigmoid of one number, given a half in its precision."""
    return half + half * tanh(half * x)


@compiled
def turn_valve(net: Array, m: int, b: Array) -> None:
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, m, k] = sigmoid(net[n, m, k] + b[m, k], net.dtype.type(0.5))


@compiled
def turn_looking_valve(net: Array, m: int, b: Array, P: Array, c: Array) -> None:
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, m, k] = sigmoid(net[n, m, k] + b[m, k] + P[k] * c[n, k], net.dtype.type(0.5))


@compiled
def new_memory(net: Array, b: Array) -> None:
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, G_T, k] = tanh(net[n, G_T, k] + b[G_T, k])


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


@kept
def forward_loop(
    nets: Array, h: Array, c: Array, R: Array, b: Array, diagonal: Array | None, full: tuple[Array, ...] | None
) -> None:
    """Go through some steps: nets comes with the input's share of every sum, h and c with the first h_prev and c_prev.

    R and full are panels of the weights. What is None numba leaves out when it compiles.
    """
    steps, B, _, H = nets.shape
    for t in range(steps):
        net, c_prev, c_t = nets[t], c[t], c[t + 1]
        columns = net.reshape(B, 4 * H)
        add_product(columns, 0, 4 * H, h[t], R)
        if full is not None:
            add_product(columns, 0, 2 * H, c_prev, full[0])
        if diagonal is None:
            turn_valve(net, I_T, b)
            turn_valve(net, F_T, b)
        else:
            turn_looking_valve(net, I_T, b, diagonal[0], c_prev)
            turn_looking_valve(net, F_T, b, diagonal[1], c_prev)
        new_memory(net, b)
        remember(c_t, net, c_prev)
        if full is not None:
            add_product(columns, 3 * H, 4 * H, c_t, full[1])
        if diagonal is None:
            turn_valve(net, O_T, b)
        else:
            turn_looking_valve(net, O_T, b, diagonal[2], c_t)
        output(h[t + 1], net, c_t)


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
def add(rows: Array, more: Array) -> None:
    for n in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            rows[n, k] += more[n, k]


@compiled
def add_look_back(d_c: Array, d_net: Array, m: int, P: Array) -> None:
    for n in range(d_c.shape[0]):
        for k in range(len(P)):
            d_c[n, k] += P[k] * d_net[n, m, k]


@compiled
def gather(some: Array, d_net: Array, first: int) -> None:
    """Copy some networks of d_net, from the first on: a product wants them in one piece."""
    for n in range(some.shape[0]):
        for m in range(some.shape[1]):
            for k in range(some.shape[2]):
                some[n, m, k] = d_net[n, first + m, k]


@compiled
def sum_looks(d_P: Array, d_net: Array, m: int, c: Array) -> None:
    for n in range(c.shape[0]):
        for k in range(len(d_P)):
            d_P[k] += d_net[n, m, k] * c[n, k]


@kept
def backward_loop(
    d_nets: Array,
    d_h_t: Array,
    d_c_t: Array,
    d_diagonal: Array | None,
    d_h: Array,
    d_c: Array,
    first: int,
    nets: Array,
    c: Array,
    R: Array,
    diagonal: Array | None,
    full: tuple[Array, ...] | None,
) -> None:
    """Go through some steps backwards: fill d_nets, add to d_diagonal, and turn d_h_t and d_c_t into those before.

    d_c begins with the gradient of step `first`, which need not be one of these; R and full are the weights' panels.
    """
    steps, B, _, H = nets.shape
    valves, scratch = np.empty((B, 2, H), nets.dtype), np.empty((B, H), nets.dtype)
    for t in range(steps - 1, -1, -1):
        d_net, net, c_prev, c_t = d_nets[t], nets[t], c[t], c[t + 1]
        add(d_h_t, d_h[t])
        if t >= first:
            add(d_c_t, d_c[t - first])
        back_through_output(d_net, d_c_t, d_h_t, net, c_t, scratch)
        if full is not None:
            gather(scratch.reshape(B, 1, H), d_net, O_T)
            add_product(d_c_t, 0, H, scratch, full[1])
        if diagonal is not None:
            add_look_back(d_c_t, d_net, O_T, diagonal[2])
        back_through_memory(d_net, d_c_t, net, c_prev)
        if full is not None:
            gather(valves, d_net, I_T)
            add_product(d_c_t, 0, H, valves.reshape(B, 2 * H), full[0])
        if diagonal is not None and d_diagonal is not None:
            add_look_back(d_c_t, d_net, I_T, diagonal[0])
            add_look_back(d_c_t, d_net, F_T, diagonal[1])
            sum_looks(d_diagonal[0], d_net, I_T, c_prev)
            sum_looks(d_diagonal[1], d_net, F_T, c_prev)
            sum_looks(d_diagonal[2], d_net, O_T, c_t)
        d_h_t[:] = 0
        add_product(d_h_t, 0, H, d_net.reshape(B, 4 * H), R)
