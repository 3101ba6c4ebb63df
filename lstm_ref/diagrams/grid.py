"""A layout by rule, for any wiring: parts stand where a table says, and wires find their way between them.

The table has a row of names for each row of the drawing, with a dot where nothing stands. What a box sees of the input,
of a memory or as its bias stands beside it in small circles, so that one look says what each valve looks at. A memory
that has a place of its own is a pipe from left to right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from lstm_ref.diagrams.geometry import Ends, Layout, Place, Point, Spot
from lstm_ref.diagrams.shapes import HALF, RADIUS
from lstm_ref.diagrams.wiring import Wire, Wiring

COLUMN, ROW, TERMINALS = 82, 62, 27
"""How far apart columns stand, rows, and the small circles of a box."""

PIPE = 15
"""How far below its middle a wire leaves a pipe."""

_COSTS = {"hit": 100.0, "along": 60.0, "cross": 5.0, "bend": 4.0, "shared": -3.0}
"""What is counted against a way: a part in it, another signal's wire along it or across it, a bend; for it: a stretch
that it shares with its own signal."""


def grid_layout(wiring: Wiring, table: str, scene: str, routes: Mapping[str, str] | None = None) -> Layout:
    """Return a layout of a wiring.

    Parameters
    ----------
    wiring : Wiring
    table : str
        Names of parts; those that the wiring does not have are passed over.
    scene : str
        What stands where, for the alternative text.
    routes : dict, optional
        By "start end": the way between two parts, where the rule does not find a good one, as SVG.

    Raises
    ------
    ValueError
        If a part has no place.
    """
    rows = [line.split() for line in table.strip().splitlines()]
    columns = {name: (row, column) for row, names in enumerate(rows) for column, name in enumerate(names)}
    seen = {name: _seen_beside(wiring, name, columns) for name, node in wiring.nodes.items() if node.kind == "box"}
    heights = _heights(rows, seen, columns)
    places = {
        name: Place(30 + COLUMN * column, heights[row], _also(name, wiring, columns))
        for name, (row, column) in columns.items()
        if name in wiring.nodes
    }
    stated = {part for place, where in places.items() for part in where.of or (place,)}
    for box, names in seen.items():
        stated |= set(names)
        places |= _terminals(box, places[box], names, _is_free_below(box, columns, wiring))
    if missing := [name for name in wiring.nodes if name not in stated]:
        raise ValueError(f"table: expected a place for every part, got none for {', '.join(missing)}")
    pipes = tuple(_pipes(wiring, columns))
    width, height = 60 + COLUMN * (max(map(len, rows)) - 1), max(place.y for place in places.values()) + 34
    bare = Layout("drawn as a pipe", scene, {}, (width, int(height)), places, {}, {}, parts=wiring.nodes, pipes=pipes)
    found = Router(bare, wiring).routes(routes or {})
    named = tuple(
        s for s in wiring.symbols if s.endswith("_t") and s not in ("x_t",) and wiring.nodes[s].kind != "input"
    )
    spots = {signal: _spot(places[signal], wiring, signal, pipes) for signal in named if signal in places}
    outputs = {name: _becomes(name) for name, node in wiring.nodes.items() if node.kind == "output"}
    frame = (30, 22, width - 60, height - 30)
    return Layout(
        "drawn as a pipe", scene, outputs, (width, int(height)), places, found, spots, tuple(spots), parts=wiring.nodes,
        pipes=pipes, frame=frame,
    )  # fmt: skip


def _becomes(output: str) -> str:
    letter = output.partition("_")[0]
    return "h_t goes up, as the output." if output == "h_up" else f"{letter}_t goes on to the next step."


def _also(name: str, wiring: Wiring, columns: Mapping[str, tuple[int, int]]) -> tuple[str, ...]:
    """Return what a place stands for besides itself: the output goes on too where it is no pipe of its own."""
    return ("h_up", "h_out") if name == "h_up" and "h_out" in wiring.nodes and "h_out" not in columns else ()


def _seen_beside(wiring: Wiring, box: str, columns: Mapping[str, tuple[int, int]]) -> list[str]:
    """Return what a box sees in small circles: inputs, memories, and biases that have no place of their own."""
    carried = {node.gives for node in wiring.nodes.values() if node.kind == "output"} - {"h_t"}
    feeds = [(name, wiring.nodes[name]) for name in wiring.into(box)]
    is_small = {name: node.kind in ("input", "bias") or node.gives in carried for name, node in feeds}
    return [
        name for name, small in is_small.items() if small and (wiring.nodes[name].kind != "bias" or name not in columns)
    ]


def _is_free_below(box: str, columns: Mapping[str, tuple[int, int]], wiring: Wiring) -> bool:
    row, column = columns[box]
    return (row + 1, column) not in [where for name, where in columns.items() if name in wiring.nodes]


def _heights(
    rows: list[list[str]], seen: Mapping[str, list[str]], columns: Mapping[str, tuple[int, int]]
) -> list[float]:
    """Return the height of every row: below boxes there is room for their small circles."""
    heights = [52.0]
    for names in rows[:-1]:
        most = max((len(seen.get(name, [])) for name in names), default=0)
        free = any(name in seen and seen[name] for name in names)
        heights.append(heights[-1] + ROW + (26 if free else 0) + (26 if most > 3 else 0))
    return heights


def _terminals(box: str, place: Place, names: Sequence[str], below: bool) -> dict[str, Place]:
    """Return the places of what a box sees: in rows of up to four below it, or at its right."""
    if not below:
        return {f"{name}@{box}": Place(place.x + 38, place.y + 30 * k, (), "terminal") for k, name in enumerate(names)}
    if len(names) < 4:
        offsets = [(TERMINALS * (k - (len(names) - 1) / 2), 42.0) for k in range(len(names))]
    else:
        # More stand in two rows: the upper one leaves room in its middle for the wires of the lower one.
        half = (len(names) + 1) // 4
        upper = [TERMINALS * k for k in range(-half, half + 1) if k]
        rest = len(names) - len(upper)
        offsets = [(x, 42.0) for x in upper]
        offsets += [(TERMINALS * (k - (rest - 1) / 2), 42.0 + TERMINALS) for k in range(rest)]
    return {f"{name}@{box}": Place(place.x + x, place.y + y, (), "terminal") for name, (x, y) in zip(names, offsets)}


def _pipes(wiring: Wiring, columns: Mapping[str, tuple[int, int]]) -> Iterator[Ends]:
    """Return the wires of memories that come in at the left of a row and go out at its right, from right to left."""
    for name, (row, _) in columns.items():
        end = name.replace("_prev", "_out")
        if not name.endswith("_prev") or columns.get(end, (None,))[0] != row:
            continue
        while feeds := [start for start in wiring.into(end) if columns.get(start, (None,))[0] == row]:
            yield feeds[0], end
            end = feeds[0]


def _spot(place: Place, wiring: Wiring, signal: str, pipes: Sequence[Ends]) -> Spot:
    """Return where the symbol of a signal stands: above a pipe, else above its part at the right."""
    if any(signal == start for start, _ in pipes):
        return Spot(place.x + 18, place.y - 20)
    return Spot(place.x + 8, place.y - 20)


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
        self.lines: list[tuple[str, list[Point]]] = []

    def routes(self, given: Mapping[str, str]) -> dict[Ends, str]:
        """Return the way of every wire that has not a straight one to a small circle."""
        found: dict[Ends, str] = {}
        wires = [wire for wire in self.wiring.wires if "@" not in "".join(self.layout.ends(wire))]
        for wire in sorted(wires, key=self._distance):
            ends = self.layout.ends(wire)
            points = min(self._ways(wire), key=lambda way: self._cost(wire, way))
            if f"{wire.start} {wire.end}" in given:
                found[ends] = given[f"{wire.start} {wire.end}"]
                points = Layout.points(_with(self.layout, {ends: found[ends]}), ends)
            else:
                found[ends] = _svg(points)
            self.lines.append((self.wiring.nodes[wire.start].gives, points))
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
            cost += _COSTS["hit"] * sum(_hits(one, self._box(name)) for name in self.layout.places if name not in own)
            for carried, line in self.lines:
                for other in pairwise(line):
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


def _with(layout: Layout, routes: dict[Ends, str]) -> Layout:
    return Layout(layout.words, layout.scene, {}, layout.size, layout.places, routes, {}, parts=layout.parts)


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
    for k in (0, 1):
        (a0, a1), (b0, b1) = [sorted(point[k] for point in line) for line in (one, other)]
        level, other_level = one[0][1 - k], other[0][1 - k]
        lie_alike = one[0][1 - k] == one[1][1 - k] and other[0][1 - k] == other[1][1 - k]
        if lie_alike and abs(level - other_level) < 8 and min(a1, b1) - max(a0, b0) > 1:
            return True
    return False


def _crosses(one: Sequence[Point], other: Sequence[Point]) -> bool:
    (ax0, _), (ax1, _) = one
    (bx0, by0), (bx1, by1) = other
    if (ax0 == ax1) == (bx0 == bx1):
        return False
    return _hits(one, (min(bx0, bx1), min(by0, by1), max(bx0, bx1), max(by0, by1)))
