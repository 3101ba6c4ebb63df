"""A Sphinx extension: tables and the list of references say to a screen reader what they are.

A table has a caption, its section's title, unless it has one of its own; the cells that name a column or a row have
a scope, and an empty one names nothing.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

_CELL = re.compile(r'<th class="((?:head|stub)\b[^"]*)"([^>]*)>')
_EMPTY = re.compile(r'<th class="head[^"]*"[^>]*>\s*(?:<p>\s*</p>)?\s*</th>')
_BOX = re.compile(r'<div class="pst-scrollable-table-container">(?=<table[^>]*>\s*<caption[^>]*>(.*?)</caption>)', re.S)


class NamedTables(SphinxPostTransform):
    """Give each table a caption that is read out, and each row its name where the first column tells rows apart."""

    default_priority = 300  # once MyST-NB has chosen what a cell shows
    builders = ("html",)

    def run(self, **kwargs: Any) -> None:
        counts: dict[str, int] = {}
        for table in list(self.document.findall(nodes.table)):
            if first_column_names_rows(table):
                next(table.findall(nodes.colspec))["stub"] = 1
            for head in (cell for part in table.findall(nodes.thead) for cell in part.findall(nodes.entry)):
                if head.astext().strip() and not _words(head):  # a formula alone is not a name that all can read
                    next(head.findall(nodes.paragraph)).append(nodes.inline("", " column", classes=["spoken"]))
            if not any(isinstance(child, nodes.title) for child in table):
                section = _section_title(table)
                counts[section] = counts.get(section, 0) + 1
                words = section if counts[section] == 1 else f"{section}, table {counts[section]}"
                # Not a title, to which Sphinx would add a link that takes the focus.
                table.insert(0, nodes.raw("", f'<caption class="spoken">{escape(words)}</caption>', format="html"))


def first_column_names_rows(table: nodes.table) -> bool:
    """Say whether the first cells of a table's rows have words, all different; a formula alone names no row."""
    rows = [row for body in table.findall(nodes.tbody) for row in body.children]
    names = [_words(row.children[0]) for row in rows]
    return all(names) and len(set(names)) == len(names) and all(len(row.children) > 1 for row in rows)


def _words(cell: nodes.Node) -> str:
    letters = cell.findall(nodes.Text)
    return "".join(text for text in letters if not isinstance(text.parent, (nodes.math, nodes.raw))).strip()


def _section_title(node: nodes.Node) -> str:
    """Return the title of the section in which a node stands, in plain letters."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.section) and (title := node.next_node(nodes.title)) is not None:
            return re.sub(r"[\\${}]", "", title.astext())
    return "Table"


def name_parts(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Write into a page what docutils and the bibliography leave out of theirs."""
    if "body" in context:
        context["body"] = named(context["body"])


def named(body: str) -> str:
    """Return a page's body with scopes, names and roles."""
    body = _EMPTY.sub("<td></td>", body)
    body = _CELL.sub(lambda cell: f'<th class="{cell[1]}" scope="{_scope(cell[1])}"{cell[2]}>', body)
    body = _BOX.sub(lambda box: f'{box[0][:-1]} role="group" aria-label="{_plain(box[1])}">', body)
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")  # what it shows is its name
    # A list's items are items; the role that they have is out of use.
    return body.replace('role="doc-biblioentry"', 'role="listitem"')


def _scope(classes: str) -> str:
    return "col" if "head" in classes.split() else "row"


def _plain(html: str) -> str:
    return re.sub(r"<a class=\"headerlink.*?</a>|<[^>]*>", "", html).replace('"', "&quot;").strip()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_post_transform(NamedTables)
    app.connect("html-page-context", name_parts, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
