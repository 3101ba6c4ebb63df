"""Every chapter and guide under book/ keeps the rules of the book."""

import chapter_form as form
import pytest
from chapter import Chapter
from helpers.book import CHAPTERS, FILES, NOTEBOOKS, ROOT
from helpers.rules import OF_CHAPTERS, RULES
from normal_form import WIDGET_STATE, is_normal
from notebooks import setup_source

from lstm_ref import explorer


@pytest.fixture(scope="module", params=NOTEBOOKS)
def chapter(request):
    return Chapter.read(ROOT / f"{request.param}.ipynb")


@pytest.fixture(scope="module")
def book():
    return [Chapter.read(ROOT / f"{name}.ipynb") for name in NOTEBOOKS]


def test_the_table_of_contents_has_every_notebook_of_the_book():
    assert sorted(f"book/{path.stem}" for path in (ROOT / "book").glob("*.ipynb")) == sorted(NOTEBOOKS)


def test_every_page_of_the_table_of_contents_is_there():
    assert [name for name in FILES if not list(ROOT.glob(f"{name}.*"))] == []


def test_the_notebook_is_in_normal_form(chapter):
    assert is_normal(chapter.path.read_text(encoding="utf-8")), "run: python tools/notebooks.py run"


def test_the_notebook_stays_under_300_kilobytes(chapter):
    assert chapter.path.stat().st_size < 300_000


def test_a_stored_living_figure_has_the_script_and_the_style_of_the_package(chapter):
    """With others, Python in the page would ask the site for a file that no page brought there."""
    widgets = chapter.notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for state in (widget["state"] for widget in widgets.values() if "_esm" in widget["state"]):
        figure = getattr(explorer, state["_anywidget_id"].rpartition(".")[2])
        assert (state["_esm"], state["_css"]) == (figure._esm, figure._css), "run: python tools/notebooks.py run"


def test_the_first_code_cell_is_the_shared_set_up_cell(chapter):
    assert form.set_up(chapter, setup_source()) == []


KEPT = [(name, words) for name in NOTEBOOKS for words in RULES if name in CHAPTERS or RULES[words] not in OF_CHAPTERS]


@pytest.mark.parametrize(("name", "words"), KEPT, ids=map(" ".join, KEPT))
def test_a_notebook_keeps_the_rules_of_the_book(name, words):
    assert RULES[words](Chapter.read(ROOT / f"{name}.ipynb")) == []


def test_no_two_pictures_of_the_book_share_their_alternative_text(book):
    assert form.repeated_texts([cell for chapter in book for cell in chapter.code]) == set()


def test_at_most_three_cells_go_uncompared_and_each_says_why(book):
    cells = [cell for chapter in book for cell in form.uncompared(chapter)]
    assert len(cells) <= 3
    assert all(form.reasoned(cell) for cell in cells)
