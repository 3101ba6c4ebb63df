"""The units of the family with vectors for memories once more, in plain PyTorch, from the papers' forms.

Each takes the named weights w, x (T, B, I) and the first states, and returns the outputs (T, B, H) and the last states.
Public modules stand in where one has the same equations; they are made on the meta device, so that no random number
is drawn, and called through functional_call, so that gradients reach w. Rows are the batch: W x is x @ W.T.
"""

import torch
from torch.func import functional_call
from torch.nn.functional import layer_norm as normalised
from torchrecurrent import JANETCell, MUT1Cell, OriginalLSTMCell, PeepholeLSTMCell

sigmoid, tanh = torch.sigmoid, torch.tanh
OPEN = 1e3  # the bias of a gate that is left out: its sigmoid is exactly 1


def pre(w, name, x, h=None):
    """W x + R h + b, each part only if it is there."""
    total = x @ w[f"W_{name}"].T
    if h is not None:
        total = total + h @ w[f"R_{name}"].T
    return total + w[f"b_{name}"] if f"b_{name}" in w else total


def run(step, x, start):
    """One time step per iteration; step takes x_t and the states by name and returns the new ones."""
    states, outputs = dict(start), []
    for x_t in x:
        states = step(x_t, **states)
        outputs.append(states["h"])
    return torch.stack(outputs), states


def joined(w, letter, names):
    return torch.cat([w[f"{letter}_{name}"] for name in names])


# --- LSTMs through public modules ---


def meta(module, x, hidden):
    return module(x.shape[-1], hidden, device="meta", dtype=x.dtype)


def lstm(w, x, start):
    """torch.nn.LSTM; its gates come in the order i, f, g, o."""
    hidden = start["h"].shape[-1]
    bias = joined(w, "b", "ifgo")
    weights = {
        "weight_ih_l0": joined(w, "W", "ifgo"),
        "weight_hh_l0": joined(w, "R", "ifgo"),
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }
    states = (start["h"][None], start["c"][None])
    outputs, (h, c) = functional_call(meta(torch.nn.LSTM, x, hidden), weights, (x, states))
    return outputs, {"h": h[0], "c": c[0]}


def cell_lstm(cell, w, order, x, start):
    """torchrecurrent's LSTM cells: the recurrent bias is zero, weight_ph are the peepholes i, f, o in a row."""
    bias = joined(w, "b", order)
    weights = {
        "weight_ih": joined(w, "W", order),
        "weight_hh": joined(w, "R", order),
        "bias_ih": bias,
        "bias_hh": torch.zeros_like(bias),
    }
    if "P_i" in w:
        weights["weight_ph"] = joined(w, "P", "ifo")
    module = meta(cell, x, start["h"].shape[-1])
    return run(lambda x_t, h, c: dict(zip("hc", functional_call(module, weights, (x_t, (h, c))))), x, start)


def lstm_1997(w, x, start):
    """Hochreiter and Schmidhuber 1997, section 4, with tanh for the paper's two scaled sigmoids, as in the package."""
    return cell_lstm(OriginalLSTMCell, w, "igo", x, start)


def peephole(w, x, start):
    """Gers and Schmidhuber 2000 (also Gers et al. 2002, Greff et al. section II.A): PeepholeLSTMCell has the same
    equations, peepholes of i and f at c_prev, of o at the new c."""
    return cell_lstm(PeepholeLSTMCell, w, "ifgo", x, start)


def without_gate(gate, w, x, start):
    """NIG, NFG and NOG of Greff et al. 2015: a gate fixed at 1, here by a huge bias and no other weights."""
    fixed = {
        f"W_{gate}": torch.zeros_like(w["W_g"]),
        f"R_{gate}": torch.zeros_like(w["R_g"]),
        f"P_{gate}": torch.zeros_like(w["b_g"]),
        f"b_{gate}": torch.full_like(w["b_g"], OPEN),
    }
    return peephole({**w, **fixed}, x, start)


def no_input_gate(w, x, start):
    return without_gate("i", w, x, start)


def no_forget_gate(w, x, start):
    return without_gate("f", w, x, start)


def no_output_gate(w, x, start):
    return without_gate("o", w, x, start)


# --- LSTMs by their equations (Greff et al. 2015, arXiv 1503.04069, section II.A and its list of variants) ---


