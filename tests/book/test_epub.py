"""The EPUB of the book, made of a small site; what epubcheck says of it `make epub` asks."""

import re
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import book_epub
import pytest

TAG = "{http://www.w3.org/1999/xhtml}"
PACKAGE = "{http://www.idpf.org/2007/opf}"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture(scope="module")
def path(hard_site):
    book_epub.write(hard_site / "book.epub", hard_site / "_build" / "html", hard_site)
    return hard_site / "book.epub"


@pytest.fixture(scope="module")
def files(path):
    with ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith(".woff2")}


def test_it_begins_with_its_kind_as_plain_letters(path):
    with ZipFile(path) as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", ZIP_STORED, b"")


def test_it_says_what_it_is_and_which_book_it_is_each_time(files):
    data = ElementTree.fromstring(files["book/book.opf"]).find(f"{PACKAGE}metadata")
    found = {one: data.findtext(f"{DUBLIN}{one}") for one in ("title", "creator", "language", "identifier")}
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", found.pop("identifier"))
    assert found == {"title": "Understanding the LSTM", "creator": "The lstm_ref authors", "language": "en"}


@pytest.mark.parametrize(("stamp", "date"), [("86400", "1970-01-02"), ("", "{year}-01-01")])
def test_it_is_of_the_last_change_whenever_it_is_made(path, monkeypatch, stamp, date):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", stamp)  # and here is no commit
    made = dict(book_epub.members(path.parent / "_build" / "html", path.parent))
    data = ElementTree.fromstring(made["book/book.opf"].encode()).find(f"{PACKAGE}metadata")
    said = data.findtext(f"{PACKAGE}meta[@property='dcterms:modified']")
    assert said == date.format(year=data.findtext(f"{DUBLIN}date")) + "T00:00:00Z"


def test_its_contents_lead_to_the_pages_and_their_sections_in_order(files):
    links = [link.get("href") for link in ElementTree.fromstring(files["book/contents.xhtml"]).iter(f"{TAG}a")]
    assert links[:3] == ["index.xhtml", "hard.xhtml", "hard.xhtml#a-figure"]
    assert links[-2:] == ["other.xhtml", "other.xhtml#exercises"]


def test_solutions_stand_open_under_their_label(files):
    page = files["book/hard.xhtml"]
    assert "<details" not in page and '<p class="fold-title">The solution</p>' in page and "the_answer" in page


def test_diagrams_are_drawn_in_light_colours_and_say_what_they_show(files):
    page = ElementTree.fromstring(files["book/hard.xhtml"])
    pictures = list(page.iter("{http://www.w3.org/2000/svg}svg"))
    assert len(pictures) >= 2 and pictures[0].get("viewBox") == "0 0 520 500"
    assert "drawn as a pipe" in "".join(pictures[0].find("{http://www.w3.org/2000/svg}desc").itertext())
    assert [name for name, text in files.items() if "light-dark(" in text] == []


def test_code_keeps_its_colours_and_wraps(files):
    style = files["book/book.css"]
    assert re.search(r"^\.highlight \.k \{ color: #", style, re.MULTILINE) and "pre-wrap" in style
    assert "data-theme" not in style


@pytest.mark.parametrize(
    ("style", "in_light"),
    [
        ("a{color:light-dark(#fff, #000)}", "a{color:#fff}"),
        ("@supports(color:light-dark(red,red)){.a{--x:light-dark(#fff,#000)}}b{}", ".a{--x:#fff}b{}"),
    ],
)
def test_light_style_has_one_colour_for_two(style, in_light):
    assert book_epub.light(style) == in_light
