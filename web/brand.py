"""The mark of the book, a pipe with a valve half open, and the card that others show when they link to the book.

The mark is one list of shapes, from which come an SVG and, for what takes none, PNG. It has its own ground, so that it
reads in light and in dark.
"""

from __future__ import annotations

from io import BytesIO
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any

from lstm_ref.svg.palette import PAPER, SIGNALS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDE = 32
GROUND = SIGNALS["f_t"].stroke.colour.light
OLD, FRESH, KEPT, OUT = (SIGNALS[name].stroke.colour.dark for name in ("c_prev", "g_t", "c_t", "h_t"))
BODY = PAPER.light

CARD = (1200, 630)
CARD_WORDS = "A pipe with three valves: on the old memory, on the new memory that joins it, and on the way out."


def mark() -> str:
    """Return the mark as an SVG, in attributes alone: a strict policy takes the styles out of a picture."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f'<rect width="32" height="32" rx="7" fill="{GROUND}"/>'
        f'<path d="M0 16h32" stroke="{OLD}" stroke-width="11"/>'
        f'<circle cx="16" cy="16" r="10" fill="{BODY}" stroke="{GROUND}" stroke-width="2"/>'
        f'<path d="M11.5 20.5l9-9" stroke="{GROUND}" stroke-width="4.5" stroke-linecap="round"/>'
        "</svg>\n"
    )


def mark_png(pixels: int) -> bytes:
    """Return the mark as a PNG, for tabs and home screens that show no SVG."""
    from matplotlib.patches import FancyBboxPatch

    figure, axes = _canvas(SIDE, SIDE, pixels / SIDE)
    figure.patch.set_alpha(0)
    box = "round,pad=0,rounding_size=7"
    tile = axes.add_patch(FancyBboxPatch((0, 0), SIDE, SIDE, boxstyle=box, facecolor=GROUND, linewidth=0))
    _pipe(axes, [(0, 16), (32, 16)], 11, OLD, clip=tile)
    _valve(axes, 16, 16, 45, 10, pixels / SIDE)
    return _png(figure)


def card(title: str, line: str) -> bytes:
    """Return the card as a PNG: the book's title over its pipe, with the three valves of the unit."""
    figure, axes = _canvas(*CARD)
    figure.patch.set_facecolor(GROUND)
    axes.text(76, 515, title, color=BODY, fontsize=70, weight="bold", va="center")
    axes.text(80, 412, line, color=BODY, fontsize=30, va="center")
    _pipe(axes, [(600, 0), (600, 190)], 64, FRESH)
    _pipe(axes, [(950, 0), (950, 190)], 64, OUT)
    _pipe(axes, [(0, 230), (600, 230)], 96, OLD)
    _pipe(axes, [(600, 230), (1200, 230)], 96, KEPT)
    for x, y, angle in ((250, 230, 12), (600, 92, 60), (950, 92, 25)):
        _valve(axes, x, y, angle, 62)
    return _png(figure)


def _canvas(width: float, height: float, scale: float = 1) -> tuple[Figure, Axes]:
    """Return a figure of `width` by `height` units, each `scale` pixels, whose axes fill it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * scale / 72, height * scale / 72), dpi=72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def _pipe(axes: Axes, ends: list[tuple[float, float]], width: float, colour: str, clip: Any = None) -> None:
    from matplotlib.patches import Rectangle

    (left, low), (right, high) = ends
    across = (0, width) if low == high else (width, 0)
    corner = (left - across[0] / 2, low - across[1] / 2)
    pipe = Rectangle(corner, right - left + across[0], high - low + across[1], facecolor=colour, linewidth=0)
    axes.add_patch(pipe)
    if clip:
        pipe.set_clip_path(clip)


def _valve(axes: Axes, x: float, y: float, angle: float, radius: float, scale: float = 1) -> None:
    """Draw a valve whose handle stands at `angle` degrees to the horizontal."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), radius, facecolor=BODY, edgecolor=GROUND, linewidth=radius / 5 * scale))
    dx, dy = (0.64 * radius * side(radians(angle)) for side in (cos, sin))
    width = 0.45 * radius * scale
    axes.plot([x - dx, x + dx], [y - dy, y + dy], color=GROUND, linewidth=width, solid_capstyle="round")


def _png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()
