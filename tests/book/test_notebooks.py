"""Every chapter under book/ keeps the rules of the book."""

import chapter_form as form
import chapter_prose as words
import pytest
from chapter import Chapter
from helpers.book import CHAPTERS, FILES, ROOT
from normal_form import is_normal
from notebooks import setup_source


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request):
    return Chapter.read(ROOT / f"{request.param}.ipynb")


@pytest.fixture(scope="module")
def book():
    return [Chapter.read(ROOT / f"{name}.ipynb") for name in CHAPTERS]


def hold(complaints):
    assert not complaints, "\n" + "\n".join(complaints)


def test_the_table_of_contents_has_every_notebook_of_the_book():
    assert sorted(f"book/{path.stem}" for path in (ROOT / "book").glob("*.ipynb")) == CHAPTERS


def test_every_page_of_the_table_of_contents_is_there():
    assert [name for name in FILES if not list(ROOT.glob(f"{name}.*"))] == []


def test_the_notebook_is_in_normal_form(chapter):
    assert is_normal(chapter.path.read_text(encoding="utf-8")), "run: python tools/notebooks.py run"


def test_the_notebook_stays_under_300_kilobytes(chapter):
    assert chapter.path.stat().st_size < 300_000


def test_every_cell_ran_in_order_without_error_warning_or_path(chapter):
    hold(form.executed(chapter))


def test_the_first_code_cell_is_the_shared_set_up_cell(chapter):
    hold(form.set_up(chapter, setup_source()))


def test_code_comes_in_short_cells(chapter):
    hold(form.short_cells(chapter))


def test_eight_words_stand_beside_each_line_of_code(chapter):
    hold(form.more_prose_than_code(chapter))


def test_every_picture_is_an_opaque_svg_with_alternative_text(chapter):
    hold(form.described_pictures(chapter))


def test_every_widget_and_its_static_picture_name_one_figure(chapter):
    hold(form.living_figures(chapter))


def test_the_opening_and_closing_sections_stand_in_their_order(chapter):
    hold(form.sections(chapter))


def test_every_exercise_has_a_check_and_a_right_solution(chapter):
    hold(form.exercises(chapter))


def test_the_prose_is_plain_markdown(chapter):
    hold(words.plain_markdown(chapter))


def test_the_spelling_is_british(chapter):
    hold(words.british(chapter))


def test_relative_links_lead_somewhere(chapter):
    hold(words.links(chapter))


def test_every_number_in_the_prose_is_computed_beside_it(chapter):
    hold(words.computed_numbers(chapter))


def test_no_two_pictures_of_the_book_share_their_alternative_text(book):
    assert form.repeated_texts([cell for chapter in book for cell in chapter.code]) == set()


def test_at_most_three_cells_go_uncompared_and_each_says_why(book):
    cells = [cell for chapter in book for cell in form.uncompared(chapter)]
    assert len(cells) <= 3
    assert all(form.reasoned(cell) for cell in cells)
