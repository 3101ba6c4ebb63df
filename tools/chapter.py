"""A chapter as the rules see it: its cells, its sections, and the prose of its Markdown."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode

MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Section:
    """What stands between two level-2 headings: pieces of Markdown and code cells."""

    title: str
    markdown: list[str]
    code: list[NotebookNode]


@dataclass(frozen=True)
class Chapter:
    """One notebook and the file that it came from."""

    path: Path
    notebook: NotebookNode

    @classmethod
    def read(cls, path: Path) -> Chapter:
        return cls(path, nbformat.read(path, as_version=4))

    @property
    def cells(self) -> list[NotebookNode]:
        return self.notebook.cells

    @property
    def number(self) -> int:
        return int(self.path.stem.split("_")[0])

    @cached_property
    def code(self) -> list[NotebookNode]:
        """The code cells without the set-up cell."""
        return [cell for cell in self.cells if cell.cell_type == "code" and "setup" not in tags(cell)]

    @cached_property
    def markdown(self) -> list[str]:
        return [cell.source for cell in self.cells if cell.cell_type == "markdown"]

    @cached_property
    def sections(self) -> list[Section]:
        parts = [Section("", [], [])]
        for cell in self.cells:
            if cell.cell_type == "code":
                if "setup" not in tags(cell):
                    parts[-1].code.append(cell)
                continue
            before, *after = split_at_headings(cell.source, level=2)
            parts[-1].markdown.append(before)
            parts += [Section(headings(piece)[0][1], [piece], []) for piece in after]
        return parts


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def lines(cell: NotebookNode) -> list[str]:
    """The lines of a cell's source that are not blank."""
    return [line for line in cell.source.splitlines() if line.strip()]


def printed(cell: NotebookNode) -> str:
    """What a cell printed or returned, as plain text; no pictures."""
    texts = [output.get("text", "") for output in cell.outputs]
    texts += [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(texts)


def pictures(cell: NotebookNode) -> list[str]:
    """The SVG documents among a cell's outputs."""
    data = (output.get("data", {}) for output in cell.outputs)
    return [kinds["image/svg+xml"] for kinds in data if "image/svg+xml" in kinds]


def typed_text(cell: NotebookNode) -> str | None:
    """The alternative text that the cell's author typed for its picture."""
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt")


def description(svg: str) -> str | None:
    """The description that a diagram carries; other pictures carry none."""
    root = ElementTree.fromstring(svg)
    if "lstm-diagram" in root.get("class", "").split():
        return root.findtext("{http://www.w3.org/2000/svg}desc")
    return None


def alternative_text(cell: NotebookNode) -> str | None:
    """The typed alternative text, or the description of the cell's diagram."""
    return typed_text(cell) or next(filter(None, map(description, pictures(cell))), None)


def tokens(source: str) -> Iterator[Token]:
    """Every Markdown token of a source, those inside a paragraph too, in order."""
    for block in MARKDOWN.parse(source):
        yield block
        yield from block.children or []


def headings(source: str) -> list[tuple[int, str, int]]:
    """The headings of a source as (level, title, line)."""
    blocks = MARKDOWN.parse(source)
    return [
        (int(block.tag[1]), following.content.strip(), block.map[0])
        for block, following in pairwise(blocks)
        if block.type == "heading_open" and block.map
    ]


def split_at_headings(source: str, level: int) -> list[str]:
    """Cut a source before each heading of the level; the first piece comes before all of them."""
    rows = source.split("\n")
    cuts = [0, *(line for depth, _, line in headings(source) if depth == level), len(rows)]
    return ["\n".join(rows[start:end]) for start, end in pairwise(cuts)]


def prose(source: str, mathematics: bool = True) -> str:
    """The words of a Markdown source: no code, no link, no HTML tag, on demand no mathematics."""
    words, in_link = [], 0
    for token in tokens(source):
        in_link += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type in ("text", "html_block") and not in_link:
            words.append(TAG.sub(" ", token.content))
        elif token.type in ("math_inline", "math_block") and mathematics:
            words.append(f" {token.content} ")
        elif token.type in ("softbreak", "hardbreak") or token.block:
            words.append("\n")
        elif token.type == "code_inline":
            words.append(" ` ")  # keeps the words on its two sides apart
    return "".join(words)
