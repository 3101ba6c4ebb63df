"""The T-joint: old memory and new memory, each behind its valve, and what they make."""

from __future__ import annotations

from lstm_ref import checks
from lstm_ref.diagrams.draw import Diagram
from lstm_ref.diagrams.nodes import SYMBOLS
from lstm_ref.diagrams.shapes import arrow, part, symbol
from lstm_ref.diagrams.values import columns, numbers, valve_handles
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import number

SIZE = (520, 280)
_UPPER, _LOWER = 62, 202
_VALVE, _JOINT, _LIMIT = 170, 330, 2.0


@checked
def joint(f_t: float = 0.5, c_prev: float = 0.8, i_t: float = 0.75, g_t: float = 0.4) -> Diagram:
    """Draw the pipe of the old memory, the one of the new memory that joins it from below, and their two valves.

    Parameters
    ----------
    f_t, i_t : float
        How far the forget valve and the new-memory valve are open, from 0 to 1.
    c_prev, g_t : float
        The old memory and the new memory. A pipe is full at 2; what is below zero is hatched.

    Returns
    -------
    Diagram

    Raises
    ------
    ValueError
        If an opening is not from 0 to 1, or an amount not finite.
    """
    checks.within("f_t", f_t, 0, 1)
    checks.within("i_t", i_t, 0, 1)
    c_prev, g_t = checks.number("c_prev", c_prev), checks.number("g_t", g_t)
    kept, let_in = f_t * c_prev, i_t * g_t
    line = f"M39,{_UPPER} H481 M39,{_LOWER} H{_JOINT} V{_UPPER}"
    marks = f'<path class="wall" d="{line}"/><path class="bore" d="{line}"/>'
    marks += _stretch("c_prev", c_prev, 40, _VALVE - 12, _UPPER) + _stretch("kept", kept, _VALVE + 12, 306, _UPPER)
    marks += _stretch("g_t", g_t, 40, _VALVE - 12, _LOWER) + _stretch("let_in", let_in, _VALVE + 12, 306, _LOWER)
    marks += _stretch("c_t", kept + let_in, 354, 480, _UPPER)
    for signal, opening, y in (("f_t", f_t, _UPPER), ("i_t", i_t, _LOWER)):
        marks += f'<path class="wire {signal}" d="M{_VALVE},{y + 62} V{y + 13}"/>'
        marks += f'<path class="head {signal}" d="{arrow([(_VALVE, y + 62), (_VALVE, y + 13)])}"/>'
        marks += part("product", _VALVE, y) + valve_handles(signal, [opening], _VALVE, y, 0)
        marks += _named(signal, opening, _VALVE + 14, y + 56)
    marks += part("sum", _JOINT, _UPPER) + part("input", 22, _UPPER, symbol("C_{t-1}", 13))
    marks += part("input", 22, _LOWER, symbol("g_t", 13)) + part("output", 498, _UPPER, symbol("C_t", 13))
    title = "A T-joint with two valves"
    alt = (
        f"Old memory of {number(c_prev)} comes along a pipe to the forget valve, {number(f_t)} open, and "
        f"{number(kept)} passes. New memory of {number(g_t)} comes along a pipe below to the new-memory valve, "
        f"{number(i_t)} open, and {number(let_in)} passes and rises to the joint. Beyond it the memory is "
        f"{number(kept + let_in)}."
    )
    return Diagram(marks, SIZE, title, alt)


def _stretch(signal: str, value: float, left: float, right: float, y: float) -> str:
    """Return the water in a stretch of a pipe, and its name and value above."""
    return columns(signal, [value], _LIMIT, left, right, y + 14, 28) + _named(signal, value, left + 8, y - 26)


def _named(signal: str, value: float, x: float, y: float) -> str:
    """Return the name of a signal above its value: side by side, the larger letters of a phone would meet."""
    text = f'<text class="small" x="{x}" y="{y - 17}">{symbol(SYMBOLS[signal], 11.5)}</text>'
    return text + numbers(signal, [value], x, y, "start")
