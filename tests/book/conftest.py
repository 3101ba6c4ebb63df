"""What the tests of the book share: the built site, served on this machine, a browser, and a tiny chapter."""

import os
import shutil

import notebooks
import pytest
from browser import chromium
from browser import served as serve
from filelock import FileLock
from find_browser import find_browser
from helpers.book import ROOT, build
from helpers.small_site import small_site
from helpers.tiny_chapter import VIEW
from helpers.visit import POLICY


def once(tmp_path_factory, name, make):
    """Let the first of several workers make something in a folder for all; return the folder."""
    folder = tmp_path_factory.getbasetemp()
    run = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
    with FileLock(run / f"{name}.lock"):
        if not (run / f"{name} is made").exists():
            make(run / name)
            (run / f"{name} is made").touch()
    return run / name


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site, which is built once, unless make has done so."""
    if not os.environ.get("SITE_IS_BUILT"):
        once(tmp_path_factory, "site", lambda _: build(ROOT))
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def served(site):
    """The address of the built site."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def strict(site):
    """The address of the built site, whose server sends a strict content policy with every file."""
    with serve(site, [("Content-Security-Policy", POLICY)]) as address:
        yield address


@pytest.fixture(scope="module")
def hard_site(tmp_path_factory):
    """The folder of a small book with all that is hard to print, and its site in _build/html; a copy for each file."""
    made = once(tmp_path_factory, "hard", small_site)
    return shutil.copytree(made, tmp_path_factory.mktemp("hard") / "book", symlinks=True)


@pytest.fixture(scope="module")
def browser():
    """A headless browser; each test opens its own pages in it."""
    if find_browser() is None:
        if os.environ.get("CI"):
            pytest.fail("no browser found: install Chromium or Chrome, or set BROWSER_PATH")
        pytest.skip("no browser found")
    with chromium() as one:
        yield one


@pytest.fixture(scope="session")
def notebook(tmp_path_factory):
    """The tiny chapter, executed; a test changes a copy of it."""
    return notebooks.execute(notebooks.from_view(VIEW), tmp_path_factory.mktemp("book"))
