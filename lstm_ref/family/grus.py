"""Units whose output is their memory, and whose valves still look at it: the GRU in both forms, and MUT1."""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.family.unit import Unit, Weights, network
from lstm_ref.unit import sigmoid

ROLES = {
    "h_prev": "c_prev",
    "h_t": "c_t",
    "z_t": "i_t",
    "keep": "f_t",
    "g_t": "g_t",
    "kept": "kept",
    "let_in": "let_in",
}
"""The output is the memory, and is drawn like it."""

_GRU = """
    z_z = W_z x_t + R_z h_prev + b_z
    z_t = sigmoid(z_z)
    z_r = W_r x_t + R_r h_prev + b_r
    r_t = sigmoid(z_r)
    reset = product(r_t, h_prev)
    z_g = W_g x_t + R_g reset + b_g
    g_t = tanh(z_g)
    keep = one_minus(z_t)
    kept = product(keep, h_prev)
    let_in = product(z_t, g_t)
    h_t = sum(kept, let_in)
"""

_RESET_AFTER = """
    z_z = W_z x_t + R_z h_prev + b_z
    z_t = sigmoid(z_z)
    z_r = W_r x_t + R_r h_prev + b_r
    r_t = sigmoid(z_r)
    z_h = R_g h_prev + b_h
    reset = product(r_t, z_h)
    z_x = W_g x_t + b_g
    z_g = sum(z_x, reset)
    g_t = tanh(z_g)
    let = one_minus(z_t)
    kept = product(z_t, h_prev)
    let_in = product(let, g_t)
    h_t = sum(kept, let_in)
"""

_MUT1 = """
    z_z = W_z x_t + b_z
    z_t = sigmoid(z_z)
    z_r = W_r x_t + R_r h_prev + b_r
    r_t = sigmoid(z_r)
    reset = product(r_t, h_prev)
    z_x = W_g x_t
    s_x = tanh(z_x)
    z_h = R_g reset + b_g
    z_g = sum(s_x, z_h)
    g_t = tanh(z_g)
    keep = one_minus(z_t)
    kept = product(keep, h_prev)
    let_in = product(z_t, g_t)
    h_t = sum(kept, let_in)
"""


_JANET = """
    z_f = W_f x_t + R_f h_prev + b_f
    f_t = sigmoid(z_f)
    less = difference(z_f, beta)
    shut = sigmoid(less)
    let = one_minus(shut)
    z_g = W_g x_t + R_g h_prev + b_g
    g_t = tanh(z_g)
    kept = product(f_t, h_prev)
    let_in = product(let, g_t)
    h_t = sum(kept, let_in)
"""


def _gru(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    z_t = sigmoid(network(w, "z", x_t, h_prev))
    r_t = sigmoid(network(w, "r", x_t, h_prev))
    g_t = np.tanh(network(w, "g", x_t, r_t * h_prev))
    return {"z_t": z_t, "r_t": r_t, "g_t": g_t, "h_t": (1 - z_t) * h_prev + z_t * g_t}


def _reset_after(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    z_t = sigmoid(network(w, "z", x_t, h_prev))
    r_t = sigmoid(network(w, "r", x_t, h_prev))
    g_t = np.tanh(network(w, "g", x_t) + r_t * (h_prev @ w.R_g.T + w.b_h))
    return {"z_t": z_t, "r_t": r_t, "g_t": g_t, "h_t": z_t * h_prev + (1 - z_t) * g_t}


def _mut1(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    z_t = sigmoid(network(w, "z", x_t))
    r_t = sigmoid(network(w, "r", x_t, h_prev))
    g_t = np.tanh(np.tanh(x_t @ w.W_g.T) + (r_t * h_prev) @ w.R_g.T + w.b_g)
    return {"z_t": z_t, "r_t": r_t, "g_t": g_t, "h_t": (1 - z_t) * h_prev + z_t * g_t}


def _janet(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    z_f = network(w, "f", x_t, h_prev)
    f_t = sigmoid(z_f)
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    return {"f_t": f_t, "g_t": g_t, "h_t": f_t * h_prev + (1 - sigmoid(z_f - w.beta)) * g_t}


_PIPE = "h = (1 - z) h_prev + z g"

UNITS = (
    Unit(
        "gru",
        "The GRU",
        "Cho et al. (2014), written as by Chung et al. (2014), whose z writes where that of Cho et al. keeps",
        _GRU,
        _gru,
        """
        h_prev  kept  .     .       h_t     h_out
        .       keep  .     .       let_in  h_up
        .       z_t   r_t   reset   g_t     .
        .       z_z   z_r   .       z_g     .
        """,
        "z_t keep r_t reset",
        _PIPE,
        cannot="count far in one element",
        roles=ROLES,
    ),
    Unit(
        "gru-reset-after",
        "The GRU of PyTorch and cuDNN",
        "torch.nn.GRU: the reset comes after the product, and z keeps where the GRU's z writes",
        _RESET_AFTER,
        _reset_after,
        """
        h_prev  kept  .     .       h_t     .    h_out
        .       .     .     let     let_in  .    h_up
        .       z_t   r_t   reset   g_t     .    .
        .       z_z   z_r   z_h     z_g     z_x  .
        """,
        "z_h reset z_g",
        "h = z h_prev + (1 - z) g",
        cannot="count far in one element",
        roles=ROLES | {"z_t": "f_t", "let": "i_t"},
    ),
    Unit(
        "mut1",
        "MUT1",
        "Jozefowicz et al. (2015), with weights W_g before the tanh of the input",
        _MUT1,
        _mut1,
        """
        h_prev  kept  .     .       h_t     .    h_out
        .       keep  .     .       let_in  .    h_up
        .       z_t   r_t   reset   g_t     s_x  .
        .       z_z   z_r   z_h     z_g     z_x  .
        """,
        "z_z s_x",
        _PIPE,
        cannot="count far in one element",
        roles=ROLES,
    ),
    Unit(
        "janet",
        "JANET",
        "van der Westhuizen and Lasenby (2018)",
        _JANET,
        _janet,
        """
        h_prev  kept  .     .     .    h_t     h_out
        .       .     shut  let   .    let_in  h_up
        .       f_t   less  .     .    g_t     .
        .       z_f   .     beta  .    z_g     .
        """,
        "less shut let",
        "h = f h_prev + (1 - f') g",
        cannot="count far in one element",
        axes={"beta": "1"},
        roles=ROLES | {"f_t": "f_t", "let": "i_t"},
        begins={"b_f": 1.0, "beta": 1.0},
    ),
)
