"""A Sphinx extension: what a page says of itself to browsers, to search engines, and to whoever links to it.

Each page has a plain title and a description, its first paragraph. The site has an icon, a card for links, a page for
addresses that lead nowhere, and in its footer the version and the day of its last change.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brand
from docutils import nodes
from mathematics import plain
from sphinx.application import Sphinx

import lstm_ref

LONGEST = 200  # letters of a description, of which search engines show fewer
SHORTEST = 60  # what is shorter is a motto
LINE = "Its diagrams, its arithmetic, its gradients"
NOT_FOUND = "404"


def changed(root: Path) -> datetime | None:
    """Return when the last commit was made, which every build of the same files gives; None where nothing says so."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not stamp:
        asked = ["git", "-C", str(root), "log", "-1", "--format=%ct", "--", "."]
        stamp = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return datetime.fromtimestamp(int(stamp), UTC) if stamp else None


def edition(root: Path) -> str:
    """Return the version and the day of the last commit."""
    day = changed(root)
    return f"Version {lstm_ref.__version__}" + (f", {day.day} {day:%B %Y}" if day else "")


def prepare(app: Sphinx) -> None:
    """Draw the icons and the card into a folder of the build, from which they are copied as all static files are."""
    if app.builder.name != "html":
        return
    folder = Path(app.doctreedir, "brand")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "icon.svg").write_text(brand.mark(), encoding="utf-8")
    (folder / "icon-32.png").write_bytes(brand.mark_png(32))
    (folder / "icon-180.png").write_bytes(brand.mark_png(180))
    (folder / "card.png").write_bytes(brand.card(app.config.html_title, LINE))
    app.config.html_static_path.append(str(folder))
    app.config.html_context["edition"] = edition(Path(app.srcdir))


def describe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Add to a page what describes it; the theme says the viewport once, so what MyST says of it goes."""
    context["metatags"] = re.sub(r'<meta name="viewport"[^>]*>', "", context.get("metatags", ""))
    if pagename == NOT_FOUND:
        context["pageurl"] = None
        # From whatever depth the page is shown: its addresses are relative to where it lies.
        context["base"] = urlsplit(app.config.html_baseurl).path.rstrip("/") + f"/{NOT_FOUND}.html"
    if pagename in app.env.found_docs:
        title = context["title"] if pagename != app.config.root_doc else context["docstitle"]
        context["metatags"] += "\n".join(tags(app, pagename, re.sub(r"<[^>]+>", "", title)))


def tags(app: Sphinx, pagename: str, title: str) -> Iterator[str]:
    """Yield the elements of a page's head that describe it; `title` may hold HTML's names of letters."""
    base = app.config.html_baseurl
    said = {"og:type": "article", "og:site_name": escape(app.config.html_title), "og:title": title}
    words = escape(description(app.env.get_doctree(pagename)))
    if words:
        yield f'<meta name="description" content="{words}" />'
        said["og:description"] = words
    if base:
        said["og:url"] = base + app.builder.get_target_uri(pagename)
        said["og:image"] = f"{base}_static/card.png"
        said["og:image:alt"] = escape(brand.CARD_WORDS)
        said |= dict(zip(("og:image:width", "og:image:height"), map(str, brand.CARD)))
        yield '<meta name="twitter:card" content="summary_large_image" />'
    for name, content in said.items():
        yield f'<meta property="{name}" content="{content}" />'


def description(document: nodes.document) -> str:
    """Return the first paragraph that is one, as plain text, cut where a sentence or at least a word ends."""
    for paragraph in document.findall(nodes.paragraph):
        letters = paragraph.findall(nodes.Text)
        text = "".join(plain(part) if isinstance(part.parent, nodes.math) else part for part in letters)
        text = " ".join(text.split())
        if SHORTEST <= len(text) <= LONGEST:
            return text
        if len(text) > LONGEST:
            whole = " ".join(re.split(r"(?<=[.?!]) ", text[: LONGEST + 1])[:-1])
            return whole if len(whole) >= SHORTEST else text[:LONGEST].rpartition(" ")[0] + "…"
    return ""


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page for addresses that lead nowhere."""
    yield NOT_FOUND, {"title": "Page not found"}, "404.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", describe)
    app.connect("html-collect-pages", collect)
    app.add_css_file("site.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
