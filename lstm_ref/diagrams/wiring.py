"""The wiring of the unit: its parts, its wires, and the signal that each wire carries.

Everything in `lstm_ref.diagrams` is drawn from it, in whichever style. The tests hold it to what `lstm_ref.unit`
computes. Source: the diagrams of Shi Yan, "Understanding LSTM and its diagrams" (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from lstm_ref.checks import one_of, printable
from lstm_ref.gates import ORDERS
from lstm_ref.peepholes import PEEPHOLES
from lstm_ref.signatures import check_fields, checked
from lstm_ref.svg.palette import SIGNALS


class Node(NamedTuple):
    """One part: what it does to what comes in, and the signal that it gives."""

    kind: str
    gives: str


class Wire(NamedTuple):
    """One wire, from the part that gives its signal to a part that takes it."""

    start: str
    end: str


NODES = {
    "x_t": Node("input", "x_t"),
    "h_prev": Node("input", "h_prev"),
    "c_prev": Node("input", "c_prev"),
    **{f"b_{net}": Node("bias", f"b_{net}") for net in ORDERS["article"]},
    **{f"box_{net}": Node("box", f"z_{net}") for net in ORDERS["article"]},
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

_WIRES = """
    x_t box_f, x_t box_i, x_t box_g, x_t box_o,
    h_prev box_f, h_prev box_i, h_prev box_g, h_prev box_o,
    b_f box_f, b_i box_i, b_g box_g, b_o box_o,
    box_f sigmoid_f, box_i sigmoid_i, box_g tanh_g, box_o sigmoid_o,
    c_prev times_f, sigmoid_f times_f, sigmoid_i times_i, tanh_g times_i,
    times_f plus, times_i plus, plus c_out,
    plus tanh_c, tanh_c times_o, sigmoid_o times_o, times_o h_out, times_o h_up
"""
_PEEPHOLES = "c_prev box_f, c_prev box_i, plus box_o"

PARTS = {
    "memory": "c_prev times_f plus c_out",
    "forget valve": "x_t h_prev c_prev b_f box_f sigmoid_f",
    "new memory": "x_t h_prev c_prev b_i b_g box_i box_g sigmoid_i tanh_g",
    "joint": "c_prev sigmoid_f sigmoid_i tanh_g times_f times_i plus c_out",
    "output": "x_t h_prev b_o box_o sigmoid_o plus c_out tanh_c times_o h_out h_up",
}
"""What can be lit: for each name its parts. A wire is lit if both its ends are."""


@dataclass(frozen=True)
class Wiring:
    """Parts and the wires between them.

    Parameters
    ----------
    wires : sequence of Wire
        Each from one part to another. The parts' names stand on the page of notation.
    words : str
        What it is the wiring of, for titles.

    Raises
    ------
    ValueError
        If a wire begins or ends at a part that is not there, begins at an output, ends at an input or a bias, or is
        there twice.
    """

    wires: tuple[Wire, ...]
    words: str = "The LSTM unit"

    def __post_init__(self) -> None:
        check_fields(self, "words")
        printable("words", self.words)
        pairs = isinstance(self.wires, (list, tuple)) and all(
            isinstance(wire, (list, tuple)) and len(wire) == 2 for wire in self.wires
        )
        if not pairs:
            raise TypeError(
                f"wires: expected pairs of parts, in the order of the drawing, got {type(self.wires).__name__}"
            )
        object.__setattr__(self, "wires", tuple(Wire(*wire) for wire in self.wires))
        for name in (name for wire in self.wires for name in wire):
            if name not in NODES:
                raise ValueError(f"wires: expected parts of {tuple(NODES)}, got {name!r}")
        for wire in self.wires:
            if NODES[wire.start].kind == "output" or NODES[wire.end].kind in ("input", "bias"):
                raise ValueError(f"wires: expected none from an output or into an input, got {tuple(wire)}")
        if len(set(self.wires)) < len(self.wires):
            raise ValueError("wires: expected each once, got some twice")

    def into(self, name: str) -> list[str]:
        """Return the parts that feed the part `name`, in the order of the wires."""
        return [wire.start for wire in self.wires if wire.end == name]

    def sorted(self) -> list[str]:
        """Return the names of all parts, each after those that feed it.

        Raises
        ------
        ValueError
            If some parts wait for each other: such a unit cannot be computed.
        """
        try:
            return list(TopologicalSorter({name: self.into(name) for name in NODES}).static_order())
        except CycleError as error:
            raise ValueError(f"wires: these parts wait for each other: {' -> '.join(error.args[1])}") from None

    def order(self) -> dict[str, int]:
        """Return when each part is computed: {name: number}, from 0 for what comes in.

        A box, with its sigmoid or tanh, and a product, with the sum behind it, each wait for all that feeds them.
        """
        number: dict[str, int] = {}
        for name in self.sorted():
            before = max((number[start] for start in self.into(name)), default=0)
            number[name] = before + (NODES[name].kind in ("box", "product"))
        return number


@checked
def unit_wiring(peephole: str = "full") -> Wiring:
    """Return the wiring of the unit.

    Parameters
    ----------
    peephole : str
        "none", "diagonal" or "full". The two that look at the memory have the same wires.

    Returns
    -------
    Wiring

    Raises
    ------
    ValueError
        If there is no such kind of peephole.
    """
    one_of("peephole", peephole, PEEPHOLES)
    if peephole == "none":
        return Wiring(parse_wires(_WIRES), "The LSTM unit without peepholes")
    return Wiring(parse_wires(f"{_WIRES}, {_PEEPHOLES}"))


def lit_parts(name: str) -> set[str]:
    """Return the names of the parts that are lit under this name of `PARTS`.

    Raises
    ------
    ValueError
        If there is no such name.
    """
    one_of("lit", name, PARTS)
    return set(PARTS[name].split())


def parse_wires(text: str) -> tuple[Wire, ...]:
    """Return wires from text such as "x_t box_f, c_prev times_f"."""
    return tuple(Wire(*pair.split()) for pair in text.split(","))
