"""Rules for the prose of a chapter. Each takes a `Chapter` and returns a list of complaints."""

import re
from decimal import Decimal
from functools import cache

from chapter import Chapter, alternative_text, headings, printed, prose, tokens, typed_text

DIRECTIVE = re.compile(r"^\s*(```+|~~~+)\{|^\s*:::|\{[\w:-]+\}`|^\([\w-]+\)=\s*$|^\+\+\+", re.MULTILINE)
AMERICAN = re.compile(
    r"\b(?:(?:colors?|behaviors?|center(?:s|ed|ing)?|grays?|neighbors?|favor(?:s|ed|ite)?|honors?|labors?"
    r"|catalogs?|fulfill|math|labeled|modeled|modeling|signaled|traveled|canceled)\b|colored\b|coloring\b"
    r"|neighboring\b|(?:optimi|normali|initiali|summari|generali|recogni|organi|reali|emphasi|minimi|maximi"
    r"|visuali|regulari|vectori|memori|speciali|stabili|symboli|utili|penali|synchroni|paralleli|analy)z)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![\w.#])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.#])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
PERCENT = re.compile(r"(?:\s|\\,)*(?:\\?%|per\s?cent\b)")
LABEL = re.compile(r"\b(?:Exercise|Section|Equation|Figure)s? \d+\.\d+")


def plain_markdown(chapter):
    """No MyST directive, role or target: they mean nothing in Colab, JupyterLab and on GitHub."""
    hits = (DIRECTIVE.search(source) for source in chapter.markdown)
    return [f"not plain Markdown: {hit[0].strip()!r}" for hit in hits if hit]


def british(chapter):
    """British spelling in prose and alternative texts; the titles under Sources keep their own."""
    texts = [prose(piece) for part in chapter.sections if part.title != "Sources" for piece in part.markdown]
    texts += [alt for alt in map(alternative_text, chapter.code) if alt]
    return [f"American spelling: {hit[0]}..." for text in texts for hit in AMERICAN.finditer(text)]


def links(chapter):
    """Relative links lead to a file, and to a heading where one is named; no picture is remote."""
    complaints = []
    for token in (token for source in chapter.markdown for token in tokens(source)):
        if token.type == "link_open":
            complaints += link(chapter.path, token.attrs["href"])
        elif token.type == "image":
            complaints += link(chapter.path, token.attrs["src"], picture=True)
        elif token.type.startswith("html") and re.search(r"<(img|script|iframe|link)\b", token.content):
            complaints.append(f"HTML that loads something: {token.content.strip()[:60]}")
    return complaints


def link(path, address, picture=False):
    """Complaints about one address in a chapter."""
    if re.match(r"https?://|mailto:", address):
        return [f"remote picture: {address}"] if picture else []
    name, _, anchor = address.partition("#")
    target = path.parent / name if name else path
    if name.startswith("/") or not target.is_file():
        return [f"link to nothing: {address}"]
    return [] if not anchor or anchor in anchors(target) else [f"link to no heading: {address}"]


@cache
def anchors(path):
    """The anchors of a page: its headings as GitHub and MyST write them, and explicit ids."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n\n".join(Chapter.read(path).markdown)
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title, _ in headings(text)}
    return slugs | set(re.findall(r'(?:\bid="|^\()([\w-]+)(?:"|\)=)', text, re.MULTILINE))


def computed_numbers(chapter):
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


def shown(cells):
    """All numbers in the source and the printed output of some cells."""
    texts = [re.sub(r"(?<=\d)_(?=\d)", "", cell.source) + "\n" + printed(cell) for cell in cells]
    numbers = {value(hit[0]) for text in texts for hit in NUMBER.finditer(text)}
    # 1.2e-05 also answers for the 1.2 of "1.2 times ten to the minus five".
    return numbers | {Decimal(hit) for text in texts for hit in re.findall(r"(\d+(?:\.\d+)?)[eE][-+]?\d", text)}


def claimed(markdown):
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


def stands(text, percent, pool):
    """Say whether some number of the pool rounds to the claimed one."""
    claim = value(text)
    half = Decimal(1).scaleb(claim.as_tuple().exponent) / 2
    scales = (1, 100) if percent else (1,)
    return any(abs(number * scale - claim) <= half for number in pool for scale in scales)


def value(text):
    return Decimal(text.replace(",", ""))
