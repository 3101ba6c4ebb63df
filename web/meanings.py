"""What symbols and words mean, read from the pages of notation and glossary, where it is said once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import mathematics
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.environment import BuildEnvironment

GLOSSARY, NOTATION = "book/glossary", "book/notation"
ELSEWHERE = "the-same-things-elsewhere"  # from here on the page of notation is about other books
NETWORKS = "figo"

TOKEN = re.compile(
    r"\\(?:mathrm|text|mathbf)\{[^{}]*\}|\\[A-Za-z]+|\\.|(d?)([A-Za-z](?:_(?:\{[^{}]*\}|\\?[A-Za-z]+|[0-9*]))?)"
)
ONLY_IN = re.compile(r"in chapters? ([\d, and]+): ")


@dataclass(frozen=True)
class Meaning:
    """What one symbol or word means, and where that is written.

    Attributes
    ----------
    key : str
        Its id on a page.
    symbol : str
        The TeX of a symbol; empty for a word.
    page, anchor : str
        Where it is explained.
    words : nodes.paragraph
        What it means, formulas and all.
    """

    key: str
    symbol: str
    page: str
    anchor: str
    words: nodes.paragraph

    @property
    def title(self) -> str:
        """What it means, as plain text; a word stands before it anyway."""
        return plain_text(self.words).removeprefix("" if self.symbol else f"{self.words[0].astext()}: ")

    @property
    def letters(self) -> str:
        """A symbol as a browser shows it, index and all; empty for a word."""
        shown = mathematics.letters(self.symbol) if self.symbol and "frac" not in self.symbol else ""
        return re.sub(r"[\s\u2061-\u2064]", "", shown)


def glossary(env: BuildEnvironment) -> dict[str, Meaning]:
    """Return what each term of the glossary means, by its anchor."""
    found = {}
    for entry in env.get_doctree(GLOSSARY).findall(nodes.section) if GLOSSARY in env.found_docs else ():
        title, paragraph, *_ = entry.children
        if not isinstance(paragraph, nodes.paragraph) or entry.parent.parent is None:
            continue  # the page itself
        said = takewhile(lambda part: not isinstance(part, pending_xref), paragraph.children)
        words = nodes.paragraph("", "", nodes.strong("", title.astext()), nodes.Text(": "), *map(loose, said))
        anchor = entry["ids"][0]
        found[anchor] = Meaning(f"term-{anchor}", "", GLOSSARY, anchor, words)
    mathematics.typeset_within(*(meaning.words for meaning in found.values()))
    return found


def words_of(terms: dict[str, Meaning]) -> dict[str, str]:
    """Return the anchor of each word for a thing, in lower case: the field's, and this book's where it differs."""
    found = {}
    for anchor, meaning in terms.items():
        title, _, *said = meaning.words.children
        found[title.astext().lower()] = anchor
        if said and said[0].astext().startswith("In this book: "):
            letters = "".join(part.astext() for part in said[0].children if isinstance(part, nodes.Text))
            house = letters.removeprefix("In this book: ").split(",")[0].strip(" .").removeprefix("the ")
            found.setdefault(house, anchor)
    return {word: anchor for word, anchor in found.items() if word}


def notation(env: BuildEnvironment, chapter: int, terms: dict[str, Meaning]) -> dict[str, Meaning]:
    """Return what each symbol means in a chapter, by its TeX; `terms` are the glossary's."""
    found: dict[str, Meaning] = {}
    if NOTATION in env.found_docs:
        here: dict[str, Meaning] = {}
        for section, head, row in rows(env.get_doctree(NOTATION)):
            only = ONLY_IN.match(row[1].astext())
            if not only or str(chapter) in re.findall(r"\d+", only[1]):
                into = here if only else found
                into.update(_row(section, head, row, terms, found))
        # Without its index a letter means the same, but for those of the networks, which name a network.
        found |= {letter: found[f"{letter}_t"] for letter in "Chx" if f"{letter}_t" in found} | here
        mathematics.typeset_within(*(meaning.words for meaning in found.values()))
    return found


def rows(page: nodes.document) -> Iterator[tuple[str, list[str], list[nodes.entry]]]:
    """Yield the rows of the tables of symbols: the section's anchor, the head and the cells."""
    for table in page.findall(nodes.table):
        around = table.parent
        if around.parent is not None and ELSEWHERE in {*around["ids"], *around.parent.get("ids", [])}:
            continue
        head, *body = table.findall(nodes.row)
        names = [cell.astext() for cell in head.children]
        if names[0].split(" ")[0] in ("letter", "symbol", "sign"):
            yield from ((around["ids"][0], names, list(row.findall(nodes.entry))) for row in body)


