"""The units of the family with a matrix for a memory once more, in plain PyTorch, from the papers' forms.

As in family_vectors.py. Most papers keep the memory as V x K, values in rows; the package keeps S as K x H, keys in
rows. Here the loop runs in the paper's orientation, M (B, H, K), and S = M^T is taken before and after it.
Names in comments: * is element-wise, q, k, v are columns unless the paper has rows.
"""

import torch
from torch.nn.functional import softplus

sigmoid = torch.sigmoid


def pre(w, name, x):
    """W x + b, the bias only if it is there."""
    total = x @ w[f"W_{name}"].T
    return total + w[f"b_{name}"] if f"b_{name}" in w else total


def outer(a, b):
    """a b^T, row of the batch by row."""
    return a.unsqueeze(-1) @ b.unsqueeze(-2)


def times(matrix, vector):
    """matrix times column."""
    return (matrix @ vector.unsqueeze(-1)).squeeze(-1)


def unit(vector):
    return vector / torch.sqrt((vector**2).sum(-1, keepdim=True) + 1e-12)


def run(step, x, start):
    """M = M_prev A + v k^T, y = M q; step takes x_t and gives A (B, K, K), v, k and q. S in and out is M^T."""
    memory, outputs = start["S"].mT, []
    for x_t in x:
        transition, v, k, q = step(x_t)
        memory = memory @ transition + outer(v, k)
        outputs.append(times(memory, q))
    return torch.stack(outputs), {"S": memory.mT}


def mlstm(w, x, start):
    """Beck et al. 2024 (2405.04517), section 2.3, in the form before stabilisation:
    C = f C + i v k^T, n = f n + i k, h = o * C q / max(abs(n^T q), 1). The stabilised memories are
    those divided by exp(m). 1 becomes exp(-m) there, as in xlstm/blocks/mlstm/backends.py (which adds 1e-6)."""
    scale = torch.exp(start["m"])  # 0 where m begins at -1e9
    C, n, m, outputs = start["S"].mT * scale[..., None], start["n"] * scale, start["m"], []
    for x_t in x:
        i, f, o = torch.exp(pre(w, "i", x_t)), sigmoid(pre(w, "f", x_t)), sigmoid(pre(w, "o", x_t))
        q, v = pre(w, "q", x_t), pre(w, "v", x_t)
        k = x_t @ w["W_k"].T / w["W_k"].shape[0] ** 0.5 + w["b_k"]
        C = f[..., None] * C + i[..., None] * outer(v, k)
        n = f * n + i * k
        bound = torch.clamp((n * q).sum(-1, keepdim=True).abs(), min=1.0)
        outputs.append(o * times(C, q) / bound)
        m = torch.maximum(torch.log(f) + m, torch.log(i))
    scale = torch.exp(-m)
    return torch.stack(outputs), {"S": C.mT * scale[..., None], "n": n * scale, "m": m}


def selective_ssm(w, x, start):
    """Gu and Dao 2023 (2312.00752), equation 2a with the discretisation of mamba's selective_scan_ref:
    h (H, K) = exp(d A) * h_prev + d B u, y = h C + D u; A (H, K) by channel, d of the channel, B and C shared."""
    A, h, outputs = -torch.exp(w["A_log"]).T, start["S"].mT, []
    for x_t in x:
        u, delta = pre(w, "u", x_t), softplus(pre(w, "d", x_t))
        h = torch.exp(delta[..., None] * A) * h + outer(delta * u, pre(w, "k", x_t))
        outputs.append(times(h, pre(w, "q", x_t)) + w["D"] * u)
    return torch.stack(outputs), {"S": h.mT}


def gated_linear_attention(w, x, start):
    """Yang et al. 2024 (2312.06635), section 4: S (K, H) = (f^T 1) * S_prev + k^T v, o = q S in rows, here transposed
    into M diag(f) + v k^T; q is scaled by 1 / sqrt(K) as in flash-linear-attention's fla/ops/gla/naive.py."""

    def step(x_t):
        q = pre(w, "q", x_t)
        return torch.diag_embed(sigmoid(pre(w, "f", x_t))), pre(w, "v", x_t), pre(w, "k", x_t), q / q.shape[-1] ** 0.5

    return run(step, x, start)


def delta_rule(w, x, start, strength=1.0):
    """S = S_prev a (I - b k k^T) + b v k^T, o = S q; a = 1 where the unit has no W_a."""
    eye = torch.eye(w["W_k"].shape[0], dtype=x.dtype)

    def step(x_t):
        q, k, b = unit(pre(w, "q", x_t)), unit(pre(w, "k", x_t)), strength * sigmoid(pre(w, "b", x_t))
        transition = eye - b[..., None] * outer(k, k)
        if "W_a" in w:
            transition = sigmoid(pre(w, "a", x_t))[..., None] * transition
        return transition, b * pre(w, "v", x_t), k, q

    return run(step, x, start)


def delta_net(w, x, start):
    """Schlag et al. 2021 (2102.11174); Yang et al. 2024 (2406.06484), with keys and queries of length 1."""
    return delta_rule(w, x, start)


def delta_net_to_2(w, x, start):
    """Grazzi et al. 2024 (2411.12537): b up to 2, so that I - b k k^T has an eigenvalue down to -1."""
    return delta_rule(w, x, start, strength=2.0)


def gated_delta_net(w, x, start):
    """Yang et al. 2024 (2412.06464), the gated delta rule, with a and b from plain sigmoids."""
    return delta_rule(w, x, start)


def rwkv_7(w, x, start):
    """Peng et al. 2025 (2503.14456), section 4, in rows: S (H, K) = S_prev (diag(w) - kk^T (a * kk)) + v^T k,
    o = q S^T; w = exp(-exp(-0.5) σ(.)). As in RWKV-LM's rwkv_v7_numpy.py, with the package's simplifications."""

    def step(x_t):
        decay = torch.exp(-sigmoid(pre(w, "w", x_t)) / torch.e**0.5)
        k, a = pre(w, "k", x_t), sigmoid(pre(w, "a", x_t))
        kk = unit(w["s_k"] * k)
        return torch.diag_embed(decay) - outer(kk, a * kk), pre(w, "v", x_t), k, pre(w, "q", x_t)

    return run(step, x, start)


ORACLES = {
    "mlstm": mlstm,
    "selective-ssm": selective_ssm,
    "gated-linear-attention": gated_linear_attention,
    "delta-net": delta_net,
    "delta-net-to-2": delta_net_to_2,
    "gated-delta-net": gated_delta_net,
    "rwkv-7": rwkv_7,
}
