"""A Sphinx extension: the built site without what no page of it uses.

The themes bring rules, icons and files for every site there may be. At the end of a build the rules that no page and
no script can use are taken out of the themes' style sheets, the icon fonts keep the letters that are left in the rules,
and files that nothing names are removed.
"""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

from fontTools import subset
from npm import run_node
from sphinx.application import Sphinx

PURGE = Path(__file__).with_name("purge.mjs")
THEMES = ("styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css", "basic.css")
UNUSED = (
    "**/*.map",
    "**/*webpack-macros.html",
    "locales",
    "scripts/fontawesome.*",
    "vendor/**/*.ttf",
)
TRUETYPE = re.compile(r',\s*url\([^)]*\.ttf\)\s*format\("truetype"\)')
LETTER = re.compile(r"\\([ef][0-9a-f]{3})\b")


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Lighten the site, if it was built."""
    static = Path(app.outdir, "_static")
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    if exception or app.builder.name != "html" or not (static / "locales").exists():
        return
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    drop_pictures(Path(app.outdir))
    sheets = [static / name for name in THEMES]
    purge(Path(app.outdir), sheets)
    letters = {int(code, 16) for sheet in static.rglob("*.css") for code in LETTER.findall(sheet.read_text("utf-8"))}
    for font in static.glob("vendor/**/*.woff2"):
        cut(font, letters)
    # The first sheet of a page holds what it would import: in the middle of a joined sheet an import does not count.
    basic = sheets[-1].read_text("utf-8")
    (static / "styles" / "theme.css").write_text(re.sub(r"url\((?!data:)", "url(../", basic), "utf-8")
    sheets[-1].unlink()


def purge(folder: Path, sheets: list[Path]) -> None:
    """Take out of style sheets what nothing in a folder uses."""
    run_node(PURGE, folder, *sheets)
    for sheet in sheets:
        sheet.write_text(TRUETYPE.sub("", sheet.read_text("utf-8")), "utf-8")


def cut(font: Path, letters: set[int]) -> None:
    """Keep of an icon font the glyphs of `letters`, or remove it where it has none of them."""
    options = subset.Options(flavor="woff2", layout_features=[], recalc_timestamp=False, name_IDs=["*"])
    opened = subset.load_font(str(font), options)
    kept = letters & set(opened.getBestCmap())
    if kept:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=kept)
        subsetter.subset(opened)
        subset.save_font(opened, str(font), options)
    else:
        font.unlink()


def drop_pictures(folder: Path) -> None:
    """Remove the logos of services to which no page has a button."""
    pages = "".join(page.read_text("utf-8") for page in folder.rglob("*.html"))
    for logo in folder.glob("_static/images/logo_*"):
        if logo.name not in pages:
            logo.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    # Last of all: other extensions write files at the end of a build too.
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
