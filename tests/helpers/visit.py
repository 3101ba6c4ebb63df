"""What a browser sees of a page, and what the page asks for and says."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import weigh

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PAPER = {"width": 680, "height": 980}  # A4 within its margins
POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
SCHEMES = ["light", "dark"]
OF_STYLE_SHEETS = ["color-contrast", "link-in-text-block"]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

LOOK = """async () => {
  await document.fonts.ready;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (node) => getComputedStyle(node).display !== 'none';
  for (let wait = 0; wait < 50 && all('svg[data-figure]').some(shown); wait++)
    await new Promise((go) => setTimeout(go, 100));
  const text = (svg, id) => svg.contains(document.getElementById(id)) && document.getElementById(id).textContent.trim();
  return {
    diagrams: all('.lstm-figure > svg').map((svg) =>
      [svg.getAttribute('role'), ...svg.getAttribute('aria-labelledby').split(' ').map((id) => text(svg, id))]),
    figures: all('svg[data-figure]').map((svg) =>
      [shown(svg), svg.nextElementSibling?.role, svg.nextElementSibling?.clientHeight > 0]),
    formulas: all('math').length,
    drawn: [...document.fonts].some(({ family, status }) => family === 'Mathematics' && status === 'loaded'),
    broken: all('merror, .temml-error, .math:not(:has(math))').map((node) => node.textContent),
    images: all('img').map((image) => [image.getAttribute('src'), image.getAttribute('alt'), image.naturalWidth]),
    folds: all('details.hide').map((node) => [node.open, node.querySelector('summary').innerText.trim()]),
  };
}"""
FIGURES = """() => {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const styles = [...document.querySelectorAll('.cell_output img')].map((image) => getComputedStyle(image));
  return [scheme, styles.filter((style) => style.filter !== 'none' || style.padding !== '0px').length];
}"""
COLOURS = """() => [...document.querySelectorAll('.lstm-figure > svg')].map((svg) =>
  [...svg.querySelectorAll('*')].map((node) => getComputedStyle(node))
    .map((style) => [style.fill, style.stroke, style.color].join()).join(';'))"""
FILLED = """() => [...document.querySelectorAll('.lstm-figure > svg :is(.paper, .box, .input)')]
  .filter((node) => !node.closest('.dim')).map((node) => [node.classList[0], getComputedStyle(node).fill])"""
WIDE = """async () => {
  await document.fonts.ready;
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const width = document.documentElement.clientWidth;
  const boxed = (node) => node && (getComputedStyle(node).overflowX !== 'visible' || boxed(node.parentElement));
  return document.documentElement.scrollWidth <= width ? [] :
    [...document.querySelectorAll('main *')]
      .filter((node) => node.getBoundingClientRect().right > width && !boxed(node.parentElement))
      .map((node) => node.outerHTML.slice(0, 120));
}"""

# The theme lets the keyboard reach what scrolls, a moment after the width has changed.
REACHED = """() => [...document.querySelectorAll('pre, .pst-scrollable-table-container')]
  .every((box) => box.scrollWidth <= box.clientWidth || box.tabIndex === 0)"""


# Formulas that reach beyond the page or are cut, with all folds open.
CUT_FORMULAS = """async () => {
  document.querySelectorAll('details').forEach((fold) => (fold.open = true));
  const edge = document.documentElement.clientWidth;
  const cut = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
  const beyond = (math) => !math.closest('table') && math.getBoundingClientRect().right > edge;
  const all = (selector) => [...document.querySelectorAll(selector)];
  return [...all('div.math').filter(cut), ...all('main math').filter(beyond)].map((node) => node.textContent);
}"""


@dataclass
class Visit:
    """What one visit to a page showed and what it asked for."""

    foreign: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    said: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)
    figures: dict = field(default_factory=dict)
    colours: dict = field(default_factory=dict)
    wide: list = field(default_factory=list)
    wide_on_paper: list = field(default_factory=list)
    cut_formulas: list = field(default_factory=list)
    weight: tuple = ()
    violations: list = field(default_factory=list)


def until(page, condition):
    """Wait for what a page is to come to; Playwright's own way evaluates text in the page, which the policy blocks."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def listen(page, visit, base):
    """Block every other host, and note what the page asks for and says."""

    def gate(route):
        if route.request.url.startswith(base):
            return route.continue_()
        visit.foreign.append(route.request.url)
        return route.abort()

    def note(message):
        visit.said.append(message.text)

    page.route("**/*", gate)
    # What a page was still fetching when it was left has not failed.
    page.on("requestfailed", lambda request: request.failure == "net::ERR_ABORTED" or visit.failed.append(request.url))
    page.on("response", lambda reply: reply.status >= 400 and visit.failed.append(reply.url))
    page.on("console", note)
    page.on("pageerror", lambda error: visit.said.append(str(error)))


def violations(page, **options):
    """Return what breaks the rules of WCAG 2.1 A and AA and of good practice, as (rule, places)."""
    from axe_playwright_python.sync_playwright import Axe

    settings = {"runOnly": STANDARD, "preload": False, "resultTypes": ["violations"], **options}
    found = Axe().run(page, options=settings).response["violations"]
    return [(rule["id"], [node["html"][:150] for node in rule["nodes"]]) for rule in found]


@contextmanager
def visiting(browser, base, name):
    """Open a page in light and look at it; the context gives the page, and what it shows and asks for."""
    visit = Visit()
    with browser.new_context(color_scheme="light", viewport=DESK) as context:
        page = context.new_page()
        listen(page, visit, base)
        replies = []
        page.on("response", lambda reply: replies.append(reply))
        page.goto(f"{base}/{name}.html", wait_until="load")
        visit.seen = page.evaluate(LOOK)
        if base.startswith("http"):
            visit.weight = weigh.fetched(replies, base)
        yield page, visit


def open_page(browser, base, name):
    """Open a page in light, in dark, as wide as phones are, and on paper; return what it showed and asked for."""
    with visiting(browser, base, name) as (page, visit):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            until(page, f"document.documentElement.dataset.theme === '{scheme}'")
            visit.figures[scheme] = page.evaluate(FIGURES)
            visit.colours[scheme] = page.evaluate(COLOURS)
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        visit.wide_on_paper = page.evaluate(WIDE)
        page.emulate_media(media="screen")
        page.set_viewport_size(PHONE)
        until(page, f"innerWidth === {PHONE['width']}")
        visit.wide = page.evaluate(WIDE)
        until(page, REACHED)
        # The slowest rules depend on the style sheets alone; test_accessibility holds some pages to them.
        visit.violations = violations(page, rules={rule: {"enabled": False} for rule in OF_STYLE_SHEETS})
        for width in (PHONE["width"], 320):
            page.set_viewport_size({**PHONE, "width": width})
            visit.cut_formulas += page.evaluate(CUT_FORMULAS)
    return visit