def full_peephole(w, x, start):
    """The peephole LSTM with matrices in place of the diagonals."""

    def step(x_t, h, c):
        f = sigmoid(pre(w, "f", x_t, h) + c @ w["P_f"].T)
        i = sigmoid(pre(w, "i", x_t, h) + c @ w["P_i"].T)
        c = f * c + i * tanh(pre(w, "g", x_t, h))
        return {"h": sigmoid(pre(w, "o", x_t, h) + c @ w["P_o"].T) * tanh(c), "c": c}

    return run(step, x, start)


def greff(w, x, start, g=tanh, squash=tanh, coupled_gates=False):
    def step(x_t, h, c):
        z = g(pre(w, "g", x_t, h))
        f = sigmoid(pre(w, "f", x_t, h) + w["P_f"] * c)
        i = 1 - f if coupled_gates else sigmoid(pre(w, "i", x_t, h) + w["P_i"] * c)
        c = z * i + c * f
        o = sigmoid(pre(w, "o", x_t, h) + w["P_o"] * c)
        return {"h": squash(c) * o, "c": c}

    return run(step, x, start)


def no_input_activation(w, x, start):
    return greff(w, x, start, g=lambda z: z)


def no_output_activation(w, x, start):
    return greff(w, x, start, squash=lambda c: c)


def coupled(w, x, start):
    """CIFG. The paper learns i and takes f = 1 - i; the package learns f (the same set of functions)."""
    return greff(w, x, start, coupled_gates=True)


def full_gate_recurrence(w, x, start):
    """FGR. Greff et al. write R_fi for what i sees of f_prev; the package's R_fi is what f sees of i_prev."""

    def seen(gate, last):
        return sum(last[source] @ w[f"R_{gate}{source}"].T for source in "fio")

    def step(x_t, h, c, f, i, o):
        last = {"f": f, "i": i, "o": o}
        new_f = sigmoid(pre(w, "f", x_t, h) + w["P_f"] * c + seen("f", last))
        new_i = sigmoid(pre(w, "i", x_t, h) + w["P_i"] * c + seen("i", last))
        c = tanh(pre(w, "g", x_t, h)) * new_i + c * new_f
        new_o = sigmoid(pre(w, "o", x_t, h) + w["P_o"] * c + seen("o", last))
        return {"h": tanh(c) * new_o, "c": c, "f": new_f, "i": new_i, "o": new_o}

    return run(step, x, start)


def layer_norm(w, x, start):
    """After Ba et al. 2016 (1607.06450), supplement (its LSTM), but as in the package: each gate's whole sum
    W x + R h is normalised by itself (the paper normalises R h and W x apart, over all gates at once)."""

    def norm(values, name):
        return normalised(values, values.shape[-1:], w[f"a_{name}"], w[f"b_{name}"], 1e-5)

    def step(x_t, h, c):
        f, i, g, o = (norm(x_t @ w[f"W_{k}"].T + h @ w[f"R_{k}"].T, k) for k in "figo")
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return {"h": sigmoid(o) * tanh(norm(c, "c")), "c": c}

    return run(step, x, start)


# --- Units with h alone ---


def gru(w, x, start):
    """Chung et al. 2014 (1412.3555), section 3.2; Cho et al. 2014 (1406.1078) equation 7 has z the other way round."""

    def step(x_t, h):
        z, r = sigmoid(pre(w, "z", x_t, h)), sigmoid(pre(w, "r", x_t, h))
        return {"h": (1 - z) * h + z * tanh(pre(w, "g", x_t, r * h))}

    return run(step, x, start)


def gru_reset_after(w, x, start):
    """torch.nn.GRU; its order is r, z, n. Of the recurrent biases only that of n is used."""
    none = torch.zeros_like(w["b_h"])
    weights = {
        "weight_ih_l0": joined(w, "W", "rzg"),
        "weight_hh_l0": joined(w, "R", "rzg"),
        "bias_ih_l0": joined(w, "b", "rzg"),
        "bias_hh_l0": torch.cat([none, none, w["b_h"]]),
    }
    module = meta(torch.nn.GRU, x, start["h"].shape[-1])
    outputs, h = functional_call(module, weights, (x, start["h"][None]))
    return outputs, {"h": h[0]}


