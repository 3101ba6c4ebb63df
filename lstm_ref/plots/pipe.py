"""The article's water pipe: memory as water, its level as high as the numbers say.

Lengths are inches. Water stands as high as the size of what it shows; an amount below zero is hatched.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lstm_ref import checks
from lstm_ref.plots.chart_parts import SMALL
from lstm_ref.plots.pipe_parts import BORE, LEFT, RIGHT, SLAB, Sheet
from lstm_ref.signatures import checked
from lstm_ref.svg import MUTED, SIGNALS, WIDTH, drawn, number

# The T-joint: the floors of its two pipes, where their valves stand, and where the joint begins and ends.
_UPPER, _LOWER = 1.98, 0.42
_SEAT, _JOINT, _END = 1.5, 3.62, 4.02


@drawn
@checked
def pipe(openings: Sequence[float], c_prev: float = 1.0) -> tuple[Figure, str]:
    """Draw the memory's pipe with the forget valve, once for each opening.

    Parameters
    ----------
    openings : sequence of float
        1 to 6 openings of the valve, each from 0 (shut) to 1 (open).
    c_prev : float
        The old memory that comes in.

    Returns
    -------
    Picture
        The level on the left is `c_prev`, on the right opening times `c_prev`.

    Raises
    ------
    ValueError
        If an opening is outside 0 to 1, there are none or too many, or `c_prev` is not a finite number.
    """
    if not 1 <= len(openings) <= 6:
        raise ValueError(f"openings: expected 1 to 6 numbers, got {len(openings)}")
    for opening in openings:
        checks.within("openings", opening, 0, 1)
    c_prev = checks.number("c_prev", c_prev)
    panel = 2 * BORE + 0.28
    middle = WIDTH / 2
    sheet = Sheet(panel * len(openings) + 0.05, c_prev)
    for row, opening in enumerate(openings):
        floor = panel * (len(openings) - row - 1) + 0.16
        roof, over, left = floor + BORE, floor + BORE + 0.12, opening * c_prev
        sheet.water(LEFT, middle, floor, c_prev, "c_prev", f"lstm-in-{row}")
        sheet.water(middle, RIGHT, floor, left, "c_prev", f"lstm-left-{row}")
        sheet.wall((LEFT, roof), (middle - SLAB / 2, roof))
        sheet.wall((middle + SLAB / 2, roof), (RIGHT, roof))
        sheet.wall((LEFT, floor), (RIGHT, floor))
        sheet.valve(middle, floor, opening, "f_t", gid=f"lstm-gate-{row}")
        sheet.text(LEFT, over, f"comes in: {number(c_prev)}")
        sheet.text(middle + 0.2, over, f"opening {number(opening)}")
        sheet.text(RIGHT, over, f"left: {number(left)}", ha="right")
    return sheet.figure, "the forget valve at " + ", ".join(number(opening) for opening in openings)


@drawn
@checked
def t_joint(f_t: float, c_prev: float, i_t: float, g_t: float) -> tuple[Figure, str]:
    """Draw the T-joint: old memory through its valve, new memory through another, and what they make.

    Parameters
    ----------
    f_t, i_t : float
        Openings of the forget valve and the new-memory valve, from 0 to 1.
    c_prev, g_t : float
        The old memory and the new memory. New memory of the other sign takes away: what it takes is outlined.

    Returns
    -------
    Picture
        The level on the right is ``f_t * c_prev + i_t * g_t``.

    Raises
    ------
    ValueError
        If an opening is outside 0 to 1 or an amount is not a finite number.
    """
    checks.within("f_t", f_t, 0, 1)
    checks.within("i_t", i_t, 0, 1)
    c_prev, g_t = checks.number("c_prev", c_prev), checks.number("g_t", g_t)
    kept, let_in = f_t * c_prev, i_t * g_t
    c_t = kept + let_in
    sheet = Sheet(3.5, c_prev, g_t, c_t)
    sheet.wall((LEFT, _UPPER), (_JOINT, _UPPER))
    sheet.wall((_END, _UPPER), (RIGHT, _UPPER))
    sheet.wall((_SEAT + SLAB / 2, _UPPER + BORE), (RIGHT, _UPPER + BORE))
    sheet.wall((LEFT, _LOWER), (_END, _LOWER), (_END, _UPPER))
    sheet.wall((_SEAT + SLAB / 2, _LOWER + BORE), (_JOINT, _LOWER + BORE), (_JOINT, _UPPER))
    _inflow(sheet, _UPPER, ("c_prev", c_prev), ("f_t", f_t), "lstm-kept")
    _inflow(sheet, _LOWER, ("g_t", g_t), ("i_t", i_t), "lstm-let-in")
    _meeting(sheet, kept, let_in)
    sheet.water(_END, RIGHT, _UPPER, c_t, "c_t", "lstm-c_t")
    sheet.text(RIGHT, _UPPER + BORE + 0.12, f"$C_t$ = {number(c_t)}", ha="right")
    sheet.text(_END + 0.15, _LOWER + BORE, "$C_t = f_t C_{t-1} + i_t g_t$", fontsize=SMALL)
    sign = "+" if let_in >= 0 else "\N{MINUS SIGN}"
    sheet.text(_END + 0.15, _LOWER + BORE - 0.26, f"= {number(kept)} {sign} {number(abs(let_in))}", fontsize=SMALL)
    sheet.explain({"hatched: below zero": min(c_prev, g_t, c_t) < 0, "dashed: taken away": kept * let_in < 0})
    return sheet.figure, "old memory and new memory meet"


def _inflow(sheet: Sheet, floor: float, memory: tuple[str, float], valve: tuple[str, float], gid: str) -> None:
    """Draw one of two pipes up to their joint: a memory, a valve, and what the valve lets through."""
    (signal, amount), (name, opening) = memory, valve
    roof, over, passed = floor + BORE, floor + BORE + 0.12, opening * amount
    sheet.water(LEFT, _SEAT, floor, amount, signal, f"lstm-{signal}")
    sheet.water(_SEAT, _JOINT, floor, passed, signal, gid)
    sheet.wall((LEFT, roof), (_SEAT - SLAB / 2, roof))
    sheet.valve(_SEAT, floor, opening, name)
    symbol, factor = SIGNALS[signal].symbol, SIGNALS[name].symbol
    product = f"{factor} {symbol}".replace("$ $", " ")
    sheet.text(LEFT, over, f"{symbol} = {number(amount)}")
    sheet.text(_SEAT + 0.2, over, f"{product} = {number(passed)}")
    sheet.text(_SEAT + 0.2, over + 0.23, f"{factor} = {number(opening)}")
    sheet.text(_SEAT + 0.2, over + 0.46, SIGNALS[name].words)


def _meeting(sheet: Sheet, kept: float, let_in: float) -> None:
    """Draw what stands in the joint: one memory on the other, or what the smaller leaves of the larger."""
    if kept * let_in >= 0:
        sheet.water(_JOINT, _END, _UPPER, kept, "c_prev", "lstm-joint-kept")
        sheet.water(_JOINT, _END, _UPPER + abs(kept) * sheet.scale, let_in, "g_t", "lstm-joint-let-in")
    else:
        larger = "c_prev" if abs(kept) > abs(let_in) else "g_t"
        sheet.water(_JOINT, _END, _UPPER, kept + let_in, larger, "lstm-joint-rest")
        sheet.axes.add_patch(
            Rectangle(
                (_JOINT, _UPPER + abs(kept + let_in) * sheet.scale),
                _END - _JOINT,
                min(abs(kept), abs(let_in)) * sheet.scale,
                fill=False,
                edgecolor=MUTED.light,
                linestyle=(0, (3, 2)),
                linewidth=1,
                gid="lstm-joint-taken",
            )
        )
    if let_in:
        riser = [(_JOINT, _LOWER), (_END, _LOWER), (_END, _UPPER), (_JOINT, _UPPER)]
        sheet.water_between(riser, let_in, "g_t", "lstm-riser")


@drawn
@checked
def output_branch(c_t: float, o_t: float) -> tuple[Figure, str]:
    """Draw the memory flowing on whole, and the branch in which a tanh narrows it and the output valve lets it out.

    Parameters
    ----------
    c_t : float
        The memory.
    o_t : float
        Opening of the output valve, from 0 to 1.

    Returns
    -------
    Picture
        The level at the end of the branch is ``o_t * tanh(c_t)``; the branch is 1 high after the narrowing.

    Raises
    ------
    ValueError
        If the opening is outside 0 to 1 or the memory is not a finite number.
    """
    checks.within("o_t", o_t, 0, 1)
    c_t = checks.number("c_t", c_t)
    squashed = float(np.tanh(c_t))
    h_t = o_t * squashed
    sheet = Sheet(2.95, c_t)
    upper, lower = 2.0, 0.42
    joint, end, narrow, wide, seat = 0.5, 0.9, 1.3, 2.1, 3.35
    bore = sheet.scale  # of the branch after the narrowing
    sheet.water(LEFT, RIGHT, upper, c_t, "c_t", "lstm-c_t")
    sheet.water_between([(joint, lower), (end, lower), (end, upper), (joint, upper)], c_t, "c_t", "lstm-riser")
    sheet.water(end, narrow, lower, c_t, "c_t", "lstm-branch")
    levels = _soft_step(narrow, lower + abs(c_t) * bore, wide, lower + abs(squashed) * bore)
    sheet.water_between([(narrow, lower), *levels, (wide, lower)], c_t, "c_t", "lstm-narrowing")
    if c_t:
        sheet.axes.plot(*zip(*levels), color=SIGNALS["c_t"].stroke.colour.light, linewidth=2)
    sheet.water(wide, seat, lower, squashed, "c_t", "lstm-squashed")
    sheet.water(seat, RIGHT, lower, h_t, "h_t", "lstm-h_t")
    sheet.wall((LEFT, upper + BORE), (RIGHT, upper + BORE))
    sheet.wall((LEFT, upper), (joint, upper), (joint, lower), (RIGHT, lower))
    roof = _soft_step(narrow, lower + BORE, wide, lower + bore)
    sheet.wall((RIGHT, upper), (end, upper), (end, lower + BORE), *roof, (seat - SLAB / 2, lower + bore))
    sheet.wall((seat + SLAB / 2, lower + bore), (RIGHT, lower + bore))
    sheet.valve(seat, lower, o_t, "o_t", bore)
    sheet.text(LEFT, upper + BORE + 0.12, f"$C_t$ = {number(c_t)}")
    sheet.text(RIGHT, upper + BORE + 0.12, f"flows on whole: $C_t$ = {number(c_t)}", ha="right")
    sheet.text(end + 0.15, lower + BORE + 0.12, f"$\\tanh(C_t)$ = {number(squashed)}")
    sheet.text(seat + 0.2, lower + bore + 0.35, f"output valve $o_t$ = {number(o_t)}")
    sheet.text(seat + 0.2, lower + bore + 0.12, f"$h_t$ = {number(h_t)}")
    sheet.explain({"hatched: below zero": c_t < 0})
    return sheet.figure, "memory flows on, and the output valve lets some of it out"


def _soft_step(left: float, before: float, right: float, after: float) -> list[tuple[float, float]]:
    """Return the points of a line that leaves one height and reaches another without a corner."""
    along = np.linspace(0, 1, 25)
    ease = along * along * (3 - 2 * along)
    return list(zip(left + along * (right - left), before + (after - before) * ease))
