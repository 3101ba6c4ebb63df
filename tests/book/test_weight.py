"""The site stays as light as CONTRIBUTING.md says, and what makes it light takes nothing that a page needs."""

import re
from pathlib import Path

import pydata_sphinx_theme
import sphinx_book_theme
import weigh
from fontTools.ttLib import TTFont
from helpers.book import parsed
from helpers.weights import MORE, on_disk_by_the_table

THEMES = {
    "pydata-sphinx-theme.css": pydata_sphinx_theme,
    "sphinx-book-theme.css": sphinx_book_theme,
}
ICON = re.compile(r"\.(fa-[a-z0-9-]+):before\b[^{}]*\{content:\"\\([0-9a-f]+)\"\}")
# The selectors of a style sheet, those of a state of an element as those of the element.
SELECTORS = r"""(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  const names = "hover|focus|active|visited|before|after|placeholder|marker|button|checked|target";
  const state = new RegExp(`::?(?:-\\w+-)?[a-z-]*(?:${names})[a-z-]*`, "g");
  const rules = (list) => [...list].flatMap((rule) => (rule.selectorText ? [rule] : rules(rule.cssRules ?? [])));
  const plain = (selector) => selector.replace(/:not\([^()]*\)/g, (not) => (not.search(state) < 0 ? not : ""));
  return rules(sheet.cssRules).flatMap(({ selectorText }) => selectorText.split(/,(?![^(]*\))/))
    .map((selector) => [selector.trim(), plain(selector).replace(state, "").trim() || "*"]);
}"""
# One that cannot be read is an error.
MATCHED = """(pairs) => pairs.filter(([, plain]) => document.querySelector(plain)).map(([selector]) => selector)"""


def test_the_site_takes_the_room_on_disk_that_the_table_says(site):
    assert weigh.on_disk(site) <= on_disk_by_the_table() * MORE


def test_every_icon_of_a_page_is_in_the_fonts(site):
    rules = dict(ICON.findall((site / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")))
    fonts = [set(TTFont(font).getBestCmap()) for font in site.glob("_static/vendor/**/*.woff2")]
    pages = [parsed(path.parent, path.stem) for path in site.rglob("*.html")]
    names = {name for page in pages for icon in page.select("i[class*=fa]") for name in icon["class"]}
    icons = {name for name in names if name.startswith("fa-")} - {"fa-solid", "fa-brands", "fa-regular", "fa-lg"}
    assert icons and all(any(int(rules[name], 16) in font for font in fonts) for name in icons)


def test_no_rule_is_gone_that_an_element_of_a_page_could_have(browser, site, served):
    gone = []
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{served}/index.html")
        for sheet, theme in THEMES.items():
            (whole,) = Path(theme.__file__).parent.glob(f"theme/*/static/styles/{sheet}")
            kept = page.evaluate(SELECTORS, (site / "_static/styles" / sheet).read_text(encoding="utf-8"))
            rules = page.evaluate(SELECTORS, whole.read_text(encoding="utf-8"))
            left_out = [pair for pair in rules if pair not in kept]
            assert left_out, sheet
            gone += left_out
        for name in (*weigh.PAGES.values(), "search", "genindex", "404"):
            page.goto(f"{served}/{name}.html")
            assert page.evaluate(MATCHED, gone) == [], name
