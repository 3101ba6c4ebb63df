"""A layout by rule, for any wiring: parts stand where a table says, and wires find their way between them.

The table has a row of names for each row of the drawing, with a dot where nothing stands. What a box sees of the input,
of a memory or as its bias stands beside it in small circles, so that one look says what each valve looks at. A memory
that has a place of its own is a pipe from left to right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lstm_ref.diagrams.geometry import Ends, Layout, Place, Spot
from lstm_ref.diagrams.router import COLUMN, ROW, Router
from lstm_ref.diagrams.wiring import Wiring

TERMINALS = 27
"""How far apart the small circles of a box stand."""


def grid_layout(wiring: Wiring, table: str, scene: str) -> Layout:
    """Return a layout of a wiring.

    Parameters
    ----------
    wiring : Wiring
    table : str
        Names of parts; those that the wiring does not have are passed over.
    scene : str
        What stands where, for the alternative text.

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
    found = Router(bare, wiring).routes()
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
