"""The kernels of `lstm_ref.engines.triton_engine` for few elements: one launch goes through all steps.

A program has BLOCK_B sequences and all elements, BLOCK_H of them with those that only fill the tile. So h and c stay in
registers, and no program needs what another made.
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
def matrix(M, k, m: constexpr, H: constexpr, TURNED: constexpr):
    """Return matrix m of (..., H, H), or the same turned over, with zeros beyond the elements that exist."""
    where = k[None, :] * H + k[:, None] if TURNED else k[:, None] * H + k[None, :]
    return tl.load(M + m * H * H + where, mask=(k < H)[:, None] & (k < H)[None, :], other=0)


@triton.jit
def dot(signal, M, total, PRECISION: constexpr):
    return tl.dot(signal.to(M.dtype), M, total, input_precision=PRECISION)


@triton.jit(do_not_specialize=["T", "B"])
def forward_loop(
    nets,
    h,
    c,
    R,
    P,
    lengths,
    T,
    B,
    H: constexpr,
    KIND: constexpr,
    LENGTHS: constexpr,
    PRECISION: constexpr,
    BLOCK_B: constexpr,
    BLOCK_H: constexpr,
    STAGES: constexpr,
):
    n, k, inside, tile = place(B, H, BLOCK_B, BLOCK_H)
    net_tile, size = n[:, None] * (4 * H) + k[None, :], B.to(tl.int64) * H
    R_i, R_f, R_g = matrix(R, k, 0, H, True), matrix(R, k, 1, H, True), matrix(R, k, 2, H, True)
    R_o = matrix(R, k, 3, H, True)
    P_i, P_f, P_o = diagonals(P, k, H, KIND)
    if KIND == "full":
        P_i, P_f, P_o = matrix(P, k, 0, H, True), matrix(P, k, 1, H, True), matrix(P, k, 2, H, True)
    past, end = (n < 0)[:, None], 0
    if LENGTHS:
        end = tl.load(lengths + n, mask=n < B, other=0)[:, None]
    h_t, c_t = load(h + tile, inside), load(c + tile, inside)
    for t in tl.range(0, T, num_stages=STAGES):
        net = nets + 4 * t * size + net_tile
        i, f = dot(h_t, R_i, load(net, inside), PRECISION), dot(h_t, R_f, load(net + H, inside), PRECISION)
        g, o = dot(h_t, R_g, load(net + 2 * H, inside), PRECISION), dot(h_t, R_o, load(net + 3 * H, inside), PRECISION)
        if KIND == "full":
            i, f = dot(c_t, P_i, i, PRECISION), dot(c_t, P_f, f, PRECISION)
        if LENGTHS:
            past = t >= end
        i, f, g, c_t = remember(i, f, g, c_t, P_i, P_f, past, KIND)
        if KIND == "full":
            o = dot(c_t, P_o, o, PRECISION)
        o, h_t = output(o, c_t, P_o, past, KIND)
        tl.store(net, i, mask=inside)
        tl.store(net + H, f, mask=inside)
        tl.store(net + 2 * H, g, mask=inside)
        tl.store(net + 3 * H, o, mask=inside)
        tl.store(c + (t + 1) * size + tile, c_t, mask=inside)
        tl.store(h + (t + 1) * size + tile, h_t, mask=inside)


@triton.jit(do_not_specialize=["T", "K", "B"])
def backward_loop(
    d_nets,
    nets,
    c,
    R,
    P,
    d_h,
    d_c,
    d_h0,
    d_c0,
    T,
    K,
    B,
    H: constexpr,
    KIND: constexpr,
    PRECISION: constexpr,
    BLOCK_B: constexpr,
    BLOCK_H: constexpr,
    STAGES: constexpr,
):
    n, k, inside, tile = place(B, H, BLOCK_B, BLOCK_H)
    net_tile, size = n[:, None] * (4 * H) + k[None, :], B.to(tl.int64) * H
    R_i, R_f, R_g = matrix(R, k, 0, H, False), matrix(R, k, 1, H, False), matrix(R, k, 2, H, False)
    R_o = matrix(R, k, 3, H, False)
    P_i, P_f, P_o = diagonals(P, k, H, KIND)
    if KIND == "full":
        P_i, P_f, P_o = matrix(P, k, 0, H, False), matrix(P, k, 1, H, False), matrix(P, k, 2, H, False)
    from_later = tl.zeros((BLOCK_B, BLOCK_H), tl.float32)
    d_c_t = tl.zeros((BLOCK_B, BLOCK_H), tl.float32)
    for back in tl.range(0, T, num_stages=STAGES):
        t = T - 1 - back
        net, d_net = nets + 4 * t * size + net_tile, d_nets + 4 * t * size + net_tile
        i_t, f_t, g_t = load(net, inside), load(net + H, inside), load(net + 2 * H, inside)
        c_prev, c_t = load(c + t * size + tile, inside), load(c + (t + 1) * size + tile, inside)
        d_h_t = from_later + load(d_h + t * size + tile, inside)
        d_c_t += load(d_c + (t - T + K) * size + tile, inside & (t >= T - K))
        d_o, d_c_t = back_through_output(d_h_t, d_c_t, load(net + 3 * H, inside), c_t, P_o, KIND)
        if KIND == "full":
            d_c_t = dot(d_o, P_o, d_c_t, PRECISION)
        d_i, d_f, d_g, d_c_t = back_through_memory(d_c_t, d_net, i_t, f_t, g_t, c_prev, P_i, P_f, inside, H, KIND)
        if KIND == "full":
            d_c_t = dot(d_f, P_f, dot(d_i, P_i, d_c_t, PRECISION), PRECISION)
        from_later = dot(d_f, R_f, dot(d_i, R_i, tl.zeros_like(d_h_t), PRECISION), PRECISION)
        from_later = dot(d_o, R_o, dot(d_g, R_g, from_later, PRECISION), PRECISION)
        tl.store(d_net + 3 * H, d_o, mask=inside)
    tl.store(d_h0 + tile, from_later, mask=inside)
    tl.store(d_c0 + tile, d_c_t, mask=inside)
