"""An LSTM and its gradient as people write them from the equations: one matrix a network, over [h, x]."""

import numpy as np

NAMES = {"Wf": "RW f", "Wi": "RW i", "Wc": "RW g", "Wo": "RW o", "bf": "b f", "bi": "b i", "bc": "b g", "bo": "b o"}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(p, x, h0, c0):
    h, c = h0, c0
    hs, cs, gates = [], [], []
    for x_t in x:
        hx = np.concatenate([h, x_t], axis=1)
        f = sigmoid(hx @ p["Wf"].T + p["bf"])
        i = sigmoid(hx @ p["Wi"].T + p["bi"])
        g = np.tanh(hx @ p["Wc"].T + p["bc"])
        o = sigmoid(hx @ p["Wo"].T + p["bo"])
        c = f * c + i * g
        h = o * np.tanh(c)
        hs.append(h)
        cs.append(c)
        gates.append((f, i, g, o))
    f, i, g, o = (np.stack(each) for each in zip(*gates))
    return {"h_t": np.stack(hs), "c_t": np.stack(cs), "f_t": f, "i_t": i, "g_t": g, "o_t": o}


def backward(p, x, h0, c0, d_h):
    s = forward(p, x, h0, c0)
    hs, cs = np.concatenate([h0[None], s["h_t"]]), np.concatenate([c0[None], s["c_t"]])
    grads = {name: np.zeros_like(weight) for name, weight in p.items()}
    dx = np.zeros_like(x)
    H = h0.shape[1]
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        f, i, g, o = s["f_t"][t], s["i_t"][t], s["g_t"][t], s["o_t"][t]
        hx = np.concatenate([hs[t], x[t]], axis=1)
        dh = d_h[t] + dh_next
        do = dh * np.tanh(cs[t + 1]) * o * (1 - o)
        dc = dc_next + dh * o * (1 - np.tanh(cs[t + 1]) ** 2)
        df = dc * cs[t] * f * (1 - f)
        di = dc * g * i * (1 - i)
        dg = dc * i * (1 - g**2)
        d_hx = df @ p["Wf"] + di @ p["Wi"] + dg @ p["Wc"] + do @ p["Wo"]
        for name, d in (("f", df), ("i", di), ("c", dg), ("o", do)):
            grads["W" + name] += d.T @ hx
            grads["b" + name] += d.sum(axis=0)
        dh_next, dc_next = d_hx[:, :H], dc * f
        dx[t] = d_hx[:, H:]
    return {**grads, "x": dx, "h0": dh_next, "c0": dc_next}
