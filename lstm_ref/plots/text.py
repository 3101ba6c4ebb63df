"""Text, character by character, with a number behind each: the book's figure of a memory that reads."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import numpy as np

from lstm_ref.svg.palette import INK, MUTED, PAPER, SERIES, SHADE
from lstm_ref.svg.picture import Picture, rules

COLUMNS = 48
"""How long a line may be: so many characters can still be read where a phone shrinks the figure."""

_WIDTH, _LEFT, _ACROSS, _DOWN = 400, 8, 8, 20
_LEVELS = 5
_STRONGEST = {1: 0.8, -1: 0.5}
_COLOURS = {1: SHADE.light, -1: SERIES[3].colour.light}
_FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"


def characters(text, values, title):
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
    values, rows = np.asarray(values, dtype=float), text.removesuffix("\n").split("\n")
    if longest := max((row for row in rows if len(row) > COLUMNS), default=None):
        raise ValueError(f"text: expected lines of at most {COLUMNS} characters, got {len(longest)}: {longest!r}")
    if values.shape != (len(text),) or not (np.abs(values) <= 1).all():
        raise ValueError(f"values: expected {len(text)} from -1 to 1, one for each character, got {values.shape}")
    grounds, words, begin = {}, [], 0
    for place, row in enumerate(rows):
        top = 4 + _DOWN * place
        _shade(grounds, values[begin : begin + len(row)], top)
        if row.strip():
            words.append(_words(row, top))
        begin += len(row) + 1
    key = 4 + _DOWN * len(rows) + 10
    _shade(grounds, np.linspace(-1, 1, 2 * _LEVELS + 1), key, across=2 * _ACROSS)
    below = key + _DOWN + 14
    for column, number in ((0, "\N{MINUS SIGN}1"), (_LEVELS, "0"), (2 * _LEVELS, "1")):
        middle = _LEFT + 2 * _ACROSS * (column + 0.5)
        words.append(f'<text x="{middle:g}" y="{below}" text-anchor="middle" fill="{MUTED.light}">{number}</text>')
    marks = "\n".join([*_grounds(grounds), *words])
    return _picture(marks, below + 6, title)


def _shade(grounds, values, top, across=_ACROSS):
    """Add the grounds of one row: for each sign and level, where its runs begin and how wide they are."""
    levels = np.round(values * _LEVELS).astype(int)
    edges = [0, *np.flatnonzero(np.diff(levels)) + 1, len(levels)]
    for start, end in zip(edges, edges[1:]):
        if start < end and levels[start]:
            run = (_LEFT + across * int(start), top, across * int(end - start))
            grounds.setdefault(int(levels[start]), []).append(run)


def _grounds(grounds):
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


def _words(row, top):
    """Return one line of text, held to the grid whatever the font."""
    kept = row.strip(" ")
    x, width = _LEFT + _ACROSS * (len(row) - len(row.lstrip(" "))), _ACROSS * len(kept)
    return f'<text x="{x}" y="{top + 14.5}" textLength="{width}" xml:space="preserve">{escape(kept)}</text>'


def _picture(marks, height, title):
    body = (
        f'<rect width="{_WIDTH}" height="{height}" fill="{PAPER.light}"/>\n'
        f'<g font-family="{_FONT}" font-size="13.2" fill="{INK.light}">\n{marks}\n</g>\n</svg>\n'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}pt" height="{height}pt" '
        f'viewBox="0 0 {_WIDTH} {height}" class="lstm-picture" role="img" aria-label={quoteattr(title)}>\n'
        f"<title>{escape(title)}</title>\n<style>\n"
    )
    return Picture(f"{head}{rules(body)}</style>\n{body}", title)
