"""The search, in a browser: the first thing it finds is what a reader looks for, and the package comes last."""

from urllib.parse import quote_plus

import pytest

GLOSSARY = "book/glossary.html#"
# The field's words and the book's own, words that are in no title, mistakes of number, and names of code.
FIRST = {
    "peephole": f"{GLOSSARY}peephole",
    "peepholes": f"{GLOSSARY}peephole",
    "gate order": f"{GLOSSARY}gate-order",
    "vanishing": f"{GLOSSARY}vanishing-gradient",
    "exploding gradients": f"{GLOSSARY}exploding-gradient",
    "half-life": f"{GLOSSARY}half-life",
    "half life": f"{GLOSSARY}half-life",
    "forget gate": f"{GLOSSARY}forget-gate",
    "forget valve": f"{GLOSSARY}forget-gate",
    "Jacobian": f"{GLOSSARY}jacobian",
    "one-hot": f"{GLOSSARY}one-hot",
    "BPTT": f"{GLOSSARY}backpropagation-through-time",
    "truncated": f"{GLOSSARY}truncated-backpropagation",
    "truncated BPTT": f"{GLOSSARY}truncated-backpropagation",
    "RNN": f"{GLOSSARY}recurrent-network",
    "Hadamard product": f"{GLOSSARY}element-wise-product",
    "valve": f"{GLOSSARY}gate",
    "new memory": f"{GLOSSARY}candidate",
    "LSTM": f"{GLOSSARY}lstm",
    "T-joint": f"{GLOSSARY}t-joint",
    "GRU": "book/glossary.html#gru",
    "pipe": f"{GLOSSARY}pipe",
    "January": "book/02_forget_valve.html#january",
    "open bracket": "book/03_new_memory_valve.html#an-open-bracket",
    "weights order Keras": "book/05_whole_unit.html#when-the-order-is-wrong",
    "souvenir shop Queensland": "book/01_memory.html",
    "h_prev": "book/notation.html#the-nine-signals",
}
CODE = {
    "UnitWeights": "book/api.html#lstm_ref.weights.UnitWeights",
    "lstm_ref.layer.LSTM": "book/api.html#lstm_ref.layer.LSTM",
    "export_onnx": "book/api.html#lstm_ref.interop.export_onnx",
}
LINKS = """() => [...document.querySelectorAll("#search-results li")].map((item) =>
  [item.querySelector("a").href, item.querySelector("p.context, a + span")?.textContent ?? ""])"""


@pytest.fixture(scope="module")
def page(browser, served):
    with browser.new_context() as context:
        yield context.new_page()


def found(page, served, query):
    """Return the addresses that a search finds, below the site's own, and what it shows of each."""
    page.goto(f"{served}/search.html?q={quote_plus(query)}")
    page.wait_for_function("document.querySelector('.search-summary')?.textContent")
    page.wait_for_load_state("networkidle")
    return [(link.removeprefix(f"{served}/"), shown) for link, shown in page.evaluate(LINKS)]


@pytest.mark.parametrize(("query", "first"), FIRST.items())
def test_a_search_leads_to_what_a_reader_looks_for_and_to_the_package_last(page, served, query, first):
    results = found(page, served, query)
    places = [link for link, _ in results]
    assert places[0] == first or places[0].startswith(f"{first}#")
    package = [link.startswith(("book/api", "book/changes")) for link in places]
    assert package == sorted(package)
    assert all(shown.strip() for _, shown in results)


@pytest.mark.parametrize(("query", "first"), CODE.items())
def test_a_name_of_code_leads_to_the_package(page, served, query, first):
    assert found(page, served, query)[0][0] == first


def test_a_word_of_the_glossary_leads_to_the_chapter_that_explains_it_too(page, served):
    places = [link for link, _ in found(page, served, "half-life")]
    assert places[1] == "book/02_forget_valve.html#how-long-a-memory-lasts"


def test_what_no_page_says_is_not_found(page, served):
    assert found(page, served, "xyzzy") == []
    assert "did not match" in page.locator("[role=status]").text_content()


def test_the_keyboard_goes_from_the_field_to_what_was_found(page, served):
    page.goto(f"{served}/search.html")
    page.locator(".bd-search-container input[type=search]").focus()
    page.keyboard.type("peephole")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.search-summary')?.textContent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served}/{GLOSSARY}peephole")


def test_the_words_are_marked_on_the_page_that_was_found_and_on_no_other(page, served):
    marked = page.locator("article .highlighted")
    found(page, served, "peephole")
    page.locator("#search-results a").first.click()
    marked.first.wait_for()
    page.get_by_role("link", name="Hide Search Matches").click()
    assert marked.count() == 0 and page.locator(".highlight-link").count() == 0
    found(page, served, "peephole")
    assert page.locator("#search-results > p").first.inner_text().startswith("Results: ")
    page.get_by_role("link", name="4. The output valve").first.click()
    page.wait_for_url("**/04_output_valve.html")
    page.wait_for_load_state("networkidle")
    assert marked.count() == 0
