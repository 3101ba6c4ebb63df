"""A Sphinx extension: symbols, house words and links to the glossary say what they mean.

Where a page first names a thing, a quiet link leads to its explanation: one stop for the keyboard, not one for each
formula. Where a section names it again, and in all other formulas, it answers the pointer or a tap alone. What the
things mean stands once at the page's end, hidden, for screen readers and for ``assets/explanations.js``, which shows
it; without JavaScript a link's title says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

import mathematics
from chapter_links import CHAPTER, PLAIN_IN, parents
from docutils import nodes
from meanings import GLOSSARY, Meaning, glossary, notation, symbols, words_of
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

TERM = re.compile(rf"(?:^|/){GLOSSARY.rpartition('/')[2]}\.html#(.+)")
# Words that everybody knows, or that stand in every line: to mark them would be noise.
EVERYDAY = """
    baseline batch bias bit candidate checkpoint device element gradient kernel layer loss lstm memory output probe rank
    seed sequence tanh temperature unit weight window
"""
# Letters that have a meaning of their own in one formula.
OWN_LETTERS = {r"(w x - y)^2"}


class Explained(nodes.inline):
    """Something in the text that has a meaning: a link if it has a ``refuri``."""


class Meanings(nodes.comment):
    """What the things on a page mean, out of sight; the search passes comments by."""


class Explain(SphinxPostTransform):
    """Find what a page names, and put the meanings at its end."""

    default_priority = 100  # once all links are resolved
    builders = ("html",)

    def run(self, **kwargs: Any) -> None:
        self.used: dict[str, Meaning] = {}
        self.reached: set[str] = set()
        mathematics.typeset_within(self.document)
        self._links_to_the_glossary()
        if CHAPTER.search(self.env.docname) or self.env.docname == self.config.root_doc:
            for formulas, texts in sections(self.document):
                self._formulas(formulas)
                self._words(texts)
        if self.used:
            entries = [meaning.words.deepcopy() for meaning in self.used.values()]
            self.document += Meanings("", "", *entries, meanings=list(self.used.values()))

    @cached_property
    def terms(self) -> dict[str, Meaning]:
        """The terms of the glossary by their anchors."""
        return glossary(self.env)

    @cached_property
    def symbols(self) -> dict[str, Meaning]:
        """What each symbol means on this page."""
        chapter = CHAPTER.search(self.env.docname)
        return notation(self.env, int(chapter[1]) if chapter else 0, self.terms)

    def _links_to_the_glossary(self) -> None:
        for link in list(self.document.findall(nodes.reference)):
            found = TERM.search(link.get("refuri", ""))
            if found and found[1] in self.terms:
                link.replace_self(self._marked(link.children, [self.terms[found[1]]], uri=link["refuri"]))

    def _formulas(self, formulas: list[nodes.Element]) -> None:
        """Mark the formulas of one section; the first on the page to name a symbol is a link."""
        named = [(formula, self._meanings(formula)) for formula in formulas]
        # A link is best where the symbol stands alone.
        for formula, meanings in sorted(named, key=lambda pair: len(pair[1]) > 1):
            if meanings:
                formula.replace_self(self._marked([formula], meanings, isinstance(formula, nodes.math)))

    def _meanings(self, formula: nodes.Element) -> list[Meaning]:
        """Return what a formula's symbols mean, each once."""
        tex, before = formula.astext(), text_before(formula)
        if tex in self.symbols:
            # A letter that is named as a letter is no symbol.
            return [] if before.endswith("letter ") else [self.symbols[tex]]
        found = symbols(tex, self.symbols) if tex not in OWN_LETTERS else ()
        return list({self.symbols[one].key: self.symbols[one] for one in found if one in self.symbols}.values())

    def _words(self, texts: list[nodes.Text]) -> None:
        """Mark the first use of each house word and term in a section, unless the section links to it anyway."""
        words = {word: anchor for word, anchor in words_of(self.terms).items() if word not in EVERYDAY.split()}
        around = {one.get("key") for text in texts for one in parents(text) if isinstance(one, Explained)}
        seen = {anchor for anchor in words.values() if self.terms[anchor].key in around}
        for text in texts:
            if words and not in_link(text):
                text.parent.replace(text, list(self._split(text, words, seen)))

    def _split(self, text: nodes.Text, words: dict[str, str], seen: set[str]) -> Iterator[nodes.Node]:
        """Yield a text in pieces, with what is marked."""
        letters, done = str(text), 0
        for match in pattern_of(words).finditer(letters):
            anchor = words[match[1].lower()]
            if anchor not in seen:
                seen.add(anchor)
                yield nodes.Text(letters[done : match.start()])
                yield self._marked([nodes.Text(match[0])], [self.terms[anchor]])
                done = match.end()
        yield nodes.Text(letters[done:])

    def _marked(
        self, inside: Iterable[nodes.Node], meanings: list[Meaning], linked: bool = True, uri: str = ""
    ) -> Explained:
        """Return something with its meanings; a quiet link to the first of them, once on a page."""
        keys = {meaning.key: meaning for meaning in meanings}
        inside = list(inside)
        marked = Explained("", "", *(node.deepcopy() for node in inside), key=meanings[0].key, meanings=list(keys))
        if uri or (linked and not keys.keys() <= self.reached and not in_link(inside[0])):
            first = meanings[0]
            quiet = self.app.builder.get_relative_uri(self.env.docname, first.page) + f"#{first.anchor}"
            marked["refuri"], marked["quiet"] = uri or quiet, not uri
            marked["title"] = " ".join(f"{meaning.title.rstrip('.')}." for meaning in meanings)
            if isinstance(inside[0], nodes.math):  # MathML gives a link no name
                marked["spoken"] = mathematics.plain(inside[0].astext())
            self.reached |= keys.keys()
        self.used |= keys
        return marked


