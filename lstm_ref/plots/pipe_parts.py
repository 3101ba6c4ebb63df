"""What the pictures of the pipe are drawn from: walls, gates and water. Lengths are inches."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from lstm_ref.plots.chart_parts import SMALL
from lstm_ref.svg.palette import INK, SIGNALS
from lstm_ref.svg.picture import WIDTH, figure

BORE = 0.56  # height of a pipe inside
SLAB = 0.17  # width of a valve's slab
LEFT, RIGHT = 0.12, WIDTH - 0.12


def check_opening(name: str, opening: float) -> None:
    if not 0 <= opening <= 1:
        raise ValueError(f"{name}: expected an opening from 0 (shut) to 1 (open), got {opening:g}")


def check_finite(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not np.isfinite(amount):
            raise ValueError(f"{name}: expected a finite number, got {amount}")


def sheet(height: float):
    """An empty sheet measured in inches."""
    fig = figure(height)
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, height))
    ax.set_axis_off()
    return fig, ax


def water(ax, left, right, floor, amount, scale, name, gid) -> None:
    """Water from left to right, as high as the amount's size, with its surface."""
    level = floor + abs(amount) * scale
    fill(ax, [(left, floor), (left, level), (right, level), (right, floor)], name, amount, gid)
    if not amount:
        return
    colour = SIGNALS[name].stroke.colour.light
    ax.plot((left, right), (level, level), color=colour, linewidth=2, solid_capstyle="butt")
    if amount > 0:
        for row, up in enumerate(np.arange(floor + 0.1, level - 0.06, 0.11)):
            ax.plot(
                (left + 0.1, right),
                (up, up),
                color=colour,
                linewidth=0.9,
                linestyle=(24 * (row % 2), (18, 30)),
                alpha=0.6,
            )


def fill(ax, corners, name, amount, gid) -> None:
    colour = SIGNALS[name].stroke.colour.light
    ax.add_patch(Polygon(corners, facecolor=(colour, 0.3), edgecolor="none", gid=gid))
    if amount < 0:
        ax.add_patch(Polygon(corners, facecolor="none", edgecolor=colour, linewidth=0, hatch="///"))


def legend(ax, signs: dict[str, bool]) -> None:
    """What the special signs mean, of those that the picture has."""
    ax.text(LEFT, 0.12, "   ".join(sign for sign, used in signs.items() if used), fontsize=SMALL)


def line(ax, points) -> None:
    ax.plot(*zip(*points), color=INK.light, linewidth=2.2, solid_capstyle="round", zorder=3)


def walls(ax, left, right, floor, gap, opening=None) -> None:
    """A pipe's roof, open for a valve, and its floor, open for a branch."""
    roof = floor + BORE
    line(ax, [(left, roof), (gap - SLAB / 2, roof)])
    line(ax, [(gap + SLAB / 2, roof), (right, roof)])
    for start, stop in [(left, right)] if opening is None else [(left, opening[0]), (opening[1], right)]:
        line(ax, [(start, floor), (stop, floor)])


def gate(ax, middle, floor, opening, name, gid, bore=BORE) -> None:
    """A valve: a slab that hangs into the pipe from the housing above, raised by its opening."""
    half = SLAB / 2
    roof, top = floor + bore, floor + 2 * bore
    line(ax, [(middle - half, roof), (middle - half, top), (middle + half, top), (middle + half, roof)])
    ax.add_patch(
        Rectangle(
            (middle - half + 0.02, floor + opening * bore),
            SLAB - 0.04,
            bore,
            facecolor=SIGNALS[name].stroke.colour.light,
            edgecolor="none",
            zorder=4,
            gid=gid,
        )
    )
