"""A page on paper: whole, light, and no wider than the paper."""

import pytest
from helpers.book import FILES
from helpers.visit import PAPER, WIDE

# What a page looks like while it is being printed.
STATE = """[document.documentElement.dataset.theme, ...[...document.querySelectorAll("details")].flatMap((fold) =>
  [fold.open, fold.querySelector(".collapsed").textContent])]"""
WATCH = f"() => addEventListener('beforeprint', () => (window.seen = {STATE}))"
# A box that scrolls on a screen does not on paper.
BEYOND = """() => [...document.querySelectorAll('main :is(table, pre, svg, img, math)')]
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML.slice(0, 120))"""
LIVE = """() => {
  const picture = document.querySelector("svg[data-figure]");
  picture.style.display = "none";
  picture.insertAdjacentHTML("afterend", '<div role="group" class="live">sliders</div>');
}"""


@pytest.fixture(scope="module")
def address(hard_site):
    return (hard_site / "_build" / "html" / "book" / "hard.html").as_uri()


@pytest.fixture
def page(browser, address):
    with browser.new_context(color_scheme="dark", viewport=PAPER) as context:
        page = context.new_page()
        page.goto(address)
        yield page


@pytest.fixture
def paper(page):
    page.emulate_media(media="print")
    return page


def test_folds_open_under_a_label_that_asks_for_nothing_and_the_page_is_light_until_it_is_printed(page):
    page.evaluate(WATCH)
    before = page.evaluate(STATE)
    assert before == ["dark", False, "Show the solution"]
    page.pdf()
    assert page.evaluate("seen") == ["light", True, "The solution"]
    assert page.evaluate(STATE) == before


def test_what_is_folded_is_printed_without_javascript_too(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        answer = page.locator("details .cell_input")
        assert not answer.is_visible()
        page.emulate_media(media="print")
        assert answer.is_visible() and answer.bounding_box()["height"] > 10


def test_nothing_is_wider_than_the_paper_and_no_code_is_cut(paper):
    assert paper.evaluate(WIDE) == []
    cut = "[...document.querySelectorAll('pre')].filter((box) => box.scrollWidth > box.clientWidth + 1).length"
    assert paper.locator("pre").count() >= 4 and paper.evaluate(cut) == 0


def test_no_page_of_the_book_is_wider_than_the_paper_to_which_a_browser_would_shrink_it(browser, served):
    with browser.new_context(viewport=PAPER) as context:
        page = context.new_page()
        page.emulate_media(media="print")
        for name in FILES:
            page.goto(f"{served}/{name}.html", wait_until="domcontentloaded")
            assert page.evaluate(BEYOND) == [], name


def test_what_is_to_be_pressed_is_not_printed(paper):
    assert paper.locator("h1:visible").inner_text() == "Hard"
    for pressed in ("button", "nav", "header", "footer", ".headerlink", ".skip-link"):
        assert paper.locator(f"{pressed}:visible").count() == 0, pressed


def test_a_living_figure_is_printed_as_its_picture(page):
    page.evaluate(LIVE)
    assert page.locator(".live").is_visible()
    page.emulate_media(media="print")
    assert page.locator("svg[data-figure]").is_visible() and not page.locator(".live").is_visible()


def test_a_figure_stays_whole_and_printed_words_stay_with_their_code(paper):
    style = "(node) => [getComputedStyle(node).breakInside, getComputedStyle(node).breakAfter]"
    assert paper.locator("svg[data-figure]").locator("xpath=..").evaluate(style)[0] == "avoid"
    with_words = paper.locator(".cell_input:has(+ .cell_output .highlight)").first
    assert with_words.evaluate(style) == ["avoid", "avoid"]
    assert paper.locator(".cell_input:has(+ .cell_output svg)").last.evaluate(style) == ["avoid", "auto"]
