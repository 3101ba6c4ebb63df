"""The kernels of `lstm_ref.engines.triton_engine`, which Triton compiles.

A program computes all four networks of its tile: BLOCK_B sequences n and BLOCK_H elements k. There are two ways through
time. Where one tile holds all elements, one launch goes through all steps, with h and c in registers. Else each step is
a launch, for it needs what all programs made of the step before.

Shapes and names are those of `lstm_ref.engines.numpy_engine`. D is the dtype of x, h, W, R and nets; everything that
adds up over the steps is in single precision. One step has less than 2**31 numbers, all steps may have more.
"""

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
def remember(i, f, g, c_prev, P, there, past, H: constexpr, KIND: constexpr):
    """Return i_t, f_t, g_t and c_t from the sums; past a sequence's end i and g are shut and f is open."""
    if KIND == "diagonal":
        i, f = i + load(P, there)[None, :] * c_prev, f + load(P + H, there)[None, :] * c_prev
    i_t, f_t = tl.where(past, 0.0, tl.sigmoid(i)), tl.where(past, 1.0, tl.sigmoid(f))
    g_t = tl.where(past, 0.0, tanh(g))
    return i_t, f_t, g_t, f_t * c_prev + i_t * g_t


@triton.jit
def output(o, c_t, P, there, past, H: constexpr, KIND: constexpr):
    """Return o_t and h_t."""
    if KIND == "diagonal":
        o += load(P + 2 * H, there)[None, :] * c_t
    o_t = tl.where(past, 0.0, tl.sigmoid(o))
    return o_t, o_t * tanh(c_t)


@triton.jit
def back_through_output(d_h_t, d_c_t, o_t, c_t, P, there, H: constexpr, KIND: constexpr):
    """Return the gradient of the sum of o, and d_c_t with what reaches c_t through the tanh and a diagonal peephole."""
    squashed = tanh(c_t)
    d_o = d_h_t * squashed * o_t * (1 - o_t)
    d_c_t += d_h_t * o_t * (1 - squashed * squashed)
    if KIND == "diagonal":
        d_c_t += d_o * load(P + 2 * H, there)[None, :]
    return d_o, d_c_t


@triton.jit
def back_through_memory(d_c_t, d_net, net, c_prev, P, inside, there, H: constexpr, KIND: constexpr):
    """Write the gradients of the sums of i, f and g; return them, and that of c_prev but for full peepholes."""
    i_t, f_t, g_t = load(net, inside), load(net + H, inside), load(net + 2 * H, inside)
    d_i, d_f, d_g = d_c_t * g_t * i_t * (1 - i_t), d_c_t * c_prev * f_t * (1 - f_t), d_c_t * i_t * (1 - g_t * g_t)
    d_c_prev = d_c_t * f_t
    if KIND == "diagonal":
        d_c_prev += d_i * load(P, there)[None, :] + d_f * load(P + H, there)[None, :]
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


@triton.jit
def sequences_past(table, t, n, B, LENGTHS: constexpr):
    """Return which sequences n have ended before step t."""
    past = t >= tl.load(find(table, 5, tl.int64) + n, mask=n < B, other=0) if LENGTHS else n < 0
    return past[:, None]


@triton.jit
def fill(table, a, b, c, d, e, f, g, h):
    """Write down where eight arrays begin: launches that were recorded look there for the arrays of the day."""
    tl.store(table, a.to(tl.int64))
    tl.store(table + 1, b.to(tl.int64))
    tl.store(table + 2, c.to(tl.int64))
    tl.store(table + 3, d.to(tl.int64))
    tl.store(table + 4, e.to(tl.int64))
    tl.store(table + 5, f.to(tl.int64))
    tl.store(table + 6, g.to(tl.int64))
    tl.store(table + 7, h.to(tl.int64))


@triton.jit
def find(table, k: constexpr, dtype: constexpr):
    """Return where array k begins, which is at a multiple of 16 bytes."""
    return tl.multiple_of(tl.load(table + k).to(tl.pointer_type(dtype)), 16)


