"""Columns over steps: what a figure shows of a whole sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lstm_ref.diagrams.shapes import path, rounded
from lstm_ref.diagrams.values import Elements, column, scale

_LEFT, _RIGHT = 70, 506


@dataclass(frozen=True)
class Row:
    """One chart of columns, a column for each step.

    Parameters
    ----------
    words : str
        What the columns are, as written above them.
    layers : dict
        Signal -> a value for each step; later ones are drawn over earlier ones. A single value is a level all along.
    limit : float
        Where a column is full.
    full : int
        The height of a full column, in the picture's own units.
    ticks : dict
        Height -> how it is written at the left.
    """

    words: str
    layers: Mapping[str, Elements]
    limit: float = 1.0
    full: int = 120
    ticks: Mapping[float, str] = field(default_factory=lambda: {0: "0", 1: "1"})


def step_chart(rows: Sequence[Row], top: int, labels: Mapping[int, str], steps: int, axis: str) -> tuple[str, int]:
    """Return the marks of some rows over one axis of steps, and the height at which they end.

    Parameters
    ----------
    rows : sequence of Row
    top : int
        Where the first row begins.
    labels : dict
        Step -> what stands below it.
    steps : int
    axis : str
        What the steps are, as written below.
    """
    marks, floor = "", top
    for row in rows:
        floor += row.full + 30
        marks += _text(_LEFT, floor - row.full - 9, row.words, "start")
        for height, words in row.ticks.items():
            y = floor - row.full * height / row.limit
            marks += f'<path class="gauge" d="{path([(_LEFT - 4, y), (_RIGHT, y)])}"/>' + _text(
                _LEFT - 8, y + 4, words, "end"
            )
        marks += f"<g {scale(row.limit, floor, row.full)}>"
        for signal, values in row.layers.items():
            width = (_RIGHT - _LEFT) / len(values)
            for k, value in enumerate(values):
                marks += column(signal, k, value, row.limit, _LEFT + k * width, width, floor, row.full, "")
        marks += "</g>"
    for step, words in labels.items():
        marks += _text(rounded(_LEFT + (step + 0.5) * (_RIGHT - _LEFT) / steps), floor + 16, words)
    return marks + _text((_LEFT + _RIGHT) / 2, floor + 36, axis), floor + 48


def _text(x: float | str, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text class="small" x="{x}" y="{rounded(y)}" text-anchor="{anchor}">{words}</text>'
