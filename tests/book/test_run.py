"""Python in the page: what the chapters do when a reader runs them there, under a strict content policy."""

import json
import os
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import runtime
from helpers.book import ROOT, furnish
from helpers.book import build as build_site
from helpers.visit import DESK, PHONE, SCHEMES, violations

WHOLE = ["01_memory", "03_new_memory_valve", "04_output_valve", "06_two_diagrams"]
READ = "02_forget_valve"  # runs whole as well, after all that a reader does in it
LONG = 60_000  # milliseconds: a busy machine starts Python slowly
TINY = """{"cells": [{"cell_type": "markdown", "metadata": {}, "id": "a", "source": ["# A try"]},
  {"cell_type": "code", "metadata": {}, "id": "b", "source": ["1 + 1"], "outputs": [], "execution_count": 1}],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4, "nbformat_minor": 5}"""
# What each cell shows: the book, and the reader's own run.
SHOWN = """() => [...document.querySelectorAll(".run-tools")].map((tools) => {
  const own = tools.parentElement.querySelector(".run-output");
  const words = [...(own?.querySelectorAll(".output pre") ?? [])].map((pre) => pre.textContent).join("").trim();
  const pictures = own?.querySelectorAll(".run-picture, .lstm-figure > svg, .lstm-alive").length ?? 0;
  return [tools.querySelector(".run-state").textContent.slice(0, 6), words, pictures];
})"""
# What an element says from now on, each time it says something else.
FOLLOW = """(node) => {
  window.followed = [];
  new MutationObserver(() => window.followed.push(node.textContent)).observe(node, { childList: true });
}"""

# A reader does one thing after another in one page.
pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.random_order(disabled=True)]


@pytest.fixture(scope="module")
def strict(strict):
    """The address of the built site under a strict content policy, where Python is there."""
    if not runtime.READY.is_file():
        if os.environ.get("CI") and not runtime.LACKING.is_file():
            pytest.fail("nobody asked for Python in the page: run web/runtime.py")
        pytest.skip("Python for the page could not be had: see web/runtime.py")
    return strict


@contextmanager
def chapter(browser, base, name, context=None):
    """Open a chapter; the context gives its page, and ends with nothing asked of another host or blocked."""
    foreign, said = [], []  # a test that breaks something clears what was said of that

    def gate(route):
        if urlsplit(route.request.url).netloc == urlsplit(base).netloc:
            return route.continue_()
        foreign.append(route.request.url)
        return route.abort()

    own = context or browser.new_context(viewport=DESK)
    page = own.new_page()
    page.said = said
    page.set_default_timeout(LONG)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    own.route("**/*", gate)
    page.goto(f"{base}/book/{name}.html")
    page.wait_for_load_state("networkidle")
    yield page
    assert (foreign, said) == ([], [])
    page.close()
    if context is None:
        own.close()


def started(page):
    """Press the chapter's first button and wait for Python."""
    page.get_by_role("button", name="Run Python here").click()
    page.locator(".run-bar [role=status]").filter(has_text="Python is ready").wait_for()


def cell(page, text):
    """Return the first cell whose code has this text in the book."""
    return page.locator("div.cell").filter(has_text=text).first


def typed(page, where, text):
    """Put a text into a cell's editor in place of what is there."""
    where.scroll_into_view_if_needed()
    editor = where.locator(".cm-content")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Backspace")  # a browser that replaces coloured text would keep its colour in a style
    page.keyboard.insert_text(text)


def focused(where):
    """Say whether the focus is there."""
    return where.evaluate("node => node === document.activeElement")


def finished(page):
    """Wait until no cell is running or waiting."""
    page.get_by_role("button", name="Stop", exact=True).wait_for(state="hidden")


