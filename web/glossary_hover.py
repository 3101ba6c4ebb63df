"""A Sphinx extension: a link to a term of the glossary says in its title what the term means.

A browser shows the title of a link under the pointer; `web/assets/book.css` shows it under the keyboard's focus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from docutils import nodes
from mathematics import plain
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "book/glossary"


class GlossaryHover(SphinxPostTransform):
    """Give each link into the glossary its title, once all links are resolved."""

    default_priority = 100
    builders = ("html",)

    def run(self, **kwargs: Any) -> None:
        pages = re.compile(rf"(?:^|/){GLOSSARY.rpartition('/')[2]}\.html#(.+)")
        links = [(link, pages.search(link.get("refuri", ""))) for link in self.document.findall(nodes.reference)]
        if GLOSSARY in self.env.found_docs and any(found for _, found in links):
            terms = dict(meanings(self.env.get_doctree(GLOSSARY)))
            for link, found in links:
                if found and found[1] in terms:
                    link["reftitle"] = terms[found[1]]


def meanings(glossary: nodes.document) -> Iterator[tuple[str, str]]:
    """Yield the anchor of each term, and what its entry says before the link to a chapter, as plain text."""
    for entry in glossary.findall(nodes.section):
        _, paragraph, *_ = entry.children
        parts = takewhile(lambda part: not isinstance(part, pending_xref), paragraph.children)
        letters = [text for part in parts for text in part.findall(nodes.Text)]
        words = "".join(plain(text) if isinstance(text.parent, nodes.math) else text for text in letters)
        yield from ((anchor, " ".join(words.split())) for anchor in entry["ids"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_post_transform(GlossaryHover)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
