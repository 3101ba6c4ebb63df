"""What several test files share: the built site, served on this machine, and a browser."""

import os
import sys

import pytest
from browser import find_browser
from visit import serve

from tools import project

FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site():
    """Build the site once, with warnings as errors, and return its folder."""
    assert project.build(python=sys.executable) == 0, "the site does not build; see above"
    return project.SITE


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
