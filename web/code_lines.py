"""A Sphinx extension: each line of code is an element that knows how deep it is indented.

On a phone, `web/assets/phone.css` then breaks a long line so that what goes on stands deeper than where it began.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx

DEEPEST = 12
"""Where a phone is to show a line that is indented more, there would be no room left."""
_INDENT = re.compile(r'^(<span class="w">)?( +)(?(1)</span>)(?=.)')


class LinesOfCode(HtmlFormatter):  # type: ignore[misc] # Pygments has no types
    """Put each line into a span of the class ``code-line``, and of ``in4`` if it is indented by 4."""

    def wrap(self, source: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        yield from super().wrap(_lines(source))


def _lines(source: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for is_code, line in source:
        words = re.sub(r"<[^>]*>", "", line).rstrip("\n")
        indent = min(len(words) - len(words.lstrip(" ")), DEEPEST) // 2 * 2
        classes = f"code-line in{indent}" if indent else "code-line"
        line = _INDENT.sub(r'<span class="indent">\2</span>', line)
        # The end of the line stays outside, so that what is copied has one and not two.
        yield is_code, f'<span class="{classes}">{line.rstrip(chr(10))}</span>\n' if is_code and words else line


def use_lines(app: Sphinx) -> None:
    """Let the builder write code in lines."""
    for name in ("highlighter", "dark_highlighter"):
        highlighter: Any = getattr(app.builder, name, None)
        if highlighter is not None and app.builder.format == "html":
            highlighter.formatter = LinesOfCode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", use_lines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
