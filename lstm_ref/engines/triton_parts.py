"""What the kernels of `lstm_ref.engines.triton_engine` share, for Triton to compile.

A program computes all four networks of its tile: BLOCK_B sequences n and BLOCK_H elements k. There are two ways through
time: `lstm_ref.engines.triton_loops` and `lstm_ref.engines.triton_steps`.

Shapes and names are those of `lstm_ref.engines.numpy_engine`. D is the dtype of x, h, W, R and nets; everything that
adds up over the steps is in single precision. One step has less than 2**31 numbers, all steps may have more.
"""

# Triton gives the arguments their types when it compiles, and Python has no names for them.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

import triton
import triton.language as tl
from triton.language import constexpr


@triton.jit
def tanh(x):
    return 2 * tl.sigmoid(2 * x) - 1


@triton.jit
def load(signal, inside):
    """Return a tile in single precision, with zeros where it reaches over the edge."""
    return tl.load(signal, mask=inside, other=0).to(tl.float32)


@triton.jit
def diagonals(P, k, H: constexpr, KIND: constexpr):
    """Return the peepholes of i, f and o if they are diagonal, each a row; else zeros, which nobody looks at."""
    P_i, P_f, P_o = 0.0, 0.0, 0.0
    if KIND == "diagonal":
        P_i, P_f = load(P + k, k < H)[None, :], load(P + H + k, k < H)[None, :]
        P_o = load(P + 2 * H + k, k < H)[None, :]
    return P_i, P_f, P_o


@triton.jit
def remember(i, f, g, c_prev, P_i, P_f, past, KIND: constexpr):
    """Return i_t, f_t, g_t and c_t from the sums; past a sequence's end i and g are shut and f is open."""
    if KIND == "diagonal":
        i, f = i + P_i * c_prev, f + P_f * c_prev
    i_t, f_t = tl.where(past, 0.0, tl.sigmoid(i)), tl.where(past, 1.0, tl.sigmoid(f))
    g_t = tl.where(past, 0.0, tanh(g))
    return i_t, f_t, g_t, f_t * c_prev + i_t * g_t


@triton.jit
def output(o, c_t, P_o, past, KIND: constexpr):
    """Return o_t and h_t."""
    if KIND == "diagonal":
        o += P_o * c_t
    o_t = tl.where(past, 0.0, tl.sigmoid(o))
    return o_t, o_t * tanh(c_t)


@triton.jit
def back_through_output(d_h_t, d_c_t, o_t, c_t, P_o, KIND: constexpr):
    """Return the gradient of the sum of o, and d_c_t with what reaches c_t through the tanh and a diagonal peephole."""
    squashed = tanh(c_t)
    d_o = d_h_t * squashed * o_t * (1 - o_t)
    d_c_t += d_h_t * o_t * (1 - squashed * squashed)
    if KIND == "diagonal":
        d_c_t += d_o * P_o
    return d_o, d_c_t


@triton.jit
def back_through_memory(d_c_t, d_net, i_t, f_t, g_t, c_prev, P_i, P_f, inside, H: constexpr, KIND: constexpr):
    """Write the gradients of the sums of i, f and g; return them, and that of c_prev but for full peepholes."""
    d_i, d_f, d_g = d_c_t * g_t * i_t * (1 - i_t), d_c_t * c_prev * f_t * (1 - f_t), d_c_t * i_t * (1 - g_t * g_t)
    d_c_prev = d_c_t * f_t
    if KIND == "diagonal":
        d_c_prev += d_i * P_i + d_f * P_f
    tl.store(d_net, d_i, mask=inside)
    tl.store(d_net + H, d_f, mask=inside)
    tl.store(d_net + 2 * H, d_g, mask=inside)
    return d_i, d_f, d_g, d_c_prev


@triton.jit
def place(B, H: constexpr, BLOCK_B: constexpr, BLOCK_H: constexpr):
    """Return the sequences n and the elements k of this program; which pairs exist; and where they are in (B, H)."""
    n = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    k = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    return n, k, (n < B)[:, None] & (k < H)[None, :], n[:, None] * H + k[None, :]
