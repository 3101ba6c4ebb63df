"""Units whose memory is a matrix: it keeps pairs of a key and a value, and a query reads a value back.

Sources: Yang et al., Gated Linear Attention (2024); Schlag et al. (2021) and Yang et al. (2024) for the delta rule,
Yang et al. (2025) for its gated form, Grazzi et al. (2024) for a rate up to 2; Peng et al., RWKV-7 (2025). Of the
layers around the memory, such as convolutions and norms, nothing is here.
"""

import math

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.family.scans import Reads
from lstm_ref.family.unit import Unit, Weights, network
from lstm_ref.unit import sigmoid

_RATE = math.exp(-0.5)
"""How fast RWKV-7's memory fades at most, as an exponent."""

_GLA = """
    z_f = W_f x_t + b_f
    f_t = sigmoid(z_f)
    kept = product(f_t, S_prev)
    k_t = W_k x_t
    v_t = W_v x_t
    let_in = outer(k_t, v_t)
    S_t = sum(kept, let_in)
    p_q = W_q x_t
    q_t = shrink(p_q)
    h_t = read(S_t, q_t)
"""

_DELTA = """
    p_k = W_k x_t
    k_t = unit(p_k)
    found = read(S_prev, k_t)
    v_t = W_v x_t
    miss = difference(v_t, found)
    z_b = W_b x_t + b_b
    beta_t = sigmoid(z_b)
    mend = product(beta_t, miss)
    let_in = outer(k_t, mend)
    S_t = sum(S_prev, let_in)
    p_q = W_q x_t
    q_t = unit(p_q)
    h_t = read(S_t, q_t)
"""

_TO_2 = _DELTA.replace("beta_t = sigmoid(z_b)", "half = sigmoid(z_b)\n    beta_t = scale(2, half)")

_GATED = f"""
    z_a = W_a x_t + b_a
    a_t = sigmoid(z_a)
    kept = product(a_t, S_prev)
    {_DELTA.strip().replace("S_prev", "kept")}
"""

_RWKV_7 = f"""
    z_w = W_w x_t + b_w
    s_w = sigmoid(z_w)
    log_w = scale({-_RATE}, s_w)
    w_t = exp(log_w)
    kept = product(w_t, S_prev)
    k_t = W_k x_t
    p_e = product(s_k, k_t)
    e_t = unit(p_e)
    found = read(S_prev, e_t)
    z_a = W_a x_t + b_a
    a_t = sigmoid(z_a)
    r_t = product(a_t, e_t)
    gone = outer(r_t, found)
    left = difference(kept, gone)
    v_t = W_v x_t
    let_in = outer(k_t, v_t)
    S_t = sum(left, let_in)
    q_t = W_q x_t
    h_t = read(S_t, q_t)
"""


def outer(k: Array, v: Array) -> Array:
    """Return the matrix (..., K, V) of all products of a vector (..., K) and one (..., V)."""
    return k[..., :, None] * v[..., None, :]


def read(S: Array, q: Array) -> Array:
    """Return what a query (..., K) reads of a matrix (..., K, V): S^T q, (..., V)."""
    return (S * q[..., :, None]).sum(axis=-2)


def unit_length(k: Array) -> Array:
    """Return a vector divided by its length."""
    return k / np.sqrt((k * k).sum(axis=-1, keepdims=True) + 1e-12)


def _gla(w: Weights, x_t: Array, S_prev: Array) -> dict[str, Array]:
    f_t = sigmoid(network(w, "f", x_t))
    q_t, k_t, v_t = (network(w, net, x_t) for net in "qkv")
    S_t = f_t[..., :, None] * S_prev + outer(k_t, v_t)
    return {"f_t": f_t, "S_t": S_t, "h_t": read(S_t, q_t / np.sqrt(q_t.shape[-1]))}


def _delta(w: Weights, x_t: Array, S_prev: Array, most: float = 1.0) -> dict[str, Array]:
    k_t, q_t = unit_length(network(w, "k", x_t)), unit_length(network(w, "q", x_t))
    beta_t = most * sigmoid(network(w, "b", x_t))
    S_t = S_prev + outer(k_t, beta_t * (network(w, "v", x_t) - read(S_prev, k_t)))
    return {"k_t": k_t, "q_t": q_t, "beta_t": beta_t, "S_t": S_t, "h_t": read(S_t, q_t)}


def _to_2(w: Weights, x_t: Array, S_prev: Array) -> dict[str, Array]:
    return _delta(w, x_t, S_prev, most=2.0)


def _gated(w: Weights, x_t: Array, S_prev: Array) -> dict[str, Array]:
    a_t = sigmoid(network(w, "a", x_t))
    return {"a_t": a_t, **_delta(w, x_t, a_t[..., None] * S_prev)}


