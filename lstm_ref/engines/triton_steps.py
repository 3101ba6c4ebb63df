"""The kernels of `lstm_ref.engines.triton_engine` for many elements: each launch does one step.

A step needs what all programs made of the step before. With full peepholes it takes two launches, because one valve
looks at all of what the other networks make. The kernels find their arrays in a table, so that launches which were
recorded as a CUDA graph serve other arrays too. It holds addresses. Forward: 0 nets, 1 h, 2 c, 3 R, 4 P, 5 lengths.
Backward: 0 d_nets, 1 nets, 2 c, 3 R, 4 P, 5 what is carried to the step before, in the end d_c0, 6 d_h, 7 d_c. Where
there are no lengths or no P, R's address stands in and is never read.
"""

# Triton gives the arguments their types when it compiles, and Python has no names for them.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

import triton
import triton.language as tl
from triton.language import constexpr

from lstm_ref.engines.triton_parts import (
    back_through_memory,
    back_through_output,
    diagonals,
    load,
    output,
    place,
    remember,
)


@triton.jit
def sequences_past(table, t, n, B, LENGTHS: constexpr):
    """Return which sequences n have ended before step t."""
    past = t >= tl.load(find(table, 5, tl.int64) + n, mask=n < B, other=0) if LENGTHS else n < 0
    return past[:, None]


@triton.jit
def fill(table, a, b, c, d, e, f, g, h):
    """Write down where eight arrays begin: launches that were recorded look there for those of this call."""
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
def piece(rows, k, there, K: constexpr, D: constexpr):
    """Return some columns k of rows, given where each row begins."""
    return tl.load(rows[:, None] + k[None, :], mask=there[:, None] & (k < K)[None, :], other=0).to(D)


@triton.jit
def add_product(total, a, a_there, b, b_there, K: constexpr, D: constexpr, PRECISION: constexpr, BLOCK_K: constexpr):
    """Return total + A @ B.T, given where each row of A and of B begins; a row is K numbers side by side."""
    # Two sums, because a product waits for the one before it in its sum.
    other = tl.zeros_like(total)
    for start in range(0, K, 2 * BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        left, right = piece(a, k, a_there, K, D), piece(b, k, b_there, K, D)
        total = tl.dot(left, right.T, total, input_precision=PRECISION)
        left, right = piece(a, k + BLOCK_K, a_there, K, D), piece(b, k + BLOCK_K, b_there, K, D)
        other = tl.dot(left, right.T, other, input_precision=PRECISION)
    return total + other


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
    P_i, P_f, P_o = diagonals(P, k, H, KIND)
    past = sequences_past(table, t, n, B, LENGTHS)
    # What the product does not need is asked for before it, and comes meanwhile.
    x_i, x_f, x_g = load(net, inside), load(net + H, inside), load(net + 2 * H, inside)
    x_o, c = load(net + 3 * H, inside), load(c_prev + tile, inside)
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
    o += x_o
    i, f, g, c = remember(i + x_i, f + x_f, g + x_g, c, P_i, P_f, past, KIND)
    if KIND != "full":
        o, h = output(o, c, P_o, past, KIND)
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
    past, c = sequences_past(table, t, n, B, LENGTHS), load(c_t + tile, inside)
    o = add_product(load(sum_o, inside), c_t + n * H, n < B, P_o, k < H, H, D, PRECISION, BLOCK_K)
    o, h = output(o, c, P_o, past, "full")
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
    P_i, P_f, P_o = diagonals(P, k, H, KIND)
    carried = find(table, 5, tl.float32) + tile
    d_h_t, d_c_t = load(find(table, 6, D) + step + tile, inside), load(carried, inside)
    d_memory = find(table, 7, tl.float32) + (t.to(tl.int64) - first) * B * H
    d_c_t += load(d_memory + tile, inside & (t >= first))
    o_t, c_t = load(net + 3 * H, inside), load(c_prev + B * H, inside)
    if KIND != "full":
        i_t, f_t, g_t = load(net, inside), load(net + H, inside), load(net + 2 * H, inside)
        c = load(c_prev, inside)
    later = find(table, 0, D) + 4 * step + (B + n) * (4 * H)
    d_h_t = add_product(d_h_t, later, n < B, R + k * (4 * H), k < H, 4 * H, D, PRECISION, BLOCK_K)
    if KIND == "full":
        d_c_t = add_product(d_c_t, later, n < B, P + k * (3 * H), k < H, 2 * H, D, PRECISION, BLOCK_K)
    d_o, d_c_t = back_through_output(d_h_t, d_c_t, o_t, c_t, P_o, KIND)
    tl.store(d_net + 3 * H, d_o, mask=inside)
    if KIND != "full":
        _, _, _, d_c_t = back_through_memory(d_c_t, d_net, i_t, f_t, g_t, c, P_i, P_f, inside, H, KIND)
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
    i_t, f_t, g_t = load(net, inside), load(net + H, inside), load(net + 2 * H, inside)
    c, d_net = load(c_prev, inside), d_nets + net_tile
    d_c_t = add_product(load(carried, inside), d_o, n < B, P_o, k < H, H, D, PRECISION, BLOCK_K)
    _, _, _, d_c_prev = back_through_memory(d_c_t, d_net, i_t, f_t, g_t, c, P_o, P_o, inside, H, "full")
    tl.store(carried, d_c_prev, mask=inside)