def _row(
    section: str, head: list[str], row: list[nodes.entry], terms: dict[str, Meaning], found: dict[str, Meaning]
) -> Iterator[tuple[str, Meaning]]:
    """Yield each symbol of a row of the notation, with its meaning."""
    formulas = [math.astext() for math in row[0].findall(nodes.math)]
    for formula in formulas:
        for symbol in spread(formula, row[head.index("in code")].astext()):
            key = symbol_key(symbol, head[0] == "sign")
            if key:
                alone = len(formulas) == 1 or "*" in formula
                shown = [nodes.math(symbol, symbol)] if alone else inline(row[0])
                words = nodes.paragraph("", "", nodes.strong("", "", *shown), nodes.Text(": "))
                words += _says(head, row, terms)
                network = found.get(f"{symbol[-1]}_t") if "*" in formula else None
                if network:
                    words += nodes.Text(f"; for the {named(network)}")
                yield key, Meaning(f"symbol-{slug(key)}", key, NOTATION, section, words)


def _says(head: list[str], row: list[nodes.entry], terms: dict[str, Meaning]) -> list[nodes.Node]:
    """Return what a row says of its symbol: in this book, in the field, and in the glossary's sentence."""
    said = inline(row[1])
    if said and isinstance(said[0], nodes.Text) and (only := ONLY_IN.match(said[0].astext())):
        said[0] = nodes.Text(said[0].astext()[only.end() :])
    if head[1] in ("what it counts", "multiplies"):
        said.insert(0, nodes.Text(head[1].removeprefix("what it ") + " "))
    if head[2] == "the field says" and row[2].astext() not in ("", row[1].astext()):
        said += [nodes.Text("; the field says "), *inline(row[2])]
        term = terms.get(row[2].astext().removeprefix("previous ").replace(" ", "-"))
        if term:
            rest = [part.deepcopy() for part in term.words.children[2:]]
            said += [nodes.Text(". "), *(rest[1:] if isinstance(rest[0], nodes.emphasis) else rest)]
    return said


def named(meaning: Meaning) -> str:
    """Return the first name that the notation gives to a signal, such as "forget valve"."""
    return meaning.words.children[2].astext()


def spread(formula: str, code: str) -> list[str]:
    r"""Return the symbols that a formula of the notation stands for: $W_*$ is $W_f$, $W_i$, $W_g$ and $W_o$."""
    named_there = set(re.findall(r"\b[A-Z]_([figo])\b", code)) if "..." not in code else set()
    letters = [letter for letter in NETWORKS if not named_there or letter in named_there or "weights[" in code]
    return [formula.replace("*", letter) for letter in letters] + [formula] if "*" in formula else [formula]


def symbol_key(formula: str, is_sign: bool) -> str:
    """Return what to look for in other formulas: one symbol, a sign's command, or the formula as a whole."""
    found = list(symbols(formula, {formula}))
    if is_sign:
        return next((token for token in found if token.startswith("\\")), "")
    return formula.removesuffix("_*") if found == [formula] else formula


def symbols(formula: str, known: Iterable[str]) -> Iterator[str]:
    """Yield the symbols of a formula in order; a d belongs to the symbol behind it where that is known."""
    for match in TOKEN.finditer(formula.replace(r"\dfrac", r"\frac")):
        if match[2] and match[1] and match[0] not in known:
            yield from (match[1], match[2])
        else:
            yield match[0]


def inline(cell: nodes.Element) -> list[nodes.Node]:
    """Return what a cell of a table says, without its links."""
    paragraphs = list(cell.findall(nodes.paragraph))
    return [loose(part) for part in paragraphs[0].children] if paragraphs else []


def loose(part: nodes.Node) -> nodes.Node:
    """Return a copy of a piece of text without links, citations and ids."""
    if isinstance(part, (pending_xref, nodes.reference)):
        return nodes.inline("", "", *map(loose, part.children)) if part.children else nodes.Text("")
    return part.deepcopy()


def plain_text(node: nodes.Node) -> str:
    """Return text with its formulas in letters that read well without TeX."""
    parts = ((str(text), isinstance(text.parent, nodes.math)) for text in node.findall(nodes.Text))
    return " ".join("".join(mathematics.plain(text) if is_formula else text for text, is_formula in parts).split())


def slug(symbol: str) -> str:
    """Return a symbol as part of an id."""
    return re.sub(r"[^A-Za-z0-9]+", "-", symbol).strip("-")
