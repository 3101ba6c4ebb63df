"""The site on a phone of 360 pixels: code that breaks, what scrolls and says so, and letters that can be read."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from chapter import Chapter, pictures
from helpers.book import CHAPTERS, ROOT
from helpers.drawn import SVG
from helpers.visit import LOOK, PHONE, REACHED

from lstm_ref import UnitWeights, diagrams, unroll

SMALLEST = 10
SMALLEST_INDEX = 7  # matplotlib draws the indices of a formula at seven tenths
PLACE = """() => [...document.querySelectorAll('.bd-article pre, .pst-scrollable-table-container')]
  .filter((box) => box.scrollWidth > box.clientWidth)"""
# What is cut: boxes that scroll sideways; of these, code, and what neither fades nor can be reached.
CUT = f"""() => ({PLACE})().map((box) => [
  box.closest('.highlight-python') && box.querySelector('.code-line') ? 'code' : box.localName,
  ...['--after', '--before'].map((side) => getComputedStyle(box).getPropertyValue(side)), box.tabIndex])"""
SCROLL = f"() => ({PLACE})().forEach((box) => box.scrollTo(1e5, 0))"
LETTERS = """() => [...document.querySelectorAll('svg.lstm-diagram text')]
  .filter((text) => text.getClientRects().length)
  .flatMap((text) => [text, ...text.querySelectorAll('tspan')].map((part) => {
    const { a, b } = text.getScreenCTM();
    return [Math.hypot(a, b) * parseFloat(getComputedStyle(part).fontSize), text.textContent];
  }))"""
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('svg.lstm-diagram text')].filter((text) => text.getClientRects().length)
    .map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const size = text.getScreenCTM().a * parseFloat(getComputedStyle(text).fontSize);
      const middle = (top + bottom) / 2; // of the line; the letters themselves reach less far
      return { left, right, top: middle - 0.42 * size, bottom: middle + 0.34 * size, words: text.textContent };
    });
  return boxes.flatMap((one, k) => boxes.slice(k + 1)
    .filter((two) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 0.5
      && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 0.5)
    .map((two) => `${one.words} | ${two.words}`));
}"""


def alive(style, H):
    """A drawing of one step of a unit with H memories, its numbers as long as they come."""
    rng = np.random.default_rng(H)
    weights = UnitWeights.random(H, H, "full", rng=rng)
    trace = unroll(weights, -np.abs(rng.normal(size=(3, H))) / 9, rng.normal(size=H) / 9, -0.234 * np.ones(H))
    return diagrams.draw(style, trace=trace, t=1, weights=weights)


DRAWINGS = {
    **{f"{style}, {H} memories": (alive, style, H) for style in ("pipe", "cell") for H in (1, 2, 3)},
    **{f"{style}, in order": (lambda style: diagrams.draw(style, order=True), style) for style in ("pipe", "cell")},
    **{
        f"{style}, legend": (lambda style: diagrams.draw(style, legend=True), style)
        for style in ("pipe", "cell", "older")
    },
    "chain": (diagrams.chain,),
    "valve": (diagrams.valve,),
}


@pytest.fixture(scope="module")
def phone(browser):
    with browser.new_context(viewport=PHONE) as context:
        yield context.new_page()


@pytest.mark.parametrize("name", DRAWINGS)
def test_on_a_phone_a_diagram_s_letters_are_large_and_do_not_overlap(phone, name):
    draw, *arguments = DRAWINGS[name]
    style = "<style>body { margin: 0 } svg { display: block; height: auto; width: 100% }</style>"
    phone.set_content(style + draw(*arguments).svg)
    letters = phone.evaluate(LETTERS)
    assert letters and [found for found in letters if found[0] < SMALLEST] == []
    assert phone.evaluate(OVERLAPS) == []


def test_on_a_phone_the_chain_of_three_units_stands_upright_and_lies_where_there_is_room(phone):
    shape = """() => {
      const { width, height } = document.querySelector('svg').getBoundingClientRect();
      const { left, right, top, bottom } = [...document.querySelectorAll('.lying, .upright')]
        .find((group) => group.checkVisibility()).getBoundingClientRect();
      return [height > width, left >= 0 && right <= width && top >= 0 && bottom <= height];
    }"""
    phone.set_content("<style>body { margin: 0 } svg { height: auto; width: 100% }</style>" + diagrams.chain().svg)
    assert phone.evaluate(shape) == [True, True]
    phone.set_viewport_size({"width": 1280, "height": 900})
    assert phone.evaluate(shape) == [False, True]
    phone.set_viewport_size(PHONE)


def charts():
    """Every picture of the book whose letters are paths, by chapter and place."""
    for name in CHAPTERS:
        for cell in Chapter.read(ROOT / f"{name}.ipynb").code:
            for picture in pictures(cell):
                if "lstm-picture" in picture:
                    yield name, cell.source.splitlines()[-1], ElementTree.fromstring(picture)


def test_on_a_phone_the_letters_of_every_chart_of_the_book_are_large():
    found = [(place, line, *letter) for place, line, chart in charts() for letter in letter_sizes(chart)]
    assert found
    small = {one for one in found if round(one[2], 2) < (SMALLEST_INDEX if one[3] else SMALLEST)}
    assert small == set()


def letter_sizes(chart):
    """The sizes of a chart's letters in pixels where it is as wide as a phone, and whether they are indices."""
    scale = PHONE["width"] / float(chart.get("viewBox").split()[2])
    for group in chart.iter(f"{SVG}g"):
        if group.get("font-size"):
            yield scale * float(group.get("font-size")), False
        if size := re.search(r"scale\(([\d.]+) -[\d.]+\)", group.get("transform", "")):
            for letter in group.iter(f"{SVG}use"):
                smaller = re.search(r"scale\(([\d.]+)\)", letter.get("transform", ""))
                yield scale * 100 * float(size[1]) * (float(smaller[1]) if smaller else 1), bool(smaller)


@pytest.mark.parametrize("name", [CHAPTERS[1], CHAPTERS[8], "book/notation", "book/api"])
def test_on_a_phone_code_breaks_and_all_else_that_is_cut_fades_takes_the_focus_and_ends(phone, served, name):
    phone.goto(f"{served}/{name}.html")
    phone.evaluate(LOOK)
    phone.evaluate("() => document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    phone.evaluate("() => dispatchEvent(new Event('resize'))")  # folds have opened: the theme looks again
    phone.wait_for_function(REACHED)
    cut = phone.evaluate(CUT)
    assert cut and [box for box in cut if box[0] == "code" or box[1:] != ["48px", "0px", 0]] == []
    phone.evaluate(SCROLL)
    phone.wait_for_function("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
    assert [box[1:3] for box in phone.evaluate(CUT)] == [["0px", "48px"]] * len(cut)


def test_on_a_phone_what_a_cell_printed_keeps_its_indentation(phone, served):
    phone.goto(f"{served}/book/08_training.html")
    widths = phone.evaluate("""() => [...document.querySelectorAll('.cell_output .indent')]
      .filter((blanks) => blanks.checkVisibility()).map((blanks) => blanks.getBoundingClientRect().width)""")
    assert widths and min(widths) > 0


@pytest.mark.parametrize("name", ["book/api", "book/notation", "book/references", "genindex", "search"])
def test_at_320_pixels_no_page_of_reference_scrolls_sideways(browser, served, name):
    with browser.new_context(viewport={"width": 320, "height": 700}) as context:
        page = context.new_page()
        page.goto(f"{served}/{name}.html")
        page.evaluate(LOOK)
        page.evaluate("async () => { await document.fonts.ready; }")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
