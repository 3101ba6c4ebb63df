"""The rules for chapters accept a small honest chapter and reject each way of breaking it."""

from copy import deepcopy

import chapter_form as form
import chapter_prose as words
import nbformat
import notebooks as nb
import pytest
from chapter import Chapter, alternative_text
from helpers.rules import RULES
from normal_form import WIDGET_STATE, WIDGET_VIEW, to_json

# The tiny chapter has more code than prose.
KEPT = {words: rule for words, rule in RULES.items() if rule is not form.more_prose_than_code}


@pytest.fixture
def chapter(notebook, tmp_path):
    """A copy of the notebook that a test may spoil."""
    return Chapter(tmp_path / "07_try.ipynb", deepcopy(notebook))


def cell(chapter, part):
    """The only cell whose source holds the part."""
    (found,) = [cell for cell in chapter.cells if part in cell.source]
    return found


@pytest.mark.parametrize("rule", KEPT.values(), ids=KEPT)
def test_a_chapter_that_keeps_the_rules_gets_no_complaint(rule, chapter):
    assert rule(chapter) == []


def replace(part, old, new):
    """A spoiler that changes the source of the one cell that holds the part."""

    def spoil(chapter):
        one = cell(chapter, part)
        one.source = one.source.replace(old, new)

    return spoil


def on(part, change):
    """A spoiler that calls `change` with the one cell that holds the part."""
    return lambda chapter: change(cell(chapter, part))


def add(text):
    return replace("Something.", "Something.", text)


def alt(text):
    return on("class Drawing", lambda one: one.metadata.mystnb.image.update(alt=text))


def svg(old, new, part="class Drawing"):
    def change(one):
        data = one.outputs[0].data
        data["image/svg+xml"] = data["image/svg+xml"].replace(old, new)

    return on(part, change)


def type_text(one):
    one.metadata.mystnb = {"image": {"alt": "A square that somebody described although it describes itself."}}


def widget(change):
    """A spoiler that calls `change` with what a widget's output holds, its model's id, and all states."""

    def spoil(chapter):
        data = cell(chapter, "counter = Counter()").outputs[0].data
        change(data, data[WIDGET_VIEW].model_id, chapter.notebook.metadata.widgets[WIDGET_STATE].state)

    return spoil


def show_twin(data, model, states):
    states.twin = states[model]
    data[WIDGET_VIEW].model_id = "twin"


def stream(text, name="stdout"):
    output = nbformat.v4.new_output("stream", name=name, text=text)
    return on("print(0.9)", lambda one: one.outputs.append(output))


def display(kind):
    output = nbformat.v4.new_output("display_data", data={kind: "x"})
    return on("print(0.9)", lambda one: one.outputs.append(output))


def answer(part, text):
    return on(part, lambda one: one.outputs[0].update(text=text))


