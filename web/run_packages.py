"""What the site packs for Python in the page: this package, the page's kernel, the scripts, and whose work it is."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

from npm import ESBUILD, run_node

ROOT = Path(__file__).resolve().parents[1]
KERNEL = ROOT / "web" / "run" / "python"
AS_THEY_ARE = ("worker.js", "run.css")
LEFT_OUT = ("small-1.npz", "small-2.npz", "large.npz")
"""Models that no cell asks for which can be run in a page."""


def write(target: Path) -> dict[str, Any]:
    """Write the wheels of this package and of the page's kernel into a folder; return their part of the lock file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    traitlets = importlib.metadata.distribution("traitlets")
    files = {path.relative_to(KERNEL).as_posix(): path.read_bytes() for path in sorted(KERNEL.rglob("*.py"))}
    for name in traitlets.files or []:
        if name.suffix == ".py" and name.parts[0] == "traitlets" and "tests" not in name.parts:
            files[name.as_posix()] = Path(str(traitlets.locate_file(name))).read_bytes()
    kernel = _wheel(target, "page_kernel", traitlets.version, files)
    [built] = target.glob("lstm_ref-*.whl")
    with zipfile.ZipFile(built) as archive:
        own = {name: archive.read(name) for name in archive.namelist() if name.startswith("lstm_ref/")}
    kept = {name: content for name, content in own.items() if Path(name).name not in LEFT_OUT}
    package = _wheel(target, "lstm_ref", built.name.split("-")[1], kept)
    return {
        "lstm-ref": _locked("lstm-ref", package, ["lstm_ref"], ["numpy", "page-kernel"]),
        "page-kernel": _locked("page-kernel", kernel, ["kernel", "anywidget", "traitlets"], []),
    }


def _wheel(target: Path, name: str, version: str, files: dict[str, bytes]) -> Path:
    """Write a wheel of pure Python, the same at every build."""
    info = f"{name}-{version}.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: book\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]).encode()
    wheel = target / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return wheel


def _locked(name: str, wheel: Path, imports: list[str], depends: list[str]) -> dict[str, Any]:
    """Return what Pyodide's lock file says of a wheel."""
    return {
        "name": name,
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": imports,
        "depends": depends,
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }


def bundle(scripts: Path, target: Path, facts: dict[str, Any]) -> None:
    """Bundle the bar, and what a reader's first click loads, with these facts in it; copy what is loaded as it is."""
    for name in AS_THEY_ARE:
        shutil.copy(scripts / name, target)
    arguments = ["--bundle", "--minify", "--legal-comments=linked", "--log-level=warning"]
    arguments += [f"--define:RUNTIME={json.dumps(facts)}"]
    run = target / "run.js"
    run_node(ESBUILD, scripts / run.name, *arguments, "--format=esm", f"--outfile={run}")
    version = hashlib.sha256(run.read_bytes()).hexdigest()[:8]
    arguments += ["--format=iife", f"--define:VERSION={json.dumps(version)}"]
    run_node(ESBUILD, scripts / "bar.js", *arguments, f"--outfile={target / 'bar.js'}")


def licences(folder: Path, lock: dict[str, Any]) -> str:
    """Return whose work the folder holds and under which licence, from what each wheel says of itself."""
    lines = ["pyodide: MPL-2.0, https://pyodide.org", "CodeMirror (in run.js): MIT, https://codemirror.net"]
    lines += ["CPython (in Pyodide): PSF-2.0, https://www.python.org", "traitlets (in page_kernel): BSD-3-Clause"]
    for name, package in sorted(lock["packages"].items()):
        if name in ("lstm-ref", "page-kernel"):
            continue
        with zipfile.ZipFile(folder / package["file_name"]) as wheel:
            [metadata] = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
            said = Parser().parsestr(wheel.read(metadata).decode("utf-8"))
        classes = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier", []) if one.startswith("License")]
        licence = said["License-Expression"] or "; ".join(classes) or (said["License"] or "").partition("\n")[0]
        lines.append(f"{name} {package['version']}: {licence}, https://pypi.org/project/{name}/")
    return "\n".join(["What runs Python in the pages of this site, and its licences.", "", *lines, ""])
