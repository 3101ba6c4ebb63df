"""The arithmetic of `lstm_ref.engines.numpy_engine` in compiled loops, on the same arrays (the extra ``fast``: numba and SciPy).

A compiled loop costs next to nothing to start. So each step goes through its batch row by row, and through each row in
short loops: from a short loop a compiler makes instructions that handle eight numbers at once, from a long one it often
cannot. The first call of all compiles, which takes about half a minute; the result is kept on disk.
"""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

from lstm_ref.engines.numpy_engine import hold

# NumPy's rule for a division by zero: under Python's, every division asks first, one number at a time.
compiled = njit(cache=True, error_model="numpy")


def forward(x, h0, c0, W, R, b, P, lengths=None):
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    return hold(*_forward(x, h0, c0, W, R, b, *_by_kind(P, h0)), lengths)


def backward(d_h, d_c_last, x, W, R, P, nets, h, c):
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    *gradients, d_diagonal, d_full = _backward(d_h, d_c_last, x, W, R, *_by_kind(P, d_c_last), nets, h, c)
    return *gradients, None if P is None else d_diagonal if P.ndim == 2 else d_full


def _by_kind(P, like):
    """Return the diagonal peepholes (3, H) and the full ones (3, H, H); those that are not there have length 0."""
    H = like.shape[-1]
    diagonal = P if P is not None and P.ndim == 2 else np.empty((0, H), like.dtype)
    return diagonal, P if P is not None and P.ndim == 3 else np.empty((0, H, H), like.dtype)


def tanh(x):
    """Return tanh(x) of one number."""
    return math.tanh(x)


@overload(tanh)
def _tanh_of_type(x):
    return (lambda x: _lambert(x)) if x == types.float32 else (lambda x: math.tanh(x))


@compiled
def _lambert(x):
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
def _forward(x, h0, c0, W, R, b, diagonal, full):
    T, B, I = x.shape
    H = R.shape[1]
    h, c = np.empty((T + 1, B, H), x.dtype), np.empty((T + 1, B, H), x.dtype)
    h[0], c[0] = h0, c0
    nets = np.dot(x.reshape(T * B, I), W.T).reshape(T, B, 4, H)
    R, P_if, P_o = np.ascontiguousarray(R.T), _turned(full[:2]), _turned(full[2:])
    recurrent, both, one = np.empty((B, 4 * H), x.dtype), np.empty((B, 2 * H), x.dtype), np.empty((B, H), x.dtype)
    for t in range(T):
        net, c_prev, c_t = nets[t], c[t], c[t + 1]
        np.dot(h[t], R, recurrent)
        _add(net.reshape(B, 4 * H), recurrent, b)
        if len(full):
            np.dot(c_prev, P_if, both)
            _add_looks(net, 0, both.reshape(B, 2, H))
        if len(diagonal):
            _look(net, 0, diagonal[0], c_prev)
            _look(net, 1, diagonal[1], c_prev)
        _sigmoid(net, 0)
        _sigmoid(net, 1)
        _tanh(net, 2)
        _remember(c_t, net, c_prev)
        if len(full):
            np.dot(c_t, P_o, one)
            _add_looks(net, 3, one.reshape(B, 1, H))
        if len(diagonal):
            _look(net, 3, diagonal[2], c_t)
        _sigmoid(net, 3)
        _speak(h[t + 1], net, c_t)
    return nets, h, c


@compiled
def _backward(d_h, d_c_last, x, W, R, diagonal, full, nets, h, c):
    T, B, _, H = nets.shape
    d_nets = np.empty((T, B, 4, H), x.dtype)
    d_h_t, d_c, scratch = np.zeros((B, H), x.dtype), d_c_last.copy(), np.empty((B, H), x.dtype)
    d_diagonal, d_full = np.zeros_like(diagonal), np.zeros_like(full)
    P_if, P_o = full[:2].reshape(-1, H), full[2:].reshape(-1, H)
    both, one = np.empty((B, 2, H), x.dtype), np.empty((B, H), x.dtype)
    for t in range(T - 1, -1, -1):
        d_net, net, c_prev, c_t = d_nets[t], nets[t], c[t], c[t + 1]
        _add_to(d_h_t, d_h[t])
        _back_through_output(d_net, d_c, d_h_t, net, c_t, scratch)
        if len(full):
            one[:] = d_net[:, 3]
            np.dot(one, P_o, scratch)
            _add_to(d_c, scratch)
        if len(diagonal):
            _look_from(d_c, d_net, 3, diagonal[2])
        _back_through_memory(d_net, d_c, net, c_prev)
        if len(full):
            both[:] = d_net[:, :2]
            np.dot(both.reshape(B, 2 * H), P_if, scratch)
            _add_to(d_c, scratch)
        if len(diagonal):
            _look_from(d_c, d_net, 0, diagonal[0])
            _look_from(d_c, d_net, 1, diagonal[1])
            _sum_looks(d_diagonal[0], d_net, 0, c_prev)
            _sum_looks(d_diagonal[1], d_net, 1, c_prev)
            _sum_looks(d_diagonal[2], d_net, 3, c_t)
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


