"""Units whose valves look at the input alone, so that all steps can be computed at once: one number for each element.

Sources: Feng et al., Were RNNs All We Needed? (2024); De et al., Griffin (2024); Gu and Dao, Mamba (2023).
"""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.family.grus import ROLES
from lstm_ref.family.scans import Scan
from lstm_ref.family.unit import Unit, Weights, network
from lstm_ref.unit import sigmoid

_MIN_GRU = """
    z_z = W_z x_t + b_z
    z_t = sigmoid(z_z)
    g_t = W_g x_t + b_g
    keep = one_minus(z_t)
    kept = product(keep, h_prev)
    let_in = product(z_t, g_t)
    h_t = sum(kept, let_in)
"""

_MIN_LSTM = """
    z_f = W_f x_t + b_f
    f_t = sigmoid(z_f)
    z_i = W_i x_t + b_i
    i_t = sigmoid(z_i)
    g_t = W_g x_t + b_g
    both = sum(f_t, i_t)
    keep = quotient(f_t, both)
    let = quotient(i_t, both)
    kept = product(keep, h_prev)
    let_in = product(let, g_t)
    h_t = sum(kept, let_in)
"""

_RG_LRU = """
    z_r = W_r x_t + b_r
    r_t = sigmoid(z_r)
    pace = softplus(L)
    rate = product(r_t, pace)
    log_a = scale(-8, rate)
    a_t = exp(log_a)
    kept = product(a_t, h_prev)
    a_2 = square(a_t)
    rest = one_minus(a_2)
    room = root(rest)
    z_i = W_i x_t + b_i
    i_t = sigmoid(z_i)
    g_t = W_g x_t + b_g
    let_in = product(room, i_t, g_t)
    h_t = sum(kept, let_in)
"""

_SELECTIVE = """
    z_d = W_d x_t + b_d
    delta_t = softplus(z_d)
    pace = exp(A_log)
    rate = scale(-1, pace)
    log_a = product(delta_t, rate)
    a_t = exp(log_a)
    kept = product(a_t, S_prev)
    u_t = W_u x_t
    dose = product(delta_t, u_t)
    k_t = W_k x_t
    let_in = outer(k_t, dose)
    S_t = sum(kept, let_in)
    q_t = W_q x_t
    said = read(S_t, q_t)
    past = product(D, u_t)
    h_t = sum(said, past)
"""


def _min_gru(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    z_t = sigmoid(network(w, "z", x_t))
    g_t = network(w, "g", x_t)
    return {"z_t": z_t, "g_t": g_t, "h_t": (1 - z_t) * h_prev + z_t * g_t}


def _min_lstm(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t))
    i_t = sigmoid(network(w, "i", x_t))
    g_t = network(w, "g", x_t)
    h_t = (f_t * h_prev + i_t * g_t) / (f_t + i_t)
    return {"f_t": f_t, "i_t": i_t, "g_t": g_t, "h_t": h_t}


def _rg_lru(w: Weights, x_t: Array, h_prev: Array) -> dict[str, Array]:
    r_t = sigmoid(network(w, "r", x_t))
    i_t = sigmoid(network(w, "i", x_t))
    g_t = network(w, "g", x_t)
    a_t = np.exp(-8 * r_t * np.logaddexp(0, w.L))
    h_t = a_t * h_prev + np.sqrt(1 - a_t**2) * i_t * g_t
    return {"a_t": a_t, "i_t": i_t, "g_t": g_t, "h_t": h_t}


def _selective(w: Weights, x_t: Array, S_prev: Array) -> dict[str, Array]:
    delta_t = np.logaddexp(0, network(w, "d", x_t))
    u_t, k_t, q_t = (network(w, net, x_t) for net in "ukq")
    a_t = np.exp(-delta_t[..., None, :] * np.exp(w.A_log))
    S_t = a_t * S_prev + k_t[..., :, None] * (delta_t * u_t)[..., None, :]
    h_t = (S_t * q_t[..., :, None]).sum(axis=-2) + w.D * u_t
    return {"delta_t": delta_t, "a_t": a_t, "S_t": S_t, "h_t": h_t}


UNITS = (
    Unit(
        "min-gru",
        "The minGRU",
        "Feng et al. (2024), in its plain form",
        _MIN_GRU,
        _min_gru,
        """
        h_prev  kept  .    h_t     h_out
        .       keep  .    let_in  h_up
        .       z_t   .    g_t     .
        .       z_z   .    .       .
        """,
        "z_z g_t",
        "h = (1 - z) h_prev + z g",
        cannot="flip a bit",
        roles=ROLES,
        scans=(Scan("h_t", "keep", "let_in"),),
    ),
    Unit(
        "min-lstm",
        "The minLSTM",
        "Feng et al. (2024)",
        _MIN_LSTM,
        _min_lstm,
        """
        h_prev  kept  .     .    h_t     h_out
        .       .     .     .    let_in  h_up
        .       keep  both  let  g_t     .
        .       f_t   .     i_t  .       .
        .       z_f   .     z_i  .       .
        """,
        "both keep let",
        "h = (f h_prev + i g) / (f + i)",
        cannot="flip a bit",
        roles=ROLES | {"f_t": "f_t", "i_t": "i_t", "let": "i_t"},
        scans=(Scan("h_t", "keep", "let_in"),),
    ),
    Unit(
        "rg-lru",
        "The RG-LRU",
        "De et al., Griffin (2024); g stands for the block's input",
        _RG_LRU,
        _rg_lru,
        """
        h_prev  kept   .     .     h_t     .    .    h_out
        .       a_t    .     .     let_in  .    .    h_up
        .       log_a  a_2   rest  room    i_t  g_t  .
        .       rate   r_t   .     .       z_i  .    .
        .       pace   z_r   .     .       .    .    .
        .       L      .     .     .       .    .    .
        """,
        "a_t a_2 rest room",
        "h = a h_prev + sqrt(1 - a^2) i g",
        cannot="flip a bit",
        roles=ROLES | {"a_t": "f_t", "i_t": "i_t", "room": "i_t"},
        scans=(Scan("h_t", "a_t", "let_in"),),
        begins={"L": -2.0},
    ),
    Unit(
        "selective-ssm",
        "Mamba's selective state space",
        "Gu and Dao, Mamba (2023), without its convolution, output gate and low rank",
        _SELECTIVE,
        _selective,
        """
        S_prev  kept   .        S_t     .     .     S_out
        .       a_t    .        let_in  k_t   said  .
        .       log_a  delta_t  dose    .     q_t   .
        .       rate   z_d      u_t     past  h_t   h_up
        .       pace   .        .       D     .     .
        .       A_log  .        .       .     .     .
        """,
        "delta_t log_a dose",
        "S = exp(-Delta A) S_prev + Delta k u",
        cannot="flip a bit",
        axes={"S_prev": "KH", "A_log": "KH", "k_t": "K", "q_t": "K"},
        roles={"S_prev": "c_prev", "S_t": "c_t", "a_t": "f_t", "kept": "kept", "dose": "g_t", "let_in": "let_in"}
        | {"delta_t": "i_t", "q_t": "o_t"},
        scans=(Scan("S_t", "a_t", "let_in"),),
        begins={"A_log": 0.0, "D": 1.0, "b_d": -2.0},
    ),
)
