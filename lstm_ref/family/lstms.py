"""The LSTM of 1997, with a forget valve, with peepholes, and with its sums normalised."""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.family.unit import Unit, Weights, network
from lstm_ref.unit import sigmoid

GRID = """
    c_prev  kept  .    c_t     .    .         c_out
    .       .     .    let_in  .    squashed  .
    .       f_t   i_t  g_t     o_t  h_t       h_up
    .       z_f   z_i  z_g     z_o  .         .
"""

LSTM = """
    z_f = W_f x_t + R_f h_prev + b_f
    f_t = sigmoid(z_f)
    z_i = W_i x_t + R_i h_prev + b_i
    i_t = sigmoid(z_i)
    z_g = W_g x_t + R_g h_prev + b_g
    g_t = tanh(z_g)
    kept = product(f_t, c_prev)
    let_in = product(i_t, g_t)
    c_t = sum(kept, let_in)
    z_o = W_o x_t + R_o h_prev + b_o
    o_t = sigmoid(z_o)
    squashed = tanh(c_t)
    h_t = product(o_t, squashed)
"""

OWN = {name: name for name in ("h_prev", "c_prev", "f_t", "i_t", "g_t", "o_t", "c_t", "kept", "let_in", "squashed")}
"""What is drawn as in the LSTM: all of it."""


def changed(equations: str, *lines: str, without: str = "") -> str:
    """Return equations with other lines for some names, and without the lines of others."""
    found = {line.split("=")[0].strip(): line for line in (*equations.strip().splitlines(), *lines)}
    return "\n".join(line for name, line in found.items() if name not in without.split())


PEEPHOLE = changed(
    LSTM,
    "z_f = W_f x_t + R_f h_prev + P_f c_prev + b_f",
    "z_i = W_i x_t + R_i h_prev + P_i c_prev + b_i",
    "z_o = W_o x_t + R_o h_prev + P_o c_t + b_o",
)
DIAGONAL = {"P_f": "H", "P_i": "H", "P_o": "H"}


PIPE = "c = f c_prev + i g"


def _carousel(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    i_t = sigmoid(network(w, "i", x_t, h_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = c_prev + i_t * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev))
    return {"i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _lstm(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev))
    i_t = sigmoid(network(w, "i", x_t, h_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + i_t * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev))
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _peephole(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev, c_prev))
    i_t = sigmoid(network(w, "i", x_t, h_prev, c_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + i_t * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev, c_t))
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _layer_norm(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    def normed(net: str, z: Array) -> Array:
        centred = z - z.mean(axis=-1, keepdims=True)
        return w[f"a_{net}"] * centred / np.sqrt(z.var(axis=-1, keepdims=True) + 1e-5) + w[f"b_{net}"]

    f_t, i_t, o_t = (sigmoid(normed(net, x_t @ w[f"W_{net}"].T + h_prev @ w[f"R_{net}"].T)) for net in "fio")
    g_t = np.tanh(normed("g", x_t @ w.W_g.T + h_prev @ w.R_g.T))
    c_t = f_t * c_prev + i_t * g_t
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(normed("c", c_t))}


_NORMED = changed(
    LSTM,
    *(f"s_{net} = W_{net} x_t + R_{net} h_prev" for net in "figo"),
    "s_c = norm(c_t)",
    *(f"n_{net} = norm(s_{net})" for net in "figo"),
    *(f"z_{net} = a_{net} n_{net} + b_{net}" for net in "figo"),
    "z_c = a_c s_c + b_c",
    "squashed = tanh(z_c)",
)

UNITS = (
    Unit(
        "lstm-1997",
        "The LSTM of 1997",
        "Hochreiter and Schmidhuber (1997), with today's tanh; there the valves also see each other",
        changed(LSTM, "c_t = sum(c_prev, let_in)", without="z_f f_t kept"),
        _carousel,
        GRID,
        "c_prev c_t c_out i_t let_in",
        "c = c_prev + i g",
        cannot="let go",
        roles=OWN,
    ),
    Unit(
        "lstm",
        "The LSTM",
        "Gers et al. (2000)",
        LSTM,
        _lstm,
        GRID,
        "z_f f_t kept",
        PIPE,
        cannot="hold many pairs",
        roles=OWN,
        begins={"b_f": 1.0},
    ),
    Unit(
        "peephole",
        "The LSTM with diagonal peepholes",
        "Gers and Schmidhuber (2000)",
        PEEPHOLE,
        _peephole,
        GRID,
        "z_f z_i z_o",
        PIPE,
        cannot="hold many pairs",
        axes=DIAGONAL,
        roles=OWN,
        begins={"b_f": 1.0},
    ),
    Unit(
        "full-peephole",
        "The LSTM with full peepholes",
        "Shi Yan, Understanding LSTM and its diagrams (2016)",
        PEEPHOLE,
        _peephole,
        GRID,
        "z_f z_i z_o",
        PIPE,
        cannot="hold many pairs",
        roles=OWN,
        begins={"b_f": 1.0},
    ),
    Unit(
        "layer-norm",
        "The LSTM with normalised sums",
        "Ba, Kiros and Hinton (2016); each sum by itself",
        _NORMED,
        _layer_norm,
        """
        c_prev  kept  .    c_t     .    .    .    .         c_out
        .       .     .    let_in  .    s_c  z_c  squashed  .
        .       f_t   i_t  g_t     o_t  .    .    h_t       h_up
        .       z_f   z_i  z_g     z_o  .    .    .         .
        .       n_f   n_i  n_g     n_o  .    .    .         .
        .       s_f   s_i  s_g     s_o  .    .    .         .
        """,
        "n_f n_i n_g n_o z_f z_i z_g z_o s_c z_c",
        PIPE,
        cannot="hold many pairs",
        axes={f"a_{net}": "H" for net in "figoc"},
        roles=OWN,
        begins={"b_f": 1.0} | {f"a_{net}": 1.0 for net in "figoc"},
    ),
)
