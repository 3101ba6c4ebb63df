"""The built site: its links, and what a browser sees that may talk to no other host."""

import json
import os
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import cover
import pytest
import yaml
from browser import find_browser
from bs4 import BeautifulSoup

from tools.project import ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
FILES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
CHAPTERS = [name for name in FILES if (ROOT / f"{name}.ipynb").exists()]
PAGES = [*FILES, "search", "genindex", "py-modindex"]
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
# What sphinxcontrib-bibtex writes breaks these two; the rest of the references page is held to all.
BIBLIOGRAPHY_RULES = {"aria-required-children", "aria-deprecated-role"}
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

LOOK = """async () => {
  if (window.MathJax) await MathJax.startup.promise;
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    formulas: all('.math').length,
    typeset: all('.math mjx-container').length,
    broken: all('mjx-merror').map((node) => node.textContent),
    images: all('img').map((image) => [image.getAttribute('src'), image.getAttribute('alt'), image.naturalWidth]),
    solutions: all('details.hide').map((node) => [node.open, node.querySelector('summary').innerText.trim()]),
  };
}"""
FIGURES = """() => {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const styles = [...document.querySelectorAll('.cell_output img')].map((image) => getComputedStyle(image));
  return [scheme, styles.filter((style) => style.filter !== 'none' || style.padding !== '0px').length];
}"""
WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const boxed = (node) => node && (getComputedStyle(node).overflowX !== 'visible' || boxed(node.parentElement));
  return document.documentElement.scrollWidth <= width ? [] :
    [...document.querySelectorAll('main *')]
      .filter((node) => node.getBoundingClientRect().right > width && !boxed(node.parentElement))
      .map((node) => node.outerHTML.slice(0, 120));
}"""


def test_the_picture_of_the_first_page_is_what_its_script_draws():
    assert cover.PATH.read_text(encoding="utf-8") == cover.draw().svg


@dataclass
class Visit:
    """What one visit to a page showed and what it asked for."""

    foreign: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    said: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)
    figures: dict = field(default_factory=dict)
    wide: list = field(default_factory=list)
    violations: list = field(default_factory=list)


def parsed(site, name):
    return BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", CHAPTERS)
def test_binder_and_colab_buttons_lead_to_the_notebook(site, name):
    links = [link["href"] for link in parsed(site, name).select("a[href]")]
    repository = urlsplit(CONFIG["repository"]["url"]).path.strip("/")
    branch = CONFIG["repository"]["branch"]
    assert (ROOT / f"{name}.ipynb").is_file()
    assert f"https://mybinder.org/v2/gh/{repository}/{branch}?urlpath=lab/tree/{name}.ipynb" in links
    assert f"https://colab.research.google.com/github/{repository}/blob/{branch}/{name}.ipynb" in links


def test_every_internal_link_leads_to_a_page_and_a_place_on_it(site):
    pages = {path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in site.rglob("*.html")}
    ids = {path: {node["id"] for node in page.select("[id]")} for path, page in pages.items()}
    astray = []
    for path, page in pages.items():
        for link in page.select("a[href]"):
            parts = urlsplit(link["href"])
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not target.is_file() or (place and target in ids and place not in ids[target]):
                astray.append((path.name, link["href"]))
    assert not astray


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_no_other_host_for_what_it_loads(site, name):
    page = parsed(site, name)
    loaded = [node.get("src") or node.get("href") for node in page.select("script[src], img[src], iframe, link[href]")]
    assert not [address for address in loaded if urlsplit(address).netloc]


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_set_up_cell_is_not_on_the_page(site, name):
    assert "REPOSITORY" not in parsed(site, name).get_text()


@pytest.fixture(scope="module")
def served(site):
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *arguments: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    path = find_browser()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no browser found: install Chromium or Chrome, or set BROWSER_PATH")
        pytest.skip("no browser found")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


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
    page.on("requestfailed", lambda request: visit.failed.append(request.url))
    page.on("response", lambda reply: reply.status >= 400 and visit.failed.append(reply.url))
    page.on("console", note)
    page.on("pageerror", lambda error: visit.said.append(str(error)))


def violations(page, **options):
    """Return what breaks the rules of WCAG 2.1 A and AA, as (rule, places)."""
    from axe_playwright_python.sync_playwright import Axe

    settings = {"runOnly": STANDARD, "preload": False, "resultTypes": ["violations"], **options}
    found = Axe().run(page, options=settings).response["violations"]
    return [(rule["id"], [node["html"][:150] for node in rule["nodes"]]) for rule in found]


def open_page(browser, base, name):
    """Open a page in light, in dark and as wide as a phone; return what it showed and asked for."""
    visit = Visit()
    with browser.new_context(color_scheme="light", viewport=DESK) as context:
        page = context.new_page()
        listen(page, visit, base)
        page.goto(f"{base}/{name}.html", wait_until="load")
        visit.seen = page.evaluate(LOOK)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
            visit.figures[scheme] = page.evaluate(FIGURES)
        page.set_viewport_size(PHONE)
        visit.wide = page.evaluate(WIDE)
        page.set_viewport_size(DESK)
        # The slowest rule depends on the style sheets alone and has a test of its own.
        visit.violations = violations(page, rules={"color-contrast": {"enabled": False}})
    return visit


@pytest.fixture(scope="module", params=PAGES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def visit(browser, served, name):
    return open_page(browser, served, name)


def test_a_page_asks_nothing_of_another_host_and_gets_all_it_asks_for(visit):
    assert (visit.foreign, visit.failed) == ([], [])


def test_a_page_writes_nothing_to_the_console(visit):
    assert visit.said == []


def test_every_formula_is_typeset(visit):
    assert visit.seen["typeset"] == visit.seen["formulas"]
    assert visit.seen["broken"] == []


def test_every_picture_loads_and_is_described(visit):
    for source, alt, width in visit.seen["images"]:
        assert width > 0, source
        assert alt and alt not in source and not alt.endswith((".svg", ".png")), source


def test_figures_follow_the_scheme_and_are_not_dimmed(visit):
    assert visit.figures == {"light": ["light", 0], "dark": ["dark", 0]}


def test_a_chapter_folds_its_solutions(visit, name):
    notebook = ROOT / f"{name}.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"] if notebook.exists() else []
    solutions = [cell for cell in cells if "solution" in cell["metadata"].get("tags", [])]
    assert visit.seen["solutions"] == [[False, "Show the solution"]] * len(solutions)


def test_a_phone_shows_a_page_without_scrolling_sideways(visit):
    assert visit.wide == []


def test_a_page_keeps_the_rules_of_accessibility(visit, name):
    ignored = BIBLIOGRAPHY_RULES if name == "book/references" else set()
    assert [found for found in visit.violations if found[0] not in ignored] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(browser, served, scheme):
    with browser.new_context(color_scheme=scheme, viewport=DESK) as context:
        page = context.new_page()
        page.goto(f"{served}/{CHAPTERS[0]}.html")
        page.evaluate(LOOK)
        assert violations(page, runOnly=["color-contrast"]) == []


def test_a_chapter_opened_from_the_disk_works_too(browser, site):
    visit = open_page(browser, site.as_uri(), CHAPTERS[0])
    assert (visit.foreign, visit.failed, visit.said) == ([], [], [])
    assert visit.seen["typeset"] == visit.seen["formulas"] > 0
