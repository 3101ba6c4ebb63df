"""What pages say of themselves, and what is there only when the site has a public address: small sites, both states."""

import struct
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit
from xml.etree import ElementTree

import brand
import metadata
import nbformat
import pytest
import repository
from docutils.core import publish_doctree
from helpers.book import FILES, ROOT, build, furnish, parsed

import lstm_ref

ADDRESS = "ada/engine"
PUBLIC = "https://ada.github.io/engine/"
NOTEBOOK = "book/01_valve"
INDEX = "# Home\n\n*A motto.*\n\nThis first page says what the book is about, in one sentence that is long enough.\n"
CHAPTER = "# 1. A valve\n\nHow long should a memory last? This chapter of one cell gives an answer to that."


def two_pages(root, address):
    """Build a site of two pages for a repository's address; return its folder."""
    furnish(root)
    config = (root / "_config.yml").read_text(encoding="utf-8")
    config = repository.renamed(config, repository.current(), address)
    (root / "_config.yml").write_text(config, encoding="utf-8")
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters: [file: {NOTEBOOK}]\n")
    (root / "index.md").write_text(INDEX, encoding="utf-8")
    cells = [nbformat.v4.new_markdown_cell(CHAPTER, id="a"), nbformat.v4.new_code_cell("1 + 1", id="b")]
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=language), root / f"{NOTEBOOK}.ipynb")
    return build(root)


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    return cache(lambda address: two_pages(tmp_path_factory.mktemp("site"), address))


@pytest.fixture(params=[repository.UNSET, ADDRESS], ids=["unset", "set"])
def state(request, sites):
    """A site without an address, and with one: the address, and the folder."""
    return request.param, sites(request.param)


def properties(page):
    return {node["property"]: node["content"] for node in page.select("meta[property]")}


def test_buttons_and_links_lead_outside_only_where_there_is_an_address(state):
    address, site = state
    links = [link["href"] for link in parsed(site, NOTEBOOK).select("a[href]") if urlsplit(link["href"]).netloc]
    if address == repository.UNSET:
        assert links == []
    else:
        assert f"https://mybinder.org/v2/gh/{ADDRESS}/main?urlpath=lab/tree/{NOTEBOOK}.ipynb" in links
        assert f"https://colab.research.google.com/github/{ADDRESS}/blob/main/{NOTEBOOK}.ipynb" in links
        assert f"https://github.com/{ADDRESS}" in links
        assert any(link.startswith(f"https://github.com/{ADDRESS}/issues/new") for link in links)


def test_a_page_names_its_address_and_its_card_only_where_there_is_one(state):
    address, site = state
    page = parsed(site, NOTEBOOK)
    said, canonical = properties(page), [link["href"] for link in page.select("link[rel=canonical]")]
    if address == repository.UNSET:
        assert canonical == [] and not {"og:url", "og:image"} & set(said)
    else:
        assert canonical == [said["og:url"]] == [f"{PUBLIC}{NOTEBOOK}.html"]
        assert (said["og:image"], said["og:image:width"]) == (f"{PUBLIC}_static/card.png", "1200")


def test_crawlers_get_a_map_only_where_there_is_an_address(state):
    address, site = state
    robots = (site / "robots.txt").read_text(encoding="utf-8")
    if address == repository.UNSET:
        assert "Sitemap" not in robots and not (site / "sitemap.xml").exists()
    else:
        assert f"Sitemap: {PUBLIC}sitemap.xml" in robots
        sitemap = ElementTree.parse(site / "sitemap.xml").getroot()
        assert {page[0].text for page in sitemap} == {f"{PUBLIC}index.html", f"{PUBLIC}{NOTEBOOK}.html"}


def test_the_button_of_a_chapter_gives_the_notebook_in_either_state(state, browser):
    _, site = state
    with browser.new_context() as context, shown(site) as base:
        page = context.new_page()
        page.goto(f"{base}/{NOTEBOOK}.html")
        page.get_by_role("button", name="Take this page along: notebook or print").click()
        with page.expect_download() as got:
            page.locator(".btn-download-source-button").click()
        assert got.value.suggested_filename == "01_valve.ipynb"
        assert nbformat.read(got.value.path(), as_version=4).cells[1].source == "1 + 1"


@contextmanager
def shown(site, under="/"):
    """Serve a folder as hosts of pages do: under a path, and with its own page for an address that leads nowhere."""

    class Host(SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path("/" + path.removeprefix(under) if path.startswith(under) else "/nothing")

        def send_error(self, code, *arguments):
            body = (site / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_that_leads_nowhere_shows_a_page_whose_links_lead_on_from_any_depth(state, browser):
    address, site = state
    under = "/" if address == repository.UNSET else "/engine/"
    with browser.new_context() as context, shown(site, under) as base:
        page = context.new_page()
        missing = []
        page.on("response", lambda reply: reply.status >= 400 and missing.append(reply.url))
        nowhere = f"{base}{under}book/deep/er/nothing.html"
        page.goto(nowhere)
        assert missing == [nowhere]
        assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "flex"
        page.get_by_role("link", name="first page").click()
        page.wait_for_url(f"{base}{under}index.html")
        assert page.title() == "Understanding the LSTM"


def test_every_page_has_a_title_and_a_description_of_its_own(site):
    pages = [parsed(site, name) for name in FILES]
    titles = [page.title.text for page in pages]
    words = [page.select_one("meta[name=description]")["content"] for page in pages]
    assert len(set(titles)) == len(set(words)) == len(FILES)
    assert titles[0] == "Understanding the LSTM" and all(title.count("Understanding the LSTM") == 1 for title in titles)
    assert all(metadata.SHORTEST <= len(text) <= metadata.LONGEST + 1 and "\\" not in text for text in words)
    assert words == [properties(page)["og:description"] for page in pages]
    assert all(len(page.select("meta[name=viewport]")) == 1 for page in pages)


def test_a_description_ends_with_a_sentence_or_at_least_with_a_word():
    sentence, endless = "This sentence has some forty-four letters. ", "word " * 50
    assert metadata.description(publish_doctree(sentence * 9)) == (sentence * 4).strip()
    assert metadata.description(publish_doctree(endless)).endswith("word…")
    assert metadata.description(publish_doctree("A motto.")) == ""


def test_no_page_has_a_placeholder_for_an_address(site):
    pages = [*site.rglob("*.html"), *site.rglob("*.js"), *site.rglob("*.xml")]
    assert not [page.name for page in pages if "-owner-" in page.read_text(encoding="utf-8")]


def test_the_card_and_the_icons_have_their_sizes(site):
    sizes = {"card": brand.CARD, "icon-32": (32, 32), "icon-180": (180, 180)}
    for name, size in sizes.items():
        header = (site / "_static" / f"{name}.png").read_bytes()[:24]
        assert header[1:4] == b"PNG" and struct.unpack(">II", header[16:]) == size


def test_the_footer_says_which_version_this_is_and_of_which_day(site, monkeypatch, tmp_path):
    footer = parsed(site, "index").select_one(".bd-footer-content").text
    assert metadata.edition(ROOT) in footer
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert metadata.edition(ROOT) == f"Version {lstm_ref.__version__}, 1 January 1970"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert metadata.edition(tmp_path) == f"Version {lstm_ref.__version__}"


def test_the_page_of_changes_begins_with_what_concerns_readers(site):
    headings = [heading.text.strip("#") for heading in parsed(site, "book/changes").select("article h2, article h3")]
    assert headings[1:3] == ["Errata of the chapters", "For readers: what is new in the book"]
