"""The built site: its links, and what a browser sees that may talk to no other host."""

import json
from functools import cache, partial
from io import BytesIO
from urllib.parse import unquote, urlsplit

import cover
import pytest
from helpers.book import CHAPTERS, FILES, PAGES, ROOT, parsed
from helpers.visit import LOOK, open_page, visiting
from helpers.weights import MORE, by_the_table
from pikepdf import Pdf


@pytest.mark.parametrize("name", cover.FILES)
def test_what_the_first_page_shows_is_what_its_script_makes(name):
    assert (cover.IMAGES / name).read_text(encoding="utf-8") == cover.FILES[name]()


def test_every_internal_link_leads_to_a_page_and_a_place_on_it(site):
    pages = {path: parsed(path.parent, path.stem) for path in site.rglob("*.html")}
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


def test_every_link_to_a_term_of_the_glossary_says_in_plain_text_what_it_means(site):
    links = [link for name in FILES for link in parsed(site, name).select('article a[href*="glossary.html#"]')]
    assert links and not [link for link in links if not link.get("title") or set(link["title"]) & set("\\${}")]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_no_other_host_for_what_it_loads(site, name):
    page = parsed(site, name)
    loaded = [node.get("src") or node.get("href") for node in page.select("script[src], img[src], iframe, link[href]")]
    assert not [address for address in loaded if urlsplit(address).netloc]


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_set_up_cell_is_not_on_the_page(site, name):
    assert "REPOSITORY" not in parsed(site, name).get_text()


@pytest.fixture(scope="module")
def visits(browser, strict):
    return cache(partial(open_page, browser, strict))  # a page is opened once, whatever the order of the tests


@pytest.fixture(params=PAGES)
def name(request):
    return request.param


@pytest.fixture
def visit(visits, name):
    return visits(name)


def test_a_page_asks_nothing_of_another_host_and_gets_all_it_asks_for(visit):
    assert (visit.foreign, visit.failed) == ([], [])


def test_a_page_writes_nothing_to_the_console_as_it_would_if_the_policy_blocked_anything(visit):
    assert visit.said == []


def test_every_formula_is_typeset_in_the_sites_own_font(visit):
    assert visit.seen["drawn"] == (visit.seen["formulas"] > 0)
    assert visit.seen["broken"] == []


def test_every_picture_loads_and_is_described(visit):
    for source, alt, width in visit.seen["images"]:
        assert width > 0, source
        assert alt and alt not in source and not alt.endswith((".svg", ".png")), source


def test_figures_follow_the_scheme_and_are_not_dimmed(visit):
    assert visit.figures == {"light": ["light", 0], "dark": ["dark", 0]}


def test_every_diagram_names_and_describes_itself_and_follows_the_scheme(visit):
    for role, *texts in visit.seen["diagrams"]:
        assert (role, len(texts)) == ("img", 2) and all(texts)
    assert not set(visit.colours["light"]) & set(visit.colours["dark"])


def test_every_figure_comes_alive(visit, site, name):
    drawn = len(parsed(site, name).select("svg[data-figure]"))
    assert visit.seen["figures"] == [[False, "group", True]] * drawn
    assert drawn or name not in ("index", *CHAPTERS[:6])


def test_a_chapter_folds_its_solutions_and_what_only_a_specialist_needs(visit, name):
    notebook = ROOT / f"{name}.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"] if notebook.exists() else []
    folded = [cell["metadata"] for cell in cells if "hide-cell" in cell["metadata"].get("tags", [])]
    labels = [metadata["mystnb"]["code_prompt_show"] for metadata in folded]
    assert visit.seen["folds"] == [[False, label] for label in labels]


def test_the_first_view_of_a_page_weighs_what_the_table_says(visit, name):
    requests, _, packed = visit.weight
    most, heaviest = by_the_table().get(name, (40, 250))
    assert requests <= MORE * most and packed <= MORE * heaviest


def test_a_phone_shows_a_page_without_scrolling_sideways(visit):
    assert visit.wide == []


def test_no_formula_is_cut_on_a_phone(visit):
    assert visit.cut_formulas == []


def test_paper_is_as_wide_as_all_that_is_printed_on_it(visit):
    assert visit.wide_on_paper == []


def test_a_page_keeps_the_rules_of_accessibility(visit):
    assert visit.violations == []


@pytest.mark.parametrize("name", ["index", CHAPTERS[1]])
def test_a_chapter_opened_from_the_disk_works_too(browser, site, name):
    with visiting(browser, site.as_uri(), name) as (_, visit):
        assert visit.seen["drawn"] and visit.seen["broken"] == []
        assert visit.seen["figures"] == [[False, "group", True]] * len(visit.seen["figures"]) != []
    assert (visit.foreign, visit.failed, visit.said) == ([], [], [])


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_cheat_sheet_is_one_sheet(browser, site, paper):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((site / "book" / "cheat_sheet.html").as_uri())
        page.evaluate(LOOK)
        with Pdf.open(BytesIO(page.pdf(format=paper))) as pdf:
            assert len(pdf.pages) == 1