def stored(name):
    """Return what the notebook's visible code cells print, and how many pictures each has."""
    cells = json.loads((ROOT / "book" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    found = []
    for one in cells:
        if one["cell_type"] == "code" and "remove-cell" not in one["metadata"].get("tags", []):
            pictures = sum("image/svg+xml" in output.get("data", {}) for output in one["outputs"])
            texts = [
                output.get("text") or output["data"]["text/plain"]
                for output in one["outputs"]
                if "image/svg+xml" not in output.get("data", {})
            ]
            found.append(("".join("".join(text) for text in texts).strip(), pictures))
    return found


def runs_whole(page, name):
    """Run all of a chapter, and hold what it shows to the book."""
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    page.get_by_role("button", name="Run all cells").click()
    finished(page)
    book = stored(name)
    assert page.evaluate(SHOWN) == [["ran in", *shown] for shown in book]
    unsolved = sum(words.startswith("not yet") for words, _ in book)
    assert said(page) == f"All {len(book)} cells have run. {unsolved} exercises are still to be solved."


@pytest.mark.parametrize("name", WHOLE)
def test_a_chapter_runs_whole_in_its_page_and_says_what_the_book_says(browser, strict, name):
    with chapter(browser, strict, name) as page:
        started(page)
        runs_whole(page, name)


@pytest.fixture(scope="module")
def reader(browser, strict):
    """Chapter 2 with Python started; each test goes on from what the one before has left."""
    with chapter(browser, strict, READ) as page:
        started(page)
        yield page


def said(page):
    return page.locator(".run-bar [role=status]").text_content()


def test_a_name_that_no_cell_has_made_yet_offers_to_run_all_above(reader):
    exercise = cell(reader, "check.half_life(half_life)")
    exercise.get_by_role("button", name="Run:").click()
    finished(reader)
    assert "NameError" in exercise.locator(".run-error > p").inner_text()
    assert "Cells above have not been run." in exercise.locator(".run-note").inner_text()
    exercise.locator(".run-state").evaluate(FOLLOW)
    exercise.get_by_role("button", name="Run all above, then this").click()
    finished(reader)
    number = int(exercise.locator(".run-number").inner_text().removeprefix("cell "))
    told = [f"running cell {k}, {number - k} to go" for k in range(1, number)]
    assert [words for words in reader.evaluate("followed") if words.startswith("running cell")] == told
    assert focused(exercise.get_by_role("button", name="Run:"))
    assert exercise.locator(".run-output .stream").inner_text().startswith("not yet")
    assert exercise.locator(".run-note").count() == 0


def test_what_was_said_of_cells_above_goes_when_they_have_run(reader):
    first, later = (reader.locator("div.cell").nth(k) for k in (0, 2))
    typed(reader, first, "made = 1")
    typed(reader, later, "absent")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert later.locator(".run-state").inner_text() == "failed"
    later.get_by_role("button", name="Run all above:").click()
    finished(reader)
    assert later.locator(".run-state").inner_text() == "the cells above have run"
    assert later.locator(".run-output").count() == 0
    for changed in (first, later):
        changed.get_by_role("button", name="Reset:").click()


def test_an_exercise_goes_from_not_yet_to_right_and_says_so(reader):
    exercise = cell(reader, "check.half_life(half_life)")
    solved = reader.locator("h3", has_text="Exercise 2.1").locator(".progress-mark")
    exercise.locator(".cm-content").click()
    for key in ("ControlOrMeta+Home", "ArrowDown", "End", "Shift+Home"):
        reader.keyboard.press(key)
    reader.keyboard.type("return np.log(0.5)/np.log(f)")  # each key, as a reader's: the page may take none for its own
    assert exercise.locator(".run-number").inner_text().endswith(", changed")
    assert exercise.locator(".cell_input").evaluate("node => getComputedStyle(node).borderLeftStyle") == "dashed"
    assert not solved.is_visible()
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert solved.is_visible()
    assert exercise.locator(".run-output .stream").inner_text().strip() == "right"
    assert "Your output" in exercise.locator(".run-output").inner_text()
    assert said(reader).endswith(": right")
    assert focused(exercise.locator(".cm-content"))


def test_an_error_shows_its_last_line_and_the_page_goes_on(reader):
    first = reader.locator("div.cell").first
    typed(reader, first, "1 / 0")
    reader.get_by_role("button", name="Run all cells").click()
    finished(reader)
    assert said(reader).startswith("Stopped at cell 1: ZeroDivisionError: division by zero")
    reader.get_by_role("button", name="Go to cell 1").click()
    assert focused(first.get_by_role("button", name="Run:"))
    error = first.locator(".run-error")
    assert error.locator("> p").inner_text() == "ZeroDivisionError: division by zero"
    assert error.locator("summary").inner_text() == "Traceback" and not error.locator("pre").is_visible()
    typed(reader, first, "one = 1\ntwo = (")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert error.locator("> p").inner_text() == "line 2: SyntaxError: '(' was never closed"
    typed(reader, first, "print(6 * 7)")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert first.locator(".run-output .stream").inner_text().strip() == "42"
    assert first.locator(".run-state").inner_text() != "ran in 0.0 s"


def test_what_was_changed_since_it_ran_has_not_run(reader):
    first, second = (reader.locator("div.cell").nth(k) for k in (0, 1))
    typed(reader, first, "print(43)")
    above = second.get_by_role("button", name="Run all above:")
    above.click()
    finished(reader)
    assert first.locator(".run-output .stream").inner_text().strip() == "43"
    first.get_by_role("button", name="Reset:").click()
    above.click()
    finished(reader)
    assert first.locator(".run-state").inner_text().startswith("ran in")


def test_a_second_click_at_the_same_place_stops_nothing(reader):
    first = reader.locator("div.cell").first
    typed(reader, first, "print(44)")
    first.get_by_role("button", name="Run:").dblclick()
    finished(reader)
    assert first.locator(".run-output .stream").inner_text().strip() == "44"


def test_beside_changed_code_the_books_output_says_whose_it_is(reader):
    other = reader.locator("section[id^=exercise-2-2] div.cell").first
    label = "node => getComputedStyle(node, '::before').content"
    said_of = other.locator(".cell_output").first
    assert said_of.evaluate(label) == "none"
    typed(reader, other, "2")
    assert "book" in said_of.evaluate(label)
    other.get_by_role("button", name="Reset:").click()


def test_a_plot_of_the_readers_own_is_shown(reader):
    first = reader.locator("div.cell").first
    typed(reader, first, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert first.locator(".run-picture svg").bounding_box()["width"] > 100


def test_a_living_figure_and_python_share_what_it_shows(reader):
    first = reader.locator("div.cell").first
    typed(reader, first, "from lstm_ref.explorer import Valve\nvalve = Valve(0.25)\nvalve")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    slider = first.locator(".lstm-alive input[type=range]")
    assert slider.input_value() == "0.25"
    slider.fill("0.5")
    second = reader.locator("div.cell").nth(1)
    typed(reader, second, "print(valve.opening)\nvalve.opening = 0.75")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert second.locator(".run-output .stream").inner_text().strip() == "0.5"
    assert slider.input_value() == "0.75"


def test_an_endless_loop_can_be_stopped_and_python_starts_afresh_and_knows_nothing_of_old_figures(reader):
    first, second = (reader.locator("div.cell").nth(k) for k in (0, 1))
    typed(reader, second, "while True:\n    pass")
    reader.keyboard.press("ControlOrMeta+Enter")
    second.get_by_role("button", name="Stop:").click()
    assert said(reader).startswith("Stopped.")
    old = first.locator(".lstm-alive input[type=range]")
    old.fill("0.8")  # while Python loads
    typed(reader, second, "from lstm_ref.explorer import Valve\nvalve = Valve(0.25)\nvalve")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    old.fill("0.9")
    typed(reader, second, "print(valve.opening)")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert second.locator(".run-output .stream").inner_text().strip() == "0.25"


def test_where_python_itself_breaks_the_page_says_so_and_it_can_be_started_again(reader):
    second = reader.locator("div.cell").nth(1)
    typed(reader, second, "import os\nos._exit(3)")
    reader.keyboard.press("ControlOrMeta+Enter")
    again = reader.get_by_role("button", name="Start Python again")
    again.wait_for()
    assert said(reader).startswith("Python broke: ") and "Python broke: " in second.locator(".run-note").inner_text()
    assert second.locator(".run-state").inner_text() == "" and second.get_by_role("button", name="Run:").is_visible()
    reader.said.clear()
    again.click()
    typed(reader, second, "print('on')")
    reader.keyboard.press("ControlOrMeta+Enter")
    finished(reader)
    assert second.locator(".run-output .stream").inner_text().strip() == "on"


def test_after_all_this_the_chapter_is_as_the_book_has_it_once_that_is_wanted(reader):
    reader.once("dialog", lambda question: question.accept())
    reader.get_by_role("button", name="Reset all").click()
    runs_whole(reader, READ)


def test_a_reload_forgets_nothing_typed_and_a_reset_forgets_it(reader):
    first, second = (reader.locator("div.cell").nth(k) for k in (0, 1))
    for changed in (first, second):
        typed(reader, changed, "print('on')")
    reader.reload()
    assert "typed here before is kept: 2 cells" in said(reader)
    second.get_by_role("button", name="Show what you typed").click()
    reader.locator(".run-bar [role=status]").filter(has_text="Python starts when you run a cell.").wait_for()
    assert second.locator(".cm-content").inner_text().strip() == "print('on')"
    assert focused(second.get_by_role("button", name="Run:")) and reader.locator(".run-kept").count() == 0
    first.get_by_role("button", name="Reset:").click()
    assert first.locator(".cm-content").inner_text().startswith("import numpy as np")
    assert first.locator(".cell_input").inner_text().count("import numpy") == 1
    reader.once("dialog", lambda question: question.accept())
    reader.get_by_role("button", name="Reset all").click()
    reader.reload()
    assert said(reader) == "" and reader.locator(".run-kept").count() == 0


def test_the_keyboard_alone_runs_a_cell_even_if_python_did_not_start_and_leaves_the_editor(browser, strict):
    with chapter(browser, strict, WHOLE[-1]) as page:
        page.context.route("**/pyodide-lock.json", lambda route: route.fulfill(body="half of"), times=1)
        page.get_by_role("button", name="Run Python here").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Run all cells").wait_for()
        assert page.evaluate("document.activeElement.textContent") == "Run all cells"
        page.get_by_role("button", name="Start Python again").wait_for()
        assert said(page).startswith("Python did not start: ")
        page.said.clear()
        page.locator(".cm-content").first.wait_for()
        label, inside = "document.activeElement.ariaLabel", "document.activeElement.matches('.cm-content')"
        while not page.evaluate(inside):
            page.keyboard.press("Tab")
        page.keyboard.press("Tab")  # to a reader who passes through it does nothing else
        assert page.evaluate(label) == "Run: cell 1"
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Enter")
        assert page.evaluate(label) == "Code of cell 2"
        assert 0 < page.evaluate("document.activeElement.getBoundingClientRect().top") < DESK["height"]
        page.keyboard.type("#")
        page.keyboard.press("Tab")
        second = page.locator("div.cell").nth(1)
        assert page.evaluate(inside) and second.get_by_text("Esc, then Tab, leaves").is_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        assert page.evaluate(label) == "Run: cell 2"
        finished(page)
        assert page.locator(".run-state").first.text_content().startswith("ran in")
        waiting = page.locator("[role=textbox]:not(.cm-content):visible").last  # far below, without an editor so far
        name = waiting.get_attribute("aria-label")
        waiting.focus()
        assert page.evaluate(inside) and page.evaluate(label) == name


def test_a_cell_that_needs_torch_says_so_and_the_cells_around_it_run(browser, strict):
    with chapter(browser, strict, "07_learning_backwards") as page:
        offer, cells = page.locator(".run-offer").inner_text(), len(stored("07_learning_backwards"))
        page.locator(".run-bar [role=status]").evaluate(FOLLOW)
        started(page)
        [megabytes] = re.findall(r"Python is (\d+) MB", offer)
        loading = re.findall(r"Loading Python: (\d+) of (\d+) MB", " ".join(page.evaluate("followed")))
        assert {total for _, total in loading} == {megabytes}
        assert page.locator(".run-bar progress").text_content() == "100 %"
        note = page.locator(".run-absent").first
        assert f" {cells - page.locator('.run-absent').count()} of the chapter’s {cells} cells run here" in offer
        assert re.match(r"Cell \d+ needs torch", note.inner_text())
        assert note.locator("a").get_attribute("href").endswith("07_learning_backwards.ipynb")
        first = page.locator("div.cell").first
        first.get_by_role("button", name="Run:").click()
        finished(page)
        assert page.locator(".run-state").first.text_content().startswith("ran in")
        typed(page, first, "import torch\n\nones = torch.ones(3)")
        page.keyboard.press("ControlOrMeta+Enter")
        finished(page)
        assert "torch" in first.locator(".run-error > p").inner_text()


def test_what_can_be_run_keeps_the_rules_of_accessibility_and_fits_a_phone(browser, strict):
    with (
        browser.new_context(viewport=PHONE, color_scheme="light") as context,
        chapter(browser, strict, WHOLE[-1], context) as page,
    ):
        started(page)
        first = page.locator("div.cell").first
        typed(page, first, "# a comment\nprint('one', 2, None)\nassert not 3")
        page.keyboard.press("ControlOrMeta+Enter")
        finished(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.locator(".cell_input .copybtn").evaluate_all("all => all.every((copy) => copy.tabIndex === -1)")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.locator(f"html[data-theme={scheme}]").wait_for()
            found = violations(page)
            assert [one for one in found if re.search("run-|cm-|textbox", str(one))] == [], scheme


def test_without_the_wheels_the_site_has_no_bar(tmp_path, monkeypatch):
    furnish(tmp_path)
    (tmp_path / "index.ipynb").write_text(TINY, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    monkeypatch.setenv("RUNTIME_FOLDER", str(tmp_path / "nothing"))
    pages = build_site(tmp_path)
    assert "run-bar" not in (pages / "index.html").read_text(encoding="utf-8")
    assert not (pages / "_static" / "run").exists()
