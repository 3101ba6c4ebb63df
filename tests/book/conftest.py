"""What the tests of the book share: the built site, served on this machine, a browser, and a tiny chapter."""

import os

import notebooks
import pytest
from filelock import FileLock
from find_browser import find_browser
from helpers.book import ROOT, build
from helpers.tiny_chapter import VIEW
from helpers.visit import serve

FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site, which the first of several workers builds for all."""
    folder = tmp_path_factory.getbasetemp()
    run = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
    with FileLock(run / "site.lock"):
        if not (run / "built").exists():
            build(ROOT)
            (run / "built").touch()
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def served(site):
    """The address of the built site."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """A headless browser; each test opens its own pages in it."""
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


@pytest.fixture(scope="session")
def notebook(tmp_path_factory):
    """The tiny chapter, executed; a test changes a copy of it."""
    return notebooks.execute(notebooks.from_view(VIEW), tmp_path_factory.mktemp("book"))
