"""The arithmetic of `lstm_ref.engines.numpy_engine` in torch operations, for tensors on any device and of any dtype."""

import torch
from torch import Tensor

from lstm_ref.gates import F_T, G_T, I_T, O_T

TENSORS = True


def forward(
    x: Tensor, h0: Tensor, c0: Tensor, W: Tensor, R: Tensor, b: Tensor, P: Tensor | None, lengths: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    T, B, _ = x.shape
    H = R.shape[1]
    h, c = x.new_empty(T + 1, B, H), x.new_empty(T + 1, B, H)
    h[0], c[0] = h0, c0
    diagonal = P is not None and P.dim() == 2
    nets = torch.nn.functional.linear(x, W, b).reshape(T, B, 4, H)
    for t in range(T):
        i_f, nets[t, :, G_T], nets[t, :, O_T], c[t + 1], h[t + 1] = _step(nets[t], h[t], c[t], R, P, diagonal)
        nets[t, :, :2] = i_f
    if lengths is not None:
        past = (torch.arange(T, device=x.device)[:, None] >= lengths)[:, :, None]
        last = c.gather(0, lengths[None, :, None].expand(1, B, H))
        held = x.new_zeros(4, 1)
        held[F_T] = 1
        nets = torch.where(past[..., None], held, nets)
        h[1:], c[1:] = h[1:].masked_fill(past, 0), torch.where(past, last, c[1:])
    return nets, h, c


def unrolled(
    x: Tensor, h0: Tensor, c0: Tensor, W: Tensor, R: Tensor, b: Tensor | None, P: Tensor | None, lengths: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return every h_t and every c_t, both (T, B, H), by operations that PyTorch can differentiate, and again."""
    T, B, _ = x.shape
    h_t, c_t, h, c = h0, c0, [], []
    diagonal = P is not None and P.dim() == 2
    for t, sums in enumerate(torch.nn.functional.linear(x, W, b).reshape(T, B, 4, -1).unbind(0)):
        h_prev, c_prev = h_t, c_t
        *_, c_t, h_t = _step(sums, h_prev, c_prev, R, P, diagonal)
        if lengths is not None:
            past = (t >= lengths)[:, None]
            c_t, h_t = torch.where(past, c_prev, c_t), h_t.masked_fill(past, 0)
        h.append(h_t)
        c.append(c_t)
    return torch.stack(h), torch.stack(c)


def backward(
    d_h: Tensor, d_c: Tensor, x: Tensor, W: Tensor, R: Tensor, P: Tensor | None, nets: Tensor, h: Tensor, c: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | None]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    T, B, _, H = nets.shape
    diagonal = P is not None and P.dim() == 2
    i, f, g, o = nets.unbind(2)
    squashed = torch.tanh(c[1:])
    # The slopes of all sums; each step then multiplies its own by the gradient that arrives.
    d_nets = torch.empty_like(nets)
    d_nets[:, :, I_T], d_nets[:, :, F_T] = g * i * (1 - i), c[:-1] * f * (1 - f)
    d_nets[:, :, G_T], d_nets[:, :, O_T] = i * (1 - g * g), squashed * o * (1 - o)
    through_h = o * (1 - squashed * squashed)
    from_later, d_c_t = torch.zeros_like(h[0]), torch.zeros_like(c[0])
    for t in reversed(range(T)):
        d_h_t = d_h[t] + from_later
        d_nets[t, :, O_T] *= d_h_t
        if t >= T - len(d_c):
            d_c_t = d_c_t + d_c[t - T + len(d_c)]
        d_c_t = d_c_t + d_h_t * through_h[t]
        # The output valve's gradient reaches c_t through its peephole before c_t's reaches the other three.
        if P is not None:
            d_c_t = d_c_t + _look_back(P[2:], d_nets[t, :, 3:], diagonal)
        d_nets[t, :, :3] *= d_c_t[:, None]
        from_later = d_nets[t].reshape(B, 4 * H) @ R
        d_c_t = d_c_t * f[t]
        if P is not None:
            d_c_t = d_c_t + _look_back(P[:2], d_nets[t, :, :2], diagonal)
    # Every gradient that can wait for the end is one product over all steps.
    flat = d_nets.reshape(T * B, 4 * H)
    d_x = torch.matmul(flat, W).reshape(x.shape)
    d_W = flat.T @ x.reshape(T * B, -1)
    d_R = flat.T @ h[:-1].reshape(T * B, H)
    d_P = None
    if P is not None:
        product = "tbh,tbh->h" if diagonal else "tbh,tbk->hk"
        seen = ((I_T, c[:-1]), (F_T, c[:-1]), (O_T, c[1:]))
        d_P = torch.stack([torch.einsum(product, d_nets[:, :, k], memory) for k, memory in seen])
    return d_x, from_later, d_c_t, d_W, d_R, flat.sum(0), d_P


def _step(
    sums: Tensor, h_prev: Tensor, c_prev: Tensor, R: Tensor, P: Tensor | None, diagonal: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return i_t and f_t (B, 2, H), g_t, o_t, c_t and h_t (B, H) from what the input gave to the sums (B, 4, H)."""
    # i and f stand side by side because both see the old memory; o waits for the new one.
    i_f, g_t, o_t = torch.split(sums + (h_prev @ R.T).reshape(sums.shape), [2, 1, 1], dim=1)
    if P is not None:
        i_f = i_f + _look(P[:2], c_prev, diagonal)
    i_f, g_t = torch.sigmoid(i_f), torch.tanh(g_t[:, 0])
    i_t, f_t = i_f.unbind(1)
    c_t = torch.addcmul(f_t * c_prev, i_t, g_t)
    if P is not None:
        o_t = o_t + _look(P[2:], c_t, diagonal)
    o_t = torch.sigmoid(o_t[:, 0])
    return i_f, g_t, o_t, c_t, o_t * torch.tanh(c_t)


def _look(P: Tensor, c: Tensor, diagonal: bool) -> Tensor:
    """Return what k valves (B, k, H) see of the memory c (B, H) through their peepholes P (k, H) or (k, H, H)."""
    return c[:, None] * P if diagonal else torch.einsum("bh,kjh->bkj", c, P)


def _look_back(P: Tensor, d_sums: Tensor, diagonal: bool) -> Tensor:
    """Return the gradient of the memory (B, H) from those of k sums (B, k, H) that looked at it."""
    return (d_sums * P).sum(1) if diagonal else torch.einsum("bkj,kjh->bh", d_sums, P)
