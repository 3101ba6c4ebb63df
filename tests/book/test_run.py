"""Python in the page: what the chapters do when a reader runs them there, under a strict content policy."""

import json
import re
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import runtime
from helpers.book import ROOT, furnish
from helpers.book import build as build_site
from helpers.visit import DESK, serve

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
WHOLE = ["01_memory", "02_forget_valve", "03_new_memory_valve", "04_output_valve", "06_two_diagrams"]
LONG = 240_000  # milliseconds: a busy machine starts Python slowly
TINY = """{"cells": [{"cell_type": "markdown", "metadata": {}, "id": "a", "source": ["# A try"]},
  {"cell_type": "code", "metadata": {}, "id": "b", "source": ["1 + 1"], "outputs": [], "execution_count": 1}],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4, "nbformat_minor": 5}"""
# What each cell shows: the book, and the reader's own run.
SHOWN = """() => [...document.querySelectorAll(".bd-article div.cell")].filter((cell) => cell.querySelector(".run-tools"))
  .map((cell) => {
    const words = (node) => [...(node?.querySelectorAll(".output pre") ?? [])].map((pre) => pre.textContent).join("");
    const pictures = (node) => node?.querySelectorAll("img, .run-picture, .lstm-figure").length ?? 0;
    const [book, own] = ["> :not(.run-output).cell_output", ".run-output"].map((one) =>
      cell.querySelector(`:scope ${one}`) ?? cell.querySelector(`details ${one}`));
    return { state: cell.querySelector(".run-state").textContent, words: words(own).trim(), pictures: pictures(own),
      error: own?.querySelector(".run-error code")?.textContent ?? null, alive: own?.querySelectorAll("[role=group]").length };
  })"""

needs_runtime = pytest.mark.skipif(
    not (runtime.FOLDER / "ready").is_file(), reason="Python for the page could not be had: see web/runtime.py"
)


@pytest.fixture(scope="module")
def strict(site):
    """The address of the built site, served with a strict content policy."""
    with serve(site, policy=POLICY) as address:
        yield address


@contextmanager
def chapter(browser, base, name, context=None):
    """Open a chapter; the context gives its page, and ends with nothing asked of another host or blocked."""
    foreign, said = [], []

    def gate(route):
        if urlsplit(route.request.url).netloc == urlsplit(base).netloc:
            return route.continue_()
        foreign.append(route.request.url)
        return route.abort()

    own = context or browser.new_context(viewport=DESK)
    page = own.new_page()
    page.set_default_timeout(LONG)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    own.route("**/*", gate)
    page.goto(f"{base}/book/{name}.html")
    before = len(said)
    yield page
    assert (foreign, said[before:]) == ([], [])
    page.close()
    if context is None:
        own.close()


def started(page):
    """Press the chapter's first button and wait for Python."""
    page.get_by_role("button", name="Run Python here").click()
    page.locator(".run-bar progress").wait_for(state="hidden")


def cell(page, text):
    """Return the first cell whose code has this text."""
    return page.locator("div.cell").filter(has=page.locator(".cell_input", has_text=text)).first


def typed(page, where, text):
    """Put a text into a cell's editor in place of what is there."""
    editor = where.locator(".cm-content")
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


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


@needs_runtime
@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLE)
def test_a_chapter_runs_whole_in_its_page_and_says_what_the_book_says(browser, strict, name):
    with chapter(browser, strict, name) as page:
        started(page)
        page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
        page.get_by_role("button", name="Run all cells").click()
        finished(page)
        shown = page.evaluate(SHOWN)
        assert [one["error"] for one in shown if one["error"]] == []
        assert all(one["state"].startswith("ran in") for one in shown)
        assert [(one["words"], bool(one["pictures"])) for one in shown] == [
            (words, bool(pictures) and not widget)
            for (words, pictures), widget in zip(stored(name), map(lambda one: one["alive"] > 0 and not one["pictures"], shown))
        ]