@triton.jit
def add_product(total, a, a_there, b, b_there, K: constexpr, D: constexpr, PRECISION: constexpr, BLOCK_K: constexpr):
    """Return total + A @ B.T, given where each row of A and of B begins; a row is K numbers side by side."""
    for start in range(0, K, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        left = tl.load(a[:, None] + k[None, :], mask=a_there[:, None] & (k < K)[None, :], other=0)
        right = tl.load(b[None, :] + k[:, None], mask=b_there[None, :] & (k < K)[:, None], other=0)
        total = tl.dot(left.to(D), right.to(D), total, input_precision=PRECISION)
    return total


@triton.jit(do_not_specialize=["t", "B"])
def forward_step(
    table,
    t,
    B,
    H: constexpr,
    D: constexpr,
    KIND: constexpr,
    LENGTHS: constexpr,
    PRECISION: constexpr,
    BLOCK_B: constexpr,
    BLOCK_H: constexpr,
    BLOCK_K: constexpr,
):
    """Do step t, or, with full peepholes, its first part: what does not need all of c_t."""
    n, k, inside, tile = place(B, H, BLOCK_B, BLOCK_H)
    step = t.to(tl.int64) * B * H
    net = find(table, 0, D) + 4 * step + n[:, None] * (4 * H) + k[None, :]
    h_prev, c_prev = find(table, 1, D) + step, find(table, 2, tl.float32) + step
    R, P = find(table, 3, D), find(table, 4, D if KIND == "full" else tl.float32)
    past = sequences_past(table, t, n, B, LENGTHS)
    # Column j is network j % 4 of element j // 4, so that halving the last axis twice parts the networks.
    j = tl.arange(0, 4 * BLOCK_H)
    m, element = j % 4, tl.program_id(1) * BLOCK_H + j // 4
    row = (m * H + element) * H
    sums = tl.zeros((BLOCK_B, 4 * BLOCK_H), tl.float32)
    sums = add_product(sums, h_prev + n * H, n < B, R + row, element < H, H, D, PRECISION, BLOCK_K)
    if KIND == "full":
        looks = (element < H) & (m < 2)
        sums = add_product(sums, c_prev + n * H, n < B, P + row, looks, H, D, PRECISION, BLOCK_K)
    i_g, f_o = tl.split(sums.reshape(BLOCK_B, BLOCK_H, 2, 2))
    i, g = tl.split(i_g)
    f, o = tl.split(f_o)
    i, f, g = i + load(net, inside), f + load(net + H, inside), g + load(net + 2 * H, inside)
    o += load(net + 3 * H, inside)
    i, f, g, c = remember(i, f, g, load(c_prev + tile, inside), P + k, k < H, past, H, KIND)
    if KIND != "full":
        o, h = output(o, c, P + k, k < H, past, H, KIND)
        tl.store(h_prev + B * H + tile, h, mask=inside)
    tl.store(c_prev + B * H + tile, c, mask=inside)
    tl.store(net, i, mask=inside)
    tl.store(net + H, f, mask=inside)
    tl.store(net + 2 * H, g, mask=inside)
    tl.store(net + 3 * H, o, mask=inside)


@triton.jit(do_not_specialize=["t", "B"])
def forward_output(
    table,
    t,
    B,
    H: constexpr,
    D: constexpr,
    LENGTHS: constexpr,
    PRECISION: constexpr,
    BLOCK_B: constexpr,
    BLOCK_H: constexpr,
    BLOCK_K: constexpr,
):
    """Do what is left of step t with full peepholes: the output valve looks at all of c_t."""
    n, k, inside, tile = place(B, H, BLOCK_B, BLOCK_H)
    step = (t.to(tl.int64) + 1) * B * H
    sum_o = find(table, 0, D) + 4 * (step - B * H) + n[:, None] * (4 * H) + k[None, :] + 3 * H
    h_t, c_t = find(table, 1, D) + step, find(table, 2, tl.float32) + step
    P_o = find(table, 4, D) + (2 * H + k) * H
    o = add_product(load(sum_o, inside), c_t + n * H, n < B, P_o, k < H, H, D, PRECISION, BLOCK_K)
    past = sequences_past(table, t, n, B, LENGTHS)
    o, h = output(o, load(c_t + tile, inside), P_o, k < H, past, H, "full")
    tl.store(sum_o, o, mask=inside)
    tl.store(h_t + tile, h, mask=inside)


@triton.jit(do_not_specialize=["t", "first", "B"])
def backward_step(
    table,
    t,
    first,
    B,
    H: constexpr,
    D: constexpr,
    KIND: constexpr,
    PRECISION: constexpr,
    BLOCK_B: constexpr,
    BLOCK_H: constexpr,
    BLOCK_K: constexpr,
):
    """Go back through step t, or, with full peepholes, through its last part: what does not need all of d_o.

    What reached c_t from later steps is in `carried` (B, H), but for what full peepholes bring. R and full peepholes
    are turned over, (H, 4H) and (H, 3H). d_nets has a last step of zeros; the steps of d_c begin with `first`.
    """
    n, k, inside, tile = place(B, H, BLOCK_B, BLOCK_H)
    step = t.to(tl.int64) * B * H
    net_tile = 4 * step + n[:, None] * (4 * H) + k[None, :]
    d_net, net, c_prev = (
        find(table, 0, D) + net_tile,
        find(table, 1, D) + net_tile,
        find(table, 2, tl.float32) + step + tile,
    )
    R, P = find(table, 3, D), find(table, 4, D if KIND == "full" else tl.float32)
    carried = find(table, 5, tl.float32) + tile
    d_h_t, d_c_t = load(find(table, 6, D) + step + tile, inside), load(carried, inside)
    d_memory = find(table, 7, tl.float32) + (t.to(tl.int64) - first) * B * H
    d_c_t += load(d_memory + tile, inside & (t >= first))
    later = find(table, 0, D) + 4 * step + (B + n) * (4 * H)
    d_h_t = add_product(d_h_t, later, n < B, R + k * (4 * H), k < H, 4 * H, D, PRECISION, BLOCK_K)
    if KIND == "full":
        d_c_t = add_product(d_c_t, later, n < B, P + k * (3 * H), k < H, 2 * H, D, PRECISION, BLOCK_K)
    o_t, c_t = load(net + 3 * H, inside), load(c_prev + B * H, inside)
    d_o, d_c_t = back_through_output(d_h_t, d_c_t, o_t, c_t, P + k, k < H, H, KIND)
    tl.store(d_net + 3 * H, d_o, mask=inside)
    if KIND != "full":
        c = load(c_prev, inside)
        _, _, _, d_c_t = back_through_memory(d_c_t, d_net, net, c, P + k, inside, k < H, H, KIND)
    tl.store(carried, d_c_t, mask=inside)


@triton.jit(do_not_specialize=["t", "B"])
def backward_memory(
    table,
    t,
    B,
    H: constexpr,
    D: constexpr,
    PRECISION: constexpr,
    BLOCK_B: constexpr,
    BLOCK_H: constexpr,
    BLOCK_K: constexpr,
):
    """Go back through what is left of step t with full peepholes: c_t receives from all of d_o."""
    n, k, inside, tile = place(B, H, BLOCK_B, BLOCK_H)
    step = t.to(tl.int64) * B * H
    net_tile = 4 * step + n[:, None] * (4 * H) + k[None, :]
    d_nets, net = find(table, 0, D), find(table, 1, D) + net_tile
    c_prev, carried = find(table, 2, tl.float32) + step + tile, find(table, 5, tl.float32) + tile
    P_o, d_o = find(table, 4, D) + k * (3 * H) + 2 * H, d_nets + 4 * step + n * (4 * H) + 3 * H
    d_c_t = add_product(load(carried, inside), d_o, n < B, P_o, k < H, H, D, PRECISION, BLOCK_K)
    c, d_net = load(c_prev, inside), d_nets + net_tile
    _, _, _, d_c_prev = back_through_memory(d_c_t, d_net, net, c, P_o, inside, k < H, H, "full")
    tl.store(carried, d_c_prev, mask=inside)
