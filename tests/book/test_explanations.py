"""Symbols, house words and links to the glossary say what they mean: to pointer, keyboard, finger and screen reader."""

import re

import pytest
from helpers.book import CHAPTERS, ROOT, build, furnish, parsed
from helpers.visit import DESK, PHONE

GLOSSARY = r"""# Glossary

A page of terms.

## Hidden state

*In this book: the outflow, $h_t$.* What goes *out*, at most $\tanh(1)$. [Home](../index.md).

## Sigmoid

*Here: $\sigma$.* It is $1/(1+e^{-z})$. [Home](../index.md).
"""
NOTATION = r"""# Notation

## Signals

| symbol | in this book | the field says | in code |
| --- | --- | --- | --- |
| $f_t$ | keeping valve | forget gate | `f_t` |
| $h_t$ | outflow | hidden state | `h_t` |
| $W_*$ | all weights | | `W_f` |

## Letters

| letter | meaning | in code |
| --- | --- | --- |
| $k$ | in chapter 1: number of steps | |
| $k$ | in chapters 2 and 3: a key | |
| $\varepsilon$ | a small number | |

## The same things elsewhere

| symbol | meaning | in code |
| --- | --- | --- |
| $q$ | somebody else's letter | |
"""
CHAPTER = r"""# 1. Water

The [state](glossary.md#hidden-state), [its gate](glossary.md#sigmoid), [all](glossary.md).

## One

The outflow is $h_t$; the letter $k$ counts. After $k$ steps $f_t h_t > q$, and $\varepsilon$ is left. The sigmoids, and
the sigmoid again.

## Two

Again $h_t$, again a sigmoid, and `sigmoid`.

$$h_t = W_f k$$
"""
MEANINGS = {
    "state": "In this book: the outflow, h_t. What goes out, at most tanh(1).",
    "its gate": "Here: σ. It is 1/(1 + e^(−z)).",
    "all": None,
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The address of a chapter beside a glossary of two terms and a notation of a few symbols."""
    root = tmp_path_factory.mktemp("terms")
    furnish(root)
    pages = {"01_water": CHAPTER, "02_wind": "# 2. Wind\n", "03_fire": "# 3. Fire\n"}
    pages |= {"glossary": GLOSSARY, "notation": NOTATION}
    files = ", ".join(f"file: book/{name}" for name in pages)
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters: [{files}]\n")
    (root / "index.md").write_text("# Home\n\nWelcome.\n", encoding="utf-8")
    for name, text in pages.items():
        (root / "book" / f"{name}.md").write_text(text, encoding="utf-8")
    return (build(root) / "book" / "01_water.html").as_uri()


@pytest.fixture
def page(browser, small):
    with browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        page.goto(small)
        page.wait_for_load_state("load")
        yield page


def shown(page):
    """Return what the box says, or None where there is none."""
    box = page.locator(".meaning")
    return " ".join(box.inner_text().split()) if box.is_visible() else None


def test_a_link_to_a_term_has_its_meaning_as_a_title_where_there_is_no_javascript(browser, small):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(small)
        for words, meaning in MEANINGS.items():
            assert page.locator("article").get_by_role("link", name=words, exact=True).get_attribute("title") == meaning
        assert page.locator(".meanings").is_hidden()
        assert page.locator(".explained[tabindex]").count() == 0


def test_the_keyboard_shows_a_meaning_and_escape_takes_it_away(page):
    page.keyboard.press("Tab")
    page.locator("article a.explained").first.focus()
    assert shown(page).startswith("Hidden state: In this book: the outflow")
    page.keyboard.press("Escape")
    assert shown(page) is None
    page.keyboard.press("Tab")
    assert shown(page).startswith("Sigmoid: Here")
    page.keyboard.press("Tab")
    assert shown(page) is None  # the link to the whole page


def test_the_pointer_shows_a_meaning_which_stays_under_the_pointer_and_moves_nothing(page):
    place = "() => document.querySelector('#two').getBoundingClientRect().top + document.body.scrollHeight"
    before = page.evaluate(place)
    page.locator(".explained.word", has_text="outflow").first.hover()
    page.locator(".meaning").wait_for(state="visible")
    page.locator(".meaning").hover()
    page.wait_for_timeout(600)
    assert shown(page).startswith("Hidden state") and page.evaluate(place) == before
    page.locator("article h1").hover()
    page.locator(".meaning").wait_for(state="hidden")


def test_a_first_tap_shows_and_a_second_follows(browser, small):
    with browser.new_context(viewport=PHONE, has_touch=True) as context:
        page = context.new_page()
        page.goto(small)
        link = page.locator("article").get_by_role("link", name="state", exact=True)
        link.tap()
        assert shown(page).endswith("Tap again to read more.") and page.url == small
        box = page.locator(".meaning").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        page.locator("article h1").tap()
        assert shown(page) is None
        link.tap()
        link.tap()
        page.wait_for_url("**/glossary.html#hidden-state")


def test_a_symbol_means_what_the_notation_says_and_is_one_stop_for_the_keyboard(page):
    links = page.locator("a.explained.quiet").evaluate_all(
        "all => all.map((one) => one.getAttribute('aria-describedby'))"
    )
    assert links == ["symbol-h-t", "symbol-k", "symbol-f-t symbol-h-t", "symbol-varepsilon"]
    said = page.locator("#symbol-h-t").text_content()
    assert "outflow; the field says hidden state. What goes out" in " ".join(said.split())
    assert "number of steps" in page.locator("#symbol-k").text_content()


def test_what_is_no_symbol_stays_plain_and_formulas_answer_the_pointer(page):
    means = page.locator("[data-means]").evaluate_all("all => all.map((one) => one.dataset.means)")
    # Of section one the sigmoid, which a link explains above; of section two all; never "the letter k".
    assert means == [
        "term-hidden-state",
        "term-sigmoid",
        "symbol-h-t",
        "term-sigmoid",
        "symbol-h-t symbol-W-f symbol-k",
    ]


def test_a_screen_reader_hears_the_meaning_as_the_description(page):
    for link in page.locator("[aria-describedby].explained").all():
        keys = link.get_attribute("aria-describedby").split()
        assert all(page.locator(f"#{key}").text_content().strip() for key in keys)
        assert link.get_attribute("title") is None  # it would be read twice


def test_the_search_does_not_find_what_a_page_only_explains(site):
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert re.search(r'"queensland": ?\[?[\d, ]+', index)  # in the glossary and in chapters that say it
    pages = re.search(r'"queensland": ?(\[[\d, ]+\]|\d+)', index)[1]
    assert len(pages.split(",")) < len(CHAPTERS)


def test_most_formulas_of_the_chapters_explain_themselves(site):
    pages = [parsed(site, name) for name in CHAPTERS]
    formulas = [one for page in pages for one in page.select("article p .math, article p math, article li .math")]
    formulas = [one for one in formulas if not one.find_parent(class_="meanings") and not one.find_parent("form")]
    explained = [one for one in formulas if one.find_parent(class_="explained")]
    assert len(explained) > 0.85 * len(formulas) > 0


def test_the_glossary_is_sorted_and_each_term_has_one_paragraph_that_ends_in_its_chapter():
    _, *entries = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8").split("\n## ")
    terms = [entry.partition("\n")[0] for entry in entries]
    assert terms == sorted(set(terms), key=str.lower)
    for entry in entries:
        assert re.fullmatch(r"[^\n]+\n\n[^\n]+\. \[Chapter (\d+)\]\(0?\1_\w+\.ipynb\)\.", entry.rstrip()), entry
