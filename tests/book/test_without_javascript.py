"""The site where no script runs: legible in the system's scheme, and all of it within reach."""

import pytest
from helpers.book import CHAPTERS, DRAWN, PAGES
from helpers.colours import rgb
from helpers.visit import DESK, FILLED, PHONE, SCHEMES
from system_scheme import of_scheme

from lstm_ref.svg.palette import PAPER

CODE = """() => [...document.querySelectorAll('.highlight, .highlight span, div.output')]
  .map((node) => getComputedStyle(node)).map((style) => style.color + style.backgroundColor)"""

# Without JavaScript nothing asynchronous runs; this takes the contrast of every text with what is behind it.
PALE = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    const [r, g, b, a = 1] = parts(getComputedStyle(node).backgroundColor);
    const under = a < 1 ? ground(node.parentElement) : [0, 0, 0];
    return [r, g, b].map((own, k) => a * own + (1 - a) * under[k]);
  };
  const light = (colour) => colour.map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, k) => sum + one * [0.2126, 0.7152, 0.0722][k], 0.05);
  const SEEN = { opacityProperty: true, visibilityProperty: true };
  const pale = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || node.closest('svg') || !node.checkVisibility(SEEN)) continue;
    const [one, other] = [parts(getComputedStyle(node).color).slice(0, 3), ground(node)].map(light);
    if (Math.max(one, other) / Math.min(one, other) < 4.5) pale.push(walk.currentNode.data.trim().slice(0, 60));
  }
  return pale;
}"""


@pytest.fixture(scope="module", params=PAGES)
def page(request, browser, served):
    """Each page, where no script runs."""
    # Reduced motion: a colour that changes at once can be read at once, be a menu open or not.
    options = {"java_script_enabled": False, "viewport": DESK, "reduced_motion": "reduce"}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto(f"{served}/{request.param}.html")
        yield page


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_javascript_a_page_is_legible_in_the_systems_scheme(page, scheme):
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == rgb(PAPER[SCHEMES.index(scheme)])
    assert page.evaluate(PALE) == []


def test_without_javascript_every_figure_has_its_picture(page):
    pictures = page.locator("svg[data-figure]").all()
    assert all(picture.is_visible() for picture in pictures)
    assert pictures or not any(page.url.endswith(f"/{name}.html") for name in ("index", *CHAPTERS[:6]))


def test_without_javascript_folds_open_by_keyboard_and_no_button_is_there_that_does_nothing(page):
    for fold in page.locator("article details").all():
        fold.locator("summary").first.focus()
        page.keyboard.press("Enter")
        assert fold.evaluate("node => node.open")
    buttons = page.locator("button:visible").all()
    assert buttons or not page.locator("div.cell").count()
    assert all(button.get_attribute("data-bs-toggle") == "dropdown" for button in buttons)
    for button in buttons:
        button.focus()
        assert page.locator(".dropdown-menu a:visible").count() > 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_javascript_code_and_diagrams_look_as_they_do_with_it(browser, served, scheme):
    looks = []
    for script in (True, False):
        with browser.new_context(java_script_enabled=script, color_scheme=scheme, viewport=DESK) as context:
            page = context.new_page()
            page.goto(f"{served}/{DRAWN[0]}.html")
            looks.append((page.evaluate(CODE), page.evaluate(FILLED)))
    assert looks[0] == looks[1] and len(looks[0][0]) > 50


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_without_javascript_contents_and_search_field_are_there(browser, served, viewport):
    with browser.new_context(java_script_enabled=False, viewport=viewport) as context:
        page = context.new_page()
        page.goto(f"{served}/{CHAPTERS[0]}.html")
        page.locator("nav.bd-docs-nav").get_by_role("link", name="The forget valve").click()
        assert page.url.endswith(f"{CHAPTERS[1]}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.get_by_role("searchbox").fill("peephole")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=peephole")
        assert page.locator(".admonition-title").inner_text() == "Search needs JavaScript"


def test_the_rules_of_a_scheme_are_taken_from_the_sheet_as_they_stand():
    sheet = """@charset "utf-8"; /* html[data-theme=dark]{} */
    a, html[data-theme="dark"] :is(b, i), html[data-theme=light] b { color: red }
    @media print { html[data-theme=dark] p { color: blue } p { margin: 0 } }
    @font-face { src: none }"""
    assert of_scheme(sheet, "dark") == (
        "html[data-theme=auto] :is(b, i){color: red}\n@media print{html[data-theme=auto] p{color: blue}\n}\n"
    )
    assert of_scheme(sheet, "light") == "html[data-theme=auto] b{color: red}\n"
