"""A machine of states: circles, boxes, and an arrow for each symbol that leads from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from lstm_ref.plots.chart_parts import SMALL
from lstm_ref.signatures import checked
from lstm_ref.svg import INK, PAPER, RULE, WIDTH, drawn, figure

State = int | str
Point = tuple[float, float]
_RADIUS, _BOX, _MARGIN, _LOOP = 0.12, (1.3, 0.28), 0.25, 0.4


@drawn
@checked
def machine(
    arrows: Iterable[tuple[State, State, str]], places: Mapping[State, Point], title: str
) -> tuple[Figure, str]:
    """Draw a machine of states.

    Parameters
    ----------
    arrows : iterable of (state, state, str)
        From where, to where, and the symbol; from a state to itself it is a loop above.
    places : dict
        Where each state is: across, from 0 to 1, and up, in inches. A whole number is drawn as a circle, a text as a
        box with it, a text that begins with a dot as nothing.
    title : str
        What the figure shows, in a few words.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If an arrow has a state without a place.
    """
    arrows = list(arrows)
    if strange := [state for arrow in arrows for state in arrow[:2] if state not in places]:
        raise ValueError(f"arrows: expected states that have a place, got {strange[0]!r}")
    at = {state: (_MARGIN + x * (WIDTH - 2 * _MARGIN), y + _MARGIN) for state, (x, y) in places.items()}
    height = max(y for _, y in at.values()) + _MARGIN + _LOOP
    fig = figure(height)
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
    ax.set_axis_off()
    for start, end, symbol in arrows:
        _arrow(ax, start, end, at, symbol)
    for state, centre in at.items():
        _state(ax, state, *centre)
    return fig, title


def _state(ax: Axes, state: State, x: float, y: float) -> None:
    """Draw a state."""
    if isinstance(state, int):
        ax.add_patch(Circle((x, y), _RADIUS, facecolor=RULE.light, edgecolor=INK.light, gid="lstm-state"))
    elif not state.startswith("."):
        width, tall = _BOX
        corner = x - width / 2, y - tall / 2
        box = FancyBboxPatch(corner, width, tall, "round,pad=0,rounding_size=0.08", facecolor=RULE.light)
        box.set(edgecolor=INK.light, gid="lstm-state")
        ax.add_patch(box)
        ax.text(x, y, state.strip(), ha="center", va="center", fontsize=SMALL, color=INK.light)


def _arrow(ax: Axes, start: State, end: State, at: Mapping[State, Point], symbol: str) -> None:
    """Draw an arrow from border to border, and its symbol half-way."""
    (x, y), (x_end, y_end) = at[start], at[end]
    if start == end:
        ends, bow, middle = ((x - 0.08, y + 0.09), (x + 0.08, y + 0.09)), "arc3,rad=-2", (x, y + _LOOP)
    else:
        far = ((x_end - x) ** 2 + (y_end - y) ** 2) ** 0.5
        along = (x_end - x) / far, (y_end - y) / far
        out, back = (_border(state, *along) for state in (start, end))
        ends = (x + out * along[0], y + out * along[1]), (x_end - back * along[0], y_end - back * along[1])
        bow, middle = "arc3", ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
    arrow = FancyArrowPatch(*ends, connectionstyle=bow, arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0)
    arrow.set(color=INK.light, linewidth=1.2, gid="lstm-arrow")
    ax.add_patch(arrow)
    ground = {"facecolor": PAPER.light, "edgecolor": "none", "pad": 1.5}
    ax.text(*middle, symbol, ha="center", va="center", color=INK.light, bbox=ground)


def _border(state: State, across: float, up: float) -> float:
    """Return how far a state's border is from its centre, in this direction."""
    if isinstance(state, int):
        return _RADIUS
    if state.startswith("."):
        return 0.0
    return min(half / max(abs(part), 1e-9) for half, part in zip((_BOX[0] / 2, _BOX[1] / 2), (across, up)))
