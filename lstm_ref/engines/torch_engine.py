"""`lstm_ref.engines.numpy_engine` once more, in torch operations: the same functions for tensors on any device and of any dtype."""

import torch


def forward(x, h0, c0, W, R, b, P, lengths=None):
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    T, B, _ = x.shape
    H = R.shape[1]
    h, c = x.new_empty(T + 1, B, H), x.new_empty(T + 1, B, H)
    h[0], c[0] = h0, c0
    nets = torch.nn.functional.linear(x, W, b).reshape(T, B, 4, H)
    for t in range(T):
        i_f, g_t, o_t = (nets[t] + (h[t] @ R.T).reshape(B, 4, H)).split((2, 1, 1), dim=1)
        if P is not None:
            i_f = i_f + _look(P[:2], c[t])
        i_f, g_t = torch.sigmoid(i_f), torch.tanh(g_t[:, 0])
        i_t, f_t = i_f.unbind(1)
        c_t = torch.addcmul(f_t * c[t], i_t, g_t)
        if P is not None:
            o_t = o_t + _look(P[2:], c_t)
        o_t = torch.sigmoid(o_t[:, 0])
        nets[t, :, :2], nets[t, :, 2], nets[t, :, 3] = i_f, g_t, o_t
        c[t + 1], h[t + 1] = c_t, o_t * torch.tanh(c_t)
    if lengths is not None:
        past = (torch.arange(T, device=x.device)[:, None] >= lengths)[:, :, None]
        last = c.gather(0, lengths[None, :, None].expand(1, B, H))
        held = x.new_zeros(4, 1)
        held[1] = 1
        nets = torch.where(past[..., None], held, nets)
        h[1:], c[1:] = h[1:].masked_fill(past, 0), torch.where(past, last, c[1:])
    return nets, h, c


def backward(d_h, d_c_last, x, W, R, P, nets, h, c):
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`."""
    T, B, _, H = nets.shape
    i, f, g, o = nets.unbind(2)
    squashed = torch.tanh(c[1:])
    # The slopes of all sums; each step then multiplies its own by the gradient that arrives.
    d_nets = torch.empty_like(nets)
    d_nets[:, :, 0], d_nets[:, :, 1] = g * i * (1 - i), c[:-1] * f * (1 - f)
    d_nets[:, :, 2], d_nets[:, :, 3] = i * (1 - g * g), squashed * o * (1 - o)
    through_h = o * (1 - squashed * squashed)
    from_later, d_c = torch.zeros_like(h[0]), d_c_last
    for t in reversed(range(T)):
        d_h_t = d_h[t] + from_later
        d_nets[t, :, 3] *= d_h_t
        d_c = d_c + d_h_t * through_h[t]
        if P is not None:
            d_c = d_c + _look_from(P[2:], d_nets[t, :, 3:])
        d_nets[t, :, :3] *= d_c[:, None]
        from_later = d_nets[t].reshape(B, 4 * H) @ R
        d_c = d_c * f[t]
        if P is not None:
            d_c = d_c + _look_from(P[:2], d_nets[t, :, :2])
    flat = d_nets.reshape(T * B, 4 * H)
    d_x = torch.matmul(flat, W).reshape(x.shape)
    d_W = flat.T @ x.reshape(T * B, -1)
    d_R = flat.T @ h[:-1].reshape(T * B, H)
    d_P = None
    if P is not None:
        product = "tbh,tbh->h" if P.ndim == 2 else "tbh,tbk->hk"
        seen = ((0, c[:-1]), (1, c[:-1]), (3, c[1:]))
        d_P = torch.stack([torch.einsum(product, d_nets[:, :, k], memory) for k, memory in seen])
    return d_x, from_later, d_c, d_W, d_R, flat.sum(0), d_P


def _look(P, c):
    """Return what k valves (B, k, H) see of the memory c (B, H) through their peepholes P (k, H) or (k, H, H)."""
    return c[:, None] * P if P.ndim == 2 else torch.einsum("bh,kjh->bkj", c, P)


def _look_from(P, d_sums):
    """Return the gradient of the memory (B, H) from those of k sums (B, k, H) that looked at it."""
    return (d_sums * P).sum(1) if P.ndim == 2 else torch.einsum("bkj,kjh->bh", d_sums, P)
