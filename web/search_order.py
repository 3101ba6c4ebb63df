"""A Sphinx extension: the search knows the words of the glossary, and which chapter explains each.

`search_order.js`, which Sphinx adds to its own search, puts glossary and chapters before the package. What it needs of
the glossary is written behind it: each entry's name, the other names that it gives, and its chapter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from meanings import GLOSSARY
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

SCRIPT = Path(__file__).with_name("search_order.js")
# As in "; BPTT for short" and in "also called the Hadamard product".
ASIDE = re.compile(r"[;,] ([^;,]+) for short|also called (?:an? |the )?([^;,.]+)")
OWN = re.compile(r"In this book: |(?:A word of|In) this book.*")


def write_script(app: Sphinx, env: BuildEnvironment) -> None:
    """Write the script with the terms behind it, and name it to Sphinx."""
    terms = list(entries(env.get_doctree(GLOSSARY))) if GLOSSARY in env.found_docs else []
    path = Path(app.doctreedir, SCRIPT.name)
    path.write_text(f"{SCRIPT.read_text('utf-8')}SearchOrder.terms = {json.dumps(terms)};\n", encoding="utf-8")
    app.config.html_search_scorer = str(path)


def entries(glossary: nodes.document) -> Iterator[dict[str, Any]]:
    """Yield each entry of the glossary: its names, the first of which is its title, its anchor and its chapter."""
    for entry in glossary.findall(nodes.section):
        title, paragraph, *_ = entry.children
        if isinstance(entry.parent, nodes.section):
            links = [link["reftarget"] for link in paragraph.findall(pending_xref)]
            text = paragraph.astext()
            asides = [name for found in ASIDE.findall(text) for name in found if name]
            marked = [OWN.sub("", part.astext()) for part in paragraph.findall(nodes.emphasis)]
            others = [name.partition(",")[0].strip(". ") for name in (*marked, *asides)]
            names = [title.astext(), *filter(None, others)]
            yield {"names": names, "anchor": f"#{entry['ids'][0]}", "chapter": links[-1] if links else None}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("env-updated", write_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
