"""Links to the glossary say what a term means, to the pointer and to the keyboard: a small site, in a browser."""

import re

import pytest
from helpers.book import ROOT, build, furnish

GLOSSARY = r"""# Glossary

A page of terms.

## Hidden state

*Here: output, $h_t$.* What goes *out*, at most $\tanh(1)$. [Home](../index.md).

## Sigmoid

*Here: $\sigma$.* It is $1/(1+e^{-z})$.
"""
INDEX = """# Home

The [state](book/glossary.md#hidden-state), [its gate](book/glossary.md#sigmoid), [all](book/glossary.md).
"""
MEANINGS = {
    "state": "Here: output, h_t. What goes out, at most tanh(1).",
    "its gate": "Here: σ. It is 1/(1 + e^(−z)).",
    "all": None,
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The address of a page that links to a glossary of two terms."""
    root = tmp_path_factory.mktemp("terms")
    furnish(root)
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [file: book/glossary]\n")
    (root / "index.md").write_text(INDEX, encoding="utf-8")
    (root / "book" / "glossary.md").write_text(GLOSSARY, encoding="utf-8")
    return (build(root) / "index.html").as_uri()


def test_a_link_to_a_term_has_its_meaning_as_a_title_and_shows_it_to_the_keyboard(browser, small):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(small)
        shown = "link => getComputedStyle(link, '::after').content"
        for words, meaning in MEANINGS.items():
            link = page.locator("article").get_by_role("link", name=words, exact=True)
            assert link.get_attribute("title") == meaning
            assert link.evaluate(shown) == "none"
            link.focus()
            assert (meaning or "none") in link.evaluate(shown)


def test_the_glossary_is_sorted_and_each_term_has_one_paragraph_that_ends_in_its_chapter():
    _, *entries = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8").split("\n## ")
    terms = [entry.partition("\n")[0] for entry in entries]
    assert terms == sorted(set(terms), key=str.lower)
    for entry in entries:
        assert re.fullmatch(r"[^\n]+\n\n[^\n]+\. \[Chapter (\d+)\]\(0?\1_\w+\.ipynb\)\.", entry.rstrip()), entry
