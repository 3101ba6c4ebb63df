"""Rules for the prose of a chapter. Each takes a `Chapter` and returns a list of complaints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from chapter import Chapter, printed, prose, tokens, typed_text
from nbformat import NotebookNode

DIRECTIVE = re.compile(r"^\s*(```+|~~~+)\{|^\s*:::|\{[\w:-]+\}`|^\([\w-]+\)=\s*$|^\+\+\+", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.#])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.#])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
PERCENT = re.compile(r"(?:\s|\\,)*(?:\\?%|per\s?cent\b)")
LABEL = re.compile(r"\b(?:Exercise|Section|Equation|Figure)s? \d+\.\d+")


def plain_markdown(chapter: Chapter) -> list[str]:
    """No MyST directive, role or target: they mean nothing in Colab, JupyterLab and on GitHub."""
    hits = (DIRECTIVE.search(source) for source in chapter.markdown)
    return [f"not plain Markdown: {hit[0].strip()!r}" for hit in hits if hit]


def computed_numbers(chapter: Chapter) -> list[str]:
    """Every number of weight in prose and typed alternative texts stands in the code or output of its section.

    Held are decimals, percentages, and integers of two digits or more that are no year. A number
    stands there if one in the code or the output (pictures aside) rounds to the digits printed; a
    percentage may also stand there as a fraction. A section without code is held to the whole chapter.
    """
    everything = {number for part in chapter.sections for number in shown(part.code)}
    complaints = []
    for part in chapter.sections:
        if part.title == "Sources":
            continue
        pool = shown(part.code) if part.code else everything
        texts = [*part.markdown, *filter(None, map(typed_text, part.code))]
        missing = [text for text, percent in claimed(texts) if not stands(text, percent, pool)]
        if missing:
            complaints.append(f"computed nowhere in the section {part.title!r}: {', '.join(missing)}")
    return complaints


def shown(cells: Iterable[NotebookNode]) -> set[Decimal]:
    """All numbers in the source and the printed output of some cells."""
    texts = [re.sub(r"(?<=\d)_(?=\d)", "", cell.source) + "\n" + printed(cell) for cell in cells]
    numbers = {value(hit[0]) for text in texts for hit in NUMBER.finditer(text)}
    # 1.2e-05 also answers for the 1.2 of "1.2 times ten to the minus five".
    return numbers | {Decimal(hit) for text in texts for hit in re.findall(r"(\d+(?:\.\d+)?)[eE][-+]?\d", text)}


def claimed(markdown: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The numbers of a section's prose that have to be computed, as (text, is a percentage)."""
    for source in markdown:
        fences = "\n".join(token.content for token in tokens(source) if token.type in ("fence", "code_block"))
        text = LABEL.sub("", re.sub(r"(?<=\d)(?:\{,\}|\\,|[\u00a0\u2009\u202f])(?=\d{3})", ",", prose(source) + fences))
        for hit in NUMBER.finditer(text):
            percent = bool(PERCENT.match(text, hit.end()))
            digits = hit[0].replace(",", "")
            year = re.fullmatch(r"(19|20)\d\d", hit[0])
            if percent or not digits.isdigit() or (len(digits) >= 2 and not year):
                yield hit[0], percent


def stands(text: str, percent: bool, pool: set[Decimal]) -> bool:
    """Say whether some number of the pool rounds to the claimed one."""
    claim = value(text)
    half = Decimal(1).scaleb(int(claim.as_tuple().exponent)) / 2
    scales = (1, 100) if percent else (1,)
    return any(abs(number * scale - claim) <= half for number in pool for scale in scales)


def value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
