"""The wiring of a unit: its parts, its wires, and the signal that each wire carries.

Everything in `lstm_ref.diagrams` is drawn from it, in whichever style, and it can be computed along, there and back.
The LSTM's own is here; the tests hold it to what `lstm_ref.unit` computes. Source: the diagrams of Shi Yan,
"Understanding LSTM and its diagrams" (2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from lstm_ref.checks import one_of, printable
from lstm_ref.diagrams.nodes import NODES, SYMBOLS, Node
from lstm_ref.peepholes import PEEPHOLES
from lstm_ref.signatures import check_fields, checked


class Wire(NamedTuple):
    """One wire, from the part that gives its signal to a part that takes it."""

    start: str
    end: str


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


class Part(NamedTuple):
    """A node as it is wired: the signals that it takes, with their axes, and those along which they meet."""

    name: str
    kind: str
    gives: str
    weights: Mapping[str, str]
    factor: float
    axes: str
    takes: tuple[str, ...]
    axes_in: tuple[str, ...]
    meets: str


@dataclass(frozen=True)
class Wiring:
    """Parts and the wires between them.

    Parameters
    ----------
    wires : sequence of Wire
        Each from one part to another. The parts' names stand on the page of notation.
    words : str
        What it is the wiring of, for titles.
    nodes : dict of Node, optional
        The parts by name; those of the LSTM unless given.
    symbols : dict, optional
        The symbol of every signal that is named in a drawing.
    roles : dict, optional
        By signal: the signal of the LSTM that it is drawn like.

    Raises
    ------
    ValueError
        If a wire begins or ends at a part that is not there, begins at an output, ends at an input or a bias, or is
        there twice.
    """

    wires: tuple[Wire, ...]
    words: str = "The LSTM unit"
    nodes: Mapping[str, Node] = field(default_factory=lambda: NODES, hash=False)
    symbols: Mapping[str, str] = field(default_factory=lambda: SYMBOLS, hash=False)
    roles: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_fields(self, "words", "nodes", "symbols", "roles")
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
            if name not in self.nodes:
                raise ValueError(f"wires: expected parts of {tuple(self.nodes)}, got {name!r}")
        for wire in self.wires:
            if self.nodes[wire.start].kind == "output" or self.nodes[wire.end].kind in ("input", "bias"):
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
            return list(TopologicalSorter({name: self.into(name) for name in self.nodes}).static_order())
        except CycleError as error:
            raise ValueError(f"wires: these parts wait for each other: {' -> '.join(error.args[1])}") from None

    def order(self) -> dict[str, int]:
        """Return when each part is computed: {name: number}, from 0 for what comes in.

        A box, with its sigmoid or tanh, and a product, with the sum behind it, each wait for all that feeds them.
        """
        number: dict[str, int] = {}
        for name in self.sorted():
            before = max((number[start] for start in self.into(name)), default=0)
            number[name] = before + (self.nodes[name].kind in ("box", "product"))
        return number

    def reached(self, *signals: str) -> set[str]:
        """Return the signals that depend on some, themselves included."""
        found = set(signals)
        for part in self.parts:
            found |= {part.gives} if found & set(part.takes) else set()
        return found

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order of `sorted`, each with the signals that it takes.

        Raises
        ------
        ValueError
            If some parts wait for each other, or signals of different lengths meet.
        """
        found: dict[str, Part] = {}
        for name in self.sorted():
            node, feeds = self.nodes[name], [found[start] for start in self.into(name)]
            axes_in = {feed.gives: feed.axes for feed in feeds}
            axes, meets = _axes(name, node, tuple(axes_in.values()))
            found[name] = Part(name, *node[:3], node.factor, axes, tuple(axes_in), tuple(axes_in.values()), meets)
        return tuple(found.values())


def _axes(name: str, node: Node, axes_in: tuple[str, ...]) -> tuple[str, str]:
    """Return the axes of what a part gives, and those along which its signals meet."""
    if node.kind in ("input", "bias", "box") or not axes_in:
        return node.axes, node.axes
    if node.kind == "outer":
        return "".join(axes_in), "".join(axes_in)
    meets = max(axes_in, key=lambda axes: (len(axes), axes != "1"))
    if any(axes not in ("1", meets, *meets) for axes in axes_in):
        raise ValueError(f"wires: expected signals of one length into {name}, got {', '.join(axes_in)}")
    if node.kind == "read":
        return meets.replace(axes_in[-1], "") or "1", meets
    return meets, meets


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


def parse_wires(text: str) -> tuple[Wire, ...]:
    """Return wires from text such as "x_t box_f, c_prev times_f"."""
    return tuple(Wire(*pair.split()) for pair in text.split(","))
