"""Diagrams and widgets on a page: a small site with stand-ins, in a browser."""

from copy import deepcopy
from functools import cache, partial

import pytest
from browser import served
from chapter import Chapter, pictures
from helpers.book import build, furnish
from helpers.visit import Visit, listen, open_page
from normal_form import WIDGET_STATE, to_json

INDEX = "# Pictures\n\n![A diagram](still.svg)\n\nWords around ![a diagram](still.svg).\n\n![A box](plain.svg)\n"
FAILING = "export default { render() { throw new Error('no'); } };"


@pytest.fixture(scope="module")
def small(notebook, tmp_path_factory):
    """A site of Markdown with pictures, the tiny chapter, and a copy whose widgets fail."""
    root = tmp_path_factory.mktemp("small")
    furnish(root)
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [file: alive, file: failing]\n")
    (root / "index.md").write_text(INDEX, encoding="utf-8")
    plain, still, *_ = [svg for cell in Chapter(root, notebook).code for svg in pictures(cell)]
    failing = deepcopy(notebook)
    failing.metadata.widgets[WIDGET_STATE].state["model-1"].state._esm = FAILING
    for name, text in {
        "plain.svg": plain,
        "still.svg": still,
        "alive.ipynb": to_json(notebook),
        "failing.ipynb": to_json(failing).replace('data-figure=\\"counter', 'data-figure=\\"gone', 1),
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    return build(root)


@pytest.fixture(scope="module")
def addresses(small):
    with served(small) as address:
        yield {"served": address, "from the disk": small.as_uri()}


@pytest.fixture(params=["served", "from the disk"])
def base(request, addresses):
    """The address of the small site."""
    return addresses[request.param]


@pytest.fixture(scope="module")
def visits(browser):
    return cache(partial(open_page, browser, name="alive"))


@pytest.fixture
def visit(visits, base):
    return visits(base)


def test_widgets_come_alive_beside_their_pictures_and_ask_for_nothing(visit):
    assert visit.seen["figures"] == [[False, "group", True]] * 2
    assert (visit.foreign, visit.failed, visit.said, visit.wide, visit.violations) == ([], [], [], [], [])


def test_diagrams_describe_themselves_and_follow_the_scheme(visit):
    titles = [title for _, title, _ in visit.seen["diagrams"]]
    assert titles == ["still", "still", "counter", "counter"]
    assert {(role, text[:8]) for role, _, text in visit.seen["diagrams"]} == {("img", "The stil"), ("img", "The coun")}
    assert not set(visit.colours["light"]) & set(visit.colours["dark"])
    assert visit.figures == {"light": ["light", 0], "dark": ["dark", 0]}


def test_a_widget_has_a_model_of_its_own_and_its_style(browser, base):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{base}/alive.html")
        buttons = page.get_by_role("group", name="counter").get_by_role("button")
        buttons.nth(1).click()
        assert buttons.all_inner_texts() == ["step 3", "step 4"]
        assert buttons.nth(0).evaluate("node => getComputedStyle(node).fontWeight") == "700"


def test_where_a_widget_fails_its_picture_stays_without_a_word(browser, base):
    visit = Visit()
    with browser.new_context() as context:
        page = context.new_page()
        listen(page, visit, base)
        page.goto(f"{base}/failing.html")
        page.wait_for_timeout(500)
        assert [picture.is_visible() for picture in page.locator("svg[data-figure]").all()] == [True, True]
        assert page.locator(".lstm-figure > div").count() == 0
    assert (visit.foreign, visit.failed, visit.said) == ([], [], [])


def test_without_javascript_the_picture_stands(browser, base):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{base}/alive.html")
        assert [picture.is_visible() for picture in page.locator("svg[data-figure]").all()] == [True, True]


def test_a_diagram_in_markdown_stands_inline_and_another_picture_stays_an_image(browser, base):
    visit = open_page(browser, base, "index")
    assert [title for _, title, _ in visit.seen["diagrams"]] == ["still", "still"]
    assert [alt for _, alt, _ in visit.seen["images"]] == ["A box"]
    assert visit.violations == []
