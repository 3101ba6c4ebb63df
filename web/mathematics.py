"""A Sphinx extension: formulas are typeset when the site is built, so that a page needs no script for them.

Temml, of npm, makes MathML of their TeX; `mathematics_font.py` makes the font, and `assets/mathematics.css` the style.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import category
from xml.etree import ElementTree

import mathematics_font
from docutils import nodes
from npm import run_node
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
TIGHT, MEDIUM = "0", "0.2222em"  # TeX's spaces beside an operator: none in a script, this one in the line

Formula = tuple[str, bool]  # TeX, and whether it is displayed
typeset: dict[Formula, ElementTree.Element | ValueError] = {}


class Typeset(SphinxPostTransform):
    """Typeset the formulas of a page, and leave them in its text, which is searched, as letters and signs."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        found = [*self.document.findall(nodes.math), *self.document.findall(nodes.math_block)]
        typeset_all(formula(node) for node in found)
        for node in found:
            if isinstance(made := typeset[formula(node)], ValueError):
                LOG.warning("formula: %s", made, location=node)
            letters = plain(*formula(node))
            node["tex"] = node.astext()
            node[:] = [nodes.Text(letters)]


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
        answers = json.loads(run_node(SCRIPT, given=json.dumps(new)))
        typeset.update(zip(new, (read(**answer) for answer in answers)))


def typeset_within(*parts: nodes.Node) -> None:
    """Typeset the formulas within some parts of a text by one call: one for each would take seconds a page."""
    typeset_all((math.astext(), False) for part in parts for math in part.findall(nodes.math))


def read(mathml: str = "", error: str = "") -> ElementTree.Element | ValueError:
    """Return MathML that has classes for styles and TeX's spaces, or what is wrong with the formula."""
    if error:
        return ValueError(" ".join(error.split()))
    math = ElementTree.fromstring(mathml)
    drop_end(math)
    for element in math.iter():
        style = element.attrib.pop("style", "")
        if style and style not in CLASSES:
            return ValueError(f"style of Temml without a class: {style}")
        names = f"{element.attrib.pop('class', '')} {CLASSES.get(style, '')}".strip().removesuffix("tml-display")
        element.attrib |= {"class": names} if names else {}
        space(element)
    return math


def drop_end(math: ElementTree.Element) -> None:
    """Take away the space that a function's name leaves for an argument, where none follows."""
    parent = math
    while len(parent) == 1:
        parent = parent[0]
    while len(parent) and (parent[-1].tag == "mspace" or parent[-1].text == "\N{FUNCTION APPLICATION}"):
        parent.remove(parent[-1])


def space(element: ElementTree.Element) -> None:
    """Give the operators in an element the spaces that TeX gives them, where MathML has others."""
    parts = list(element)
    scripts = parts[1:] if element.tag in {"msub", "msup", "msubsup"} else []
    tight = [each for script in scripts for each in script.iter("mo") if not each.get("fence")]
    if [part.tag for part in parts] == ["mspace", "mo", "mspace"]:  # Temml has written the spaces out
        tight.append(parts[1])
    for operator in tight:
        operator.attrib |= {"lspace": TIGHT, "rspace": TIGHT}
    if element.tag == "mo" and element.text in {"⊙", "⋅"} and "lspace" not in element.attrib:
        element.attrib |= {"lspace": MEDIUM, "rspace": MEDIUM}
    if element.get("class") == "tml-left" and (first := element.find("./mrow/mo[1]")) is not None:
        first.attrib |= {"form": "infix"} if first.get("form") == "prefix" and first.text in {"+", "−"} else {}


def html(node: nodes.Element) -> str:
    """Return a formula as HTML: its MathML, or its TeX where it has an error."""
    typeset_all([formula(node)])  # a title in a list of contents is on no page of its own
    made = typeset[formula(node)]
    if isinstance(made, ValueError):
        return f'<code class="temml-error">{escape(node.astext())}</code>'
    return ElementTree.tostring(made, encoding="unicode", short_empty_elements=False)


def plain(tex: str, displayed: bool = False) -> str:
    """Return a formula as letters and signs in one line: ``h_(t−1) = tanh(z)``."""
    typeset_all([(tex, displayed)])
    made = typeset[tex, displayed]
    return tex if isinstance(made, ValueError) else " ".join(words(made).split())


def letters(tex: str) -> str:
    """Return what a browser has as the text of a formula in the line."""
    typeset_all([(tex, False)])
    made = typeset[tex, False]
    return tex if isinstance(made, ValueError) else "".join(made.itertext())


def words(element: ElementTree.Element) -> str:
    """Return what an element says; only relations and operators have spaces around them."""
    text, parts = (element.text or "").replace("\u2061", ""), [words(child) for child in element]
    match element.tag, parts:
        case "msup", [base, above]:
            return base + raised(above)
        case "msub" | "munder", [base, below]:
            return f"{base.strip()}_{grouped(below)}"
        case "msubsup" | "munderover", [base, below, above]:
            return f"{base.strip()}_{grouped(below)}{raised(above)}"
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
    for name, follower in pairwise(parts):
        text += f"{name} " if len(name) > 1 and name[-1].isalnum() and follower[:1].isalnum() else name
    return "".join([text, *parts[-1:]])


def grouped(text: str) -> str:
    """Return a part of a formula in brackets, if it is more than one name or number."""
    text = text.replace(" ", "")
    return text if text.isalnum() or len(text) == 1 else f"({text})"


def raised(text: str) -> str:
    """Return a power, or the sign of a transposed matrix."""
    return "ᵀ" if text == "\N{DOWN TACK}" else f"^{grouped(text)}"


def visit_inline(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula in the line."""
    self.body.append(html(node))
    raise nodes.SkipNode


def visit_displayed(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula, and its number where it has a label."""
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(f"{html(node)}</div>\n")
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
