"""Weigh the built site: what a browser fetches for a page, when the page shows, and how much lies on disk.

    python web/weigh.py [FOLDER]     print the table that stands in CONTRIBUTING.md

Kilobytes are of 1024 bytes, megabytes of 1024 of those. A page is what its first view fetches, with nothing in the
cache; "gz" is what gzip -6 makes of each of its files. The times are those of a processor made four times slower.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from browser import chromium, served

PAGES = {
    "index": "index",
    "chapter 2": "book/02_forget_valve",
    "chapter 6": "book/06_two_diagrams",
    "chapter 7": "book/07_learning_backwards",
    "chapter 9": "book/09_what_memory_can_do",
    "api": "book/api",
}
HEADER = "| page | requests | KB | KB gz | first paint, ms | DOM ready, ms |"
SLOWER = 4  # a slow phone's processor, beside this machine's
RUNS = 3
TIMES = """() => [
  performance.getEntriesByName('first-contentful-paint')[0].startTime,
  performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
]"""


class Weight(NamedTuple):
    """What the first view of one page costs: files, kilobytes as they are and packed, milliseconds."""

    requests: float
    raw: float
    packed: float
    paint: float
    ready: float


def view(browser: Any, base: str, name: str) -> Weight:
    """Return what one view of a page costs in a browser of Playwright that has seen nothing of it yet.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    base : str
        The address of the site.
    name : str
        The page.
    """
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        replies: list[Any] = []
        page.on("response", lambda reply: replies.append(reply))
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{base}/{name}.html", wait_until="networkidle")
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        times = page.evaluate(TIMES)
        return Weight(*fetched(replies, base), *times)


def fetched(replies: list[Any], base: str) -> tuple[int, float, float]:
    """Return how many files a browser was given from an address, and their kilobytes as they are and packed."""
    bodies = {reply.url: reply.body() for reply in replies if reply.ok and reply.url.startswith(base)}.values()
    packed = sum(len(gzip.compress(body, 6)) for body in bodies)
    return len(bodies), sum(map(len, bodies)) / 1024, packed / 1024


def on_disk(folder: Path) -> float:
    """Return how many megabytes the files of the site are, less Python, and the PDF and EPUB, where they are there."""
    files = [path for path in folder.rglob("*") if path.is_file() and "run" not in path.relative_to(folder).parts]
    return sum(path.stat().st_size for path in files if path.suffix not in (".pdf", ".epub")) / 2**20


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html")
    with served(folder) as base, chromium() as browser:
        print(HEADER, "| --- | ---: | ---: | ---: | ---: | ---: |", sep="\n")
        for words, name in PAGES.items():
            weight = Weight(*map(median, zip(*(view(browser, base, name) for _ in range(RUNS)), strict=True)))
            print("|", " | ".join([words, *(f"{figure:.0f}" for figure in weight)]), "|")
    print(f"\nOn disk: {on_disk(folder):.1f} MB")


if __name__ == "__main__":
    main()
