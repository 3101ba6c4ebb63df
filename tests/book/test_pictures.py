"""The fifteen pictures of the article stand in the book, each made by one call."""

import pytest
from chapter import Chapter, pictures
from helpers.book import ROOT

PICTURES = {
    1: ("05", "diagrams.draw(legend=True)"),
    2: ("05", "diagrams.chain()"),
    3: ("02", "plots.pipe([1.0, 0.7, 0.3, 0.0])"),
    4: ("03", "plots.t_joint(f_t=0.5, c_prev=0.8, i_t=0.75, g_t=0.4)"),
    5: ("02", 'diagrams.draw(lit="memory")'),
    6: ("02", 'diagrams.draw(lit="forget valve")'),
    7: ("03", 'diagrams.draw(lit="new memory")'),
    8: ("03", 'diagrams.draw(lit="joint")'),
    9: ("04", 'diagrams.draw(lit="output")'),
    10: ("06", 'diagrams.draw("older")'),
    "10, with planted errors": ("06", 'diagrams.draw("older", check.planted())'),
    11: ("06", 'diagrams.draw("cell")'),
    12: ("06", 'diagrams.draw("cell", lit="forget valve")'),
    13: ("06", 'diagrams.draw("cell", lit="new memory")'),
    14: ("06", 'diagrams.draw("cell", lit="joint")'),
    15: ("06", 'diagrams.draw("cell", lit="output")'),
}


@pytest.mark.parametrize("number", PICTURES)
def test_a_picture_of_the_article_stands_in_its_chapter_by_one_call(number):
    chapter, call = PICTURES[number]
    (path,) = (ROOT / "book").glob(f"{chapter}_*.ipynb")
    (cell,) = [cell for cell in Chapter.read(path).code if cell.source == call]
    assert len(pictures(cell)) == 1
