"""Make one PDF of the book, and one of the cheat sheet, from the built site: Chromium prints them.

python web/book_pdf.py          writes them beside the site's first page, which then links to them

The book is printed twice: where a chapter begins is known when it has been printed, and its contents say so.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from html import escape
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from book_cover import cover
from browser import chromium
from pikepdf import ObjectStreamMode, Pdf
from site_pages import ROOT, Page, Part, parts, relink
from take_along import CHEAT_SHEET, PDF, link_from_first_page, subtitle

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

MANY = 40  # sections
STYLE = Path(__file__).with_name("paper") / "book.css"
READY = "() => document.fonts.ready.then(() => null)"
FILL = """(numbers) => document.querySelectorAll("[data-page]").forEach((place) =>
  (place.textContent = numbers[place.dataset.page] ?? ""))"""


def printed(tab: Tab) -> bytes:
    """Print what a tab shows, with bookmarks, and with tags for those who hear it."""
    return tab.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def anchor(name: str, place: str) -> str:
    """Return the id that a place on a page has in the book; each page of the site has its own `exercises`."""
    page = name.replace("/", "-").replace("_", "-")
    return f"{page}--{place}" if place else page


def joined(book: list[Part], config: dict[str, str], to_site: str) -> str:
    """Return the whole book as one page of HTML; `to_site` leads from its folder to the site's."""
    pages = [page for part in book for page in part.pages]
    names = {page.name for page in pages}
    if heading := pages[0].article.select_one("h1"):
        heading.string = pages[0].title = "About this book"
    for page in pages:
        for node in page.article.select("[id]"):
            node["id"] = anchor(page.name, str(node["id"]))
        relink(page, names, lambda name, place: f"#{anchor(name, place)}", lambda address: f"{to_site}/{address}")
        page.article["id"] = anchor(page.name, "")
    heads = "".join(
        f"@page {place} {{ @top-right {{ content: {css_string(page.title)} }} }}\n#{place} {{ page: {place} }}\n"
        for page, place in ((page, anchor(page.name, "")) for page in pages)
    )
    sheets = dict.fromkeys(sheet for page in pages for sheet in page.sheets)
    links = "".join(f'<link rel="stylesheet" href="{to_site}/{sheet}">' for sheet in sheets)
    articles = "\n".join(page.html() for page in pages)
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{escape(config['title'])}</title>{links}<style>{STYLE.read_text(encoding='utf-8')}{heads}</style></head>"
        f'<body><main class="bd-main"><div class="bd-content"><div class="bd-article-container">'
        f'<div class="book-cover">{cover(config["title"], subtitle(pages[0]), config["author"])}</div>'
        f"{contents(book)}{articles}</div></div></main></body></html>"
    )


def css_string(text: str) -> str:
    """Return a text as a string of CSS."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def contents(book: list[Part]) -> str:
    """Return the list of contents, with a place for each page number."""

    def line(place: str, words: str) -> str:
        return f'<a href="#{place}"><span>{escape(words)}</span><span data-page="{place}"></span></a>'

    text = '<nav class="book-contents" aria-labelledby="book-contents"><h1 id="book-contents">Contents</h1><div>'
    for part in book:
        text += f"{f'<p>{escape(part.caption)}</p>' if part.caption else ''}<ol>"
        for page in part.pages:
            inner = "".join(f"<li>{line(place, words)}</li>" for place, words in sections(page))
            text += f"<li>{line(anchor(page.name, ''), page.title)}{f'<ol>{inner}</ol>' if inner else ''}</li>"
        text += "</ol>"
    return text + "</div></nav>"


def sections(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the id and the title of each section of a page; the glossary is a list by itself."""
    headings = page.article.select("section[id] > h2")
    if len(headings) <= MANY:
        yield from ((str(heading.parent["id"]), heading.get_text()) for heading in headings if heading.parent)


def page_numbers(pdf: bytes) -> dict[str, int]:
    """Return the page of each place that is linked to, counted from 1."""
    with Pdf.open(BytesIO(pdf)) as file:
        pages = {page.obj.objgen: number for number, page in enumerate(file.pages, start=1)}
        places: Iterable[tuple[str, Any]] = file.Root.Dests.items()
        return {name.lstrip("/"): pages[place[0].objgen] for name, place in places}


def book_pdf(browser: Browser, site: Path, root: Path = ROOT) -> bytes:
    """Print the book."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    with TemporaryDirectory(dir=site.parent) as folder:
        file = Path(folder, "book.html")
        file.write_text(joined(parts(site, root), config, f"../{site.name}"), encoding="utf-8")
        tab = browser.new_page()
        tab.goto(file.as_uri())
        tab.evaluate(READY)
        numbers = page_numbers(printed(tab))
        tab.evaluate(FILL, numbers)
        pdf = printed(tab)
        tab.close()
    if page_numbers(pdf) != numbers:
        raise RuntimeError("the page numbers moved the pages: expected the same in both printings")
    return with_author(pdf, config["author"])


def sheet_pdf(browser: Browser, site: Path) -> bytes:
    """Print the page of the cheat sheet."""
    tab = browser.new_page()
    tab.goto((site / f"{CHEAT_SHEET}.html").as_uri())
    tab.evaluate(READY)
    pdf = tab.pdf(format="A4", print_background=True, tagged=True)
    tab.close()
    return pdf


def with_author(pdf: bytes, author: str) -> bytes:
    """Return a PDF that says who wrote it, and is a third as large: its tags are packed."""
    out = BytesIO()
    with Pdf.open(BytesIO(pdf)) as file:
        file.docinfo["/Author"] = author
        file.save(out, object_stream_mode=ObjectStreamMode.generate)
    return out.getvalue()


def main() -> None:
    """Make both and say how large they are."""
    site = ROOT / "_build" / "html"
    with chromium() as browser:
        made = {PDF: book_pdf(browser, site), f"{CHEAT_SHEET.rpartition('/')[2]}.pdf": sheet_pdf(browser, site)}
    for name, pdf in made.items():
        (site / name).write_bytes(pdf)
        print(f"{name}: {len(Pdf.open(BytesIO(pdf)).pages)} pages, {len(pdf) / 1e6:.1f} MB")
    link_from_first_page(site)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(str(error))
