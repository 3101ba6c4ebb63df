"""The site under a strict content policy, which lets a page use nothing but files of the site, and without JavaScript."""

import re

import pytest
from helpers.book import CHAPTERS, FILES, ROOT
from helpers.visit import DESK, LOOK, PHONE, Visit, listen, serve
from nothing_inline import as_script
from system_scheme import of_scheme

from lstm_ref.svg.palette import FILLS, PAPER

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
PAGES = [*FILES, "search", "genindex", "py-modindex"]
DRAWN = [name for name in CHAPTERS if "lstm-diagram" in (ROOT / f"{name}.ipynb").read_text(encoding="utf-8")]
SCHEMES = ["light", "dark"]
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
FILLED = """() => [...document.querySelectorAll('.lstm-figure > svg :is(.paper, .box, .input)')]
  .filter((node) => !node.closest('.dim')).map((node) => [node.classList[0], getComputedStyle(node).fill])"""

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
    if (!walk.currentNode.data.trim() || node.closest('svg, noscript') || !node.checkVisibility(SEEN)) continue;
    const [one, other] = [parts(getComputedStyle(node).color).slice(0, 3), ground(node)].map(light);
    if (Math.max(one, other) / Math.min(one, other) < 4.5) pale.push(walk.currentNode.data.trim().slice(0, 60));
  }
  return pale;
}"""


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


def until(page, condition):
    """Wait for what a page is to come to; Playwright's own way evaluates text in the page, which the policy blocks."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {condition}")


@pytest.fixture(scope="module")
def strict(site):
    """The address of the site, whose server sends the policy with every file."""
    with serve(site, [("Content-Security-Policy", POLICY)]) as address:
        yield address


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
def test_a_page_keeps_the_policy_and_its_figures_live(opened, name):
    page = opened(name)
    assert {tuple(figure) for figure in page.evaluate(LOOK)["figures"]} <= {(False, "group", True)}
    page.emulate_media(color_scheme="dark")
    until(page, "document.documentElement.dataset.theme === 'dark'")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_inline_on_a_page(site, name):
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script(?![^>]*\ssrc=)(?![^>]*widget-state)[^>]*>", text)
    found = re.findall(r"<style\b|<[^>]+\s(?:style|on\w+)=[\"'][^>]*>|=[\"'](?:javascript|data|blob):", text)
    assert (scripts, found) == ([], [])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("chosen", ["auto", *SCHEMES])
def test_diagrams_have_the_colours_of_the_scheme_that_the_reader_chose(opened, scheme, chosen):
    page = opened(DRAWN[0], scheme)
    page.evaluate("mode => localStorage.setItem('mode', mode)", chosen)
    page.reload()
    shown = SCHEMES.index(scheme if chosen == "auto" else chosen)
    wanted = {"paper": PAPER, "box": FILLS["box"], "input": FILLS["input"]}
    assert {tuple(one) for one in page.evaluate(FILLED)} == {(part, rgb(wanted[part][shown])) for part in wanted}


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


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_javascript_every_page_is_legible_in_the_systems_scheme(browser, strict, scheme):
    with browser.new_context(java_script_enabled=False, color_scheme=scheme, viewport=DESK) as context:
        page = context.new_page()
        for name in PAGES:
            page.goto(f"{strict}/{name}.html")
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == rgb(PAPER[SCHEMES.index(scheme)]), name
            assert page.evaluate(PALE) == [], name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_javascript_code_and_diagrams_look_as_they_do_with_it(browser, strict, scheme):
    looks = []
    for script in (True, False):
        with browser.new_context(java_script_enabled=script, color_scheme=scheme, viewport=DESK) as context:
            page = context.new_page()
            page.goto(f"{strict}/{DRAWN[0]}.html")
            code = "[...document.querySelectorAll('.highlight, .highlight span, div.output')].map((node) => getComputedStyle(node))"
            looks.append((page.evaluate(f"{code}.map((one) => one.color + one.backgroundColor)"), page.evaluate(FILLED)))
    assert looks[0] == looks[1] and len(looks[0][0]) > 50


def test_without_javascript_folds_open_by_keyboard_and_no_button_is_there_that_does_nothing(browser, strict):
    with browser.new_context(java_script_enabled=False, viewport=DESK) as context:
        page = context.new_page()
        for name in CHAPTERS:
            page.goto(f"{strict}/{name}.html")
            for fold in page.locator("article details").all():
                fold.locator("summary").first.focus()
                page.keyboard.press("Enter")
                assert fold.evaluate("node => node.open"), name
            buttons = page.locator("button:visible").all()
            assert buttons and all(button.get_attribute("data-bs-toggle") == "dropdown" for button in buttons), name
            page.locator(".dropdown > button").last.focus()
            assert page.locator(".dropdown-menu a:visible").count() > 0


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_without_javascript_contents_and_search_field_are_there(browser, strict, viewport):
    with browser.new_context(java_script_enabled=False, viewport=viewport) as context:
        page = context.new_page()
        page.goto(f"{strict}/{CHAPTERS[0]}.html")
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
        "html[data-theme=auto] :is(b, i){color: red}\n"
        "@media print{html[data-theme=auto] p{color: blue}\n}\n"
    )
    assert of_scheme(sheet, "light") == "html[data-theme=auto] b{color: red}\n"


@pytest.mark.parametrize("module", ["import a from './a.js';\nexport default {};", "export const a = 1;", ""])
def test_a_module_that_cannot_be_a_script_is_refused(module):
    with pytest.raises(ValueError, match="module: expected one default export"):
        as_script(module)