def mut1(w, x, start):
    """Jozefowicz et al. 2015, MUT1, through torchrecurrent (the paper has tanh(x), not tanh(W_g x))."""
    none = torch.zeros_like(w["b_g"])
    weights = {
        "weight_ih": joined(w, "W", "zrg"),
        "weight_hh": joined(w, "R", "rg"),
        "bias_ih": torch.cat([w["b_z"], w["b_r"], none]),
        "bias_hh": torch.cat([none, w["b_g"]]),
    }
    module = meta(MUT1Cell, x, start["h"].shape[-1])
    return run(lambda x_t, h: {"h": functional_call(module, weights, (x_t, h))}, x, start)


def janet(w, x, start):
    """van der Westhuizen and Lasenby 2018 (1804.04849), through torchrecurrent; its h is its c."""
    bias = joined(w, "b", "fg")
    weights = {
        "weight_ih": joined(w, "W", "fg"),
        "weight_hh": joined(w, "R", "fg"),
        "bias_ih": bias,
        "bias_hh": torch.zeros_like(bias),
        "beta": w["beta"],
    }
    module = meta(JANETCell, x, start["h"].shape[-1])
    return run(lambda x_t, h: {"h": functional_call(module, weights, (x_t, (h, h)))[0]}, x, start)


def min_gru(w, x, start):
    """Feng et al. 2024 (2410.01201), section 3.1."""

    def step(x_t, h):
        z = sigmoid(pre(w, "z", x_t))
        return {"h": (1 - z) * h + z * pre(w, "g", x_t)}

    return run(step, x, start)


def min_lstm(w, x, start):
    """Feng et al. 2024, section 3.2, with the normalised gates."""

    def step(x_t, h):
        f, i = sigmoid(pre(w, "f", x_t)), sigmoid(pre(w, "i", x_t))
        return {"h": (f * h + i * pre(w, "g", x_t)) / (f + i)}

    return run(step, x, start)


def rg_lru(w, x, start):
    """De et al. 2024 (2402.19427), equations 1 to 4: a = s^(8 r), s a sigmoid. exp(-8 r softplus(L)) is s = σ(-L)."""

    def step(x_t, h):
        r, i = sigmoid(pre(w, "r", x_t)), sigmoid(pre(w, "i", x_t))
        a = sigmoid(-w["L"]) ** (8 * r)
        return {"h": a * h + (1 - a**2).sqrt() * (i * pre(w, "g", x_t))}

    return run(step, x, start)


# --- The exponential gates of sLSTM ---


def slstm(w, x, start):
    """Beck et al. 2024 (2405.04517), section 2.2, in the form before stabilisation: c and n take exp(z_i) as it
    is. The stabilised memories are those divided by exp(m). Good for abs(z_i), abs(z_f) up to some hundreds."""

    def step(x_t, h, c, n, m):
        i, f, o = torch.exp(pre(w, "i", x_t, h)), sigmoid(pre(w, "f", x_t, h)), sigmoid(pre(w, "o", x_t, h))
        c = f * c + i * tanh(pre(w, "g", x_t, h))
        n = f * n + i
        return {"h": o * c / n, "c": c, "n": n, "m": torch.maximum(torch.log(f) + m, torch.log(i))}

    scale = torch.exp(start["m"])  # 0 where m begins at -1e9
    outputs, last = run(step, x, {**start, "c": start["c"] * scale, "n": start["n"] * scale})
    scale = torch.exp(-last["m"])
    return outputs, {**last, "c": last["c"] * scale, "n": last["n"] * scale}


ORACLES = {
    "lstm-1997": lstm_1997,
    "lstm": lstm,
    "peephole": peephole,
    "full-peephole": full_peephole,
    "no-input-gate": no_input_gate,
    "no-forget-gate": no_forget_gate,
    "no-output-gate": no_output_gate,
    "no-input-activation": no_input_activation,
    "no-output-activation": no_output_activation,
    "coupled": coupled,
    "full-gate-recurrence": full_gate_recurrence,
    "gru": gru,
    "gru-reset-after": gru_reset_after,
    "mut1": mut1,
    "layer-norm": layer_norm,
    "janet": janet,
    "min-gru": min_gru,
    "min-lstm": min_lstm,
    "slstm": slstm,
    "rg-lru": rg_lru,
}
