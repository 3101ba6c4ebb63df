"""The article's water pipe: memory as water, its level as high as the numbers say.

Lengths are inches. Water stands as high as the size of what it shows; an amount below zero is hatched.
"""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from lstm_ref.plots.pipe_parts import (
    BORE,
    LEFT,
    RIGHT,
    SLAB,
    SMALL,
    check_finite,
    check_opening,
    fill,
    gate,
    legend,
    line,
    sheet,
    walls,
    water,
)
from lstm_ref.svg.palette import MUTED, SIGNALS
from lstm_ref.svg.picture import WIDTH, drawn, number


@drawn
def pipe(openings, c_prev=1.0):
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
        check_opening("openings", opening)
    check_finite(c_prev=c_prev)
    panel = 2 * BORE + 0.28
    fig, ax = sheet(panel * len(openings) + 0.05)
    scale = BORE / max(1, abs(c_prev))
    middle = WIDTH / 2
    for row, opening in enumerate(openings):
        floor = panel * (len(openings) - row - 1) + 0.16
        left = opening * c_prev
        water(ax, LEFT, middle, floor, c_prev, scale, "c_prev", f"lstm-in-{row}")
        water(ax, middle, RIGHT, floor, left, scale, "c_prev", f"lstm-left-{row}")
        walls(ax, LEFT, RIGHT, floor, gap=middle)
        gate(ax, middle, floor, opening, "f_t", f"lstm-gate-{row}")
        over = floor + BORE + 0.12
        ax.text(LEFT, over, f"comes in: {number(c_prev)}")
        ax.text(middle + 0.2, over, f"opening {number(opening)}")
        ax.text(RIGHT, over, f"left: {number(left)}", ha="right")
    return fig, "the forget valve at " + ", ".join(number(opening) for opening in openings)


@drawn
def t_joint(f_t, c_prev, i_t, g_t):
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
    check_opening("f_t", f_t)
    check_opening("i_t", i_t)
    check_finite(c_prev=c_prev, g_t=g_t)
    kept, let_in = f_t * c_prev, i_t * g_t
    c_t = kept + let_in
    scale = BORE / max(1, abs(c_prev), abs(g_t), abs(c_t))
    fig, ax = sheet(3.5)
    top, low = 1.98, 0.42
    seat, joint, end = 1.5, 3.62, 4.02

    water(ax, LEFT, seat, top, c_prev, scale, "c_prev", "lstm-c_prev")
    water(ax, seat, joint, top, kept, scale, "c_prev", "lstm-kept")
    if kept * let_in >= 0:
        water(ax, joint, end, top, kept, scale, "c_prev", "lstm-joint-kept")
        water(ax, joint, end, top + abs(kept) * scale, let_in, scale, "g_t", "lstm-joint-let-in")
    else:
        taken = min(abs(kept), abs(let_in))
        larger = "c_prev" if abs(kept) > abs(let_in) else "g_t"
        water(ax, joint, end, top, c_t, scale, larger, "lstm-joint-rest")
        ax.add_patch(
            Rectangle(
                (joint, top + abs(c_t) * scale),
                end - joint,
                taken * scale,
                fill=False,
                edgecolor=MUTED.light,
                linestyle=(0, (3, 2)),
                linewidth=1,
                gid="lstm-joint-taken",
            )
        )
    water(ax, end, RIGHT, top, c_t, scale, "c_t", "lstm-c_t")
    water(ax, LEFT, seat, low, g_t, scale, "g_t", "lstm-g_t")
    water(ax, seat, joint, low, let_in, scale, "g_t", "lstm-let-in")
    if let_in:
        fill(ax, [(joint, low), (end, low), (end, top), (joint, top)], "g_t", let_in, "lstm-riser")
    walls(ax, LEFT, RIGHT, top, gap=seat, opening=(joint, end))
    line(ax, [(LEFT, low), (end, low), (end, top)])
    line(ax, [(LEFT, low + BORE), (seat - SLAB / 2, low + BORE)])
    line(ax, [(seat + SLAB / 2, low + BORE), (joint, low + BORE), (joint, top)])
    gate(ax, seat, top, f_t, "f_t", "lstm-gate-f_t")
    gate(ax, seat, low, i_t, "i_t", "lstm-gate-i_t")
    for floor, inflow, words, valve, rest in (
        (
            top,
            f"$C_{{t-1}}$ = {number(c_prev)}",
            "forget valve",
            f"$f_t$ = {number(f_t)}",
            f"$f_t C_{{t-1}}$ = {number(kept)}",
        ),
        (low, f"$g_t$ = {number(g_t)}", "new-memory valve", f"$i_t$ = {number(i_t)}", f"$i_t g_t$ = {number(let_in)}"),
    ):
        over = floor + BORE + 0.12
        ax.text(LEFT, over, inflow)
        for row, text in enumerate((rest, valve, words)):
            ax.text(seat + 0.2, over + 0.23 * row, text)
    ax.text(RIGHT, top + BORE + 0.12, f"$C_t$ = {number(c_t)}", ha="right")
    ax.text(end + 0.15, low + BORE, "$C_t = f_t C_{t-1} + i_t g_t$", fontsize=SMALL)
    sign = "+" if let_in >= 0 else "\N{MINUS SIGN}"
    ax.text(end + 0.15, low + BORE - 0.26, f"= {number(kept)} {sign} {number(abs(let_in))}", fontsize=SMALL)
    legend(ax, {"hatched: below zero": min(c_prev, g_t, c_t) < 0, "dashed: taken away": kept * let_in < 0})
    return fig, "old memory and new memory meet"


