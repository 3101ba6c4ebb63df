"""Text, character by character, with a number behind each: the book's figure of a memory that reads."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.plots.chart_parts import equal_runs
from lstm_ref.signatures import checked
from lstm_ref.svg import INK, MUTED, PAPER, SERIES, SHADE, Picture, number, stylesheet

# For each sign and level, where the runs of characters on such a ground begin, across and down, and their width.
_Grounds = dict[int, list[tuple[int, int, int]]]

COLUMNS = 48
"""How long a line may be: so many characters can still be read where a phone shrinks the figure."""

_WIDTH, _LEFT, _ACROSS, _DOWN = 400, 8, 8, 20
_LEVELS = 5
_STRONGEST = {1: 0.8, -1: 0.5}
_COLOURS = {1: SHADE.light, -1: SERIES[3].colour.light}
_FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"


@checked
def characters(text: str, values: ArrayLike, title: str) -> Picture:
    """Draw a text with each character on a ground as dark as its value is far from zero.

    Above zero the ground is blue; below it is ochre, and underlined.

    Parameters
    ----------
    text : str
        Lines of at most COLUMNS characters.
    values : array (N,)
        From -1 to 1, one for each character, line ends among them.
    title : str
        What the figure shows, in a few words.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If a line is too long, or the values are not as many as the characters, or not from -1 to 1.
    """
    checks.printable("text", text)
    checks.printable("title", title)
    values, rows = checks.numbers("values", values), text.removesuffix("\n").split("\n")
    if longest := max((row for row in rows if len(row) > COLUMNS), default=None):
        raise ValueError(f"text: expected lines of at most {COLUMNS} characters, got {len(longest)}: {longest!r}")
    if values.shape != (len(text),) or not (np.abs(values) <= 1).all():
        raise ValueError(f"values: expected {len(text)} from -1 to 1, one for each character, got {values.shape}")
    grounds: _Grounds = {}
    letters, begin = [], 0
    for place, row in enumerate(rows):
        top = 4 + _DOWN * place
        _shade(grounds, values[begin : begin + len(row)], top)
        if row.strip():
            letters.append(_line(row, top))
        begin += len(row) + 1
    key = 4 + _DOWN * len(rows) + 10
    _shade(grounds, np.linspace(-1, 1, 2 * _LEVELS + 1), key, across=2 * _ACROSS)
    below = key + _DOWN + 14
    for value in (-1, 0, 1):
        middle = _LEFT + 2 * _ACROSS * (_LEVELS * (value + 1) + 0.5)
        letters.append(
            f'<text x="{middle:g}" y="{below}" text-anchor="middle" fill="{MUTED.light}">{number(value)}</text>'
        )
    marks = "\n".join([*_paths(grounds), *letters])
    return _picture(marks, below + 6, title)


def _shade(grounds: _Grounds, values: Array, top: int, across: int = _ACROSS) -> None:
    """Add the grounds of one row of characters."""
    levels = np.round(values * _LEVELS).astype(int)
    for first, after in equal_runs(levels):
        if level := int(levels[first]):
            grounds.setdefault(level, []).append((_LEFT + across * first, top, across * (after - first)))


def _paths(grounds: _Grounds) -> Iterator[str]:
    """Return the paths that fill the grounds, and one that underlines all those below zero."""
    for level, runs in sorted(grounds.items()):
        sign = 1 if level > 0 else -1
        outline = "".join(f"M{x} {y}h{width}v{_DOWN}h-{width}z" for x, y, width in runs)
        strength = abs(level) / _LEVELS * _STRONGEST[sign]
        yield f'<path class="lstm-level{level}" fill="{_COLOURS[sign]}" fill-opacity="{strength:.2f}" d="{outline}"/>'
    lines = "".join(
        f"M{x} {y + _DOWN - 1.5}h{width}" for level, runs in grounds.items() if level < 0 for x, y, width in runs
    )
    if lines:
        yield f'<path stroke="{_COLOURS[-1]}" stroke-width="2" d="{lines}"/>'


def _line(row: str, top: int) -> str:
    """Return one line of text, held to the grid whatever the font."""
    kept = row.strip(" ")
    x, width = _LEFT + _ACROSS * (len(row) - len(row.lstrip(" "))), _ACROSS * len(kept)
    return f'<text x="{x}" y="{top + 14.5}" textLength="{width}" xml:space="preserve">{escape(kept)}</text>'


def _picture(marks: str, height: int, title: str) -> Picture:
    body = (
        f'<rect width="{_WIDTH}" height="{height}" fill="{PAPER.light}"/>\n'
        f'<g font-family="{_FONT}" font-size="13.2" fill="{INK.light}">\n{marks}\n</g>\n</svg>\n'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}pt" height="{height}pt" '
        f'viewBox="0 0 {_WIDTH} {height}" class="lstm-picture" role="img" aria-label={quoteattr(title)}>\n'
        f"<title>{escape(title)}</title>\n<style>\n"
    )
    return Picture(f"{head}{stylesheet(body)}</style>\n{body}", title)
