"""The pages of the built site in the order of the book, as what can be taken along is made of them: PDF and EPUB.

Of each page its text is taken, with solutions open and without what is there to be pressed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).resolve().parents[1]
# Of a page's text: what a reader presses, and what only a script reads.
NOT_TAKEN = "style, noscript, button, input, form, dialog, .headerlink, .take-along"
_SVG = re.compile(r"<script\b.*?</script>|<svg\b.*?</svg>", re.DOTALL)  # a script may hold the text of a picture


@dataclass
class Page:
    """One page: its name as in `_toc.yml`, its title, its text, its pictures as they were written, its style sheets."""

    name: str
    title: str
    article: Tag
    pictures: list[str]
    sheets: list[str]

    @property
    def slug(self) -> str:
        """Its name as part of a file's name or of an id."""
        return self.name.rpartition("/")[2]

    def html(self) -> str:
        """Its text as HTML that is XML too, with its pictures letter by letter: parsing would change their names."""
        text = self.article.decode(formatter="minimal")
        return re.sub(r'<svg data-picture="(\d+)"></svg>', lambda found: self.pictures[int(found[1])], text)


@dataclass(frozen=True)
class Part:
    """A part of the book, with its caption; the first has none and holds the first page."""

    caption: str
    pages: list[Page]


def parts(site: Path, root: Path = ROOT) -> list[Part]:
    """Read the pages of a site, as `_toc.yml` puts them in order.

    Raises
    ------
    FileNotFoundError
        If the site has not been built.
    """
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    first = Part("", [read(site, contents["root"])])
    named = [(part["caption"], part["chapters"]) for part in contents.get("parts", [])]
    return [first, *(Part(caption, [read(site, one["file"]) for one in chapters]) for caption, chapters in named)]


def read(site: Path, name: str) -> Page:
    """Read one page of the site."""
    pictures: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        if found[0].startswith("<script"):
            return ""
        pictures.append(found[0])
        return f'<svg data-picture="{len(pictures) - 1}"></svg>'

    text = _SVG.sub(set_aside, (site / f"{name}.html").read_text(encoding="utf-8"))
    page = BeautifulSoup(text, "html.parser")
    article = page.select_one("article.bd-article")
    if article is None:
        raise ValueError(f"page {name}: expected an article, got none")
    for node in article.select(NOT_TAKEN):
        node.decompose()
    for fold in article.select("details"):
        unfold(page, fold)
    heading = article.select_one("h1")
    sheets = [resolved(name, str(link["href"])) for link in page.select('link[rel="stylesheet"]:not(noscript link)')]
    return Page(name, heading.get_text() if heading else name, article, pictures, sheets)


def unfold(page: BeautifulSoup, fold: Tag) -> None:
    """Put in place of a fold what is in it, under its label: "Show the solution" becomes "The solution"."""
    summary = fold.find("summary")
    if isinstance(summary, Tag):
        label = summary.select_one(".collapsed") or summary
        words = label.get_text().strip().removeprefix("Show ")
        title = page.new_tag("p", attrs={"class": "fold-title"})
        title.string = words[:1].upper() + words[1:]
        summary.replace_with(title)
    fold.name = "div"
    fold.attrs = {"class": "fold"}


def resolved(name: str, address: str) -> str:
    """Return an address on a page as one that begins at the site's root."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(urlsplit(address).path)))


def relink(page: Page, pages: set[str], to: Callable[[str, str], str], picture: Callable[[str], str]) -> None:
    """Let the links and images of a page lead to where its pages and its files now are.

    `to` makes a link of the name of a page and an id on it, which may be empty; `picture` makes the address of a file.
    A link to what is not taken along is left as plain words.
    """
    for link in page.article.select("a[href]"):
        parts = urlsplit(str(link["href"]))
        if parts.scheme or parts.netloc:
            continue
        target = resolved(page.name, parts.path).removesuffix(".html") if parts.path else page.name
        if target in pages:
            link["href"] = to(target, unquote(parts.fragment))
        else:
            link.unwrap()
    for image in page.article.select("img[src]"):
        image["src"] = picture(resolved(page.name, str(image["src"])))
