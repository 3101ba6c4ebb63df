"""Build a release into ``dist``, and try it: the same bytes twice, in an empty environment, and by its own tests.

``make dist`` runs it, and so does the workflow for a tag, which it is then told: ``--tag v0.1.0``.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = "core companion drawing pytorch training trust"


def version() -> str:
    """Return the version that the package says it is."""
    face = (ROOT / "lstm_ref/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', face, re.MULTILINE)
    if found is None:
        raise SystemExit("lstm_ref/__init__.py says no version")
    return found[1]


def build(folder: Path) -> dict[str, bytes]:
    """Build the sdist and the wheel into a folder; return their bytes by name."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def environment(folder: Path, *packages: str) -> Path:
    """Make an environment with some packages; return the folder of its programs."""
    venv.create(folder, with_pip=True, clear=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([str(programs / "python"), "-m", "pip", "install", "--quiet", *packages], check=True)
    return programs


def try_wheel(wheel: Path, folder: Path) -> None:
    """Install the wheel where there is nothing else, and run the command and the unit."""
    programs = environment(folder, str(wheel))
    said = subprocess.run([str(programs / "lstm-ref"), "--version"], check=True, capture_output=True, text=True).stdout
    if said.strip() != f"lstm_ref {version()}":
        raise SystemExit(f"lstm-ref --version: expected lstm_ref {version()}, got {said}")
    code = "import numpy, lstm_ref as l; w = l.UnitWeights.zeros(1, 1); print(l.unroll(w, numpy.ones((2, 1))).h_t)"
    subprocess.run([str(programs / "python"), "-c", code], check=True, cwd=folder)


def try_sdist(sdist: Path, folder: Path) -> None:
    """Install what the sdist holds, and run the tests that it holds."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    programs = environment(source / ".venv", f"{source}[book,torch,fast,test]")
    tests = [f"tests/{name}" for name in TESTS.split()]
    command = [str(programs / "python"), "-m", "pytest", "-q", "-n", "2", "-m", "not slow", *tests]
    subprocess.run(command, cwd=source, check=True)


def main() -> None:
    """Build and try a release."""
    options = argparse.ArgumentParser(description="See the head of the file.")
    options.add_argument("--tag", help="refuse unless it is that of the version")
    tag = options.parse_args().tag
    if tag not in (None, f"v{version()}"):
        raise SystemExit(f"--tag: expected v{version()}, as the package says, got {tag}")
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        first, second = build(place / "first"), build(place / "second")
        if first != second:
            raise SystemExit(f"two builds differ: {[name for name in first if first[name] != second.get(name)]}")
        (wheel,), (sdist,) = (list((place / "first").glob(kind)) for kind in ("*.whl", "*.tar.gz"))
        try_wheel(wheel, place / "empty")
        (place / "source").mkdir()
        try_sdist(sdist, place / "source")
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        shutil.copytree(place / "first", ROOT / "dist")
    print(f"Built twice with the same bytes and tried, into dist: {', '.join(first)}")


if __name__ == "__main__":
    main()
