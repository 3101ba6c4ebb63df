"""A Sphinx extension: a page asks for one style sheet and one script, where its parts were many.

At the end of a build all style sheets that pages name are joined into one and all scripts into another, minified, and
every page names these in their place. A page keeps what is its own: its living figures, and the script that sets its
colours before anything shows; the page of the search keeps all its scripts. The parts stay on disk, for what else
reads them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath

from npm import ESBUILD, run_node
from sphinx.application import Sphinx

STYLE, SCRIPT = "all.css", "all.js"
# What a page loads, but for what is there without JavaScript and what comes before anything shows.
_SHEET = re.compile(r'[ \t]*<link\b(?=[^>]*\brel="stylesheet")[^>]*?\bhref="[^"]*?_static/([^"?]+)[^>]*>\n?')
_SCRIPT = re.compile(r'[ \t]*<script\b[^>]*?\bsrc="[^"]*?_static/(?!figures/|first)([^"?]+)[^>]*></script>\n?')
_PRINTED = re.compile(r'<link media="print"[^>]*_static/([^"?]+)')
_JOINED = re.compile(rf"_static/({re.escape(STYLE)}|{re.escape(SCRIPT)})\?v=\w+")
_FIGURE = re.compile(r"[ \t]*<script\b[^>]*_static/figures/[^>]*></script>\n?")
_SEARCH = "_static/searchtools.js"  # which expects its fellows one by one
_GLOBAL = ("documentation_options.js", "doctools.js")  # which define what others use
_CHARSET = re.compile(r'@charset "[^"]*";')
_URL = re.compile(r"""url\(["']?(?!data:|#|%23|/|\w+:)([^"')]+)["']?\)""")


def bundle(app: Sphinx, exception: Exception | None) -> None:
    """Join what the pages load, if the site was built."""
    folder = Path(app.outdir)
    if exception or app.builder.name != "html":
        return
    pages = {path: path.read_text("utf-8") for path in folder.rglob("*.html")}
    fresh = [text for text in pages.values() if f"_static/{STYLE}" not in text]
    # Of pages that this build has not written anew, an earlier one noted what they named.
    notes = Path(app.doctreedir, "bundle.json")
    before = json.loads(notes.read_text("utf-8")) if notes.exists() and len(fresh) < len(pages) else [[], [], []]
    heads = [text.partition("<noscript>")[0] for text in fresh]
    sheets = in_order([before[0], *map(_SHEET.findall, heads)])
    scripts = in_order([before[1], *(_SCRIPT.findall(text) for text in fresh if _SEARCH not in text)])
    printed = sorted({*before[2], *_PRINTED.findall("".join(heads))})
    notes.write_text(json.dumps([sheets, scripts, printed]), "utf-8")
    static = folder / "_static"
    style = "\n".join(sheet(static, name, name in printed) for name in sheets)
    digests = {
        STYLE: minified(static / STYLE, style),
        SCRIPT: minified(static / SCRIPT, "\n".join(script(static, name) for name in scripts)),
    }
    for path, text in pages.items():
        path.write_text(bundled(text, digests), "utf-8", newline="\n")


def in_order(lists: Iterable[list[str]]) -> list[str]:
    """Return the names in all lists, each once and in the order of every list."""
    graph: TopologicalSorter[str] = TopologicalSorter()
    for names in lists:
        for name in names:
            graph.add(name)
        for before, name in pairwise(names):
            graph.add(name, before)
    return list(graph.static_order())


def sheet(static: Path, name: str, printed: bool) -> str:
    """Return the text of a style sheet as it would stand in the folder of all."""
    text = (static / name).read_text("utf-8")
    text = _CHARSET.sub("", text)
    text = _URL.sub(lambda found: f'url("{normpath(join(dirname(name), found[1]))}")', text)
    return f"@media print {{\n{text}\n}}" if printed else text


def script(static: Path, name: str) -> str:
    """Return the text of a script of which an error does not end those behind it."""
    text = (static / name).read_text("utf-8")
    return text if name in _GLOBAL else f"try {{\n{text}\n}} catch (error) {{ setTimeout(() => {{ throw error; }}); }}"


def minified(path: Path, text: str) -> str:
    """Write a text without what a browser has no use for, and return a digest of it."""
    path.write_text(text, "utf-8", newline="\n")
    run_node(ESBUILD, path, "--minify", f"--outfile={path}", "--allow-overwrite", "--log-level=warning")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def bundled(page: str, digests: dict[str, str]) -> str:
    """Return a page that names what is joined in place of its parts."""
    if _JOINED.search(page):
        return _JOINED.sub(lambda found: f"_static/{found[1]}?v={digests[found[1]]}", page)
    head, mark, rest = page.partition("<noscript>")
    static = re.search(r'[^"]*_static/(?=first\.js)', head)
    if not static:
        return page
    link = f'<link rel="stylesheet" href="{static[0]}{STYLE}?v={digests[STYLE]}" />\n'
    script = f'    <script defer src="{static[0]}{SCRIPT}?v={digests[SCRIPT]}"></script>\n'
    figures = "".join(_FIGURE.findall(rest))  # which the script of all brings to life, so they come first
    if _SEARCH not in rest:
        rest = put_first(_SCRIPT, figures + script, _FIGURE.sub("", rest))
    return put_first(_SHEET, link, head) + mark + rest


def put_first(pattern: re.Pattern[str], new: str, text: str) -> str:
    """Return a text with `new` in place of the first match, and nothing in place of the others."""
    return pattern.sub("", pattern.sub("\0", text, count=1)).replace("\0", new)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    # After web/lighten.py, before web/system_scheme.py.
    app.connect("build-finished", bundle, priority=920)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
