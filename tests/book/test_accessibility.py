"""The site for those who read it without a mouse, or have it read to them."""

from copy import copy

import pytest
from helpers.book import FILES, parsed
from helpers.visit import DESK, LOOK, PHONE, SCHEMES, violations

# Every page is held to the rules by test_site, as wide as a phone; these as wide as a desk, colours and all.
COLOURFUL = ["book/04_output_valve", "book/notation", "book/references"]

FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const look = () => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(node);
    return [outlineStyle === 'none' ? '' : outlineWidth, boxShadow].join();
  };
  const focused = look();
  const seen = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  node.blur();
  const differs = focused !== look();
  node.focus({ focusVisible: true, preventScroll: true });
  return [node.outerHTML.slice(0, 120), seen && differs];
}"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_page_keeps_the_rules_where_there_is_room_and_its_text_stands_out(browser, served, scheme):
    with browser.new_context(color_scheme=scheme, viewport=DESK) as context:
        page = context.new_page()
        found = {}
        for name in COLOURFUL:
            page.goto(f"{served}/{name}.html")
            page.evaluate(LOOK)
            found[name] = violations(page)
    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_a_search_finds_stands_out(browser, served, scheme):
    with browser.new_context(color_scheme=scheme, viewport=DESK) as context:
        page = context.new_page()
        page.goto(f"{served}/search.html?q=valve")
        page.wait_for_selector("#search-results li")
        page.evaluate(LOOK)
        assert violations(page, runOnly=["color-contrast"]) == []
        page.goto(f"{served}/book/notation.html?highlight=valve")
        page.wait_for_selector("article .highlighted")
        assert violations(page, runOnly=["color-contrast"]) == []


@pytest.mark.parametrize(
    ("name", "size", "forced"), [("book/02_forget_valve", DESK, "none"), ("book/notation", PHONE, "active")]
)
def test_whatever_takes_the_focus_shows_it(browser, served, name, size, forced):
    with browser.new_context(viewport=size, forced_colors=forced) as context:
        page = context.new_page()
        page.goto(f"{served}/{name}.html")
        page.evaluate(LOOK)
        stops = []
        for _ in range(50):
            page.keyboard.press("Tab")
            if (stop := page.evaluate(FOCUS)) is None:
                break
            stops.append(stop)
    assert len(stops) > 30 and [place for place, shown in stops if not shown] == []


@pytest.mark.parametrize("name", FILES)
def test_every_table_has_a_caption_and_every_cell_that_names_others_says_which(site, name):
    for table in parsed(site, name).select("article table"):
        assert table.caption and table.caption.get_text(strip=True)
        heads = table.select("th")
        assert [cell for cell in heads if not cell.get_text(strip=True) and not cell.select("img, math")] == []
        assert {cell.get("scope") for cell in table.select("thead th")} <= {"col"}
        assert {cell.get("scope") for cell in table.select("tbody th")} <= {"row"}
        assert all(cell.get("scope") for cell in heads)


def test_rows_have_names_where_the_words_of_the_first_column_tell_them_apart(site):
    pages = (parsed(site, name) for name in ("book/notation", "book/09_what_memory_can_do"))
    tables = [table for page in pages for table in page.select("article table")]
    named = [table for table in tables if table.select("tbody th")]
    assert len(named) > 10
    for table in tables:
        first = [row.find(["td", "th"]) for row in table.select("tbody tr")]
        texts = [" ".join(words(cell)) for cell in first]
        assert (table in named) == (all(texts) and len(set(texts)) == len(texts)), first


def words(cell):
    """What a cell says beside its formulas."""
    cell = copy(cell)
    for formula in cell.select(".math, math"):
        formula.extract()
    return cell.get_text().split()


def test_the_list_of_references_is_a_list_of_items(site):
    items = parsed(site, "book/references").select("[role=list] > *")
    assert items and {item.get("role") for item in items} == {"listitem"}