def _rwkv_7(w: Weights, x_t: Array, S_prev: Array) -> dict[str, Array]:
    w_t = np.exp(-_RATE * sigmoid(network(w, "w", x_t)))
    a_t = sigmoid(network(w, "a", x_t))
    q_t, k_t, v_t = (network(w, net, x_t) for net in "qkv")
    e_t = unit_length(w.s_k * k_t)
    S_t = w_t[..., :, None] * S_prev - outer(a_t * e_t, read(S_prev, e_t)) + outer(k_t, v_t)
    return {"w_t": w_t, "a_t": a_t, "e_t": e_t, "S_t": S_t, "h_t": read(S_t, q_t)}


_ROLES = {"S_prev": "c_prev", "S_t": "c_t", "kept": "kept", "let_in": "let_in", "v_t": "g_t", "q_t": "o_t"}
_RATES = {"beta_t": "i_t", "a_t": "f_t"}
_AXES = {"S_prev": "KH", "p_k": "K", "p_q": "K", "z_b": "1", "z_a": "1"}
_OVERWRITES = "S = S_prev + beta k (v - S_prev k)"

UNITS = (
    Unit(
        "gated-linear-attention",
        "Gated linear attention",
        "Yang et al. (2024), with a plain sigmoid, without its output gate, norm and low rank",
        _GLA,
        _gla,
        """
        S_prev  kept  .     S_t     .     S_out
        .       f_t   .     let_in  h_t   h_up
        .       z_f   k_t   v_t     q_t   .
        .       .     .     .       p_q   .
        """,
        "k_t v_t let_in S_t q_t h_t",
        "S = diag(f) S_prev + k v",
        cannot="flip a bit, erase a pair",
        axes={"S_prev": "KH", "z_f": "K", "k_t": "K", "p_q": "K"},
        roles=_ROLES | {"f_t": "f_t"},
        scans=(Reads("h_t", k="k_t", v="v_t", q="q_t", keep="f_t"),),
        begins={"b_f": 1.0},
    ),
    *(
        Unit(
            name,
            words,
            source,
            equations,
            step,
            """
            S_prev  .    .      .     S_t     .     S_out
            .       .    found  .     let_in  h_t   h_up
            .       k_t  .      miss  mend    q_t   .
            .       p_k  .      v_t   beta_t  p_q   .
            .       .    .      .     BELOW   .     .
            """.replace("BELOW", "half\n. . . . z_b" if "half" in equations else "z_b"),
            new,
            _OVERWRITES,
            cannot,
            axes=_AXES,
            roles=_ROLES | _RATES,
            scans=(Reads("h_t", k="k_t", v="beta_t v_t", q="q_t", erase=("k_t", "beta_t k_t")),),
        )
        for name, words, source, equations, step, new, cannot in (
            (
                "delta-net",
                "DeltaNet",
                "Schlag et al. (2021), keys of length 1 as Yang et al. (2024), without convolutions, SiLU, norm",
                _DELTA,
                _delta,
                "found miss mend",
                "flip a bit, clear all at once",
            ),
            (
                "delta-net-to-2",
                "DeltaNet with a rate up to 2",
                "Grazzi et al. (2024)",
                _TO_2,
                _to_2,
                "half beta_t",
                "refresh a fading bit",
            ),
        )
    ),
    Unit(
        "gated-delta-net",
        "Gated DeltaNet",
        "Yang et al. (2024), with a plain sigmoid, without convolutions, SiLU, output gate and norm",
        _GATED,
        _gated,
        """
        S_prev  kept   .    .      .     S_t     .     S_out
        .       a_t    .    found  .     let_in  h_t   h_up
        .       z_a    k_t  .      miss  mend    q_t   .
        .       .      p_k  .      v_t   beta_t  p_q   .
        .       .      .    .      .     z_b     .     .
        """,
        "a_t kept",
        "S = a S_prev + beta k (v - a S_prev k)",
        cannot="flip a bit",
        axes=_AXES,
        roles=_ROLES | _RATES,
        scans=(Reads("h_t", k="k_t", v="beta_t v_t", q="q_t", keep="a_t", erase=("a_t k_t", "beta_t k_t")),),
        begins={"b_a": 1.0},
    ),
    Unit(
        "rwkv-7",
        "The memory of RWKV-7",
        "Peng et al. (2025), without its scaling of the written key, its bonus, norm, output gate and token shift",
        _RWKV_7,
        _rwkv_7,
        """
        S_prev  kept   .      left   .    S_t     .     S_out
        .       w_t    found  gone   .    let_in  h_t   h_up
        .       log_w  .      r_t    k_t  v_t     q_t   .
        .       s_w    e_t    a_t    .    .       .     .
        .       z_w    p_e    z_a    .    .       .     .
        .       .      s_k    .      .    .       .     .
        """,
        "w_t e_t found r_t gone left",
        "S = diag(w) S_prev - a e (S_prev e) + k v",
        cannot="flip a bit for long",
        axes={"S_prev": "KH", "z_w": "K", "z_a": "K", "k_t": "K", "q_t": "K", "s_k": "K"},
        roles=_ROLES | {"w_t": "f_t", "a_t": "i_t"},
        scans=(Reads("h_t", k="k_t", v="v_t", q="q_t", keep="w_t", erase=("e_t", "a_t e_t")),),
        begins={"s_k": 1.0},
    ),
)
