"""The cover of the book, drawn by code: its title, and the unit that it is about."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lstm_ref import diagrams
from lstm_ref.svg.palette import FILLS, INK, MUTED

SIZE = (1200, 1697)  # as A4


def cover(title: str, subtitle: str, author: str) -> str:
    """Return the cover as SVG."""
    width, height = SIZE
    unit = diagrams.draw("pipe").svg.replace("<svg ", "<svg x='120' y='600' ", 1)
    unit = unit.replace("width='520' height='500'", "width='960' height='923'", 1)
    words = title.split()
    lines = [words[0], " ".join(words[1:])]
    texts = "".join(
        f'<text x="120" y="{250 + 125 * k}" font-size="108" font-weight="600">{escape(line)}</text>'
        for k, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="cover-title">'
        f'<title id="cover-title">{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<rect width="{width}" height="40" fill="{FILLS["frame"].light}"/>'
        f'<g font-family="system-ui, DejaVu Sans, sans-serif" fill="{INK.light}">{texts}'
        f'<g fill="{MUTED.light}"><text x="124" y="475" font-size="42">{escape(subtitle)}</text>'
        f'<text x="124" y="1630" font-size="36">{escape(author)}</text></g></g>\n{unit}</svg>'
    )
