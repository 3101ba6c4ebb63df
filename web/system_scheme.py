"""A Sphinx extension: without JavaScript a page is light or dark as the reader's system is.

The theme's rules for light and dark hang on an attribute that a script sets. Where no script runs, the attribute says
"auto", and pages load a style sheet that has the same rules for that, each under the system's scheme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

NAME = "system-scheme.css"
_SHEETS = re.compile(r"""<link\b(?=[^>]*rel="stylesheet")[^>]*?\shref="([^"?]+)""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMMA = re.compile(r",(?![^(]*\))")  # not one within brackets
_THEME = re.compile(r"""\[data-theme=["']?(light|dark)["']?\]""")


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the rules of a style sheet, each as what is before its braces and what is in them."""
    start = opened = depth = 0
    for place, sign in enumerate(sheet):
        if sign == "{":
            depth += 1
            if depth == 1:
                opened = place
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield sheet[start:opened].strip(), sheet[opened + 1 : place].strip()
                start = place + 1
        elif sign == ";" and depth == 0:  # after @charset or @import
            start = place + 1


def of_scheme(sheet: str, scheme: str) -> str:
    """Return the rules for this scheme, written for a page that follows the system."""
    found = ""
    for head, body in rules(_COMMENT.sub("", sheet)):
        if head.startswith(("@media", "@supports")):
            inner = of_scheme(body, scheme)
        else:
            chosen = [one.strip() for one in _COMMA.split(head) if scheme in _THEME.findall(one)]
            head, inner = _THEME.sub("[data-theme=auto]", ",".join(chosen)), body if chosen else ""
        if inner:
            found += f"{head}{{{inner}}}\n"
    return found


def write_system_scheme(app: Sphinx, failure: Exception | None) -> None:
    """Write the style sheet, from those that the first page loads and in their order."""
    page = Path(app.outdir, f"{app.config.root_doc}.html")
    if failure or app.builder.format != "html" or not page.exists():
        return
    names = _SHEETS.findall(page.read_text(encoding="utf-8"))
    sheets = [(page.parent / name).read_text(encoding="utf-8") for name in names if not name.endswith(NAME)]
    text = "".join(
        f"@media(prefers-color-scheme:{scheme}){{\n{''.join(of_scheme(sheet, scheme) for sheet in sheets)}}}\n"
        for scheme in ("light", "dark")
    )
    Path(app.outdir, "_static", NAME).write_text(text, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("build-finished", write_system_scheme, priority=950)  # the theme writes one of its own before
    return {"parallel_read_safe": True, "parallel_write_safe": True}
