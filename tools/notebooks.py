"""Write, execute and normalise the book's notebooks.

The executed notebooks under book/ are the source of the chapters. People edit a text view of
them, Markdown with fenced Python cells under build/text/, and this tool turns one into the other:

    python tools/notebooks.py text 02          book/02_*.ipynb    ->  build/text/02_*.md
    python tools/notebooks.py write 02         build/text/02_*.md ->  book/02_*.ipynb, executed
    python tools/notebooks.py run              execute the notebooks again, in place
    python tools/notebooks.py check            say which notebooks are not in normal form
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from normal_form import (
    CELL_METADATA,
    SETUP_TAGS,
    expand,
    is_normal,
    is_setup,
    normalise,
    shorten,
    to_json,
)

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
TEXT = ROOT / "build" / "text"
SETUP_CELL = ROOT / "tools" / "setup_cell.py"

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(Exception):
    """A notebook or a text view that cannot be used; the message says which, where and why."""


def setup_source() -> str:
    """Return the source of the set-up cell that every notebook begins with."""
    return SETUP_CELL.read_text(encoding="utf-8").rstrip("\n")


def insert_setup(notebook: NotebookNode) -> None:
    """Put the current set-up cell after the opening Markdown cell, in place of any older one."""
    cells = [cell for cell in notebook.cells if not is_setup(cell)]
    if not cells or cells[0].cell_type != "markdown":
        raise NotebookError("the first cell must be Markdown and hold the title")
    setup = nbformat.v4.new_code_cell(setup_source(), metadata={"tags": SETUP_TAGS})
    notebook.cells = [cells[0], setup, *cells[1:]]


def from_view(text: str) -> NotebookNode:
    """Read a text view into a notebook without outputs or set-up cell."""
    notebook = jupytext.reads(text, fmt={"extension": ".md", "format_name": "markdown"})
    for number, cell in enumerate(notebook.cells, start=1):
        cell.metadata.pop("lines_to_next_cell", None)
        strange = set(cell.metadata) - CELL_METADATA - {"alt", "fold"}
        if strange:
            raise NotebookError(f"cell {number}: unknown metadata {sorted(strange)}")
        cell.metadata = NotebookNode(expand(cell.metadata))
    return notebook


def to_view(notebook: NotebookNode) -> str:
    """Return the text view of a notebook: no outputs, no set-up cell, short metadata."""
    cells = [
        getattr(nbformat.v4, f"new_{cell.cell_type}_cell")(cell.source, metadata=shorten(cell.metadata))
        for cell in notebook.cells
        if not is_setup(cell)
    ]
    # The filter keeps jupytext's own header out of the view.
    filters = {"jupytext": {"notebook_metadata_filter": "-all", "cell_metadata_filter": "all"}}
    view = nbformat.v4.new_notebook(cells=cells, metadata=filters)
    return jupytext.writes(view, fmt={"extension": ".md", "format_name": "markdown"})


def execute(notebook: NotebookNode, folder: Path = BOOK) -> NotebookNode:
    """Execute a notebook with this interpreter's kernel in `folder` and return it normalised.

    Raises
    ------
    NotebookError
        When a cell raises, warns or writes to stderr.
    """
    insert_setup(notebook)
    # Without kernel folders the manager falls back on the kernel of the running interpreter.
    specs = KernelSpecManager(kernel_dirs=[])
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    client = NotebookClient(
        notebook,
        km=manager,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(cleanup_kc=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    except CellExecutionError as error:
        raise NotebookError(ANSI.sub("", str(error))) from None
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise NotebookError(f"a cell wrote to stderr:\n{cell.source}\n\n{output.text}")
    return normalise(notebook)


def find(folder: Path, suffix: str, names: list[str]) -> list[Path]:
    """Return the files in `folder` that the names (``02``, ``02_forget_valve`` or ``guide``) stand for."""
    every = sorted(folder.glob(f"*{suffix}"))
    if not names:
        return every
    chosen = []
    for name in names:
        found = [path for path in every if path.stem.startswith(Path(name).stem)]
        if not found:
            raise NotebookError(f"no {name}*{suffix} in {folder}")
        chosen += found
    return chosen


def save(path: Path, text: str) -> None:
    """Write a file as UTF-8 with plain line ends, and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.name}: written")


def text_command(names: list[str]) -> None:
    """Make the text views of notebooks; keep a view that was edited since."""
    for path in find(BOOK, ".ipynb", names):
        view = TEXT / f"{path.stem}.md"
        if view.exists() and view.stat().st_mtime > path.stat().st_mtime:
            print(f"{view.name}: kept, it is newer than its notebook (write it, or delete it)")
            continue
        save(view, to_view(nbformat.read(path, as_version=4)))


def write_command(names: list[str]) -> None:
    """Make executed notebooks from text views."""
    for path in find(TEXT, ".md", names):
        notebook = execute(from_view(path.read_text(encoding="utf-8")))
        save(BOOK / f"{path.stem}.ipynb", to_json(notebook))


def run_command(names: list[str]) -> None:
    """Execute notebooks again, in place, and normalise them."""
    for path in find(BOOK, ".ipynb", names):
        save(path, to_json(execute(nbformat.read(path, as_version=4))))


def check_command(names: list[str]) -> None:
    """Fail if a notebook is not in normal form."""
    paths = find(BOOK, ".ipynb", names)
    bad = [path.name for path in paths if not is_normal(path.read_text(encoding="utf-8"))]
    if bad:
        raise NotebookError(f"not in normal form: {', '.join(bad)} (python tools/notebooks.py run)")


def main() -> None:
    """Run the sub-command named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for command in (text_command, write_command, run_command, check_command):
        name = command.__name__.removesuffix("_command")
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        if command is write_command:  # it would overwrite notebooks that nobody asked about
            sub.add_argument("names", nargs="+", help="02 or 02_forget_valve")
        else:
            sub.add_argument("names", nargs="*", help="02 or 02_forget_valve; all when left out")
        sub.set_defaults(command=command)
    arguments = parser.parse_args()
    try:
        arguments.command(arguments.names)
    except NotebookError as error:
        sys.exit(f"notebooks.py: {error}")


if __name__ == "__main__":
    main()
