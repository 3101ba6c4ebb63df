"""The unit over a whole sequence and back again, arranged to be fast: NumPy on arrays that are taken as they come.

The arithmetic is that of `lstm_ref.unit.step` and `lstm_ref.gradients.step_backward`. The four networks stand side by
side, in PyTorch's order i, f, g, o: i and f both look at c_prev, and i, f and g all receive the gradient of c_t.

Shapes: x (T, B, I); h0 and c0 (B, H); W (4H, I), R (4H, H) and b (4H,); P None, (3, H) or (3, H, H), in the order i, f,
o. `nets` is (T, B, 4, H) and holds i_t, f_t, g_t and o_t; `h` and `c` are (T + 1, B, H) and hold h0 and every h_t, c0
and every c_t. Arguments are not checked here: `lstm_ref.sequence.unroll` and `lstm_ref.layer.LSTM` do that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from lstm_ref.checks import Array, Integers
from lstm_ref.gates import F_T, G_T, I_T, O_T
from lstm_ref.peepholes import kind_of

Look: TypeAlias = Callable[[Array], Array]

TENSORS = False
"""Whether an engine computes on tensors of PyTorch; if not, on arrays."""

# How many numbers of one signal the backward pass prepares at once: small enough to stay in a processor's cache.
CHUNK = 2**15


def forward(
    x: Array, h0: Array, c0: Array, W: Array, R: Array, b: Array, P: Array | None, lengths: Integers | None = None
) -> tuple[Array, Array, Array]:
    """Return nets, h and c, in new arrays; with lengths (B,), see `hold` for the steps past a sequence's end."""
    T, B, I = x.shape
    H, dtype = R.shape[1], x.dtype
    scale, shift = _bends(H, dtype)
    h, c = np.empty((T + 1, B, H), dtype), np.empty((T + 1, B, H), dtype)
    h[0], c[0] = h0, c0

    # The input's share of all steps is one matrix product.
    nets = np.dot(x.reshape(T * B, I), (scale[:, None] * W).T)
    nets += scale * b
    nets = nets.reshape(T, B, 4 * H)
    R = np.ascontiguousarray((scale[:, None] * R).T)
    look_back, look_now = (None, None) if P is None else _looks(P, B)
    recurrent, scratch = np.empty((B, 4 * H), dtype), np.empty((B, H), dtype)

    i, f, g, o = (nets[:, :, k * H : (k + 1) * H] for k in range(4))
    both, three = nets[:, :, : 2 * H], nets[:, :, : 3 * H]
    # Views of every step, made at once: cutting them out step by step would take longer than the arithmetic.
    steps = zip(nets, both, three, i, f, g, o, h, c, h[1:], c[1:])
    for net, i_f, i_f_g, i_t, f_t, g_t, o_t, h_prev, c_prev, h_t, c_t in steps:
        net += np.dot(h_prev, R, recurrent)
        if look_back is None:
            _bend(net, scale, shift)
        else:
            i_f += look_back(c_prev)
            _bend(i_f_g, scale[: 3 * H], shift[: 3 * H])
        np.multiply(f_t, c_prev, c_t)
        c_t += np.multiply(i_t, g_t, scratch)
        if look_now is not None:
            o_t += look_now(c_t)
            _bend(o_t, scale[3 * H :], shift[3 * H :])
        np.tanh(c_t, h_t)
        h_t *= o_t
    return hold(nets.reshape(T, B, 4, H), h, c, lengths)


