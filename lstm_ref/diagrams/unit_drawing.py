"""One unit drawn in one layout: its wires, its parts and, on demand, the values of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from lstm_ref.checks import Array
from lstm_ref.diagrams.geometry import Layout, Point, Spot
from lstm_ref.diagrams.shapes import LETTERS, arrow, branch_points, edge_point, outline, part, path, rounded, symbol
from lstm_ref.diagrams.stylesheet import signal_class
from lstm_ref.diagrams.values import BARS, LINE_HEIGHT, MOST_NUMBERS, bars, numbers, valve_handles, water
from lstm_ref.diagrams.wiring import Wire, Wiring
from lstm_ref.svg.picture import number
from lstm_ref.unit import VALVES

IN_CIRCLES = ("x_t", "h_prev", "h_t", "b_f", "b_i", "b_g", "b_o")
"""Signals whose symbol stands in a circle beside their values."""


class UnitDrawing:
    """The marks of one unit, in two groups: what is not lit below, what is lit above.

    Parameters
    ----------
    layout : Layout
    wiring : Wiring
    lit : set of str
        The parts of the wiring that are not grey.
    """

    def __init__(self, layout: Layout, wiring: Wiring, lit: set[str]) -> None:
        self.layout, self.wiring, self.lit = layout, wiring, lit
        self.lines = {wire: self._line(wire) for wire in wiring.wires if len(set(layout.ends(wire))) == 2}
        self.groups: dict[bool, list[str]] = {False: [], True: []}

    def svg(self, values: Mapping[str, Array], limits: Mapping[str, float], order: bool) -> str:
        """Return the unit as SVG, with the values of a step if there are any, and the order on demand."""
        self._add_frame()
        self._add_wires()
        self._add_places()
        self._add_symbols(values)
        if values:
            self._add_values(values, limits)
        if order:
            self._add_order()
        classes = {"bare": not self.layout.frame, "plain": bool(self.layout.dashed)}
        own = " ".join(name for name, is_there in classes.items() if is_there)
        dim = f'<g class="dim">{"".join(self.groups[False])}</g>' if self.groups[False] else ""
        opening = f'<g class="{own}">' if own else "<g>"
        return f"{opening}{dim}<g>{''.join(self.groups[True])}</g></g>"

    def _add(self, text: str, lit: bool = True) -> None:
        """Put a mark on top of its group."""
        self.groups[lit].append(text)

    def _add_frame(self) -> None:
        """The unit's own rectangle."""
        if self.layout.frame:
            x, y, width, height = self.layout.frame
            rect = f'<rect class="unit" x="{x}" y="{y}" width="{width}" height="{height}" rx="16"/>'
            self._add(rect, self.lit == set(self.wiring.nodes))

    def _add_wires(self) -> None:
        """All wires: pipes first, then each signal's wires over those drawn before."""
        for lit in (False, True):
            wires = [wire for wire in self.lines if self._is_lit(wire) == lit]
            thin = [wire for wire in wires if self.layout.ends(wire) not in self.layout.pipes]
            for wire in wires:
                if wire not in thin:
                    self._add_pipe(wire, lit)
            for signal in dict.fromkeys(self.wiring.nodes[wire.start].gives for wire in thin):
                self._add_signal([wire for wire in thin if self.wiring.nodes[wire.start].gives == signal], signal, lit)

    def _add_pipe(self, wire: Wire, lit: bool) -> None:
        way = path(self.layout.points(self.layout.ends(wire)))
        own_class = self._class(self.wiring.nodes[wire.start].gives)
        self._add(f'<path class="wall" d="{way}"/>', lit)
        self._add(self._path(wire, way, "bore"), lit)
        self._add(f'<path class="wire {own_class}" d="{path(self.lines[wire])}"/>', lit)
        self._add(f'<path class="head {own_class}" d="{arrow(self.lines[wire])}"/>', lit)

    def _add_signal(self, wires: Sequence[Wire], signal: str, lit: bool) -> None:
        """Draw the wires of one signal: a gap in what they cross, the lines, dots where they part, and the heads."""
        lines, own_class = [self.lines[wire] for wire in wires], self._class(signal)
        gaps = " ".join(path(line) for line in lines if not self._crosses_pipe(line))
        if gaps:
            self._add(f'<path class="casing" d="{gaps}"/>', lit)
        for wire, line in zip(wires, lines):
            self._add(self._path(wire, path(line), "wire"), lit)
        for x, y in branch_points(lines):
            self._add(f'<circle class="dot {own_class}" cx="{x}" cy="{y}" r="3"/>', lit)
        self._add(f'<path class="head {own_class}" d="{" ".join(arrow(line) for line in lines)}"/>', lit)

    def _add_places(self) -> None:
        for name in self.layout.places:
            if "@" not in name:
                self._add_place(name, not self.lit.isdisjoint(self.layout.nodes(name)))
            elif wires := [wire for wire in self.lines if name in self.layout.ends(wire)]:
                self._add_place(name, self._is_lit(wires[0]))

    def _add_place(self, name: str, lit: bool) -> None:
        x, y = self.layout.places[name][:2]
        kind, nodes = self.layout.kind(name), self.layout.nodes(name)
        if kind == "gate":
            inside, gives = self.wiring.nodes[nodes[1]][:2]
            marks = f'<g class="{inside}">{outline(kind, x, y)}</g>'
            marks += f'<text x="{x}" y="{y - 1}" text-anchor="middle">{symbol(self.wiring.symbols[gives], 13)}</text>'
            marks += f'<text class="small" x="{x}" y="{y + 16}" text-anchor="middle">{LETTERS[inside][0]}</text>'
        else:
            marks = part(kind, x, y, self._letters(kind, nodes[0]))
        self._add(f'<g data-place="{name}">{marks}</g>', lit)

    def _letters(self, kind: str, name: str) -> str:
        """Return what stands in a part that has letters of its own."""
        node = self.wiring.nodes[name]
        if kind == "scale":
            return f"\N{MULTIPLICATION SIGN} {number(round(node.factor, 2))}"
        return symbol(self.wiring.symbols[node.gives], 11.5 if kind == "terminal" else 13)

    def _add_symbols(self, values: Mapping[str, Array]) -> None:
        """The symbols of the signals, above their values where there are any."""
        for signal, spot in self.layout.spots.items():
            if signal not in IN_CIRCLES and signal in values:
                count = len(values[signal])
                self._add_symbol(signal, spot, LINE_HEIGHT * count if count <= MOST_NUMBERS else BARS[1] + 3.9)
            elif signal in self.layout.always_named:
                self._add_symbol(signal, spot, 0)
        for signal, spot in self.layout.more_symbols:
            self._add_symbol(signal, spot, 0)

    def _add_symbol(self, signal: str, spot: Spot, below: float) -> None:
        """Put a symbol at its spot, with so much room below it if it stands on top of values."""
        if spot.beside is None:
            lit = any(self._is_lit(wire) for wire in self.wiring.wires if self.wiring.nodes[wire.start].gives == signal)
        elif spot.beside in self.wiring.wires:
            lit = self._is_lit(Wire(*spot.beside))
        else:
            return
        y = spot.y - below - 1 if spot.up else spot.y
        self._add(
            f'<text class="small" data-symbol="{signal}" x="{spot.x}" y="{rounded(y)}" '
            f'text-anchor="{spot.anchor}">{symbol(self.wiring.symbols[signal], 11.5)}</text>',
            lit,
        )

    def _add_values(self, values: Mapping[str, Array], limits: Mapping[str, float]) -> None:
        """The values of one step: numbers or bars beside the wires, water in the pipe, handles on the valves."""
        for signal, (left, right, floor, full) in self.layout.water.items():
            self._add(water(signal, values[signal], limits[signal], left, right, floor, full))
        for name, opened in self.layout.handles.items():
            place = self.layout.places[name]
            valve = next(
                self.wiring.nodes[start].gives
                for start in self.wiring.into(name)
                if self.wiring.nodes[start].gives in VALVES
            )
            self._add(valve_handles(valve, values[valve], place.x, place.y, opened))
        for signal, spot in self.layout.spots.items():
            if signal in values:
                self._add_label(signal, values[signal], limits[signal], spot)

    def _add_label(self, signal: str, values: Array, limit: float, spot: Spot) -> None:
        """The values of one signal as numbers or bars, below its symbol unless that is in a circle."""
        if len(values) > MOST_NUMBERS:
            down = -9 if signal in IN_CIRCLES else 5
            top = spot.y - BARS[1] if spot.up else spot.y + down
            self._add(bars(signal, values, limit, spot.x, top, spot.anchor))
        else:
            down = 0 if signal in IN_CIRCLES else LINE_HEIGHT + 1
            first = spot.y - LINE_HEIGHT * (len(values) - 1) if spot.up else spot.y + down
            self._add(numbers(signal, values, spot.x, first, spot.anchor))

    def _add_order(self) -> None:
        """The order of the computation, on every box, product and sum."""
        for name, when in self.wiring.order().items():
            if self.wiring.nodes[name].kind in ("box", "product", "sum"):
                place = self.layout.places[self.layout.at(name)]
                across, down = self.layout.order_offsets.get(name, (-17, -17))
                x, y = place.x + across, place.y + down
                self._add(
                    f'<circle class="order" cx="{x}" cy="{y}" r="8"/>'
                    f'<text x="{x}" y="{y + 4}" text-anchor="middle" data-order="{name}">{when}</text>'
                )

    def _line(self, wire: Wire) -> list[Point]:
        """Return the corners of a wire between the edges of its two places."""
        first, last = self.layout.ends(wire)
        points = self.layout.points((first, last))
        start = self._leave(first, points[0], points[1])
        end = self._leave(last, points[-1], points[-2])
        return [start, *points[1:-1], end]

    def _leave(self, name: str, inside: Point, outside: Point) -> Point:
        """Return where a line from inside a place to a point outside leaves it."""
        return edge_point(self.layout.kind(name), self.layout.places[name][:2], inside, outside)

    def _is_lit(self, wire: Wire) -> bool:
        return {wire.start, wire.end} <= self.lit

    def _class(self, signal: str) -> str:
        return signal_class(self.wiring.roles.get(signal, signal))

    def _path(self, wire: Wire, way: str, kind: str) -> str:
        signal = self.wiring.nodes[wire.start].gives
        dashed = " dashed" if signal in self.layout.dashed else ""
        return (
            f'<path class="{kind} {self._class(signal)}{dashed}" data-from="{wire.start}" data-to="{wire.end}" '
            f'data-carries="{signal}" d="{way}"/>'
        )

    def _crosses_pipe(self, line: Sequence[Point]) -> bool:
        """Say whether a wire crosses a pipe, where a gap would own_class like a leak."""
        pipes = [self.layout.points(ends) for ends in self.layout.pipes]
        return any(
            min(y0, y1) < start[1] < max(y0, y1) and start[0] < x0 < end[0]
            for (x0, y0), (_, y1) in pairwise(line)
            for start, end in pipes
        )
