"""A Sphinx extension: each chapter can be run in its page, by Python that the site itself serves.

What is needed for it stands in the folder ``_static/run`` of the site: Pyodide (from npm), the wheels that
`web/runtime.py` got, one of this package, and the scripts of `web/run`, bundled. Where the wheels were not got, the
site is built without it.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import run_needs
import run_packages
import runtime
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

SCRIPTS = Path(__file__).resolve().parent / "run"
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
ONCE_COMPRESSED = (".zip", ".whl")
PLOTS = re.compile(r"\bplots\b|matplotlib|pylab")
"""What in a cell asks for matplotlib; `web/run/worker.js` looks for the same."""

OFFER = """
<div class="run-bar" role="region" aria-label="Run this chapter" data-run="{data}">
<p class="run-offer">Change any line of this chapter and run it here, in your browser: nothing to install, and nothing \
that you type leaves this page. Python is {megabytes} MB, once.{partly}</p>
<button type="button" class="run-button run-first">Run Python here</button>
<p role="status"></p>
</div>
"""

log = logging.getLogger(__name__)


def prepare(app: Sphinx) -> None:
    """Fill the folder ``_static/run``, where the wheels are at hand."""
    app.config.run_costs = {}
    if app.builder.name != "html" or not runtime.READY.is_file():
        return
    target = Path(app.outdir, "_static", "run")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in PYODIDE:
        shutil.copy(runtime.PYODIDE / name, target)
    lock = runtime.lock()
    for package in lock["packages"].values():
        shutil.copy(runtime.FOLDER / package["file_name"], target)
    own = run_packages.write(target)
    lock["packages"] |= own
    (target / "pyodide-lock.json").write_text(json.dumps(lock, sort_keys=True), encoding="utf-8")
    (target / "THIRD-PARTY.txt").write_text(run_packages.licences(target, lock), encoding="utf-8")
    core = ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"]
    core += [lock["packages"][name]["file_name"] for name in ("numpy", *own)]
    others = [package["file_name"] for package in lock["packages"].values() if package["file_name"] not in core]
    sizes = [_sizes(target, names) for names in (core, others)]
    run_packages.bundle(SCRIPTS, target, {"core": sizes[0], "matplotlib": sizes[1], "absent": run_needs.ABSENT})
    scripts = _sizes(target, ["pyodide.mjs", "pyodide.asm.mjs", "run.js", "worker.js"])
    core_cost, others_cost = (sum(weight for _, _, weight in part) for part in (sizes[0] + scripts, sizes[1]))
    app.config.run_costs = {False: core_cost, True: core_cost + others_cost}


def _sizes(folder: Path, names: Iterable[str]) -> list[tuple[str, int, int]]:
    """Return each file's name and bytes, and how many are on their way if a server compresses what is not yet so."""
    contents = {name: (folder / name).read_bytes() for name in names}
    return [
        (name, len(content), len(content if name.endswith(ONCE_COMPRESSED) else zlib.compress(content, 6)))
        for name, content in contents.items()
    ]


def sources(app: Sphinx, name: str) -> list[str]:
    """Return the code of each cell that a page shows."""
    path = Path(app.env.doc2path(name)) if name in app.env.found_docs else Path()
    found = run_needs.cells(json.loads(path.read_text(encoding="utf-8"))) if path.suffix == ".ipynb" else []
    return [source for source, on_page in found if on_page]


def try_imports(app: Sphinx, env: BuildEnvironment) -> None:
    """Try what all chapters import, at once."""
    if app.config.run_costs:
        run_needs.try_imports(source for name in env.found_docs for source in sources(app, name))


def offer(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Put the bar on a chapter that has cells which run here."""
    shown = sources(app, pagename) if app.config.run_costs else []
    if not shown or "</h1>" not in context.get("body", ""):
        return
    needs = run_needs.needs(shown)
    if all(str(k) in needs or run_needs.only_imports(source) for k, source in enumerate(shown, 1)):
        return
    plots = any(PLOTS.search(source) for source in shown)
    partly = ""
    if needs:
        partly = (
            f" {len(shown) - len(needs)} of the chapter’s {len(shown)} cells run here; the others say what they need."
        )
    total = app.config.run_costs[plots]
    data = html.escape(json.dumps({"plots": plots, "total": total, "needs": needs}))
    bar = OFFER.format(data=data, megabytes=round(total / 1e6), partly=partly)
    context["body"] = context["body"].replace("</h1>", f"</h1>{bar}", 1)
    app.add_css_file("run/run.css")
    app.add_js_file("run/bar.js", loading_method="defer")


def leave_keys(app: Sphinx, config: Config) -> None:
    """Leave the key "/" to what a reader types: elsewhere Sphinx takes it for its search."""
    config.html_theme_options["enable_search_shortcuts"] = False


def say_how_large(app: Sphinx, error: Exception | None) -> None:
    """Say how large the site became, with what runs Python and without."""
    run = Path(app.outdir, "_static", "run")
    if error is None and run.is_dir() and app.builder.format == "html":
        sizes = {path: path.stat().st_size for path in Path(app.outdir).rglob("*") if path.is_file()}
        with_it, part = sum(sizes.values()), sum(size for path, size in sizes.items() if run in path.parents)
        print(f"The site is {with_it / 1e6:.0f} MB, {(with_it - part) / 1e6:.0f} MB without Python in the page.")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_config_value("run_costs", {}, "")
    app.connect("config-inited", leave_keys)
    app.connect("builder-inited", prepare)
    app.connect("env-updated", try_imports)
    app.connect("html-page-context", offer)
    app.connect("build-finished", say_how_large, priority=990)  # when what no page needs is gone
    return {"parallel_read_safe": True, "parallel_write_safe": True}
