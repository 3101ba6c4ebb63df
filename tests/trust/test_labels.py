"""Labels from hostile hands: wherever a user's text stands in a picture or a table, it stays text, or is refused."""

from xml.etree import ElementTree

import numpy as np
import pytest

from lstm_ref import diagrams, plots
from lstm_ref.companion import Table

pytestmark = pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # which the font does not have

HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onload='alert(1)", "<svg/onload=alert(1)>"),
    *("</svg><script>", "</title><script>", "</style><script>", "-->", "<!--", "--", "]]>", "]]><script>", "<?xml ?>"),
    *("<!DOCTYPE x [<!ENTITY e 'x'>]>&e;", "&lt;script&gt;", "&#60;script>", "&amp;", "javascript:alert(1)"),
    *("url(#q)", 'href="#q"', 'href="#q', "style='color:red'", "lstm-x", "[a](javascript:alert(1))", "a|b", "a\nb"),
    *("`x`", "\\", "{{7*7}}", "\u202eabc"),
)
JOINED = tuple(" ".join(HOSTILE[k::15]) for k in range(15))
"""The same in half as many texts, for a figure takes its time."""
REFUSED = ("\x00", "\x08a", "\x1b[31m", "\ud800", "$$", "$\\frac$")


def lines(label, x="x", y="y"):
    return plots.lines(np.arange(4), {label: np.arange(4), "b": np.ones(4)}, x, y)


def machine(state, symbol):
    return plots.machine([(0, state, symbol)], {0: (0.0, 0.5), state: (1.0, 0.5)}, "t")


def wiring(words):
    return diagrams.draw(wiring=diagrams.Wiring(diagrams.unit_wiring().wires, words))


PLACES = {
    "the label of a line": lines,
    "the label of an axis": lambda text: lines("a", x=text),
    "a heading": lambda text: lines("a", y=text),
    "a group of bars": lambda text: plots.bars([text, "b"], {"a": np.ones(2)}, "y"),
    "the key of bars": lambda text: plots.bars(["a", "b"], {text: np.ones(2), "c": np.ones(2)}, "y"),
    "a group of runs": lambda text: plots.spread({text: np.ones(2)}, "y"),
    "a mark of curves": lambda text: plots.curves({"a": ([1, 2], [1, 2])}, "x", "y", marks={text: 1.0}),
    "a row of a timeline": lambda text: plots.timeline({text: [(0.0, 1.0, True)]}, "x"),
    "a state of a machine": lambda text: plots.machine(
        [(0, "s" + text, "a")], {0: (0.0, 0.5), "s" + text: (1.0, 0.5)}, "t"
    ),
    "an arrow's symbol": lambda text: plots.machine([(0, 1, text)], {0: (0.0, 0.5), 1: (1.0, 0.5)}, "t"),
    "a text that is read": lambda text: plots.characters(text, np.zeros(len(text)), "t"),
    "the title of a text": lambda text: plots.characters("a", np.zeros(1), text),
    "the words of a wiring": wiring,
}


def shape(picture):
    """The kinds of element in a picture and the names of their attributes, without what draws letters."""
    tree = ElementTree.fromstring(picture.svg)
    return {each.tag for each in tree.iter()}, {name for each in tree.iter() for name in each.attrib}


@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_text_adds_no_element_and_no_attribute_to_a_picture(place):
    tags, attributes = shape(PLACES[place]("plain |_"))
    for text in JOINED:
        found_tags, found_attributes = shape(PLACES[place](text))
        assert found_tags <= tags and found_attributes <= attributes, text


@pytest.mark.parametrize("place", PLACES)
def test_what_no_picture_can_hold_is_refused_by_name(place):
    for text in REFUSED:
        if "$" in text and ("text" in place or "wiring" in place):  # which know no formulas
            continue
        with pytest.raises(ValueError, match=r"^\w+: expected .*got "):
            PLACES[place](text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_adds_no_mark_of_a_table_no_tag_and_no_link(text):
    written = Table([text, "b"], [[text, text]])._repr_markdown_()
    assert written.count("\n") == 2 and [row.count("|") for row in written.split("\n")] == [3, 3, 3]
    assert not set("<>[]") & set(written)