@compiled
def _turned(P):
    """Return k matrices (k, H, H) one under the other and turned over, (H, k H)."""
    return np.ascontiguousarray(P.reshape(-1, P.shape[2]).T)


# Below, net is one step's (B, 4, H), and n, m and k count the sequences, the networks and the elements.


@compiled
def _add(net, recurrent, b):
    for n in range(net.shape[0]):
        for k in range(net.shape[1]):
            net[n, k] += recurrent[n, k] + b[k]


@compiled
def _add_to(rows, more):
    for n in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            rows[n, k] += more[n, k]


@compiled
def _add_looks(net, first, looks):
    for n in range(looks.shape[0]):
        for m in range(looks.shape[1]):
            for k in range(looks.shape[2]):
                net[n, first + m, k] += looks[n, m, k]


@compiled
def _look(net, m, P, c):
    for n in range(c.shape[0]):
        for k in range(len(P)):
            net[n, m, k] += P[k] * c[n, k]


@compiled
def _sigmoid(net, m):
    half = net.dtype.type(0.5)
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, m, k] = half + half * tanh(half * net[n, m, k])


@compiled
def _tanh(net, m):
    for n in range(net.shape[0]):
        for k in range(net.shape[2]):
            net[n, m, k] = tanh(net[n, m, k])


@compiled
def _remember(c_t, net, c_prev):
    for n in range(c_t.shape[0]):
        for k in range(c_t.shape[1]):
            c_t[n, k] = net[n, 1, k] * c_prev[n, k] + net[n, 0, k] * net[n, 2, k]


@compiled
def _speak(h_t, net, c_t):
    for n in range(c_t.shape[0]):
        for k in range(c_t.shape[1]):
            h_t[n, k] = net[n, 3, k] * tanh(c_t[n, k])


@compiled
def _back_through_output(d_net, d_c, d_h, net, c_t, squashed):
    """From the gradient of h_t: write that of the sum of o, and add to that of c_t what comes through the tanh."""
    for n in range(c_t.shape[0]):
        for k in range(c_t.shape[1]):
            squashed[n, k] = tanh(c_t[n, k])
        for k in range(c_t.shape[1]):
            o_t = net[n, 3, k]
            d_net[n, 3, k] = d_h[n, k] * squashed[n, k] * (o_t - o_t * o_t)
        for k in range(c_t.shape[1]):
            d_c[n, k] += d_h[n, k] * (net[n, 3, k] - net[n, 3, k] * squashed[n, k] * squashed[n, k])


@compiled
def _back_through_memory(d_net, d_c, net, c_prev):
    """From the gradient of c_t: write those of the sums of i, f and g, and turn it into that of c_prev."""
    for n in range(c_prev.shape[0]):
        for k in range(c_prev.shape[1]):
            i_t, g_t = net[n, 0, k], net[n, 2, k]
            d_net[n, 0, k] = d_c[n, k] * g_t * (i_t - i_t * i_t)
        for k in range(c_prev.shape[1]):
            f_t = net[n, 1, k]
            d_net[n, 1, k] = d_c[n, k] * c_prev[n, k] * (f_t - f_t * f_t)
        for k in range(c_prev.shape[1]):
            i_t, g_t = net[n, 0, k], net[n, 2, k]
            d_net[n, 2, k] = d_c[n, k] * (i_t - i_t * g_t * g_t)
        for k in range(c_prev.shape[1]):
            d_c[n, k] *= net[n, 1, k]


@compiled
def _look_from(d_c, d_net, m, P):
    for n in range(d_c.shape[0]):
        for k in range(len(P)):
            d_c[n, k] += P[k] * d_net[n, m, k]


@compiled
def _sum_looks(d_P, d_net, m, c):
    for n in range(c.shape[0]):
        for k in range(len(d_P)):
            d_P[k] += d_net[n, m, k] * c[n, k]
