"""The site's font for formulas: STIX Two Math, cut to the characters that stand in them."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path
from unicodedata import decomposition

from fontTools import subset

PACKAGE = Path(__file__).with_name("node_modules") / "@fontsource" / "stix-two-math"
SOURCE = PACKAGE / "files" / "stix-two-math-latin-400-normal.woff2"
NAME = "mathematics.woff2"
LETTERS = [chr(code) for code in (0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C))]
# A browser shows an <mi> of one letter by the italic letter of mathematics, which Unicode names apart.
ITALIC = {chr(int(decomposition(each).split()[1], 16)): each for each in LETTERS if decomposition(each)}


def characters(page: str) -> set[str]:
    """Return the characters that a browser draws for the formulas of a page."""
    formulas = "".join(re.findall("<math.*?</math>", page, re.DOTALL))
    italic = {ITALIC.get(each, each) for each in re.findall("<mi>([^<])</mi>", formulas)}
    return italic | set(unescape(re.sub("<[^>]*>", "", formulas)))


def make(site: Path) -> None:
    """Write the font that the pages of a folder need, with its licence, into the site's static files."""
    pages = [page for page in site.rglob("*html") if page.is_file()]
    used = set().union(*(characters(page.read_text(encoding="utf-8")) for page in pages))
    if not used:
        return
    options = subset.Options(
        flavor="woff2", hinting=False, layout_features=[], desubroutinize=True, notdef_outline=True
    )
    font = subset.load_font(str(SOURCE), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, used))
    cutter.subset(font)
    # Browsers move the scripts of a letter by what TeX keeps for boxes; so all letters have theirs at one height.
    constants = font["MATH"].table.MathConstants
    constants.SubscriptBaselineDropMin.Value, constants.SuperscriptBaselineDropMax.Value = -20, 380
    static = site / "_static"
    static.mkdir(exist_ok=True)
    subset.save_font(font, str(static / NAME), options)
    shutil.copy(PACKAGE / "LICENSE", static / "mathematics-font-licence.txt")