SPOILERS = {
    "not executed": (form.executed, on("print(0.9)", lambda one: one.update(execution_count=None))),
    "stderr": (form.executed, stream("x", "stderr")),
    "warning": (form.executed, stream("FutureWarning: x")),
    "home directory": (form.executed, stream("in /home/anna/book.py")),
    "windows path": (form.executed, stream(r"in C:\Users\anna")),
    "address": (form.executed, stream("<Thing at 0x7f00aa>")),
    "png": (form.executed, display("image/png")),
    "bare truth": (form.teaching, answer("print(0.9)", "the same: True\nthe others: False\n")),
    "long cell": (form.short_cells, replace("print(0.9)", "print(0.9)", "1\n" * 26)),
    "many long cells": (form.short_cells, lambda chapter: [c.update(source="1\n" * 6) for c in chapter.code]),
    "wide line": (form.short_cells, replace("print(0.9)", "0.9", "0." + 100 * "9")),
    "little prose": (form.more_prose_than_code, lambda chapter: None),
    "short text": (form.described_pictures, alt("A line.")),
    "file name": (form.described_pictures, alt("the picture that is stored as figure_1.svg in the book")),
    "text twice": (form.described_pictures, alt("A second drawing, the same as the first one but for its words.")),
    "text without picture": (form.described_pictures, on("class Drawing", lambda one: one.outputs.clear())),
    "dated": (form.described_pictures, svg("<rect", "<dc:date xmlns:dc='d'/><rect")),
    "clear": (form.described_pictures, svg("#fff", "none")),
    "half covered": (form.described_pictures, svg('width="20"', 'width="10"')),
    "remote svg": (form.described_pictures, svg("<rect", '<image href="https://example.org/a"/><rect')),
    "diagram without text": (form.described_pictures, svg("lstm-diagram", "", "def diagram")),
    "diagram of few words": (
        form.described_pictures,
        svg("one square, light or dark as the page is", "", "def diagram"),
    ),
    "text typed for a diagram": (form.described_pictures, on("def diagram", type_text)),
    "one text, two diagrams": (form.described_pictures, svg("</svg>", "<path/></svg>", "def diagram")),
    "widget without picture": (form.living_figures, widget(lambda data, model, states: data.pop("image/svg+xml"))),
    "widget without state": (form.living_figures, widget(lambda data, model, states: states.clear())),
    "widget of another name": (form.living_figures, widget(lambda data, model, states: states[model].state.clear())),
    "two widgets of one name": (form.living_figures, widget(show_twin)),
    "title": (form.sections, replace("# 7. A try", "7.", "8.")),
    "closing": (form.sections, replace("## Sources", "Sources", "Reading")),
    "opening": (form.sections, replace("## What you need", "need", "know")),
    "right at once": (form.exercises, answer("class check", "right\n")),
    "wrong solution": (form.exercises, answer("1 * 3", "got 4\n")),
    "no solution": (form.exercises, on("1 * 3", lambda one: one.metadata.clear())),
    "stray solution": (form.exercises, on("print(0.9)", lambda one: one.metadata.update(tags=["solution"]))),
    "one bug": (form.exercises, replace("7.1", "find the bug in", "take")),
    "exercise number": (form.exercises, replace("7.3", "7.3", "7.4")),
    "two exercises": (form.exercises, replace("7.3", "###", "####")),
    "directive": (words.plain_markdown, add("```{note}\nx\n```")),
    "role": (words.plain_markdown, add("see {ref}`x`")),
    "colons": (words.plain_markdown, add(":::note")),
    "decimal": (words.computed_numbers, add("It is 0.37.")),
    "decimal in mathematics": (words.computed_numbers, add("It is $x = 0.37$.")),
    "wrong last digit": (words.computed_numbers, replace("| 1 | 0.9 |", "0.9", "0.91")),
    "decimal in alternative text": (words.computed_numbers, alt("A line that falls from 1 to 0.37 and stays there.")),
    "percentage": (words.computed_numbers, add("It is 37 %.")),
    "integer": (words.computed_numbers, add("There are 1,234.")),
    "fence": (words.computed_numbers, replace("not a cell", "not", "0.37")),
}


@pytest.mark.parametrize(("rule", "spoil"), SPOILERS.values(), ids=SPOILERS)
def test_a_rule_rejects_what_breaks_it(rule, spoil, chapter, tmp_path):
    (tmp_path / "07_try.ipynb").write_text(to_json(chapter.notebook), encoding="utf-8")
    spoil(chapter)
    assert rule(chapter)


@pytest.mark.parametrize(
    "text",
    [
        "In 1987 it was 90 %, or $90\\,\\%$, after 7 months.",
        "`0.37`, [0.37](https://example.org), a/b#370.",
        "Exercise 7.3 says $-0.9$.",
        "[here](#exercise-72-find-the-bug-in-a-product)",
        "[this](07_try.ipynb#sources)",
        "Sizes and prizes, metres and colours.",
    ],
)
def test_honest_prose_gets_no_complaint(text, chapter, tmp_path):
    (tmp_path / "07_try.ipynb").write_text(to_json(chapter.notebook), encoding="utf-8")
    add(text)(chapter)
    assert [rule(chapter) for rule in (words.plain_markdown, words.computed_numbers)] == [[], []]


def test_a_number_in_the_text_that_a_diagram_carries_is_computed_with_it(chapter):
    svg("one square", "37 % of a square", "def diagram")(chapter)
    assert "37 %" in alternative_text(cell(chapter, "def diagram"))
    assert words.computed_numbers(chapter) == []


def test_the_set_up_cell_must_be_the_shared_one(chapter):
    assert form.set_up(chapter, nb.setup_source()) == []
    assert form.set_up(chapter, nb.setup_source() + "\nprint()")
    chapter.cells[1].metadata.tags.remove("remove-cell")
    assert form.set_up(chapter, nb.setup_source())


def test_a_cell_left_uncompared_is_counted_and_needs_a_reason(chapter):
    assert form.uncompared(chapter) == []
    one = cell(chapter, "print(0.9)")
    one.metadata.tags = ["nbval-ignore-output"]
    assert form.uncompared(chapter) == [one] and not form.reasoned(one)
    one.source = "# the time differs from run to run\n" + one.source
    assert form.reasoned(one)
