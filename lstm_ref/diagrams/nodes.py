"""The parts of the LSTM unit by name, and what can be lit of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lstm_ref.checks import one_of
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.svg.palette import SIGNALS


class Node(NamedTuple):
    """One part: what it does to what comes in, the signal that it gives, and how long that is.

    Of a box, a one-layer network: `weights` has the name of the weights for each signal that may come in. Of a part
    that scales: its `factor`. `axes` are letters: H, I, or K for the rows of a matrix; "1" is a single number.
    """

    kind: str
    gives: str
    weights: Mapping[str, str] = {}  # nobody writes into it, and it can be pickled
    axes: str = "H"
    factor: float = 1.0


def _box(net: str) -> Node:
    """Return the box of one network: its weights over the input, the last output and, if it may look, a memory."""
    weights = {"x_t": f"W_{net}", "h_prev": f"R_{net}", f"b_{net}": ""}
    return Node(
        "box", f"z_{net}", weights | (dict.fromkeys(("c_prev", "c_t"), f"P_{net}") if net in LOOKING["article"] else {})
    )


NODES = {
    "x_t": Node("input", "x_t", axes="I"),
    "h_prev": Node("input", "h_prev"),
    "c_prev": Node("input", "c_prev"),
    **{f"b_{net}": Node("bias", f"b_{net}") for net in ORDERS["article"]},
    **{f"box_{net}": _box(net) for net in ORDERS["article"]},
    "sigmoid_f": Node("sigmoid", "f_t"),
    "sigmoid_i": Node("sigmoid", "i_t"),
    "tanh_g": Node("tanh", "g_t"),
    "sigmoid_o": Node("sigmoid", "o_t"),
    "times_f": Node("product", "kept"),
    "times_i": Node("product", "let_in"),
    "plus": Node("sum", "c_t"),
    "tanh_c": Node("tanh", "squashed"),
    "times_o": Node("product", "h_t"),
    "c_out": Node("output", "c_t"),
    "h_out": Node("output", "h_t"),
    "h_up": Node("output", "h_t"),
}
"""Every part of the unit by name."""

SYMBOLS = {
    **{name: signal.symbol for name, signal in SIGNALS.items()},
    **{f"{kind}_{net}": f"${kind}_{net}$" for kind in "zb" for net in ORDERS["article"]},
    "kept": "$f_t C_{t-1}$",
    "let_in": "$i_t g_t$",
    "squashed": "$tanh C_t$",
}
"""The symbol of every signal on a wire."""

PARTS = {
    "memory": "c_prev times_f plus c_out",
    "forget valve": "x_t h_prev c_prev b_f box_f sigmoid_f",
    "new memory": "x_t h_prev c_prev b_i b_g box_i box_g sigmoid_i tanh_g",
    "joint": "c_prev sigmoid_f sigmoid_i tanh_g times_f times_i plus c_out",
    "output": "x_t h_prev b_o box_o sigmoid_o plus c_out tanh_c times_o h_out h_up",
}
"""What can be lit: for each name its parts. A wire is lit if both its ends are."""


def lit_parts(name: str) -> set[str]:
    """Return the names of the parts that are lit under this name of `PARTS`.

    Raises
    ------
    ValueError
        If there is no such name.
    """
    one_of("lit", name, PARTS)
    return set(PARTS[name].split())
