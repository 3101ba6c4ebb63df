"""A Sphinx extension: diagrams stand in the page itself, where they follow its scheme and can come alive.

A diagram is an SVG file whose root has the class ``lstm-diagram``; other pictures stay images.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

DIAGRAM = re.compile(r"""<svg\b[^>]*\sclass=["'](?:[^"']* )?lstm-diagram[ "'].*</svg>""", re.DOTALL)
NAMES = re.compile(r"""(\sid=["']|\saria-(?:labelledby|describedby)=["']|href=["']#|url\(#)([^"')]+)""")


class InlineDiagrams(SphinxPostTransform):
    """Put the text of each diagram in place of its image, once MyST-NB has chosen what a cell shows."""

    default_priority = 5
    builders = ("html",)

    def run(self, **kwargs: Any) -> None:
        seen: Counter[str] = Counter()
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir, image["uri"])
            found = path.suffix == ".svg" and path.is_file() and DIAGRAM.search(path.read_text(encoding="utf-8"))
            if found:
                seen[found[0]] += 1
                svg = with_own_ids(found[0], seen[found[0]])
                image.replace_self(nodes.raw("", svg, format="html", classes=["lstm-figure"]))


def with_own_ids(svg: str, time: int) -> str:
    """Return a diagram that is on the page for the second time, or a later one, with ids of its own."""
    if time == 1:
        return svg
    return NAMES.sub(lambda match: match[1] + " ".join(f"{name}-{time}" for name in match[2].split()), svg)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_post_transform(InlineDiagrams)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
