"""The steps from the formulas to the engine, each a whole forward and backward pass of a unit with diagonal peepholes.

Each function takes `weights`, x (T, B, I) and d_h (T, B, H) and returns d_x, d_W (4H, I), d_R (4H, H), d_b (4H,) and
d_P (3, H), the networks in the order of the engines.
"""

from functools import partial

import numpy as np

from lstm_ref.engines.choosing import module
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.gradients import step_backward, weight_gradients
from lstm_ref.sequence import stacked
from lstm_ref.unit import sigmoid, step


def by_name(weights, x, d_h):
    """The formulas as they stand: one network after the other, step by step."""
    h = c = np.zeros((x.shape[1], weights.hidden_size), x.dtype)
    steps, d_x, total = [], np.empty_like(x), dict.fromkeys(weights.to_dict(), 0)
    for x_t in x:
        steps.append(step(x_t, h, c, weights))
        h, c = steps[-1].h_t, steps[-1].c_t
    d_later, d_c = 0, 0
    for t in reversed(range(len(x))):
        back = step_backward(steps[t], weights, d_h[t] + d_later, d_c)
        d_x[t], d_later, d_c = back.x_t, back.h_prev, back.c_prev
        for name, share in weight_gradients(steps[t], back, "diagonal").items():
            total[name] = total[name] + share
    stack = {kind: np.concatenate([total[f"{kind}_{net}"] for net in ORDERS["torch"]]) for kind in "WRb"}
    return d_x, stack["W"], stack["R"], stack["b"], np.stack([total[f"P_{net}"] for net in LOOKING["torch"]])


def side_by_side(weights, x, d_h):
    """The four networks in one product, still step by step."""
    W, R, b, P = stacked(weights)
    h = c = np.zeros((x.shape[1], weights.hidden_size), x.dtype)
    steps = []
    for x_t in x:
        z = x_t @ W.T + h @ R.T + b
        steps.append((x_t, h, c, *_one_step(z, c, P)))
        c, h = steps[-1][-2:]
    d_later, d_c = 0, 0
    d_x, d_W, d_R, d_b, d_P = np.empty_like(x), 0, 0, 0, 0
    for t in reversed(range(len(x))):
        x_t, h_prev = steps[t][:2]
        d_z, d_c, looks = _one_step_back(steps[t], d_h[t] + d_later, d_c, P)
        d_x[t], d_later = d_z @ W, d_z @ R
        d_W, d_R, d_b, d_P = d_W + d_z.T @ x_t, d_R + d_z.T @ h_prev, d_b + d_z.sum(axis=0), d_P + looks
    return d_x, d_W, d_R, d_b, d_P


def at_once(weights, x, d_h):
    """The input's share of all steps in one product, and each weight's gradient in one at the end."""
    W, R, b, P = stacked(weights)
    h = c = np.zeros((x.shape[1], weights.hidden_size), x.dtype)
    steps = []
    for share in x @ W.T + b:
        steps.append((None, h, c, *_one_step(share + h @ R.T, c, P)))
        c, h = steps[-1][-2:]
    d_later, d_c, d_P, d_zs = 0, 0, 0, []
    for t in reversed(range(len(x))):
        d_z, d_c, looks = _one_step_back(steps[t], d_h[t] + d_later, d_c, P)
        d_later, d_P = d_z @ R, d_P + looks
        d_zs.append(d_z)
    d_z = np.concatenate(d_zs[::-1])
    h_prev = np.concatenate([each[1] for each in steps])
    return (d_z @ W).reshape(x.shape), d_z.T @ x.reshape(len(d_z), -1), d_z.T @ h_prev, d_z.sum(axis=0), d_P


def by_engine(name, weights, x, d_h):
    """One of the engines: the slopes of many steps beforehand and buffers made once, or all of it as compiled loops."""
    engine = module(name)
    W, R, b, P = stacked(weights)
    zero = np.zeros(d_h.shape[1:], x.dtype)
    nets, h, c = engine.forward(x, zero, zero, W, R, b, P)
    d_x, _, _, d_W, d_R, d_b, d_P = engine.backward(d_h, zero[None], x, W, R, P, nets, h, c)
    return d_x, d_W, d_R, d_b, d_P


STAGES = {
    "by name": by_name,
    "side by side": side_by_side,
    "at once": at_once,
    "NumPy engine": partial(by_engine, "numpy"),
    "compiled engine": partial(by_engine, "compiled"),
}


def _one_step(z, c_prev, P):
    """Return i_t, f_t, g_t, o_t, c_t and h_t from the four sums (B, 4H)."""
    z_i, z_f, z_g, z_o = np.split(z, 4, axis=1)
    i_t, f_t, g_t = sigmoid(z_i + P[0] * c_prev), sigmoid(z_f + P[1] * c_prev), np.tanh(z_g)
    c_t = f_t * c_prev + i_t * g_t
    o_t = sigmoid(z_o + P[2] * c_t)
    return i_t, f_t, g_t, o_t, c_t, o_t * np.tanh(c_t)


def _one_step_back(signals, d_h_t, d_c_t, P):
    """Return the gradients of the four sums (B, 4H), of c_prev (B, H) and of the peepholes (3, H)."""
    _, _, c_prev, i_t, f_t, g_t, o_t, c_t, _ = signals
    squashed = np.tanh(c_t)
    d_o = d_h_t * squashed * o_t * (1 - o_t)
    d_c_t = d_c_t + d_h_t * o_t * (1 - squashed**2) + P[2] * d_o
    d_i, d_f = d_c_t * g_t * i_t * (1 - i_t), d_c_t * c_prev * f_t * (1 - f_t)
    d_g = d_c_t * i_t * (1 - g_t**2)
    looks = np.stack([(d_i * c_prev).sum(axis=0), (d_f * c_prev).sum(axis=0), (d_o * c_t).sum(axis=0)])
    return np.concatenate([d_i, d_f, d_g, d_o], axis=1), d_c_t * f_t + P[0] * d_i + P[1] * d_f, looks
