"""Ways for the wires of a drawing between parts that have their places: up, down and across, past the other parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lstm_ref.diagrams.geometry import Ends, Layout, Point
from lstm_ref.diagrams.shapes import HALF, RADIUS
from lstm_ref.diagrams.wiring import Wire, Wiring

COLUMN, ROW = 82, 62
"""How far apart columns and rows of parts stand."""

PIPE = 15
"""How far below its middle a wire leaves a pipe."""

_COSTS = {"hit": 100.0, "along": 60.0, "cross": 5.0, "bend": 4.0, "shared": -3.0}
"""What is counted against a way: a part in it, another signal's wire along it or across it, a bend; for it: a stretch
that it shares with its own signal."""


class Router:
    """Ways for wires, found one after the other: each takes the way that costs least among some simple ones.

    Parameters
    ----------
    layout : Layout
        With its places and its pipes.
    wiring : Wiring
    """

    def __init__(self, layout: Layout, wiring: Wiring) -> None:
        self.layout, self.wiring = layout, wiring
        self.boxes = {name: self._box(name) for name in layout.places}
        self.lines: list[tuple[str, tuple[Point, Point]]] = []

    def routes(self) -> dict[Ends, str]:
        """Return the way of every wire that has not a straight one to a small circle."""
        found: dict[Ends, str] = {}
        wires = [wire for wire in self.wiring.wires if "@" not in "".join(self.layout.ends(wire))]
        for wire in sorted(wires, key=self._distance):
            ends = self.layout.ends(wire)
            points = min(self._ways(wire), key=lambda way: self._cost(wire, way))
            found[ends] = _svg(points)
            self.lines += [(self.wiring.nodes[wire.start].gives, stretch) for stretch in pairwise(points)]
        return found

    def _distance(self, wire: Wire) -> float:
        (x0, y0), (x1, y1) = (self.layout.places[name][:2] for name in self.layout.ends(wire))
        return abs(x1 - x0) + abs(y1 - y0) + (1000 if x0 != x1 and y0 != y1 else 0)

    def _ways(self, wire: Wire) -> Iterator[list[Point]]:
        """Return the ways to try: straight, with one bend, with two or with three."""
        start, end = self.layout.ends(wire)
        (x0, y0), (x1, y1) = self.layout.places[start][:2], self.layout.places[end][:2]
        if (start, end) in self.layout.pipes:
            yield [(x0, y0), (x1, y1)]
            return
        if x0 == x1 or y0 == y1:
            yield [(x0, y0), (x1, y1)]
        else:
            yield [(x0, y0), (x0, y1), (x1, y1)]
            yield [(x0, y0), (x1, y0), (x1, y1)]
        halves_x = [x + side * COLUMN / 2 for x in (x0, x1) for side in (-1, 1)]
        halves_y = [y + side * ROW / 2 for y in (y0, y1) for side in (-1, 1)]
        for x in halves_x:
            yield [(x0, y0), (x, y0), (x, y1), (x1, y1)]
        for y in halves_y:
            yield [(x0, y0), (x0, y), (x1, y), (x1, y1)]
        for x in halves_x:
            for y in halves_y:
                yield [(x0, y0), (x, y0), (x, y), (x1, y), (x1, y1)]
                yield [(x0, y0), (x0, y), (x, y), (x, y1), (x1, y1)]
        yield from self._from_pipe(wire, (x1, y1))

    def _from_pipe(self, wire: Wire, end: Point) -> Iterator[list[Point]]:
        """Return ways that leave the pipe behind the part, wherever the same signal still flows in it."""
        (x1, y1) = end
        for ends in self.layout.pipes:
            if ends[0] == wire.start and ends != self.layout.ends(wire):
                (left, y), right = self.layout.places[ends[0]][:2], self.layout.places[ends[1]].x
                side = PIPE if y1 > y else -PIPE
                for x in (x1, x1 - COLUMN / 2, x1 + COLUMN / 2, (left + right) / 2):
                    if left < x < right and y1 != y:
                        yield [(x, y + side), (x, y1)] if x == x1 else [(x, y + side), (x, y1), (x1, y1)]
                        if x != x1:
                            yield from ([(x, y + side), (x, low), (x1, low), (x1, y1)] for low in (y + 31, y1 - 31))

    def _cost(self, wire: Wire, way: Sequence[Point]) -> float:
        """Return what a way costs."""
        signal, own = self.wiring.nodes[wire.start].gives, set(self.layout.ends(wire))
        cost = _COSTS["bend"] * len(way)
        for one in pairwise(way):
            cost += sum(abs(a - b) for a, b in zip(*one)) / 50
            cost += _COSTS["hit"] * sum(_hits(one, box) for name, box in self.boxes.items() if name not in own)
            for carried, other in self.lines:
                if _along(one, other):
                    cost += _COSTS["shared"] if carried == signal else _COSTS["along"]
                elif carried != signal and _crosses(one, other):
                    cost += _COSTS["cross"]
        return cost

    def _box(self, name: str) -> tuple[float, float, float, float]:
        x, y = self.layout.places[name][:2]
        kind = self.layout.kind(name)
        width, height = (RADIUS[kind],) * 2 if kind in RADIUS else HALF[kind]
        return x - width - 4, y - height - 4, x + width + 4, y + height + 4


def _svg(points: Sequence[Point]) -> str:
    """Return a way as M, H and V."""
    words = [f"M{points[0][0]:g},{points[0][1]:g}"]
    for (x0, _), (x1, y1) in pairwise(points):
        words.append(f"H{x1:g}" if x0 != x1 else f"V{y1:g}")
    return " ".join(words)


def _hits(line: Sequence[Point], box: tuple[float, float, float, float]) -> bool:
    (x0, y0), (x1, y1) = line
    left, top, right, bottom = box
    return min(x0, x1) < right and max(x0, x1) > left and min(y0, y1) < bottom and max(y0, y1) > top


def _along(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Say whether two stretches lie on each other, or nearly."""
    (ax0, ay0), (ax1, ay1) = one
    (bx0, by0), (bx1, by1) = other
    if ax0 == ax1 and bx0 == bx1 and abs(ax0 - bx0) < 8:
        return min(max(ay0, ay1), max(by0, by1)) - max(min(ay0, ay1), min(by0, by1)) > 1
    if ay0 == ay1 and by0 == by1 and abs(ay0 - by0) < 8:
        return min(max(ax0, ax1), max(bx0, bx1)) - max(min(ax0, ax1), min(bx0, bx1)) > 1
    return False


def _crosses(one: Sequence[Point], other: Sequence[Point]) -> bool:
    (ax0, _), (ax1, _) = one
    (bx0, by0), (bx1, by1) = other
    if (ax0 == ax1) == (bx0 == bx1):
        return False
    return _hits(one, (min(bx0, bx1), min(by0, by1), max(bx0, bx1), max(by0, by1)))