@drawn
def output_branch(c_t, o_t):
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
    check_opening("o_t", o_t)
    check_finite(c_t=c_t)
    squashed = np.tanh(c_t)
    h_t = o_t * squashed
    scale = BORE / max(1, abs(c_t))
    fig, ax = sheet(2.95)
    top, low = 2.0, 0.42
    joint, end, narrow, wide, seat = 0.5, 0.9, 1.3, 2.1, 3.35

    water(ax, LEFT, RIGHT, top, c_t, scale, "c_t", "lstm-c_t")
    fill(ax, [(joint, low), (end, low), (end, top), (joint, top)], "c_t", c_t, "lstm-riser")
    water(ax, end, narrow, low, c_t, scale, "c_t", "lstm-branch")
    along = np.linspace(0, 1, 25)
    ease = along * along * (3 - 2 * along)
    levels = low + scale * (abs(c_t) + (abs(squashed) - abs(c_t)) * ease)
    roof = low + BORE + (scale - BORE) * ease
    across = narrow + along * (wide - narrow)
    fill(ax, [(narrow, low), *zip(across, levels), (wide, low)], "c_t", c_t, "lstm-narrowing")
    if c_t:
        ax.plot(across, levels, color=SIGNALS["c_t"].stroke.colour.light, linewidth=2)
    water(ax, wide, seat, low, squashed, scale, "c_t", "lstm-squashed")
    water(ax, seat, RIGHT, low, h_t, scale, "h_t", "lstm-h_t")
    line(ax, [(LEFT, top + BORE), (RIGHT, top + BORE)])
    line(ax, [(LEFT, top), (joint, top), (joint, low), (RIGHT, low)])
    line(ax, [(RIGHT, top), (end, top), (end, low + BORE), *zip(across, roof), (seat - SLAB / 2, low + scale)])
    line(ax, [(seat + SLAB / 2, low + scale), (RIGHT, low + scale)])
    gate(ax, seat, low, o_t, "o_t", "lstm-gate-o_t", bore=scale)
    ax.text(LEFT, top + BORE + 0.12, f"$C_t$ = {number(c_t)}")
    ax.text(RIGHT, top + BORE + 0.12, f"flows on whole: $C_t$ = {number(c_t)}", ha="right")
    ax.text(end + 0.15, low + BORE + 0.12, f"$\\tanh(C_t)$ = {number(squashed)}")
    ax.text(seat + 0.2, low + scale + 0.35, f"output valve $o_t$ = {number(o_t)}")
    ax.text(seat + 0.2, low + scale + 0.12, f"$h_t$ = {number(h_t)}")
    legend(ax, {"hatched: below zero": c_t < 0})
    return fig, "memory flows on, and the output valve lets some of it out"