def sections(document: nodes.document) -> Iterator[tuple[list[nodes.Element], list[nodes.Text]]]:
    """Yield the formulas and the texts of each section under the page's title, and of what stands before them."""
    found: dict[int, tuple[list[nodes.Element], list[nodes.Text]]] = {}
    for node in document.findall():
        around = list(parents(node))
        own = [one for one in around if isinstance(one, nodes.section)]
        formulas, texts = found.setdefault(id(own[-2]) if len(own) > 1 else 0, ([], []))
        kinds = {type(one) for one in around}
        if isinstance(node, (nodes.math, nodes.math_block)) and not kinds & {nodes.title, Meanings}:
            formulas.append(node)
        elif isinstance(node, nodes.Text) and nodes.paragraph in kinds and not kinds.intersection(PLAIN_IN):
            texts.append(node)
    yield from found.values()


def pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for words as they stand in a text, in the plural too, the longest first."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, ordered))})(?:e?s)?(?![\w-])", re.IGNORECASE)


def in_link(node: nodes.Node) -> bool:
    """Say whether a node stands in a link."""
    return any(isinstance(one, nodes.reference) or one.get("refuri") for one in parents(node))


def text_before(node: nodes.Element) -> str:
    """Return the text right before a node."""
    place = node.parent.index(node)
    return node.parent[place - 1].astext() if place else ""


def visit_explained(self: HTML5Translator, node: Explained) -> None:
    """Write a link or a span; a displayed formula gets a block."""
    keys, what = " ".join(node["meanings"]), type(node.next_node())
    style = "explained" if what in (nodes.math, nodes.math_block) else "explained word"
    shown: dict[str, Any] = {"data-means": keys}
    if "refuri" in node:
        style = f"{style} quiet" if node["quiet"] else "reference internal explained"
        shown = {"href": node["refuri"], "title": node["title"], "aria-describedby": keys}
        shown |= {"aria-label": node["spoken"]} if "spoken" in node else {}
    node["tag"] = "a" if "refuri" in node else "div" if what is nodes.math_block else "span"
    self.body.append(self.starttag(node, node["tag"], "", CLASS=style, **shown))


def depart_explained(self: HTML5Translator, node: Explained) -> None:
    """Close it."""
    self.body.append(f"</{node['tag']}>")


def visit_meanings(self: HTML5Translator, node: Meanings) -> None:
    """Write all meanings, each in an element that has its id."""
    self.body.append('<div class="meanings" hidden>\n')
    for meaning, words in zip(node["meanings"], node.children):
        shown: dict[str, Any] = {"data-letters": meaning.letters} if meaning.letters else {}
        self.body.append(self.starttag(nodes.inline(), "div", "", ids=[meaning.key], **shown))
        words.walkabout(self)
        self.body.append("</div>\n")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    write: Callable[..., None] = visit_explained
    app.add_node(Explained, html=(write, depart_explained))
    app.add_node(Meanings, html=(visit_meanings, None))
    app.add_post_transform(Explain)
    app.add_css_file("explanations.css")
    app.add_js_file("explanations.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
