"""A Sphinx extension: under an exercise that needs no Python stands a form for the answer.

The form is hidden until ``assets/answers.js`` shows it. What is right stands in it as a hash: nobody reads the
answer by accident, and nobody is kept from finding it. A number is hashed as the number of tolerances in it, and the
script tries the neighbours too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from chapter_links import CHAPTER, EXERCISE
from docutils import nodes
from docutils.nodes import make_id
from mathematics import plain
from question_kinds import Choice, Names, Number, Order
from questions import QUESTIONS
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from lstm_ref import interop
from lstm_ref.companion import exercises, ledger

RICH = re.compile(r"\$([^$]+)\$|`([^`]+)`")


class Form(nodes.General, nodes.Element):
    """A question with what the notebook's own cells answer; written as a form. Its children are its texts."""


class Answers(SphinxPostTransform):
    """Put a form before the cell that checks the exercise."""

    default_priority = 110
    builders = ("html",)

    def run(self, **kwargs: Any) -> None:
        chapter = CHAPTER.search(self.env.docname)
        if chapter is None:
            return
        for section in list(self.document.findall(nodes.section)):
            match = EXERCISE.match(section["ids"][0])
            question = ASKED.get(f"{int(chapter[1])}.{match[2]}") if match else None
            if question:
                *_, cell, _ = (child for child in section.children if "check." in child.astext())
                unfinished, solution = cells(Path(self.env.doc2path(self.env.docname)), question.exercise)
                form = Form(question=question, unfinished=names(unfinished), own=names(solution), why=why(solution))
                form += [nodes.inline("", "", *rich(text), says=text) for text in texts(form)]
                # Where lines of a drawing are asked for, right below it.
                drawing = [child for child in section.children if list(child.findall(nodes.raw))]
                section.insert(section.index(drawing[0]) + 1 if drawing else section.index(cell), form)


ASKED = {question.exercise: question for question in QUESTIONS}


def cells(notebook: Path, exercise: str) -> tuple[str, str]:
    """Return the code of the cell to be finished and of the solution of an exercise."""
    found, there = [], False
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            headings = re.findall(r"^#+ (?:Exercise (\d+\.\d+))?", text, re.MULTILINE)
            there = headings[-1] == exercise if headings else there
        elif there and cell["cell_type"] == "code" and "check." in text and "draw(" not in text:
            found.append(text)
    unfinished, solution = found
    return unfinished, solution


def names(code: str) -> Names:
    """Return what a cell of an exercise defines, without its check."""
    silent = SimpleNamespace(**dict.fromkeys(exercises.__all__, lambda *answer: None))
    defined = {"np": np, "ledger": ledger, "interop": interop, "check": silent, "print": lambda *words: None}
    exec(code, defined)  # the book's own cell
    return defined


def why(solution: str) -> str:
    """Return what the comment at the head of a solution says."""
    lines = solution.splitlines()
    said = [line.lstrip("# ") for line in lines[: next(k for k, line in enumerate(lines) if not line.startswith("#"))]]
    return " ".join(said)


def hashed(exercise: str, text: str) -> str:
    """Return the FNV-1a hash of an answer, as `assets/answers.js` computes it."""
    value = 0x811C9DC5
    for byte in f"{exercise}:{text}".encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


def rich(text: str) -> Iterator[nodes.Node]:
    """Yield text in which $...$ is a formula and `...` is code."""
    done = 0
    for match in RICH.finditer(text):
        yield nodes.Text(text[done : match.start()])
        yield nodes.math(match[1], match[1]) if match[1] else nodes.literal("", match[2])
        done = match.end()
    yield nodes.Text(text[done:])


def texts(form: Form) -> list[str]:
    """Return the texts of a form, each once."""
    question, found = form["question"], [form["question"].asks, form["question"].hint, form["why"]]
    for field in question.fields:
        found.append(field.label)
        found += field.items if isinstance(field, Order) else ()
        found += field.of(form["own"]) if isinstance(field, Choice) else ()
    return list(dict.fromkeys(found))


def read_out(text: str) -> str:
    """Return rich text as a name to be read out."""
    return RICH.sub(lambda match: plain(match[1]) if match[1] else match[2], text)


