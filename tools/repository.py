"""Write the repository's public address into every file that holds it.

An unset address is one that GitHub can give to nobody:

    python tools/repository.py                    print the address
    python tools/repository.py OWNER/NAME         set it
    python tools/repository.py -owner-/-name-     unset it
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
from normal_form import is_setup, normalise, to_json

ROOT = Path(__file__).resolve().parents[1]
UNSET = "-owner-/-name-"  # GitHub gives no name that begins with a hyphen to anybody
SETUP_CELL = "tools/setup_cell.py"
FILES = ("_config.yml", "pyproject.toml", "CITATION.cff", "README.md", SETUP_CELL)

# What the README says about the address stands between two marks, and links nowhere while there is none.
PASSAGE = re.compile(r"(?<=<!-- address -->\n).*?(?=<!-- /address -->)", re.DOTALL)
NO_ADDRESS = """\
This copy has no public address yet. `make repository REPO=owner/name` writes one into the site, the notebooks and this
page, with links to Binder and Colab.
"""
LINKS = """\
Read it at <{pages}>, or run the first chapter on
[Binder](https://mybinder.org/v2/gh/{address}/main?urlpath=lab/tree/book/01_memory.ipynb) or
[Colab](https://colab.research.google.com/github/{address}/blob/main/book/01_memory.ipynb).
"""

OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_])){0,38}"
NAME = r"(?!\.{1,2}$)(?!.*\.(?:git|wiki)$)[A-Za-z0-9._-]{1,100}"
ADDRESS = re.compile(f"{OWNER}/{NAME}")


def current(root: Path = ROOT) -> str:
    """Return the address that is set now, which the set-up cell holds."""
    source = (root / SETUP_CELL).read_text(encoding="utf-8")
    return re.findall(r'^REPOSITORY = "(.+)"$', source, re.MULTILINE)[0]


def renamed(text: str, old: str, new: str) -> str:
    """Return `text` with the address, and that of its GitHub Pages, exchanged."""
    for before, there, after in (
        (r"github\.com/|/gh/|/github/|REPOSITORY = \"", old, new),
        ("https://", old.replace("/", ".github.io/"), new.replace("/", ".github.io/")),
    ):
        text = re.sub(rf"({before}){re.escape(there)}(?![\w-]|\.\w)", rf"\g<1>{after}", text)
    return text


def passage(address: str) -> str:
    """Return what the README says about an address."""
    pages = f"https://{address.replace('/', '.github.io/')}/"
    return NO_ADDRESS if address == UNSET else LINKS.format(pages=pages, address=address)


def set_address(new: str, root: Path = ROOT) -> None:
    """Write the address `new` into every place that holds the present one.

    Raises
    ------
    ValueError
        If `new` is not a name that GitHub can give to a repository.
    """
    if new != UNSET and not ADDRESS.fullmatch(new):
        raise ValueError(f"{new!r} is not a GitHub address: expected OWNER/NAME, as in ada/engine")
    old = current(root)
    for name in FILES:
        path = root / name
        text = renamed(path.read_text(encoding="utf-8"), old, new)
        if name == "README.md":
            text = PASSAGE.sub(lambda _: passage(new), text)
        path.write_text(text, encoding="utf-8", newline="\n")
    source = (root / SETUP_CELL).read_text(encoding="utf-8").rstrip("\n")
    for path in sorted((root / "book").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if is_setup(cell):
                cell.source = source
        path.write_text(to_json(normalise(notebook)), encoding="utf-8", newline="\n")


def main() -> None:
    """Set the address named on the command line, if any, and print it."""
    try:
        for new in filter(None, sys.argv[1:2]):
            set_address(new)
    except ValueError as error:
        sys.exit(f"repository.py: {error}")
    print(current())


if __name__ == "__main__":
    main()
