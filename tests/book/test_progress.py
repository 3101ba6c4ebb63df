"""How far a reader has come is kept in the browser alone, and shown in the contents."""

import pytest
from helpers.book import CHAPTERS
from helpers.visit import DESK

SMALL = "() => (document.body.style.zoom = 0.02)"  # a whole chapter is on the screen
SETTLED = "() => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 100)))"
SOLVED = "() => document.dispatchEvent(new CustomEvent('exercise-solved', { detail: { exercise: '2.1' } }))"
CHAPTER, INDEX = CHAPTERS[1], "index"


@pytest.fixture
def page(browser, served):
    with browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        page.said = []
        page.on("pageerror", lambda error: page.said.append(str(error)))
        yield page
        assert page.said == []


def opened(page, served):
    """Open a chapter with a clock that can be put forward."""
    page.clock.install()
    page.goto(f"{served}/{CHAPTER}.html", wait_until="domcontentloaded")


def look(page):
    """Let what is on the screen stay there for as long as it takes to have read it."""
    page.evaluate(SETTLED)
    page.clock.fast_forward(3000)
    page.locator("nav .progress-mark").first.wait_for(state="attached")


def marks(page, where):
    """Return what a screen reader hears of the marks in a part of the page."""
    return [" ".join(text.split()) for text in page.locator(f"{where} .progress-mark").all_text_contents()]


def read(page, served):
    """Read a chapter and solve an exercise."""
    opened(page, served)
    page.evaluate(SMALL)
    look(page)
    page.wait_for_function("() => document.querySelector('nav .progress-mark').textContent.includes('(read)')")
    page.evaluate(SOLVED)


def test_what_was_read_and_solved_is_marked_in_the_contents_and_on_the_first_page(page, served):
    page.goto(f"{served}/{INDEX}.html")
    assert marks(page, "body") == [] and page.locator(".progress-forget").is_hidden()
    read(page, served)
    assert marks(page, ".bd-sidebar-primary") == ["✓ 1/6 (read, 1 of 6 exercises solved)"]
    assert marks(page, "article h3") == ["✓ (solved)"]
    assert page.locator(".solved-before").count() == 1
    page.goto(f"{served}/{INDEX}.html")
    assert marks(page, "#the-chapters") == ["✓ 1/6 (read, 1 of 6 exercises solved)"]
    link = page.locator("#the-chapters li", has=page.locator(".progress-mark")).locator("a").first
    assert CHAPTER.split("/")[-1] in link.get_attribute("href")


def test_a_reader_can_have_it_forgotten(page, served):
    read(page, served)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget my progress").click()
    assert marks(page, "body") == [] and page.locator(".progress-forget, .solved-before").count() == 1
    assert page.locator(".progress-forget").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == "Forgotten."
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('progress:'))") == []


def test_a_glance_is_not_reading(page, served):
    opened(page, served)
    page.evaluate(SETTLED)
    page.clock.fast_forward(1500)
    assert marks(page, "body") == []
    look(page)
    assert "sections read)" in marks(page, ".bd-sidebar-primary")[0]


def test_where_the_browser_keeps_nothing_the_page_lives_on(browser, served):
    with browser.new_context(viewport=DESK) as context:
        context.add_init_script("""for (const name of ["getItem", "setItem", "removeItem"])
          Storage.prototype[name] = () => { throw new Error("nothing is kept"); };""")
        page = context.new_page()
        said = []
        page.on("pageerror", lambda error: said.append(error.message))
        opened(page, served)
        look(page)
        page.evaluate(SOLVED)
        assert set(said) <= {"nothing is kept"}  # of the theme and of Sphinx, which keep things of their own
        assert marks(page, "article h3") == ["✓ (solved)"]
        assert page.locator("form.answer").first.is_visible()  # another script of the page


def test_without_javascript_nothing_is_shown(browser, served):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{served}/{INDEX}.html")
        assert page.locator(".progress-mark, .progress-forget").count() == 0
