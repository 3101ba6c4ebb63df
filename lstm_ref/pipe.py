"""The article's water pipe: memory as water, its level as high as the numbers say.

Lengths are inches. Water stands as high as the size of what it shows; an amount below zero is hatched.
"""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from lstm_ref.palette import INK, MUTED, SIGNALS
from lstm_ref.picture import WIDTH, drawn, figure, number

_BORE = 0.56  # height of a pipe inside
_SLAB = 0.17  # width of a valve's slab
_LEFT, _RIGHT = 0.12, WIDTH - 0.12
_SMALL = 10.5


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
        _check_opening("openings", opening)
    _check_finite(c_prev=c_prev)
    panel = 2 * _BORE + 0.28
    fig, ax = _sheet(panel * len(openings) + 0.05)
    scale = _BORE / max(1, abs(c_prev))
    middle = WIDTH / 2
    for row, opening in enumerate(openings):
        floor = panel * (len(openings) - row - 1) + 0.16
        left = opening * c_prev
        _water(ax, _LEFT, middle, floor, c_prev, scale, "c_prev", f"lstm-in-{row}")
        _water(ax, middle, _RIGHT, floor, left, scale, "c_prev", f"lstm-left-{row}")
        _walls(ax, _LEFT, _RIGHT, floor, gap=middle)
        _gate(ax, middle, floor, opening, "f_t", f"lstm-gate-{row}")
        over = floor + _BORE + 0.12
        ax.text(_LEFT, over, f"comes in: {number(c_prev)}")
        ax.text(middle + 0.2, over, f"opening {number(opening)}")
        ax.text(_RIGHT, over, f"left: {number(left)}", ha="right")
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
    _check_opening("f_t", f_t)
    _check_opening("i_t", i_t)
    _check_finite(c_prev=c_prev, g_t=g_t)
    kept, let_in = f_t * c_prev, i_t * g_t
    c_t = kept + let_in
    scale = _BORE / max(1, abs(c_prev), abs(g_t), abs(c_t))
    fig, ax = _sheet(3.5)
    top, low = 1.98, 0.42
    gate, joint, end = 1.5, 3.62, 4.02

    _water(ax, _LEFT, gate, top, c_prev, scale, "c_prev", "lstm-c_prev")
    _water(ax, gate, joint, top, kept, scale, "c_prev", "lstm-kept")
    if kept * let_in >= 0:
        _water(ax, joint, end, top, kept, scale, "c_prev", "lstm-joint-kept")
        _water(ax, joint, end, top + abs(kept) * scale, let_in, scale, "g_t", "lstm-joint-let-in")
    else:
        taken = min(abs(kept), abs(let_in))
        larger = "c_prev" if abs(kept) > abs(let_in) else "g_t"
        _water(ax, joint, end, top, c_t, scale, larger, "lstm-joint-rest")
        ax.add_patch(Rectangle((joint, top + abs(c_t) * scale), end - joint, taken * scale, fill=False,
                               edgecolor=MUTED.light, linestyle=(0, (3, 2)), linewidth=1, gid="lstm-joint-taken"))
    _water(ax, end, _RIGHT, top, c_t, scale, "c_t", "lstm-c_t")
    _water(ax, _LEFT, gate, low, g_t, scale, "g_t", "lstm-g_t")
    _water(ax, gate, joint, low, let_in, scale, "g_t", "lstm-let-in")
    if let_in:
        _fill(ax, [(joint, low), (end, low), (end, top), (joint, top)], "g_t", let_in, "lstm-riser")
    _walls(ax, _LEFT, _RIGHT, top, gap=gate, opening=(joint, end))
    _line(ax, [(_LEFT, low), (end, low), (end, top)])
    _line(ax, [(_LEFT, low + _BORE), (gate - _SLAB / 2, low + _BORE)])
    _line(ax, [(gate + _SLAB / 2, low + _BORE), (joint, low + _BORE), (joint, top)])
    _gate(ax, gate, top, f_t, "f_t", "lstm-gate-f_t")
    _gate(ax, gate, low, i_t, "i_t", "lstm-gate-i_t")
    for floor, inflow, words, valve, rest in (
            (top, f"$C_{{t-1}}$ = {number(c_prev)}", "forget valve", f"$f_t$ = {number(f_t)}",
             f"$f_t C_{{t-1}}$ = {number(kept)}"),
            (low, f"$g_t$ = {number(g_t)}", "new-memory valve", f"$i_t$ = {number(i_t)}",
             f"$i_t g_t$ = {number(let_in)}")):
        over = floor + _BORE + 0.12
        ax.text(_LEFT, over, inflow)
        for line, text in enumerate((rest, valve, words)):
            ax.text(gate + 0.2, over + 0.23 * line, text)
    ax.text(_RIGHT, top + _BORE + 0.12, f"$C_t$ = {number(c_t)}", ha="right")
    ax.text(end + 0.15, low + _BORE, "$C_t = f_t C_{t-1} + i_t g_t$", fontsize=_SMALL)
    sign = "+" if let_in >= 0 else "\N{MINUS SIGN}"
    ax.text(end + 0.15, low + _BORE - 0.26, f"= {number(kept)} {sign} {number(abs(let_in))}", fontsize=_SMALL)
    _legend(ax, {"hatched: below zero": min(c_prev, g_t, c_t) < 0, "dashed: taken away": kept * let_in < 0})
    return fig, "old memory and new memory meet"


