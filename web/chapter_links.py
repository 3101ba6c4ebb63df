"""A Sphinx extension: "chapter 4", "chapters 7 and 9" and "exercise 2.1" in the text lead where they say.

A chapter is a page ``book/NN_name``. On its own page its number stays plain, and so does an exercise's under its own
heading; so does what stands in a heading, in code or in a link already. A place that the book has not is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

PLACE = re.compile(
    r"\bchapters?\s+\d+(?:(?:,\s|,?\s(?:and|to|or)\s)\d+\b(?!\.\d))*|\bexercises?\s+\d+\.\d+(?:\s(?:and|or)\s\d+\.\d+)*",
    re.IGNORECASE,
)
ONE = re.compile(r"(?:(?:chapter|exercise)s?\s+)?(\d+(?:\.\d+)?)", re.IGNORECASE)
CHAPTER = re.compile(r"(?:^|/)(\d\d)_\w+$")
EXERCISE = re.compile(r"exercise-(\d+)-(\d+)-")
FORMULAS = (nodes.math, nodes.math_block)
PLAIN_IN = (
    nodes.reference,
    nodes.title,
    nodes.citation,  # the exercises of other books stay theirs
    nodes.FixedTextElement,
    nodes.literal,
    nodes.raw,
    *FORMULAS,
)

log = logging.getLogger(__name__)


class ChapterLinks(SphinxPostTransform):
    """Make links of the places that the text names."""

    default_priority = 90  # once all other links are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        if self.chapters:
            for text in list(self.document.findall(nodes.Text)):
                if PLACE.search(text) and not any(isinstance(around, PLAIN_IN) for around in parents(text)):
                    text.parent.replace(text, list(self._linked(text)))

    @cached_property
    def chapters(self) -> dict[str, str]:
        """The page of each chapter, by its number."""
        found = ((CHAPTER.search(name), name) for name in self.env.found_docs)
        return {str(int(match[1])): name for match, name in found if match}

    @cached_property
    def exercises(self) -> dict[str, tuple[str, str, str]]:
        """The page, the anchor and the title of each exercise, by its number."""
        found = {}
        for name in self.chapters.values():
            for section in self.env.get_doctree(name).findall(nodes.section):
                if match := EXERCISE.match(section["ids"][0]):
                    found[f"{match[1]}.{match[2]}"] = name, section["ids"][0], section[0].astext()
        return found

    def _linked(self, text: nodes.Text) -> Iterator[nodes.Node]:
        """Yield the text in pieces, those that name another place as links."""
        letters, done = text.astext(), 0
        for place in PLACE.finditer(letters):
            for one in ONE.finditer(letters, place.start(), place.end()):
                if link := self._link(one[0], one[1], text):
                    yield nodes.Text(letters[done : one.start()])
                    yield link
                    done = one.end()
        yield nodes.Text(letters[done:])

    def _link(self, words: str, number: str, text: nodes.Text) -> nodes.reference | None:
        here, anchor = self.env.docname, ""
        if number not in (self.exercises if "." in number else self.chapters):
            log.warning("%s: there is no such place in the book", words, location=text.parent)
            return None
        if "." not in number:
            page = self.chapters[number]
            title = self.env.titles[page].astext().removeprefix(f"{number}. ")
        else:
            page, anchor, title = self.exercises[number]
        names: set[str] = set().union(*(around.get("ids", []) for around in parents(text)))
        own = not anchor or anchor in names
        if page == here and own:
            return None
        return make_refnode(self.app.builder, here, page, anchor, nodes.Text(words), title)


def parents(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield what stands around a node, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_post_transform(ChapterLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
