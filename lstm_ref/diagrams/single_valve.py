"""One valve on a pipe, and what it leaves of a memory over many steps."""

from __future__ import annotations

import math

from lstm_ref import checks
from lstm_ref.diagrams.draw import Diagram
from lstm_ref.diagrams.nodes import SYMBOLS
from lstm_ref.diagrams.shapes import arrow, part, path, rounded, symbol
from lstm_ref.diagrams.values import columns, numbers, valve_handles
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import number

SIZE = (520, 340)
_Y = 62
_LEFT, _RIGHT, _FLOOR, _FULL = 52, 500, 290, 120


@checked
def valve(opening: float = 0.9, steps: int = 24) -> Diagram:
    """Draw a pipe with one valve, the water before and behind it, and what is left after each step.

    Parameters
    ----------
    opening : float
        How far the valve is open, from 0 to 1.
    steps : int
        How many steps to show, from 1 to 1000.

    Returns
    -------
    Diagram

    Raises
    ------
    ValueError
        If `opening` is not from 0 to 1, or there is no step or too many.
    """
    checks.within("opening", opening, 0, 1)
    checks.whole_number("steps", steps, 1, 1000)
    left = [opening**k for k in range(steps + 1)]
    alt = (
        f"A pipe with a valve that is {number(opening)} open. Before it stands water to the height 1, behind it to "
        f"{number(opening)}. Columns below it show what is left after 0 to {steps} such steps: {half_life(opening)}, "
        f"and after {steps} steps {number(left[-1])} is left."
    )
    return Diagram(_pipe(opening) + _chart(left), SIZE, "A valve on a pipe, and what it leaves", alt)


def half_life(opening: float) -> str:
    """Return in words how soon half of the memory is gone."""
    if opening in (0, 1):
        return "nothing fades" if opening else "all is gone after one step"
    return f"half is gone after {number(math.log(0.5) / math.log(opening))} steps"


def _pipe(opening: float) -> str:
    line = f"M39,{_Y} H481"
    marks = f'<path class="wall" d="{line}"/><path class="bore c_prev" d="{line}"/>'
    marks += columns("c_prev", [1.0], 1.0, 40, 248, _Y + 14, 28)
    marks += columns("kept", [opening], 1.0, 272, 480, _Y + 14, 28)
    marks += f'<path class="wire f_t" d="M260,122 V{_Y + 13}"/>'
    marks += f'<path class="head f_t" d="{arrow([(260, 122), (260, _Y + 13)])}"/>'
    marks += part("input", 22, _Y, symbol("C_{t-1}", 13)) + part("output", 498, _Y, symbol("C_t", 13))
    marks += part("product", 260, _Y) + valve_handles("f_t", [opening], 260, _Y, 0)
    marks += _text(134, 34, symbol("C_{t-1}", 11.5)) + numbers("c_prev", [1.0], 164, 34, "start")
    marks += _text(356, 34, symbol(SYMBOLS["kept"], 11.5)) + numbers("kept", [opening], 392, 34, "start")
    return marks + _text(274, 118, symbol("f_t", 11.5)) + numbers("f_t", [opening], 292, 118, "start")


def _chart(left: list[float]) -> str:
    marks = columns("left", left, 1.0, _LEFT, _RIGHT, _FLOOR, _FULL)
    for height in (0, 0.5, 1):
        y = _FLOOR - height * _FULL
        marks += f'<path class="gauge" d="{path([(_LEFT - 4, y), (_RIGHT, y)])}"/>'
        marks += _text(_LEFT - 8, y + 4, number(height), "end")
    pitch = (_RIGHT - _LEFT) / len(left)
    every = max(1, round(len(left) / 24) * 4) if len(left) > 12 else 1
    for k in range(0, len(left), every):
        marks += _text(rounded(_LEFT + (k + 0.5) * pitch), _FLOOR + 16, str(k))
    marks += _text((_LEFT + _RIGHT) / 2, _FLOOR + 38, "steps")
    return marks + _text(_LEFT, _FLOOR - _FULL - 10, "left of 1", "start")


def _text(x: float | str, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text class="small" x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'
