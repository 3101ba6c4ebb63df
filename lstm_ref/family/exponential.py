"""Valves that may open beyond 1: the two units of xLSTM (Beck et al. 2024), one head each.

An exponential grows without bound. What both units carry is therefore divided by exp(m), where m is the largest
exponent so far: it cancels in the output, which is a quotient.
"""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.family.scans import Largest, Reads, Scan
from lstm_ref.family.unit import Unit, Weights, network
from lstm_ref.unit import sigmoid

_LOWEST = -1e9
"""Where m begins: below any exponent, so that the first step takes its own."""

_VALVES = """
    log_f = log_sigmoid(z_f)
    reach = sum(log_f, m_prev)
    m_t = larger(reach, z_i)
    less_f = difference(reach, m_t)
    f_t = exp(less_f)
    less_i = difference(z_i, m_t)
    i_t = exp(less_i)
"""

_SLSTM = f"""
    z_f = W_f x_t + R_f h_prev + b_f
    z_i = W_i x_t + R_i h_prev + b_i
    {_VALVES.strip()}
    z_g = W_g x_t + R_g h_prev + b_g
    g_t = tanh(z_g)
    kept = product(f_t, c_prev)
    let_in = product(i_t, g_t)
    c_t = sum(kept, let_in)
    kept_n = product(f_t, n_prev)
    n_t = sum(kept_n, i_t)
    share = quotient(c_t, n_t)
    z_o = W_o x_t + R_o h_prev + b_o
    o_t = sigmoid(z_o)
    h_t = product(o_t, share)
"""

_MLSTM = f"""
    z_f = W_f x_t + b_f
    z_i = W_i x_t + b_i
    {_VALVES.strip()}
    q_t = W_q x_t + b_q
    p_k = W_k x_t
    s_k = shrink(p_k)
    k_t = sum(s_k, b_k)
    v_t = W_v x_t + b_v
    kept = product(f_t, S_prev)
    pair = outer(k_t, v_t)
    let_in = product(i_t, pair)
    S_t = sum(kept, let_in)
    kept_n = product(f_t, n_prev)
    let_n = product(i_t, k_t)
    n_t = sum(kept_n, let_n)
    said = read(S_t, q_t)
    weight = read(n_t, q_t)
    size = absolute(weight)
    low = scale(-1, m_t)
    least = exp(low)
    bound = larger(size, least)
    share = quotient(said, bound)
    z_o = W_o x_t + b_o
    o_t = sigmoid(z_o)
    h_t = product(o_t, share)
"""


def _valves(z_f: Array, z_i: Array, m_prev: Array) -> tuple[Array, Array, Array]:
    """Return f_t and i_t, both divided by exp(m_t), and m_t."""
    log_f = -np.logaddexp(0, -z_f)
    m_t = np.maximum(log_f + m_prev, z_i)
    return np.exp(log_f + m_prev - m_t), np.exp(z_i - m_t), m_t


def _slstm(w: Weights, x_t: Array, h_prev: Array, c_prev: Array, n_prev: Array, m_prev: Array) -> dict[str, Array]:
    f_t, i_t, m_t = _valves(network(w, "f", x_t, h_prev), network(w, "i", x_t, h_prev), m_prev)
    g_t = np.tanh(network(w, "g", x_t, h_prev))
    c_t = f_t * c_prev + i_t * g_t
    n_t = f_t * n_prev + i_t
    o_t = sigmoid(network(w, "o", x_t, h_prev))
    signals = {"f_t": f_t, "i_t": i_t, "g_t": g_t, "o_t": o_t, "c_t": c_t, "n_t": n_t, "m_t": m_t}
    return signals | {"h_t": o_t * c_t / n_t}


def _mlstm(w: Weights, x_t: Array, S_prev: Array, n_prev: Array, m_prev: Array) -> dict[str, Array]:
    f_t, i_t, m_t = _valves(network(w, "f", x_t), network(w, "i", x_t), m_prev)
    q_t, v_t = network(w, "q", x_t), network(w, "v", x_t)
    k_t = x_t @ w.W_k.T / np.sqrt(len(w.W_k)) + w.b_k
    S_t = f_t[..., None] * S_prev + i_t[..., None] * k_t[..., :, None] * v_t[..., None, :]
    n_t = f_t * n_prev + i_t * k_t
    said = (S_t * q_t[..., :, None]).sum(axis=-2)
    bound = np.maximum(np.abs((n_t * q_t).sum(axis=-1, keepdims=True)), np.exp(-m_t))
    o_t = sigmoid(network(w, "o", x_t))
    signals = {"f_t": f_t, "i_t": i_t, "o_t": o_t, "S_t": S_t, "n_t": n_t, "m_t": m_t}
    return signals | {"h_t": o_t * said / bound}


_ROLES = {name: name for name in ("c_prev", "f_t", "i_t", "g_t", "o_t", "c_t", "kept", "let_in", "h_prev")}

UNITS = (
    Unit(
        "slstm",
        "The sLSTM",
        "Beck et al., xLSTM (2024), one head, f a sigmoid",
        _SLSTM,
        _slstm,
        """
        c_prev  kept    .      .       c_t     .      c_out
        .       .       .      .       let_in  share  .
        n_prev  kept_n  .      n_t     .       .      n_out
        .       f_t     .      i_t     g_t     h_t    h_up
        .       less_f  .      less_i  z_g     o_t    .
        .       .       .      .       .       z_o    .
        m_prev  reach   m_t    .       .       .      m_out
        .       log_f   .      z_i     .       .      .
        .       z_f     .      .       .       .      .
        """,
        "m_prev reach m_t less_f less_i f_t i_t n_prev kept_n n_t share",
        "c = f c_prev + i g, n = f n_prev + i, h = o c / n",
        cannot="hold many pairs",
        roles=_ROLES,
        begins={"m_prev": _LOWEST, "b_f": 1.0},
    ),
    Unit(
        "mlstm",
        "The mLSTM",
        "Beck et al., xLSTM (2024), one head, f a sigmoid, without its norm",
        _MLSTM,
        _mlstm,
        """
        S_prev  kept    .      .       S_t     .      .       .      .     S_out
        .       .       .      .       let_in  .      said    .      .     .
        .       .       .      .       pair    v_t    .       share  h_t   h_up
        n_prev  kept_n  .      .       n_t     .      .       .      .     n_out
        .       f_t     .      i_t     let_n   k_t    weight  bound  o_t   .
        .       less_f  .      less_i  .       s_k    size    least  z_o   .
        .       .       .      .       .       p_k    q_t     low    .     .
        m_prev  reach   m_t    .       .       .      .       .      .     m_out
        .       log_f   .      z_i     .       b_k    .       .      .     .
        .       z_f     .      .       .       .      .       .      .     .
        """,
        "S_prev kept S_t S_out pair k_t v_t q_t said",
        "S = f S_prev + i k v, n = f n_prev + i k, h = o S q / max(abs(n q), exp(-m))",
        cannot="flip a bit, erase a pair",
        axes={"S_prev": "KH", "n_prev": "K", "m_prev": "1", "z_i": "1", "z_f": "1", "q_t": "K", "p_k": "K", "b_k": "K"},
        roles=_ROLES | {"S_prev": "c_prev", "S_t": "c_t", "v_t": "g_t", "q_t": "o_t"},
        scans=(
            Largest("m_t", "log_f", "z_i"),
            Scan("n_t", "f_t", "let_n"),
            Reads("said", k="i_t k_t", v="v_t", q="q_t", keep="f_t"),
        ),
        begins={"m_prev": _LOWEST, "b_f": 1.0},
    ),
)
