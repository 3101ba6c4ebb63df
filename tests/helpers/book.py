"""Where the repository is, what it says of itself, which chapters the book has, and how its site is built."""

import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
FILES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
PARTS = ["_config.yml", "book/references.bib"]
NOTEBOOKS = [name for name in FILES if (ROOT / f"{name}.ipynb").exists()]
CHAPTERS = [name for name in NOTEBOOKS if name.removeprefix("book/")[:2].isdigit()]
DRAWN = [name for name in CHAPTERS if "lstm-diagram" in (ROOT / f"{name}.ipynb").read_text(encoding="utf-8")]
PAGES = [*FILES, "search", "genindex", "py-modindex", "404"]


def furnish(root):
    """Put into a folder what a site needs beside its pages: settings, references, and what makes the site."""
    for part in PARTS:
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, root / part)
    (root / "web").symlink_to(ROOT / "web")


def build(root, **options):
    """Build the site of a folder with warnings as errors; return where it is. Options are those of a process."""
    # From nothing each time: Sphinx reports a page's warnings only when it reads that page.
    shutil.rmtree(root / "_build", ignore_errors=True)
    main = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", main, "build", ".", "-W", "--keep-going", "-q"]
    subprocess.run(command, cwd=root, check=True, **options)
    return root / "_build" / "html"


@cache
def parsed(site, name):
    """Return a page of a built site as it is on the disk; for all, so whoever changes it changes a copy."""
    return BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