@drawn
def output_valve(c_t, o_t):
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
    _check_opening("o_t", o_t)
    _check_finite(c_t=c_t)
    squashed = np.tanh(c_t)
    h_t = o_t * squashed
    scale = _BORE / max(1, abs(c_t))
    fig, ax = _sheet(2.95)
    top, low = 2.0, 0.42
    joint, end, narrow, wide, gate = 0.5, 0.9, 1.3, 2.1, 3.35

    _water(ax, _LEFT, _RIGHT, top, c_t, scale, "c_t", "lstm-c_t")
    _fill(ax, [(joint, low), (end, low), (end, top), (joint, top)], "c_t", c_t, "lstm-riser")
    _water(ax, end, narrow, low, c_t, scale, "c_t", "lstm-branch")
    along = np.linspace(0, 1, 25)
    ease = along * along * (3 - 2 * along)
    levels = low + scale * (abs(c_t) + (abs(squashed) - abs(c_t)) * ease)
    roof = low + _BORE + (scale - _BORE) * ease
    across = narrow + along * (wide - narrow)
    _fill(ax, [(narrow, low), *zip(across, levels), (wide, low)], "c_t", c_t, "lstm-narrowing")
    if c_t:
        ax.plot(across, levels, color=SIGNALS["c_t"].stroke.colour.light, linewidth=2)
    _water(ax, wide, gate, low, squashed, scale, "c_t", "lstm-squashed")
    _water(ax, gate, _RIGHT, low, h_t, scale, "h_t", "lstm-h_t")
    _line(ax, [(_LEFT, top + _BORE), (_RIGHT, top + _BORE)])
    _line(ax, [(_LEFT, top), (joint, top), (joint, low), (_RIGHT, low)])
    _line(ax, [(_RIGHT, top), (end, top), (end, low + _BORE), *zip(across, roof), (gate - _SLAB / 2, low + scale)])
    _line(ax, [(gate + _SLAB / 2, low + scale), (_RIGHT, low + scale)])
    _gate(ax, gate, low, o_t, "o_t", "lstm-gate-o_t", bore=scale)
    ax.text(_LEFT, top + _BORE + 0.12, f"$C_t$ = {number(c_t)}")
    ax.text(_RIGHT, top + _BORE + 0.12, f"flows on whole: $C_t$ = {number(c_t)}", ha="right")
    ax.text(end + 0.15, low + _BORE + 0.12, f"$\\tanh(C_t)$ = {number(squashed)}")
    ax.text(gate + 0.2, low + scale + 0.35, f"output valve $o_t$ = {number(o_t)}")
    ax.text(gate + 0.2, low + scale + 0.12, f"$h_t$ = {number(h_t)}")
    _legend(ax, {"hatched: below zero": c_t < 0})
    return fig, "memory flows on, and the output valve lets some of it out"


def _check_opening(name: str, opening: float) -> None:
    if not 0 <= opening <= 1:
        raise ValueError(f"{name}: expected an opening from 0 (shut) to 1 (open), got {opening:g}")


def _check_finite(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not np.isfinite(amount):
            raise ValueError(f"{name}: expected a finite number, got {amount}")


def _sheet(height: float):
    """An empty sheet measured in inches."""
    fig = figure(height)
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, height))
    ax.set_axis_off()
    return fig, ax


def _water(ax, left, right, floor, amount, scale, name, gid) -> None:
    """Water from left to right, as high as the amount's size, with its surface."""
    level = floor + abs(amount) * scale
    _fill(ax, [(left, floor), (left, level), (right, level), (right, floor)], name, amount, gid)
    if not amount:
        return
    colour = SIGNALS[name].stroke.colour.light
    ax.plot((left, right), (level, level), color=colour, linewidth=2, solid_capstyle="butt")
    if amount > 0:
        for row, up in enumerate(np.arange(floor + 0.1, level - 0.06, 0.11)):
            ax.plot((left + 0.1, right), (up, up), color=colour, linewidth=0.9, linestyle=(24 * (row % 2), (18, 30)),
                    alpha=0.6)


def _fill(ax, corners, name, amount, gid) -> None:
    colour = SIGNALS[name].stroke.colour.light
    ax.add_patch(Polygon(corners, facecolor=(colour, 0.3), edgecolor="none", gid=gid))
    if amount < 0:
        ax.add_patch(Polygon(corners, facecolor="none", edgecolor=colour, linewidth=0, hatch="///"))


def _legend(ax, signs: dict[str, bool]) -> None:
    """What the special signs mean, of those that the picture has."""
    ax.text(_LEFT, 0.12, "   ".join(sign for sign, used in signs.items() if used), fontsize=_SMALL)


def _line(ax, points) -> None:
    ax.plot(*zip(*points), color=INK.light, linewidth=2.2, solid_capstyle="round", zorder=3)


def _walls(ax, left, right, floor, gap, opening=None) -> None:
    """A pipe's roof, open for a valve, and its floor, open for a branch."""
    roof = floor + _BORE
    _line(ax, [(left, roof), (gap - _SLAB / 2, roof)])
    _line(ax, [(gap + _SLAB / 2, roof), (right, roof)])
    for start, stop in [(left, right)] if opening is None else [(left, opening[0]), (opening[1], right)]:
        _line(ax, [(start, floor), (stop, floor)])


def _gate(ax, middle, floor, opening, name, gid, bore=_BORE) -> None:
    """A valve: a slab that hangs into the pipe from the housing above, raised by its opening."""
    half = _SLAB / 2
    roof, top = floor + bore, floor + 2 * bore
    _line(ax, [(middle - half, roof), (middle - half, top), (middle + half, top), (middle + half, roof)])
    ax.add_patch(Rectangle((middle - half + 0.02, floor + opening * bore), _SLAB - 0.04, bore,
                           facecolor=SIGNALS[name].stroke.colour.light, edgecolor="none", zorder=4, gid=gid))
