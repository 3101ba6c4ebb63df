"""One unit drawn in one layout: its wires, its parts and, on demand, the values of a step."""

from __future__ import annotations

from lstm_ref.diagrams import values as live
from lstm_ref.diagrams.alt_text import BOXES, SYMBOLS
from lstm_ref.diagrams.shapes import LETTERS, arrow, edge, outline, part, partings, path, rounded, symbol
from lstm_ref.diagrams.stylesheet import look
from lstm_ref.diagrams.wiring import NODES, Wire
from lstm_ref.unit import VALVES

UNSIGNED = ("x_t", "h_prev", "h_t")
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

    def __init__(self, layout, wiring, lit):
        self.layout, self.wiring, self.lit = layout, wiring, lit
        self.lines = {wire: self._line(wire) for wire in wiring.wires if len(set(layout.ends(wire))) == 2}

    def svg(self, values=(), limits=(), order=False):
        """Return the unit as SVG, with the values of a step if there are any, and the order on demand."""
        self.groups = {False: [], True: []}
        self._frame()
        self._wires()
        self._places()
        self._symbols(values)
        if values:
            self._live(values, limits)
        if order:
            self._order()
        names = ["bare"] * (not self.layout.frame) + ["plain"] * bool(self.layout.dashed)
        names = f' class="{" ".join(names)}"' if names else ""
        dim = f'<g class="dim">{"".join(self.groups[False])}</g>' if self.groups[False] else ""
        return f"<g{names}>{dim}<g>{''.join(self.groups[True])}</g></g>"

    def _add(self, text, lit=True):
        """Put a mark on top of its group."""
        self.groups[lit].append(text)

    def _frame(self):
        """The unit's own rectangle."""
        if self.layout.frame:
            x, y, width, height = self.layout.frame
            whole = self.lit == set(NODES)
            self._add(f'<rect class="unit" x="{x}" y="{y}" width="{width}" height="{height}" rx="16"/>', whole)

    def _wires(self):
        """All wires: pipes first, then each signal's wires over those drawn before."""
        drawn = {False: [], True: []}
        for wire, points in self.lines.items():
            drawn[self._is_lit(wire)].append((wire, points))
        for lit, pairs in drawn.items():
            for wire, points in (pair for pair in pairs if self.layout.ends(pair[0]) in self.layout.pipes):
                through = path(self.layout.points(self.layout.ends(wire)))
                self._add(f'<path class="wall" d="{through}"/>', lit)
                self._add(self._path(wire, through, "bore"), lit)
                self._add(f'<path class="wire {look(NODES[wire.start].gives)}" d="{path(points)}"/>', lit)
                self._add(f'<path class="head {look(NODES[wire.start].gives)}" d="{arrow(points)}"/>', lit)
            thin = [pair for pair in pairs if self.layout.ends(pair[0]) not in self.layout.pipes]
            for signal in dict.fromkeys(NODES[wire.start].gives for wire, _ in thin):
                self._signal([pair for pair in thin if NODES[pair[0].start].gives == signal], signal, lit)

    def _places(self):
        for name in self.layout.places:
            if "@" not in name:
                self._place(name, not self.lit.isdisjoint(self.layout.nodes(name)))
            elif wires := [wire for wire in self.lines if name in self.layout.ends(wire)]:
                self._place(name, self._is_lit(wires[0]))

    def _symbols(self, values):
        spots = [*self.layout.spots.items(), *self.layout.echoes]
        there = {None, *self.wiring.wires}
        for signal, spot in spots:
            shown = signal in values or signal in self.layout.named
            if not shown or signal in UNSIGNED or signal[:2] == "b_" or spot.beside not in there:
                continue
            rows = self._rows(values[signal]) if signal in values and (signal, spot) not in self.layout.echoes else 0
            y = spot.y - live.LINE * rows - 1 if spot.up else spot.y
            lit = self._is_lit(Wire(*spot.beside)) if spot.beside else self._carried(signal)
            self._add(
                f'<text class="small" data-symbol="{signal}" x="{spot.x}" y="{rounded(y)}" '
                f'text-anchor="{spot.anchor}">{symbol(SYMBOLS[signal], 11.5)}</text>',
                lit,
            )

    def _live(self, values, limits):
        """The values of one step: numbers or bars beside the wires, water in the pipe, handles on the valves."""
        for signal, (left, right, floor, full) in self.layout.water.items():
            self._add(live.water(signal, values[signal], limits[signal], left, right, floor, full))
        for name, opened in self.layout.handles.items():
            place = self.layout.places[name]
            valve = next(NODES[start].gives for start in self.wiring.into(name) if NODES[start].gives in VALVES)
            self._add(live.handle(valve, values[valve], place.x, place.y, opened))
        for signal, spot in self.layout.spots.items():
            if signal in values:
                self._values(signal, values[signal], limits[signal], spot)

    def _order(self):
        """The order of the computation, on every box, product and sum."""
        for name, number in self.wiring.order().items():
            if NODES[name].kind in ("box", "product", "sum"):
                place = self.layout.places[self.layout.at(name)]
                across, down = self.layout.discs.get(name, (-17, -17))
                x, y = place.x + across, place.y + down
                self._add(
                    f'<circle class="order" cx="{x}" cy="{y}" r="8"/>'
                    f'<text x="{x}" y="{y + 4}" text-anchor="middle" data-order="{name}">{number}</text>'
                )

    def _values(self, signal, values, limit, spot):
        headed = signal not in UNSIGNED and signal[:2] != "b_"
        if len(values) > live.WRITTEN:
            top = spot.y - live.BARS[1] if spot.up else spot.y + 5 if headed else spot.y - 9
            self._add(live.bars(signal, values, limit, spot.x, top, spot.anchor))
            return
        first = spot.y - live.LINE * (len(values) - 1) if spot.up else spot.y + (live.LINE + 1) * headed
        self._add(live.numbers(signal, values, spot.x, first, spot.anchor))

    @staticmethod
    def _rows(values):
        return len(values) if len(values) <= live.WRITTEN else live.BARS[1] / live.LINE + 0.3

    def _line(self, wire):
        """Return the corners of a wire between the edges of its two places."""
        ends = self.layout.ends(wire)
        points = list(self.layout.points(ends))
        for at, name, beside in ((0, ends[0], 1), (-1, ends[1], -2)):
            place = self.layout.places[name]
            points[at] = edge(self.layout.kind(name), (place.x, place.y), points[at], points[beside])
        return points

    def _is_lit(self, wire):
        return {wire.start, wire.end} <= self.lit

    def _carried(self, signal):
        return any(self._is_lit(wire) for wire in self.wiring.wires if NODES[wire.start].gives == signal)

    def _path(self, wire, way, kind):
        signal = NODES[wire.start].gives
        dashed = " dashed" if signal in self.layout.dashed else ""
        return (
            f'<path class="{kind} {look(signal)}{dashed}" data-from="{wire.start}" data-to="{wire.end}" '
            f'data-carries="{signal}" d="{way}"/>'
        )

    def _signal(self, pairs, signal, lit):
        """Draw the wires of one signal: a gap in what they cross, the lines, dots where they part, and the heads."""
        gaps = " ".join(path(points) for _, points in pairs if not self._crosses_pipe(points))
        self._add(f'<path class="casing" d="{gaps}"/>' if gaps else "", lit)
        self._add("".join(self._path(wire, path(points), "wire") for wire, points in pairs), lit)
        dots = partings([points for _, points in pairs])
        self._add("".join(f'<circle class="dot {look(signal)}" cx="{x}" cy="{y}" r="3"/>' for x, y in dots), lit)
        heads = " ".join(arrow(points) for _, points in pairs)
        self._add(f'<path class="head {look(signal)}" d="{heads}"/>', lit)

    def _crosses_pipe(self, points):
        """Say whether a wire crosses a pipe, where a gap would look like a leak."""
        pipes = [self.layout.points(ends) for ends in self.layout.pipes]
        return any(
            min(y0, y1) < start[1] < max(y0, y1) and start[0] < x0 < end[0]
            for (x0, y0), (_, y1) in zip(points, points[1:])
            for start, end in pipes
        )

    def _place(self, name, lit):
        x, y = self.layout.places[name][:2]
        kind, nodes = self.layout.kind(name), self.layout.nodes(name)
        if kind == "gate":
            bend = NODES[nodes[1]]
            marks = f'<g class="{bend.kind}">{outline(kind, x, y)}</g>'
            marks += f'<text x="{x}" y="{y - 1}" text-anchor="middle">{symbol(SYMBOLS[bend.gives], 13)}</text>'
            marks += f'<text class="small" x="{x}" y="{y + 16}" text-anchor="middle">{LETTERS[bend.kind][0]}</text>'
        else:
            words = BOXES[name[-1]] if kind == "bias" else symbol(SYMBOLS[NODES[nodes[0]].gives], 13)
            marks = part(kind, x, y, words)
        self._add(f'<g data-place="{name}">{marks}</g>', lit)
