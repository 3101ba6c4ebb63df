"""What Greff et al. left out of the LSTM with diagonal peepholes, tied together or wired besides.

Source: Greff, Srivastava, Koutník, Steunebrink and Schmidhuber, LSTM: A Search Space Odyssey (2015). Their eighth
variant, without peepholes, is the LSTM itself.
"""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.family.lstms import DIAGONAL, GRID, OWN, PEEPHOLE, PIPE, changed
from lstm_ref.family.unit import Unit, Weights, network
from lstm_ref.unit import sigmoid


def _no_input_gate(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev, c_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev, c_t))
    return {"f_t": f_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _no_forget_gate(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    i_t = sigmoid(network(w, "i", x_t, h_prev, c_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = c_prev + i_t * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev, c_t))
    return {"i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _no_output_gate(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev, c_prev))
    i_t = sigmoid(network(w, "i", x_t, h_prev, c_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + i_t * g_t
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "c_t": c_t, "h_t": np.tanh(c_t)}


def _no_input_activation(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev, c_prev))
    i_t = sigmoid(network(w, "i", x_t, h_prev, c_prev))
    g_t = network(w, "g", x_t, h_prev)
    c_t = f_t * c_prev + i_t * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev, c_t))
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _no_output_activation(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev, c_prev))
    i_t = sigmoid(network(w, "i", x_t, h_prev, c_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + i_t * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev, c_t))
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * c_t}


def _coupled(w: Weights, x_t: Array, h_prev: Array, c_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t, h_prev, c_prev))
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + (1 - f_t) * g_t
    o_t = sigmoid(network(w, "o", x_t, h_prev, c_t))
    return {"f_t": f_t, "i_t": 1 - f_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


def _full_gate_recurrence(
    w: Weights, x_t: Array, h_prev: Array, c_prev: Array, f_prev: Array, i_prev: Array, o_prev: Array
) -> dict[str, Array]:
    def valve(net: str, c: Array) -> Array:
        gates = f_prev @ w[f"R_{net}f"].T + i_prev @ w[f"R_{net}i"].T + o_prev @ w[f"R_{net}o"].T
        return sigmoid(network(w, net, x_t, h_prev, c) + gates)

    f_t, i_t = valve("f", c_prev), valve("i", c_prev)
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + i_t * g_t
    o_t = valve("o", c_t)
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "h_t": o_t * np.tanh(c_t)}


_VARIANTS = (
    (
        "no-input-gate",
        "The LSTM without a new-memory valve",
        changed(PEEPHOLE, "c_t = sum(kept, g_t)", without="z_i i_t let_in"),
        _no_input_gate,
        "g_t c_t",
        "c = f c_prev + g",
        "keep anything out",
    ),
    (
        "no-forget-gate",
        "The LSTM without a forget valve",
        changed(PEEPHOLE, "c_t = sum(c_prev, let_in)", without="z_f f_t kept"),
        _no_forget_gate,
        "c_prev c_t",
        "c = c_prev + i g",
        "let go",
    ),
    (
        "no-output-gate",
        "The LSTM without an output valve",
        changed(PEEPHOLE, "h_t = tanh(c_t)", without="z_o o_t squashed"),
        _no_output_gate,
        "c_t h_t h_up",
        PIPE,
        "hide its memory from the output",
    ),
    (
        "no-input-activation",
        "The LSTM without a tanh on its new memory",
        changed(PEEPHOLE, "g_t = W_g x_t + R_g h_prev + b_g", without="z_g"),
        _no_input_activation,
        "g_t let_in",
        PIPE,
        "bound what comes in",
    ),
    (
        "no-output-activation",
        "The LSTM without a tanh on its output",
        changed(PEEPHOLE, "h_t = product(o_t, c_t)", without="squashed"),
        _no_output_activation,
        "c_t h_t",
        PIPE,
        "bound what it says",
    ),
    (
        "coupled",
        "The LSTM with coupled valves",
        changed(PEEPHOLE, "i_t = one_minus(f_t)", without="z_i"),
        _coupled,
        "f_t i_t let_in",
        "c = f c_prev + (1 - f) g",
        "keep all and let in",
    ),
    (
        "full-gate-recurrence",
        "The LSTM whose valves see the last valves",
        changed(
            PEEPHOLE,
            "z_f = W_f x_t + R_f h_prev + P_f c_prev + R_ff f_prev + R_fi i_prev + R_fo o_prev + b_f",
            "z_i = W_i x_t + R_i h_prev + P_i c_prev + R_if f_prev + R_ii i_prev + R_io o_prev + b_i",
            "z_o = W_o x_t + R_o h_prev + P_o c_t + R_of f_prev + R_oi i_prev + R_oo o_prev + b_o",
        ),
        _full_gate_recurrence,
        "z_f z_i z_o",
        PIPE,
        "hold many pairs",
    ),
)
"""Name, words, equations, step, what is new, pipe, what it cannot do."""

_GATES_GO_ON = """
    c_prev  kept  .      .    .  c_t     .    .      .         c_out
    .       .     i_out  .    .  let_in  .    .      squashed  .
    f_out   f_t   .      i_t  .  g_t     .    o_t    h_t       h_up
    .       z_f   .      z_i  .  z_g     .    z_o    o_out     .
"""

UNITS = tuple(
    Unit(
        name,
        words,
        "Greff et al. (2015)",
        equations,
        step,
        _GATES_GO_ON if "f_prev" in equations else GRID,
        new,
        pipe,
        cannot,
        DIAGONAL,
        OWN,
        begins={"b_f": 1.0},
    )
    for name, words, equations, step, new, pipe, cannot in _VARIANTS
)
