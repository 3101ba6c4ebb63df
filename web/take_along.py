"""What can be taken along: its files beside the site's first page, and the links to those that have been made.

The site is built without them, and they are made from the site. So the link cannot stand in the source of the first
page: it would lead nowhere until they are made. Whatever makes a file puts the links in, into `.take-along`.
"""

from __future__ import annotations

import re
from pathlib import Path

from site_pages import Page

PDF = "understanding-the-lstm.pdf"
EPUB = "understanding-the-lstm.epub"
CHEAT_SHEET = "book/cheat_sheet"
WORDS = {PDF: "a PDF", EPUB: "an EPUB for e-readers", "cheat_sheet.pdf": "the cheat sheet as a PDF"}
_PLACE = re.compile(r'(<span class="take-along">).*?(</span>)', re.DOTALL)


def link_from_first_page(site: Path) -> None:
    """Let the first page link to each of the files that is there, and say how large it is.

    Raises
    ------
    ValueError
        If the first page has no place for the links, or more than one.
    """
    first = site / "index.html"
    text, places = _PLACE.subn(rf"\1{links(site)}\2", first.read_text(encoding="utf-8"))
    if places != 1:
        raise ValueError(f"first page: expected one place for the links, got {places}")
    first.write_text(text, encoding="utf-8", newline="\n")


def links(site: Path) -> str:
    """Return a sentence that links to the files, or nothing while there is none."""
    made = [
        f'<a href="{name}">{words}</a> ({(site / name).stat().st_size / 1e6:.1f} MB)'
        for name, words in WORDS.items()
        if (site / name).exists()
    ]
    return f" Take it with you: {', '.join(made)}." if made else ""


def subtitle(first: Page) -> str:
    """Return the first page's first line, which stands on the cover."""
    line = first.article.select_one("h1 + p > em:only-child")
    return line.get_text() if line else ""