class Writer:
    """Writes one form into the page."""

    def __init__(self, html: HTML5Translator, node: Form) -> None:
        self.html, self.node, self.question = html, node, node["question"]
        self.parts = {part["says"]: part for part in node.findall(nodes.inline) if "says" in part}
        self.key = make_id(f"answer-{self.question.exercise}")

    def tag(self, name: str, text: str = "", **attributes: Any) -> None:
        """Write an element with rich text in it."""
        self.open(name, **attributes)
        self.text(text)
        self.html.body.append(f"</{name}>\n")

    def open(self, name: str, **attributes: Any) -> None:
        """Open an element."""
        words = [name]
        words += [f'{key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items()]
        self.html.body.append(f"<{' '.join(words)}>")

    def close(self, *tags: str) -> None:
        """Close elements."""
        self.html.body.append("".join(f"</{name}>" for name in tags) + "\n")

    def text(self, text: str) -> None:
        """Write rich text."""
        for part in self.parts[text].children if text in self.parts else [nodes.Text(text)]:
            part.walkabout(self.html)

    def hash(self, text: str) -> str:
        """Return the hash of an answer to this question."""
        return hashed(self.question.exercise, text)

    def form(self) -> None:
        """Write the form."""
        self.open("form", class_="answer", data_exercise=self.question.exercise, hidden="hidden", novalidate="")
        self.open("fieldset", aria_describedby=f"{self.key}-asks")
        self.tag("legend", f"Answer {self.question.exercise} here, without Python")
        self.tag("p", self.question.asks, id=f"{self.key}-asks")
        for number, field in enumerate(self.question.fields):
            name = f"{self.key}-{number}"
            if isinstance(field, Number):
                self.number(field, name)
            elif isinstance(field, Choice):
                self.choice(field)
            else:
                self.order(field)
        self.tag("button", "Check", type="submit")
        self.open("div", role="status")
        self.tag("p", class_="verdict")
        self.tag("p", self.question.hint, class_="hint", hidden="hidden")
        if self.node["why"]:
            self.tag("p", self.node["why"], class_="why", hidden="hidden")
        self.close("div", "fieldset", "form")

    def number(self, field: Number, name: str) -> None:
        """Write a number to type."""
        right = self.tolerances(field, self.node["own"])
        try:
            slip = self.tolerances(field, self.node["unfinished"])
        except (TypeError, KeyError):
            slip = right
        slips = {"data_slip": self.hash(slip)} if slip != right else {}
        self.open("p", class_="field", data_kind="number", data_tolerance=field.tolerance, data_right=self.hash(right))
        self.tag("label", field.label, for_=name)
        spoken_name = {"aria_label": read_out(field.label)} if "$" in field.label else {}  # MathML gives no name
        self.open(
            "input", id=name, type="text", inputmode="decimal", autocomplete="off", size=8, **slips, **spoken_name
        )
        self.close("p")

    def tolerances(self, field: Number, cell: Names) -> str:
        """Return a number as a whole number of tolerances, as text."""
        return str(round(float(field.of(cell)) / field.tolerance))

    def choice(self, field: Choice) -> None:
        """Write options to tick."""
        options = field.of(self.node["own"])
        right = " ".join(sorted(self.hash(option) for option, is_right in options.items() if is_right))
        self.open("fieldset", class_="field", data_kind="wires" if field.wires else "choice", data_right=right)
        self.tag("legend", field.label)
        for option in options:
            wire = dict(zip(("data_from", "data_to"), field.wires.get(option, ())))
            more = {"checked": ""} if option in field.ticked else {}
            self.open("label")
            self.open("input", type="checkbox", value=option, aria_label=read_out(option), **wire, **more)
            self.tag("span", option)
            self.close("label")
        self.close("fieldset")

    def order(self, field: Order) -> None:
        """Write things to put in order."""
        before = " ".join(sorted(self.hash(f"{one}<{other}") for one, other in field.of(self.node["own"])))
        self.open("fieldset", class_="field", data_kind="order", data_right=before)
        self.tag("legend", field.label)
        self.open("ol")
        for item in field.items:
            self.open("li", data_item=item, data_name=read_out(item))
            self.tag("span", item, class_="thing")
            for sign, where in (("↑", "up"), ("↓", "down")):
                self.tag("button", sign, type="button", value=where, aria_label=f"Move {read_out(item)} {where}")
            self.close("li")
        self.close("ol", "fieldset")


def visit_form(self: HTML5Translator, node: Form) -> None:
    """Write the form."""
    Writer(self, node).form()
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_node(Form, html=(visit_form, None))
    app.add_post_transform(Answers)
    app.add_css_file("answers.css")
    app.add_js_file("answers.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
