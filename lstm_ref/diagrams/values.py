"""The values of one step, written on the wires: numbers, bars, handles of valves, water.

Every mark names its signal and its element, and holds its value in ``data-value``, to nine digits and twelve decimals;
what it looks like follows from that value alone, so that a script in the page can move it.
"""

from __future__ import annotations

import numpy as np

from lstm_ref.diagrams.shapes import rounded
from lstm_ref.diagrams.stylesheet import look
from lstm_ref.svg.picture import number

WRITTEN = 2
"""Up to so many elements are written as numbers; more are drawn as bars."""

LINE = 13
BARS = (44, 26)
TINY = 1e-6
"""What is smaller is written as next to nothing."""


def mark(signal, element, value):
    """Return the attributes that say what a mark shows."""
    value = round(float(f"{value:.9g}"), 12)
    return f'data-signal="{signal}" data-element="{element}" data-value="{value:.9g}"'


def written(value):
    """Return a value as it is written on a wire."""
    return "\N{ALMOST EQUAL TO}0" if 0 < abs(value) < TINY else number(value)


def numbers(signal, values, x, y, anchor):
    """Return the values as lines of text, the first at this height."""
    return "".join(
        f'<text class="value" {mark(signal, k, value)} x="{x}" y="{y + LINE * k}" text-anchor="{anchor}">'
        f"{written(value)}</text>"
        for k, value in enumerate(values)
    )


def columns(signal, values, limit, left, right, floor, full):
    """Return the values as columns side by side, full at the limit; what is below zero is hatched."""
    width = (right - left) / len(values)
    between = (rounded(left + k * width) for k in range(1, len(values)))
    marks = [f'<path class="gauge" d="M{x},{floor} v-{full}"/>' for x in between]
    for k, value in enumerate(values):
        marks.append(_column(signal, k, value, limit, left + k * width, width, floor, full))
    return "".join(marks)


def water(signal, values, limit, left, right, floor, full):
    """Return the values as water in a pipe: a layer for each of up to two elements, more as columns."""
    if len(values) > WRITTEN:
        return columns(signal, values, limit, left, right, floor, full)
    layer = full / len(values)
    floors = [floor - full + (k + 1) * layer for k in range(len(values))]
    marks = [f'<path class="gauge" d="M{left},{rounded(y)} H{right}"/>' for y in floors[:-1]]
    for k, value in enumerate(values):
        marks.append(_column(signal, k, value, limit, left, right - left, floors[k], layer))
    return "".join(marks)


def _column(signal, element, value, limit, left, width, floor, full):
    height = full * min(1.0, abs(value) / limit)
    below = " below" if value < 0 else ""
    return (
        f'<rect class="water {look(signal)}{below}" {mark(signal, element, value)} data-limit="{limit:.9g}" '
        f'data-floor="{rounded(floor)}" data-full="{rounded(full)}" x="{rounded(left)}" width="{rounded(width)}" '
        f'y="{floor - height:.2f}" height="{height:.2f}"/>'
    )


def bars(signal, values, limit, x, top, anchor):
    """Return the values as a small chart in a frame."""
    width, height = BARS
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    frame = f'<rect class="gauge" x="{left}" y="{top}" width="{width}" height="{height}"/>'
    return frame + columns(signal, values, limit, left, left + width, top + height, height)


def handle(signal, values, x, y, opened):
    """Return a valve's handles, one for each element: along the pipe when open, across it when shut.

    The first is short and thick, the others long and thin, so that none hides another.
    """
    return "".join(
        f'<path class="handle{" thin" if k else ""}" {mark(signal, k, value)} data-pivot="{x},{y}" '
        f'data-open="{opened}" d="M{x - arm},{y} H{x + arm}" '
        f'transform="rotate({opened + 90 * (1 - value):.2f} {x} {y})"/>'
        for k, value in enumerate(values)
        for arm in (17 if k else 10,)
    )


def limits(values, full=None):
    """Return the value at which each signal's column is full: 1, or the largest of all steps; one for all memories.

    Parameters
    ----------
    values : dict
        Of every step by name: (T, ...) each.
    full : float, optional
        The limit of the memories.
    """
    largest = {name: float(np.abs(array).max()) or 1.0 for name, array in values.items()}
    memory = max(largest["c_prev"], largest["c_t"]) if full is None else full
    bounded = dict.fromkeys(("f_t", "i_t", "g_t", "o_t", "h_prev", "h_t", "let_in", "squashed"), 1.0)
    return largest | dict.fromkeys(("c_prev", "kept", "c_t"), memory) | bounded
