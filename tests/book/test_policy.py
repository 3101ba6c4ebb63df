"""The site under a strict content policy, which lets a page use files of the site alone. Test_site visits all pages."""

import re

import pytest
from helpers.book import CHAPTERS, DRAWN, PAGES
from helpers.colours import rgb
from helpers.visit import DESK, FILLED, PHONE, SCHEMES, Visit, listen, until
from nothing_inline import HATCH, as_script, outside

from lstm_ref import diagrams
from lstm_ref.diagrams.layouts import LAYOUTS
from lstm_ref.diagrams.stylesheet import shared_style_sheet
from lstm_ref.svg.palette import FILLS, PAPER

WATCH = """
window.blocked = [];
window.themes = [];
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  blocked.push([effectiveDirective, blockedURI, sourceFile, lineNumber].join(" ")));
new MutationObserver(() => themes.push([performance.now(), document.documentElement?.dataset.theme]))
  .observe(document, { subtree: true, attributes: true, attributeFilter: ["data-theme"] });
"""
FIRST_PAINT = """() => new Promise((tell) => new PerformanceObserver((list, self) => {
  const [{ startTime }] = list.getEntriesByName("first-contentful-paint");
  self.disconnect();
  tell(startTime);
}).observe({ type: "paint", buffered: true }))"""
DRAWN_AS = """() => [...document.querySelectorAll('.paper, .paper ~ *, .paper ~ * *')]
  .filter((node) => !node.closest('defs')).map((node) => [node.tagName, getComputedStyle(node)])
  .map(([tag, { fill, stroke, strokeWidth, strokeDasharray, strokeLinecap, font, display }]) =>
    [tag, fill, stroke, strokeWidth, strokeDasharray, strokeLinecap, font, display].join(' '))"""


@pytest.fixture
def opened(browser, strict):
    """Open a page of the strict site; when the test is over nothing has been blocked and nothing was said."""
    contexts, visit = [], Visit()

    def open_one(name, scheme="light", **options):
        context = browser.new_context(color_scheme=scheme, **{"viewport": DESK, **options})
        context.add_init_script(WATCH)
        contexts.append(context)
        page = context.new_page()
        listen(page, visit, strict)
        page.goto(f"{strict}/{name}.html")
        return page

    yield open_one
    blocked = [one for context in contexts for page in context.pages for one in page.evaluate("window.blocked ?? []")]
    for context in contexts:
        context.close()
    assert (blocked, visit.foreign, visit.failed, visit.said) == ([], [], [], [])


@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_inline_on_a_page(site, name):
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script(?![^>]*\ssrc=)(?![^>]*widget-state)[^>]*>", text)
    found = re.findall(r"<style\b|<[^>]+\s(?:style|on\w+)=[\"'][^>]*>|=[\"'](?:javascript|data|blob):", text)
    assert (scripts, found) == ([], [])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("chosen", ["auto", *SCHEMES])
def test_diagrams_have_the_colours_of_the_scheme_that_the_reader_chose(opened, scheme, chosen):
    page = opened(CHAPTERS[1], scheme)
    page.evaluate("mode => localStorage.setItem('mode', mode)", chosen)
    page.reload()
    shown = SCHEMES.index(scheme if chosen == "auto" else chosen)
    wanted = {"paper": PAPER, "box": FILLS["box"], "input": FILLS["input"]}
    assert {tuple(one) for one in page.evaluate(FILLED)} == {(part, rgb(wanted[part][shown])) for part in wanted}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_the_shared_style_sheet_draws_every_diagram_as_its_own_does(browser, scheme, viewport):
    figures = [diagrams.chain(), diagrams.draw(lit="output"), *(diagrams.draw(style, legend=True) for style in LAYOUTS)]
    figures += [diagrams.draw("cell", order=True)]
    root = "<!doctype html><style>:root {color-scheme: light dark}</style>"
    with browser.new_context(color_scheme=scheme, viewport=viewport) as context:
        page = context.new_page()
        for figure in figures:
            page.set_content(root + figure.svg)
            alone = page.evaluate(DRAWN_AS)
            body, files = outside(figure.svg)
            page.set_content(f"{root}<style>{shared_style_sheet(HATCH)}</style>{body}")
            assert page.evaluate(DRAWN_AS) == alone and len(alone) > 30, figure
            assert files == {} and body.count("<style") == body.count(" style=") == 0


