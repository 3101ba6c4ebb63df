"""Text over its values: each ground stands behind its character, in its strength, and the text is all there."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from helpers.drawn import SVG

from lstm_ref import plots

TEXT = 'if a < b:\n    "é &  c"\n\nd\n'


def picture(values=None):
    return plots.characters(TEXT, np.zeros(len(TEXT)) if values is None else values, "a title")


def grounds(svg):
    """Every ground as (level, column, row, width), in characters; the key is left out."""
    found = set()
    for path in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v", path.get("d")):
            level = int(path.get("class").removeprefix("lstm-level"))
            found.add((level, (int(x) - 8) // 8, (int(y) - 4) / 20, int(width) // 8))
    return {(level, column, int(row), width) for level, column, row, width in found if row < TEXT.count("\n")}


def test_a_ground_stands_behind_each_character_with_neighbours_of_one_shade_in_one():
    values = np.zeros(len(TEXT))
    values[:2], values[3] = 1, -0.4
    start = TEXT.index("    ")
    values[start : start + 5] = 0.61
    assert grounds(picture(values).svg) == {(5, 0, 0, 2), (-2, 3, 0, 1), (3, 0, 1, 5)}
    assert grounds(picture().svg) == set()


def test_below_zero_is_underlined_and_above_is_not():
    below, above = (picture(np.full(len(TEXT), value)).svg for value in (-0.5, 0.5))
    count = [len(re.findall(r"M\d+ [\d.]+h\d+(?!\d|v)", svg)) for svg in (below, above)]
    assert count[0] == count[1] + 3, "three rows have characters; the key has its underlines in both"


def test_the_text_is_there_row_by_row_on_a_grid():
    rows = [each for each in ElementTree.fromstring(picture().svg).iter(f"{SVG}text") if each.get("textLength")]
    assert [row.text for row in rows] == ["if a < b:", '"é &  c"', "d"]
    assert [(row.get("x"), row.get("textLength")) for row in rows] == [("8", "72"), ("40", "64"), ("8", "8")]


def test_the_picture_is_small():
    assert len(picture().svg) < 5000


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("x" * 49, np.zeros(49), "text: expected lines of at most 48 characters, got 49"),
        ("abc", np.zeros(2), r"values: expected 3 from -1 to 1.*\(2,\)"),
        ("abc", np.array([0, 1.1, 0]), "values: expected 3 from -1 to 1"),
        ("abc", np.array([0, np.nan, 0]), "values: expected 3 from -1 to 1"),
    ],
)
def test_bad_input_is_named(text, values, message):
    with pytest.raises(ValueError, match=message):
        plots.characters(text, values, "a title")
