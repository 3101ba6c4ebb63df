"""Room for values in a layout by rule: each label stands beside its part where it lies on no wire and no other part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from lstm_ref.diagrams.geometry import Layout, Spot
from lstm_ref.diagrams.shapes import HALF, RADIUS
from lstm_ref.diagrams.values import LINE_HEIGHT
from lstm_ref.diagrams.wiring import Wiring

WIDTH, LETTER = 46, 9
"""How wide a value is, and how high a letter."""

PIPE, WIRE = 17, 2
"""Half the width of a pipe, and how near to a wire a label may come."""

BESIDE = (Spot(8, -20, up=True), Spot(-8, -20, "end", up=True), Spot(18, 30), Spot(-18, 30, "end"))
"""Where a label may stand, from the middle of its part; the better place first."""


class Area(NamedTuple):
    """A part of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: Area) -> float:
        """Return how much of it another one covers."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, across) * max(0.0, down)


def roomy_spots(layout: Layout, wiring: Wiring, signals: Sequence[str], elements: int = 1) -> dict[str, Spot]:
    """Return a spot for the symbol and the values of each of these signals.

    Parameters
    ----------
    layout : Layout
        With its places and its routes.
    wiring : Wiring
    signals : sequence of str
        Each the name of the place at which it begins.
    elements : int
        How many values stand below each other.
    """
    taken, found = [*_parts(layout), *_stretches(layout, wiring)], {}
    canvas = Area(0, 0, *layout.size)
    for signal in signals:
        x, y = layout.places[signal][:2]
        spots = [spot._replace(x=x + spot.x, y=y + spot.y) for spot in BESIDE]
        costs = [_cost(_label(spot, elements), canvas, taken) for spot in spots]
        found[signal] = spots[costs.index(min(costs))]
        taken.append(_label(found[signal], elements))
    return found


def _cost(label: Area, canvas: Area, taken: Sequence[Area]) -> float:
    """Return how much of a label lies on something else, or outside the drawing, which is worse."""
    outside = label.shared(label) - label.shared(canvas)
    return 9 * outside + sum(label.shared(other) for other in taken)


def _label(spot: Spot, elements: int) -> Area:
    """Return the area of a label: its symbol, and its values below it."""
    first = spot.y - LINE_HEIGHT * elements - 1 if spot.up else spot.y
    left = spot.x - WIDTH if spot.anchor == "end" else spot.x
    return Area(left, first - LETTER, left + WIDTH, first + LINE_HEIGHT * elements + 1 + WIRE)


def _parts(layout: Layout) -> Iterator[Area]:
    for name, place in layout.places.items():
        kind = layout.kind(name)
        width, height = (RADIUS[kind],) * 2 if kind in RADIUS else HALF[kind]
        yield Area(place.x - width, place.y - height, place.x + width, place.y + height)


def _stretches(layout: Layout, wiring: Wiring) -> Iterator[Area]:
    """Return the area of every straight piece of a wire, or of a pipe."""
    for ends in dict.fromkeys(map(layout.ends, wiring.wires)):
        half = PIPE if ends in layout.pipes else WIRE
        for (x0, y0), (x1, y1) in pairwise(layout.points(ends) if len(set(ends)) == 2 else []):
            yield Area(min(x0, x1) - WIRE, min(y0, y1) - half, max(x0, x1) + WIRE, max(y0, y1) + half)
