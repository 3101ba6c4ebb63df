"""What the pictures of the pipe are drawn from: walls, valves and water. Lengths are inches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from lstm_ref.plots.chart_parts import SMALL
from lstm_ref.svg import INK, SIGNALS, WIDTH, figure

BORE = 0.56  # height of a pipe inside
SLAB = 0.17  # width of a valve's slab
LEFT, RIGHT = 0.12, WIDTH - 0.12

Points = Iterable[tuple[float, float]]


class Sheet:
    """An empty figure measured in inches; the largest of the amounts, or 1 where all are smaller, fills a pipe."""

    def __init__(self, height: float, *amounts: float) -> None:
        self.scale = BORE / max(1, *map(abs, amounts))
        self.figure = figure(height)
        self.figure.set_layout_engine("none")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(0, height))
        self.axes.set_axis_off()

    def water(self, left: float, right: float, floor: float, amount: float, signal: str, gid: str) -> None:
        """Draw water from left to right, as high as the amount's size, with its surface."""
        level = floor + abs(amount) * self.scale
        self.water_between([(left, floor), (left, level), (right, level), (right, floor)], amount, signal, gid)
        if not amount:
            return
        colour = SIGNALS[signal].stroke.colour.light
        self.axes.plot((left, right), (level, level), color=colour, linewidth=2, solid_capstyle="butt")
        if amount > 0:
            for row, up in enumerate(np.arange(floor + 0.1, level - 0.06, 0.11)):
                ripples = (24 * (row % 2), (18, 30))
                self.axes.plot((left + 0.1, right), (up, up), color=colour, linewidth=0.9, linestyle=ripples, alpha=0.6)

    def water_between(self, corners: Points, amount: float, signal: str, gid: str) -> None:
        """Fill a shape with water, hatched for an amount below zero."""
        corners, colour = list(corners), SIGNALS[signal].stroke.colour.light
        self.axes.add_patch(Polygon(corners, facecolor=(colour, 0.3), edgecolor="none", gid=gid))
        if amount < 0:
            self.axes.add_patch(Polygon(corners, facecolor="none", edgecolor=colour, linewidth=0, hatch="///"))

    def wall(self, *points: tuple[float, float]) -> None:
        """Draw a wall from point to point."""
        self.axes.plot(*zip(*points), color=INK.light, linewidth=2.2, solid_capstyle="round", zorder=3)

    def valve(
        self, middle: float, floor: float, opening: float, signal: str, bore: float = BORE, gid: str = ""
    ) -> None:
        """Draw a valve: a slab that hangs into the pipe from the housing above, raised by its opening."""
        left, right = middle - SLAB / 2, middle + SLAB / 2
        roof, top = floor + bore, floor + 2 * bore
        self.wall((left, roof), (left, top), (right, top), (right, roof))
        self.axes.add_patch(
            Rectangle(
                (left + 0.02, floor + opening * bore),
                SLAB - 0.04,
                bore,
                facecolor=SIGNALS[signal].stroke.colour.light,
                edgecolor="none",
                zorder=4,
                gid=gid or f"lstm-gate-{signal}",
            )
        )

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        self.axes.text(x, y, text, **look)

    def explain(self, signs: dict[str, bool]) -> None:
        """Say at the foot what the special signs mean, of those that the picture has."""
        self.text(LEFT, 0.12, "   ".join(sign for sign, used in signs.items() if used), fontsize=SMALL)
