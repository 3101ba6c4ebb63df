"""A Sphinx extension: where a line of a page may end, and where not.

A formula keeps the comma that follows it, "chapter 4" its number, and in tables a shape such as (T, B, H) is one word;
long dotted names may be broken after a dot.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

# A formula, within the link or span that explains it if there is one, and what follows it.
_FORMULA = re.compile(
    r"((?P<open><(?P<tag>a|span)\b[^>]*\bexplained\b[^>]*>)?<math\b(?:(?!</math>).)*</math>(?(open)</(?P=tag)>))"
    r"(?P<after>(?:[.:;?!)’”]|,(?!\d))+)",
    re.DOTALL,
)
_PLACE = re.compile(r"(>[Cc]hapter|>[Ee]xercise) (?=\d[\d.]*</a>)")
_CELL = re.compile(r"<td>.*?</td>", re.DOTALL)
_SHAPE = re.compile(r"\((?:\d*[A-Z]|\d+)(?: \+ \d*[A-Z])*(?:, (?:\d*[A-Z]|\d+))*,?\)")
_NAME = re.compile(r'(?<=<span class="pre">)[^\W\d]\w*(?:\.\w+)+(?=\(?\)?</span>)')


def keep_together(body: str) -> str:
    """Return the body of a page with what belongs together kept on one line."""
    body = _FORMULA.sub(r'<span class="one-line">\1\g<after></span>', body)
    body = _PLACE.sub("\\1\N{NO-BREAK SPACE}", body)
    body = _CELL.sub(lambda cell: _SHAPE.sub(lambda shape: shape[0].replace(" ", "\N{NO-BREAK SPACE}"), cell[0]), body)
    return _NAME.sub(lambda name: name[0].replace(".", ".<wbr />"), body)


def change(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Change where the lines of a page may end."""
    if "body" in context:
        context["body"] = keep_together(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", change, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
