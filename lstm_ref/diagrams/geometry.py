"""What a layout says: where the parts of the unit stand, and which way the wires run between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from lstm_ref.diagrams.nodes import NODES, Node
from lstm_ref.diagrams.wiring import Wire

Point: TypeAlias = tuple[float, float]

Ends: TypeAlias = tuple[str, str]
"""The names of the two places between which a wire is drawn."""


class Place(NamedTuple):
    """Where a part is drawn; and, where they are not its own alone, the parts it stands for and its shape."""

    x: float
    y: float
    of: tuple[str, ...] = ()
    shape: str = ""


class Spot(NamedTuple):
    """Where a signal's label stands: its first line, or its last one if it grows upwards.

    It belongs to the wire `beside` it, if one is named, else to any that carries the signal.
    """

    x: float
    y: float
    anchor: str = "start"
    up: bool = False
    beside: tuple[str, str] | None = None


@dataclass(frozen=True)
class Layout:
    """One way to draw the unit.

    Parameters
    ----------
    words, scene : str
        How it draws, and what stands where, for the alternative text.
    outputs : dict
        What becomes of each output, in words.
    size : tuple
        Width and height.
    places : dict
        Of Place by name; a name such as ``x_t@box_f`` is the copy of an input that stands at that box.
    routes : dict
        The way of a wire between two places, as an SVG path of M, H and V; a wire without one is straight.
    spots : dict
        Where the label of each signal stands.
    always_named : tuple
        The signals whose symbol is there even where no values are.
    more_symbols : tuple
        More places of a symbol, without values: (signal, Spot).
    handles : dict
        How a valve's handle stands when it is open, in degrees.
    water : dict
        Where a memory stands: left, right, floor and height.
    order_offsets : dict
        Where a part's number in the order stands, from its middle; up and to the left unless said.
    frame : tuple, optional
        The unit's own rectangle.
    signal_starts : dict
        The place from which a part's signal goes on, where that is another than its own.
    pipes : tuple
        The wires that are drawn as a pipe.
    dashed : tuple
        The signals drawn with dashes, where all others are solid; every signal has its own line unless said.
    parts : dict of Node
        The parts of the wiring; the LSTM's unless said.
    """

    words: str
    scene: str
    outputs: dict[str, str]
    size: tuple[int, int]
    places: dict[str, Place]
    routes: dict[Ends, str]
    spots: dict[str, Spot]
    always_named: tuple[str, ...] = ()
    more_symbols: tuple[tuple[str, Spot], ...] = ()
    handles: dict[str, int] = field(default_factory=dict)
    water: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    order_offsets: dict[str, Point] = field(default_factory=dict)
    frame: tuple[float, float, float, float] | None = None
    signal_starts: dict[str, str] = field(default_factory=dict)
    pipes: tuple[Ends, ...] = ()
    dashed: tuple[str, ...] = ()
    parts: Mapping[str, Node] = field(default_factory=lambda: NODES)

    def nodes(self, place: str) -> tuple[str, ...]:
        """Return the parts of the wiring for which a place stands."""
        return self.places[place].of or (place.partition("@")[0],)

    def kind(self, place: str) -> str:
        """Return the shape of a place."""
        return self.places[place].shape or self.parts[self.nodes(place)[0]].kind

    def at(self, node: str, other: str | None = None) -> str:
        """Return the name of the place at which a part is drawn, for its wire to or from the part `other`."""
        if f"{node}@{other}" in self.places:
            return f"{node}@{other}"
        return next(name for name in self.places if node in self.nodes(name))

    def ends(self, wire: Wire) -> Ends:
        """Return the two places between which a wire is drawn; they are the same if it is hidden in one."""
        start, end = self.at(wire.start, wire.end), self.at(wire.end, wire.start)
        if self.signal_starts.get(wire.start, end) != end:
            start = self.signal_starts[wire.start]
        return start, end

    def points(self, ends: Ends) -> list[Point]:
        """Return the corners of the way between two places, from the first to the last."""
        if ends not in self.routes:
            return [self.places[name][:2] for name in ends]
        x, y = 0.0, 0.0
        corners: list[Point] = []
        for word in self.routes[ends].split():
            letter, number = word[0], word[1:]
            if letter == "M":
                x, y = map(float, number.split(","))
            elif letter == "H":
                x = float(number)
            else:
                y = float(number)
            corners.append((x, y))
        return corners
