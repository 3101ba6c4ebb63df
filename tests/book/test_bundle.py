"""What is joined and where lines may end, each tried on a few lines of text."""

import pytest
from bundle import bundled, in_order, script, sheet
from line_breaks import keep_together

LINK = '<link rel="stylesheet" href="../_static/{}.css?v=1" />'
SCRIPT = '<script src="../_static/{}.js"></script>'


def test_names_are_joined_in_the_order_of_every_page():
    assert in_order([["a", "c"], ["a", "b", "c"], ["b", "d"]]) == ["a", "b", "c", "d"]


def test_a_page_names_what_is_joined_and_keeps_what_is_its_own_before_it():
    page = "\n".join(
        [
            SCRIPT.format("first"),
            *map(LINK.format, ("a", "b")),
            f"<noscript>{LINK.format('dark')}</noscript>",
            *map(SCRIPT.format, ("c", "figures/d", "e")),
        ]
    )
    digests = {"all.css": "12", "all.js": "34"}
    made = bundled(page, digests)
    assert [made.count(f"_static/{one}") for one in ("a.css", "b.css", "c.js", "e.js")] == [0] * 4
    places = [made.index(one) for one in ("first.js", "all.css?v=12", "dark.css", "figures/d.js", "all.js?v=34")]
    assert places == sorted(places)
    assert bundled(made, digests | {"all.js": "56"}) == made.replace("v=34", "v=56")


def test_the_page_of_the_search_keeps_its_scripts():
    page = "".join([SCRIPT.format("first"), LINK.format("a"), "<noscript></noscript>", SCRIPT.format("searchtools")])
    made = bundled(page, {"all.css": "12", "all.js": "34"})
    assert "searchtools.js" in made and "all.js" not in made and "all.css" in made


def test_a_sheet_finds_its_files_from_the_folder_of_all(tmp_path):
    (tmp_path / "styles").mkdir()
    text = '@charset "UTF-8";a{b:url(../x.svg);c:url("y.svg");d:url(data:z);e:url(#f);g:url(https://h/i)}'
    (tmp_path / "styles" / "a.css").write_text(text)
    expected = 'a{b:url("x.svg");c:url("styles/y.svg");d:url(data:z);e:url(#f);g:url(https://h/i)}'
    assert sheet(tmp_path, "styles/a.css", False) == expected
    assert sheet(tmp_path, "styles/a.css", True) == f"@media print {{\n{expected}\n}}"


def test_an_error_in_one_script_does_not_end_the_next(browser, tmp_path):
    (tmp_path / "a.js").write_text("throw new Error('a');")
    (tmp_path / "b.js").write_text("window.told = 'b';")
    with browser.new_context() as context:
        page = context.new_page()
        said = []
        page.on("pageerror", lambda error: said.append(error.message))
        page.add_script_tag(content="\n".join(script(tmp_path, name) for name in ("a.js", "b.js")))
        assert page.evaluate("window.told") == "b"
        page.wait_for_timeout(100)
        assert said == ["a"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<math>x</math>, y", '<span class="one-line"><math>x</math>,</span> y'),
        (
            '<a class="explained" href="#"><math>x</math></a>). ',
            '<span class="one-line"><a class="explained" href="#"><math>x</math></a>).</span> ',
        ),
        ('<a href="#">so <math>x</math></a>, ', None),
        ('<a href="#">chapter 4</a>', '<a href="#">chapter\u00a04</a>'),
        ("<td>(T, B, 4H) and (the old, the new)</td>", "<td>(T,\u00a0B,\u00a04H) and (the old, the new)</td>"),
        ('<span class="pre">a.b.c()</span>', '<span class="pre">a.<wbr />b.<wbr />c()</span>'),
        ('<span class="pre">0.5</span>', None),
    ],
)
def test_what_belongs_together_stays_on_one_line(before, after):
    assert keep_together(before) == (before if after is None else after)


def test_a_long_list_of_words_in_a_table_takes_no_time():
    cell = f"<td>({' word' * 500}, -</td>"
    assert keep_together(cell) == cell