def test_what_is_below_zero_is_hatched_in_the_page_and_in_a_living_figure(opened):
    page = opened("index")
    page.get_by_role("slider", name="old memory").fill("-2")
    water = page.locator(".lstm-alive .water.below.c_prev")
    assert "lstm-below" in water.first.evaluate("node => getComputedStyle(node).fill")
    box = page.locator("#lstm-below").evaluate("node => node.closest('svg').checkVisibility()")
    assert box


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_page_is_first_painted_in_the_theme_that_it_keeps(opened, scheme):
    page = opened(CHAPTERS[0], scheme)
    other = SCHEMES[SCHEMES.index(scheme) - 1]
    for chosen, shown in (("auto", scheme), (other, other)):
        page.evaluate("mode => localStorage.setItem('mode', mode)", chosen)
        page.reload()
        painted = page.evaluate(FIRST_PAINT)
        page.wait_for_load_state("load")
        themes = page.evaluate("themes")
        assert themes and {theme for _, theme in themes} == {shown}
        assert themes[0][0] < painted


def test_a_theme_chosen_with_the_button_is_kept(opened):
    page = opened(CHAPTERS[0])
    page.locator(".theme-switch-button").click()
    page.goto(page.url.replace(CHAPTERS[0], CHAPTERS[1]))
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == rgb(PAPER.dark)


def test_where_nothing_can_be_kept_a_page_follows_the_system(browser, served):
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
        page.goto(f"{served}/{CHAPTERS[0]}.html")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_every_button_does_its_work(opened):
    page = opened(DRAWN[0], permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("window.print = () => (window.printed = true)")
    cell = page.locator("div.highlight").first
    cell.hover()
    cell.locator("button.copybtn").click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == cell.locator("pre").inner_text().strip()
    page.locator("details.hide summary").first.click()
    assert page.locator("details.hide").first.evaluate("node => node.open")
    sidebar = page.locator(".bd-sidebar-primary")
    page.locator(".primary-toggle").first.click()
    until(page, "getComputedStyle(document.querySelector('.bd-sidebar-primary')).visibility === 'hidden'")
    page.locator(".primary-toggle").first.click()
    page.locator(".article-header-buttons .dropdown").last.get_by_role("button").first.click()
    assert page.locator(".dropdown-menu.show").is_visible() and sidebar.is_visible()
    page.locator("[data-press=print]").click()
    assert page.evaluate("window.printed")
    assert page.evaluate("document.activeElement.ariaLabel") == "Take this page along: notebook or print"
    page.locator("[data-press=fullscreen]").hover()
    page.locator(".tooltip").wait_for()
    page.locator("[data-press=fullscreen]").click()
    until(page, "Boolean(document.fullscreenElement)")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    assert page.locator("#pst-search-dialog").is_visible()


def test_on_a_phone_the_contents_open_and_lead_on(opened):
    page = opened(CHAPTERS[0], viewport=PHONE)
    page.locator(".primary-toggle").first.click()
    page.locator("#pst-primary-sidebar-modal").get_by_role("link", name="The forget valve").click()
    assert page.url.endswith(f"{CHAPTERS[1]}.html")


def test_the_search_page_finds_words(opened):
    page = opened("search")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("peephole")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()


def test_pictures_shown_as_images_look_the_same_under_the_policy(browser, strict, served):
    looks = []
    for base in (strict, served):
        with browser.new_context(color_scheme="dark", viewport=DESK) as context:
            page = context.new_page()
            page.goto(f"{base}/{DRAWN[0]}.html")
            page.locator("article img[src$='.svg']").first.scroll_into_view_if_needed()
            looks.append(page.locator("article img[src$='.svg']").first.screenshot())
    assert looks[0] == looks[1]


@pytest.mark.parametrize("module", ["import a from './a.js';\nexport default {};", "export const a = 1;", ""])
def test_a_module_that_cannot_be_a_script_is_refused(module):
    with pytest.raises(ValueError, match="module: expected one default export"):
        as_script(module)
