"""Chapters and exercises that the text names are links to them."""

import re
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from bs4 import NavigableString
from chapter_links import ChapterLinks
from docutils.core import publish_doctree
from helpers.book import CHAPTERS, FILES, parsed

NAMED = re.compile(r"\b(chapters?\s+\d+|exercises?\s+\d+\.\d+)", re.IGNORECASE)
LINKED = re.compile(r"(?:chapters?\s+|exercises?\s+)?(\d+(?:\.\d+)?)", re.IGNORECASE)
PLAIN_IN = ["a", "code", "pre", "h1", "h2", "h3", "script", "svg", "form", "dt"]


def own_number(name):
    found = re.search(r"/(\d\d)_", name)
    return str(int(found[1])) if found else ""


@pytest.fixture(scope="module")
def titles(site):
    """The title of each chapter, by its number."""
    heads = [parsed(site, name).article.h1.get_text().rstrip("#").partition(". ") for name in CHAPTERS]
    return {number: title for number, _, title in heads}


# The exercises of other books stay theirs.
@pytest.mark.parametrize("name", [name for name in FILES if name != "book/references"])
def test_a_chapter_that_the_text_names_is_a_link_to_it_but_on_its_own_page(site, name):
    own = {f"chapter {own_number(name)}", f"chapters {own_number(name)}"}
    left = [
        found[0]
        for text in parsed(site, name).article.find_all(string=NAMED)
        if type(text) is NavigableString and not text.find_parent(PLAIN_IN)
        for found in NAMED.finditer(text)
        if " ".join(found[0].lower().split()) not in own
    ]
    # An exercise stays plain under its own heading alone, where none is named today.
    assert left == []


def test_a_link_to_a_chapter_leads_there_and_has_its_title(site, titles):
    seen = set()
    for name in FILES:
        for link in parsed(site, name).article.select("a[title].reference.internal:not([href*=references])"):
            number = LINKED.fullmatch(" ".join(link.get_text().split()))
            if number and "." not in number[1]:
                seen.add(number[1])
                assert re.search(rf"(^|/)0?{number[1]}_\w+\.html$", link["href"]), (name, link)
                assert link["title"] == titles[number[1]] and number[1] != own_number(name)
    assert seen == set(titles)


def test_a_list_of_chapters_and_an_exercise_are_links_too(site):
    text = parsed(site, "index").article
    assert [link.get_text() for link in text.find_all("a", string=re.compile("^(chapters 7|11)$"))] == [
        "chapters 7",
        "11",
    ]
    (link,) = parsed(site, CHAPTERS[5]).article.find_all("a", string=re.compile(r"^Exercise\s6\.2$"))
    assert unquote(link["href"]).startswith("#exercise-6-2-") and link["title"].startswith("Exercise 6.2: ")
    (other,) = parsed(site, CHAPTERS[6]).article.find_all("a", string=re.compile(r"^Exercise\s7\.2$"))
    assert other["href"].startswith("#exercise-7-2-")


def test_a_chapter_or_an_exercise_that_the_book_has_not_is_a_warning_and_stays_plain(caplog):
    document = publish_doctree("See chapters 1 and 12, and exercise 1.9.")
    document.settings.env = SimpleNamespace(docname="book/01_memory", titles={"book/01_memory": document})
    links = ChapterLinks(document)
    links.chapters, links.exercises = {"1": "book/01_memory"}, {}
    links.run()
    assert document.astext() == "See chapters 1 and 12, and exercise 1.9."
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["12", "exercise 1.9"]
