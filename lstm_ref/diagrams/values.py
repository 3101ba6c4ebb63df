"""The values of one step, written on the wires: numbers, bars, handles of valves, water.

Every mark names its signal and its element, and holds its value in ``data-value``, to nine digits and twelve decimals;
what it looks like follows from that value alone, so that a script in the page can move it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagrams.shapes import rounded
from lstm_ref.diagrams.stylesheet import signal_class
from lstm_ref.svg.picture import number

Elements: TypeAlias = Sequence[float] | Array
"""The values of one signal: (H,)."""

MOST_NUMBERS = 2
"""Up to so many elements are written as numbers; more are drawn as bars."""

LINE_HEIGHT = 13
BARS = (44, 26)
"""Width and height of the bars' frame."""

TINY = 1e-6
"""What is smaller is written as next to nothing."""


def numbers(signal: str, values: Elements, x: float, y: float, anchor: str) -> str:
    """Return the values as lines of text, the first at this height."""
    return "".join(
        f'<text class="value" {_value(signal, k, value)} x="{x}" y="{y + LINE_HEIGHT * k}" text-anchor="{anchor}">'
        f"{_written(value)}</text>"
        for k, value in enumerate(values)
    )


def columns(signal: str, values: Elements, limit: float, left: float, right: float, floor: float, full: float) -> str:
    """Return the values as columns side by side, full at the limit; what is below zero is hatched."""
    width = (right - left) / len(values)
    between = (rounded(left + k * width) for k in range(1, len(values)))
    marks = [f'<path class="gauge" d="M{x},{floor} v-{full}"/>' for x in between]
    by = scale(limit, floor, full)
    for k, value in enumerate(values):
        marks.append(column(signal, k, value, limit, left + k * width, width, floor, full, by))
    return "".join(marks)


def water(signal: str, values: Elements, limit: float, left: float, right: float, floor: float, full: float) -> str:
    """Return the values as water in a pipe: a layer for each of up to two elements, more as columns."""
    if len(values) > MOST_NUMBERS:
        return columns(signal, values, limit, left, right, floor, full)
    layer = full / len(values)
    floors = [floor - full + (k + 1) * layer for k in range(len(values))]
    marks = [f'<path class="gauge" d="M{left},{rounded(y)} H{right}"/>' for y in floors[:-1]]
    for k, value in enumerate(values):
        by = scale(limit, floors[k], layer)
        marks.append(column(signal, k, value, limit, left, right - left, floors[k], layer, by))
    return "".join(marks)


def bars(signal: str, values: Elements, limit: float, x: float, top: float, anchor: str) -> str:
    """Return the values as a small chart in a frame."""
    width, height = BARS
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    frame = f'<rect class="gauge" x="{left}" y="{top}" width="{width}" height="{height}"/>'
    return frame + columns(signal, values, limit, left, left + width, top + height, height)


def valve_handles(signal: str, values: Elements, x: float, y: float, opened: float) -> str:
    """Return a valve's handles, one for each element: along the pipe when open, across it when shut.

    The first is short and thick, the others long and thin, so that none hides another.
    """
    marks = []
    for k, value in enumerate(values):
        kind, arm = ("handle", 10) if k == 0 else ("handle thin", 17)
        marks.append(
            f'<path class="{kind}" {_value(signal, k, value)} data-pivot="{x},{y}" '
            f'data-open="{opened}" d="M{x - arm},{y} H{x + arm}" '
            f'transform="rotate({opened + 90 * (1 - value):.2f} {x} {y})"/>'
        )
    return "".join(marks)


def column_limits(values: Mapping[str, Array], full: float | None = None) -> dict[str, float]:
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


def _value(signal: str, element: int, value: float) -> str:
    """Return the attributes that say what a mark shows."""
    value = round(float(f"{value:.9g}"), 12)
    return f'data-signal="{signal}" data-element="{element}" data-value="{value:.9g}"'


def _written(value: float) -> str:
    """Return a value as it is written on a wire."""
    return "\N{ALMOST EQUAL TO}0" if 0 < abs(value) < TINY else number(value)


def scale(limit: float, floor: float, full: float) -> str:
    """Return the attributes that say where columns stand and when they are full, for each or for a group of them."""
    return f'data-limit="{limit:.9g}" data-floor="{rounded(floor)}" data-full="{rounded(full)}"'


def column(
    signal: str, element: int, value: float, limit: float, left: float, width: float, floor: float, full: float, by: str
) -> str:
    """Return one value as a column, full at the limit; what is below zero is hatched. `by` is its own scale, if any."""
    height = full * min(1.0, abs(value) / limit)
    below = " below" if value < 0 else ""
    return (
        f'<rect class="water {signal_class(signal)}{below}" {_value(signal, element, value)} {by} '
        f'x="{rounded(left)}" width="{rounded(width)}" y="{floor - height:.2f}" height="{height:.2f}"/>'
    )
