"""Three units in a chain: side by side, and one below another where a page is narrow."""

from __future__ import annotations

from collections.abc import Callable

from lstm_ref.diagrams.draw import Diagram
from lstm_ref.diagrams.geometry import Point
from lstm_ref.diagrams.layouts import LAYOUTS
from lstm_ref.diagrams.nodes import NODES
from lstm_ref.diagrams.shapes import part, symbol
from lstm_ref.diagrams.stylesheet import UPRIGHT_SIZE
from lstm_ref.diagrams.unit_drawing import UnitDrawing
from lstm_ref.diagrams.wiring import Wiring, unit_wiring
from lstm_ref.signatures import checked

SIZE = (501, 206)
_PORT = 0.84
_LYING, _UPRIGHT = 0.32, 0.4  # how large a unit is
_LEFT, _TOP = 22, 22


@checked
def chain(wiring: Wiring | None = None) -> Diagram:
    """Draw three units in a row: one unit at the steps t - 1, t and t + 1.

    Parameters
    ----------
    wiring : Wiring, optional
        The unit that the article draws, unless given.

    Returns
    -------
    Diagram
    """
    wiring = wiring or unit_wiring()
    unit = UnitDrawing(LAYOUTS["pipe"], wiring, set(NODES)).svg({}, {}, order=False)
    title = "Three units in a chain"
    alt = (
        f"{title}: one unit at the steps t-1, t and t+1, side by side. Each takes its own x from below and gives its h "
        "upwards. The memory C and the h that leave one on the right enter the next on the left, C along the pipe at "
        "the top and h along the bottom. On a narrow page the chain is turned, and the steps go downwards."
    )
    return Diagram(f'<g class="lying">{_lying(unit)}</g>{_upright(unit)}', SIZE, title, alt)


def _lying(unit: str) -> str:
    """Return three units side by side."""
    left = _LEFT - _LYING * LAYOUTS["pipe"].places["c_prev"].x

    def at(k: int, x: float, y: float) -> Point:
        return left + k * _pitch(_LYING) + _LYING * x, _TOP + _LYING * y

    return _units(unit, at, f"scale({_LYING})") + _ports(at, (0, 10))


def _upright(unit: str) -> str:
    """Return three units one below another, each turned by a quarter: what went to the right goes down."""
    width, height = UPRIGHT_SIZE
    middle = LAYOUTS["pipe"].size[1] / 2
    top = _TOP - _UPRIGHT * LAYOUTS["pipe"].places["c_prev"].x

    def at(k: int, x: float, y: float) -> Point:
        return width / 2 + _UPRIGHT * (middle - y), top + k * _pitch(_UPRIGHT) + _UPRIGHT * x

    # A page gives an upright picture more height and as much width: the rest is above and below the lying one.
    scale = SIZE[0] / width
    shift = f"translate(0,{(SIZE[1] - scale * height) / 2:.2f}) scale({scale:.4f})"
    marks = _units(unit, at, f"rotate(90) scale({_UPRIGHT})") + _ports(at, (-4, 0))
    return f'<g class="upright" transform="{shift}"><rect class="paper" width="{width}" height="{height}"/>{marks}</g>'


def _pitch(scale: float) -> float:
    """Return how far it is from one unit to the next."""
    places = LAYOUTS["pipe"].places
    return scale * (places["c_out"].x - places["c_prev"].x)


def _units(unit: str, at: Callable[[int, float, float], Point], turned: str) -> str:
    marks = ""
    for k in range(3):
        x, y = at(k, 0, 0)
        marks += f'<g class="tiny" transform="translate({x:.2f},{y:.2f}) {turned}">{unit}</g>'
    return marks


def _ports(at: Callable[[int, float, float], Point], beyond: Point) -> str:
    """Return what goes in and out: the memory and the h between units, each unit's x and its h.

    The last two stand a little `beyond` the ends of their wires.
    """
    places, marks = LAYOUTS["pipe"].places, ""
    for k, step in enumerate(("t-2", "t-1", "t", "t+1")):
        for letter, name in (("C", "c_prev"), ("h", "h_prev")):
            marks += _port(at(k, places["c_prev"].x, places[name].y), letter, step)
        if k:
            for letter, name, sign in (("x", "x_t", 1), ("h", "h_up", -1)):
                x, y = at(k - 1, *places[name][:2])
                marks += _port((x + sign * beyond[0], y + sign * beyond[1]), letter, step)
    return marks


def _port(where: Point, letter: str, step: str) -> str:
    circle = part("input", 0, 0, symbol(f"{letter}_{{{step}}}", 13))
    return f'<g transform="translate({where[0]:.2f},{where[1]:.2f}) scale({_PORT})">{circle}</g>'
