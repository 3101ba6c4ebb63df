"""The PDF of the book, printed from a small site."""

from io import BytesIO

import book_pdf
import browser as opened
import pytest
import take_along
from pikepdf import Dictionary, Name, Pdf


@pytest.fixture(scope="module")
def pdf(browser, hard_site):
    return book_pdf.book_pdf(browser, hard_site / "_build" / "html", hard_site)


@pytest.fixture(scope="module")
def book(pdf):
    with Pdf.open(BytesIO(pdf)) as book:
        yield book


def structure(book):
    """Every element of the tree that a screen reader follows."""
    waiting = [book.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Dictionary):
            yield node
            waiting.extend([node[Name.K]] if Name.K in node else [])
        elif not isinstance(node, int):
            waiting.extend(node)


def test_it_says_what_it_is_and_in_which_language(book):
    assert (book.docinfo.Title, book.docinfo.Author) == ("Understanding the LSTM", "The lstm_ref authors")
    assert book.Root.Lang == "en" and book.Root.MarkInfo.Marked


def test_its_bookmarks_are_the_pages_and_their_sections(book):
    with book.open_outline() as outline:
        titles = [(entry.title, [inner.title for inner in entry.children]) for entry in outline.root]
    assert [title for title, _ in titles] == ["Contents", "About this book", "Hard", "Other"]
    assert dict(titles)["Hard"] == ["A figure", "Exercises"]


def test_it_knows_on_which_page_each_place_is(pdf, book):
    numbers = book_pdf.page_numbers(pdf)
    assert numbers["index"] < numbers["book-hard"] <= numbers["book-hard--exercises"] < numbers["book-other"]
    assert numbers["book-other"] == len(book.pages)


def test_the_contents_say_on_which_page_each_place_is(browser):
    page = browser.new_page()
    page.set_content('<span data-page="here"></span><span data-page="nowhere">1</span>')
    page.evaluate(book_pdf.FILL, {"here": 12})
    assert page.locator("span").all_inner_texts() == ["12", ""]
    page.close()


def test_every_link_within_the_book_leads_to_a_place_in_it(book):
    links = [note for page in book.pages for note in page.get(Name.Annots, []) if note.Subtype == Name.Link]
    inner = [str(note.Dest) for note in links if Name.Dest in note]
    assert {"/book-hard", "/book-hard--exercises"} <= set(inner) <= set(book.Root.Dests.keys())
    addresses = [str(note.A.URI) for note in links if Name.A in note]
    assert not [address for address in addresses if address.startswith("file:")]


def test_every_font_is_embedded_and_its_text_can_be_read(book):
    fonts = [font for page in book.pages for font in page.get(Name.Resources, {}).get(Name.Font, {}).values()]
    assert fonts and all(Name.ToUnicode in font for font in fonts if font.Subtype == Name.Type0)
    described = [inner.FontDescriptor for font in fonts for inner in font.get(Name.DescendantFonts, [font])]
    assert all({"/FontFile2", "/FontFile3"} & set(one.keys()) for one in described)


def test_its_pictures_say_what_they_show(book):
    said = [str(node.Alt) for node in structure(book) if Name.Alt in node]
    for words in ("drawn as a pipe", "drawn around a cell"):
        assert [text for text in said if words in text], words


def test_a_title_becomes_a_string_of_css():
    assert book_pdf.css_string('a "b" \\') == '"a \\"b\\" \\\\"'


def test_without_a_browser_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(opened, "find_browser", lambda: None)
    with pytest.raises(RuntimeError, match="Chromium or Chrome"), opened.chromium():
        pass


def test_the_first_page_links_to_what_has_been_made_and_to_nothing_else(hard_site):
    site = hard_site / "_build" / "html"
    first = site / "index.html"
    before = first.read_text(encoding="utf-8")
    take_along.link_from_first_page(site)
    assert first.read_text(encoding="utf-8") == before and take_along.EPUB not in before
    (site / take_along.EPUB).write_bytes(b"x" * 1_200_000)
    take_along.link_from_first_page(site)
    take_along.link_from_first_page(site)
    after = first.read_text(encoding="utf-8")
    assert after.count(f'href="{take_along.EPUB}"') == 1 and "(1.2 MB)" in after
    assert take_along.PDF not in after
    (site / take_along.EPUB).unlink()
    take_along.link_from_first_page(site)
    assert first.read_text(encoding="utf-8") == before


def test_the_first_page_of_the_book_has_a_place_for_the_links():
    assert (book_pdf.ROOT / "index.md").read_text(encoding="utf-8").count('<span class="take-along"></span>') == 1
