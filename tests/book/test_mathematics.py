"""Formulas are typeset when the site is built: no script, no stop for the keyboard, the same everywhere."""

import json
import re
import subprocess

import mathematics
import mathematics_font
import pytest
from fontTools.ttLib import TTFont
from helpers.book import FILES, build, furnish, parsed

PAGE = r"""# The state $h_t$

It is $h_t = o_t \odot \tanh(C_t)$, as [the next page](more.md) and {eq}`sum` say.

$$
\begin{aligned}
dC_t &\leftarrow dC_t + dh_t \odot o_t \\
&\qquad + P_o \odot dz_o \\
b_f &= -\frac{\mathbf{x}}{\text{threshold}}
\end{aligned}
$$

$$
C_t = f_t C_{t-1}
$$ (sum)

| sign | means |
| --- | --- |
| $\sigma$ | sigmoid |
"""
MORE = "# More of $R_f^\\top$\n\nNo formula here.\n"
WRONG = "# Wrong\n\nThis is $\\mathfb{x}$.\n"
LEFT = "row => row.children[1].querySelector('mo, mi').getBoundingClientRect().left"
FONT = (
    "async () => { await document.fonts.ready; return [...document.fonts].map((face) => [face.family, face.status]) }"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A site of three pages, the last of which fails: the folder, and what the build says of it."""
    root = tmp_path_factory.mktemp("formulas")
    furnish(root)
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [{file: more}, {file: wrong}]\n")
    for name, page in {"index": PAGE, "more": MORE, "wrong": WRONG}.items():
        (root / f"{name}.md").write_text(page, encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        build(root, stderr=subprocess.PIPE, text=True)
    return root / "_build" / "html", " ".join(failed.value.stderr.split())


@pytest.fixture(scope="module")
def small(built):
    """The folder of that site."""
    return built[0]


@pytest.fixture(scope="module")
def page(browser, small):
    """Its first page, where no script runs."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((small / "index.html").as_uri())
        yield page


@pytest.fixture(scope="module")
def formulas(site):
    """Every formula of the book's own site."""
    pages = [parsed(site, name) for name in FILES]
    return [formula for page in pages for formula in page.select("math")]


def test_without_javascript_a_formula_is_drawn_in_the_sites_own_font(page):
    assert page.locator("article math").count() == 5
    assert ["Mathematics", "loaded"] in page.evaluate(FONT)
    assert not set("\\$&") & set(page.locator("article").inner_text())


def test_no_page_has_anything_of_mathjax(site):
    assert not [path for path in site.rglob("*") if "mathjax" in path.name.lower()]
    assert not [path for path in site.rglob("*.html") if "mathjax" in path.read_text(encoding="utf-8").lower()]


def test_no_formula_stops_the_tab_key(formulas):
    assert formulas and not [
        formula for formula in formulas if formula.select("[tabindex], a") or formula.get("tabindex")
    ]


def test_no_formula_needs_a_style_of_its_own_and_every_class_is_in_the_style_sheet(site, formulas):
    styles = (site / "_static" / "mathematics.css").read_text(encoding="utf-8")
    parts = [part for formula in formulas for part in [formula, *formula.select("*")]]
    assert not [part for part in parts if part.get("style")]
    named = {name for part in parts for name in part.get("class", []) if not name.startswith("wbk")}
    assert named and not [name for name in named if f".{name} " not in styles]


def test_the_font_has_every_character_of_the_formulas_and_is_small(site, formulas):
    path = site / "_static" / mathematics_font.NAME
    drawn = set().union(*(mathematics_font.characters(str(formula)) for formula in formulas))
    assert set("\U0001d436\u210e⊙∑tanh") <= drawn <= set(map(chr, TTFont(path).getBestCmap()))
    assert path.stat().st_size < 30_000
    assert path.with_name("mathematics-font-licence.txt").is_file()


def test_rows_of_a_derivation_line_up_at_the_ampersand(page):
    rows = page.locator("mtable > mtr").all()
    lefts = [rows[row].evaluate(LEFT) for row in (0, 2)]
    assert len(rows) == 3 and max(lefts) - min(lefts) < 0.1


def test_what_is_wider_all_the_same_is_reached_by_the_keyboard(browser, small):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((small / "index.html").as_uri())
        page.add_style_tag(content="div.math { max-width: 100px; }")
        box = page.locator("div.math").first
        assert box.evaluate("box => box.scrollWidth > box.clientWidth")
        page.locator("article p a").last.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())


def test_a_wrong_formula_fails_the_build_which_says_where_it_is(built):
    _, said = built
    assert re.search(r"wrong\.md:3: WARNING: formula: .*\\mathfb", said) and said.count("WARNING") == 1


def test_a_labelled_formula_has_its_number_which_links_lead_to(page):
    number, link = page.locator("div.math .eqno"), page.locator("article p a", has_text="(1)")
    assert number.inner_text().startswith("(1)")
    assert page.locator(link.get_attribute("href")).locator("math").count() == 1


def test_titles_and_the_search_have_letters_and_no_tex(small):
    first = parsed(small, "index")
    assert not set(first.title.string) & set("\\$_")
    assert first.select("h1 math") and first.select(".bd-sidebar-primary math")
    index = json.loads((small / "searchindex.js").read_text(encoding="utf-8")[len("Search.setIndex(") : -1])
    assert {"The state h_t", "More of R_fᵀ"} <= set(index["alltitles"])
    assert {"tanh", "threshold", "c_t"} <= set(index["terms"])
    assert not {"frac", "mathbf", "text", "odot", "begin", "align"} & set(index["terms"])


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"h_{t-1} = \tanh(W_f x_t)", "h_(t−1) = tanh(W_f x_t)"),
        (r"\frac{1}{1 + e^{-z}}", "1/(1+e^(−z))"),
        (r"\sum_{k}^{2} R^\top \sqrt{H}", "∑_k^2 Rᵀ√H"),
        (r"\tilde{C}, 5", "C~, 5"),
    ],
)
def test_a_formula_is_read_as_letters_and_signs(tex, letters):
    assert mathematics.plain(tex) == letters