def backward(
    d_h: Array, d_c: Array, x: Array, W: Array, R: Array, P: Array | None, nets: Array, h: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array, Array, Array | None]:
    """Return d_x, d_h0, d_c0, d_W, d_R, d_b and d_P, each shaped like what it is the gradient of; d_P may be None.

    d_h (T, B, H) is the gradient of every h_t, d_c (K, B, H) that of the last K memories: of every c_t, of the very
    last, or of none. What reaches the loss through later steps is not counted: that is what this function adds.
    """
    T, B, _, H = nets.shape
    d_nets = np.empty_like(nets)
    from_later, d_c_t = np.zeros((2, B, H), nets.dtype)
    d_h_t, scratch = np.empty((2, B, H), nets.dtype)
    d_memories = [None] * (T - len(d_c)) + list(d_c)
    full = P if kind_of(P, stacked=True) == "full" else None
    if full is not None:
        P_if, P_o = full[:2].reshape(2 * H, H), full[2]

    # What does not depend on the gradient is prepared for many steps at once, in chunks that stay in the cache.
    length = max(1, CHUNK // (B * H))
    flat = d_nets.reshape(T, B, 4 * H)
    for start in reversed(range(0, T, length)):
        chunk = slice(start, start + length)
        slopes = _slopes(d_nets[chunk], nets[chunk], c[:-1][chunk], c[1:][chunk], P)
        parts = flat, flat[:, :, : 2 * H], d_nets[:, :, :3], d_nets[:, :, 3], d_h, d_memories
        steps = zip(*(array[::-1] for array in (*slopes, *(part[chunk] for part in parts))))
        for through_h, along_pipe, d_net, d_i_f, d_i_f_g, d_o, d_out, d_memory in steps:
            np.add(d_out, from_later, d_h_t)
            d_o *= d_h_t
            if d_memory is not None:
                d_c_t += d_memory
            d_c_t += np.multiply(d_h_t, through_h, scratch)
            if full is not None:
                d_c_t += np.dot(d_o, P_o, scratch)
            d_i_f_g *= d_c_t[:, None]
            np.dot(d_net, R, from_later)
            d_c_t *= along_pipe
            if full is not None:
                d_c_t += np.dot(d_i_f, P_if, scratch)
    # Every gradient that can wait for the end is one product over all steps.
    d_x, d_W, d_R, d_b, d_P = all_steps(d_nets, x, W, P, h, c)
    return d_x, from_later, d_c_t, d_W, d_R, d_b, d_P


def hold(nets: Array, h: Array, c: Array, lengths: Integers | None) -> tuple[Array, Array, Array]:
    """Overwrite, in place, the steps past each sequence's end: i, g and o are 0 and f is 1.

    So the memory stays as it is, and the output is 0. The slopes of such a step let d_c through unchanged and nothing
    else, which is why `backward` needs no lengths.
    """
    if lengths is not None:
        past, last = np.arange(len(nets))[:, None] >= lengths, c[lengths, range(len(lengths))]
        nets[past] = np.eye(4, dtype=nets.dtype)[F_T][:, None]
        h[1:][past] = 0
        c[1:] = np.where(past[:, :, None], last, c[1:])
    return nets, h, c


def _bends(H: int, dtype: DTypeLike) -> tuple[Array, Array]:
    """Return scale and shift (4H,) so that scale * tanh(scale * z) + shift is sigmoid for the valves, tanh for g.

    One tanh over all four networks is faster than two functions over parts of them; sigmoid(z) is
    0.5 * tanh(0.5 * z) + 0.5.
    """
    scale, shift = np.full((4, H), 0.5, dtype), np.full((4, H), 0.5, dtype)
    scale[G_T], shift[G_T] = 1, 0
    return scale.reshape(-1), shift.reshape(-1)


def _bend(nets: Array, scale: Array, shift: Array) -> None:
    """Bend, in place, sums that have been multiplied by `scale` already."""
    np.tanh(nets, nets)
    nets *= scale
    nets += shift


def _looks(P: Array, B: int) -> tuple[Look, Look]:
    """Return two functions: what i and f see of c_prev (B, 2H), and what o sees of c_t (B, H), both halved.

    Halved, because `_bend` takes sums that are multiplied by `scale` already.
    """
    H, P = P.shape[1], P * P.dtype.type(0.5)
    both, one = np.empty((B, 2 * H), P.dtype), np.empty((B, H), P.dtype)
    if kind_of(P, stacked=True) == "full":
        P_if, P_o = np.ascontiguousarray(P[:2].reshape(2 * H, H).T), np.ascontiguousarray(P[2].T)
        return (lambda c: np.dot(c, P_if, both)), (lambda c: np.dot(c, P_o, one))
    pair, P_if, P_o = both.reshape(B, 2, H), P[:2], P[2]

    def look_back(c: Array) -> Array:
        np.multiply(c[:, None], P_if, pair)
        return both

    return look_back, (lambda c: np.multiply(c, P_o, one))


def _slopes(slopes: Array, nets: Array, c_prev: Array, c_t: Array, P: Array | None) -> tuple[Array, Array]:
    """Fill `slopes` with how far each sum moves what comes after it, and return two slopes of the memory.

    The sums of i, f and g move c_t, that of o moves h_t. The first slope returned is that of h_t by c_t; the second
    that of c_t by c_prev. Both go through a diagonal peephole, not through a full one.
    """
    i, f, g, o = (nets[:, :, k] for k in range(4))
    z_i, z_f, z_g, z_o = (slopes[:, :, k] for k in range(4))
    squashed = np.tanh(c_t)
    np.subtract(1, nets, slopes)
    slopes *= nets
    z_i *= g
    z_f *= c_prev
    z_o *= squashed
    np.multiply(g, g, z_g)
    np.subtract(1, z_g, z_g)
    z_g *= i
    through_h = squashed
    through_h *= squashed
    np.subtract(1, through_h, through_h)
    through_h *= o
    along_pipe = f
    if P is not None and kind_of(P, stacked=True) == "diagonal":
        through_h += z_o * P[2]
        along_pipe = z_i * P[0]
        along_pipe += z_f * P[1]
        along_pipe += f
    return through_h, along_pipe


def all_steps(
    d_nets: Array, x: Array, W: Array, P: Array | None, h: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array | None]:
    """Return d_x, d_W, d_R, d_b and d_P, from the gradients of all sums: each is one product over all steps."""
    H = h.shape[2]
    flat, old, new = d_nets.reshape(-1, 4 * H), c[:-1].reshape(-1, H), c[1:].reshape(-1, H)
    d_x = np.dot(flat, W).reshape(x.shape)
    d_W = np.dot(flat.T, x.reshape(len(flat), -1))
    d_R = np.dot(flat.T, h[:-1].reshape(-1, H))
    d_b = np.dot(np.ones(len(flat), flat.dtype), flat)
    seen = ((I_T, old), (F_T, old), (O_T, new))
    d_P = None
    if kind_of(P, stacked=True) == "diagonal":
        d_P = np.stack([np.einsum("nh,nh->h", flat[:, k * H : (k + 1) * H], memory) for k, memory in seen])
    elif P is not None:
        # Unlike np.dot, matmul takes a part of the columns without copying it.
        d_P = np.stack([np.matmul(flat[:, k * H : (k + 1) * H].T, memory) for k, memory in seen])
    return d_x, d_W, d_R, d_b, d_P
