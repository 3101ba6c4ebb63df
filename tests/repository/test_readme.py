"""The README: its example gives the numbers it prints, its links lead somewhere, and it stays short."""

import contextlib
import io
import re

import pytest
from helpers.book import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language):
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return found


def test_the_example_prints_what_the_readme_says_and_draws_a_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), "README.md", "exec"), {})
    assert printed.getvalue() == block("text") != ""
    assert (tmp_path / "december.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_readme_has_fewer_than_eighty_lines():
    assert len(README.splitlines()) < 80


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https:)([^)]+)\)", README))
def test_a_link_leads_to_a_file_of_the_repository(target):
    assert (ROOT / target).exists()


def test_every_picture_is_described():
    pictures = re.findall(r"!\[(.*?)\]", README)
    assert pictures
    assert all(len(description.split()) > 5 for description in pictures)


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_a_target_that_the_readme_names_is_in_the_makefile(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
