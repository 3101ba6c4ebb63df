"""Which cells of a chapter need what a page cannot have, such as torch: by what they import, and what uses it."""

from __future__ import annotations

import ast
import json
import subprocess
import symtable
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ABSENT = ["torch", "onnx", "onnxruntime", "scipy", "numba", "triton", "tqdm"]
"""Packages that the book uses and a page does not have."""
UNABLE = ["subprocess", "threading"]
"""What a page has and cannot run: processes and threads of its own."""

ROOT = Path(__file__).resolve().parents[1]
# Tries imports where ABSENT is not to be had, and says which package each lacks.
TRY = """
import json, sys
lines, absent = json.loads(sys.argv[1])
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, *more):
        return None if name.partition(".")[0] in absent else self.finder.find_spec(name, *more)
    def __getattr__(self, name):
        return getattr(self.finder, name)
sys.meta_path = [Without(finder) for finder in sys.meta_path]
lacks = {}
for line in lines:
    try:
        exec(line, {})
    except ImportError as error:
        while error and getattr(error, "name", None) not in absent:
            error = error.__cause__ or error.__context__
        if error:
            lacks[line] = error.name
print(json.dumps(lacks))
"""
lacks: dict[str, str] = {}
"""Each import that was tried, and the package that it lacks in a page, if any."""


def cells(notebook: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the source of each code cell, and whether the page shows it."""
    found = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), "remove-cell" not in cell["metadata"].get("tags", [])) for cell in found]


def only_imports(source: str) -> bool:
    """Return whether a cell does nothing but import."""
    return all(isinstance(line, (ast.Import, ast.ImportFrom)) for line in ast.parse(source).body)


def needs(sources: list[str]) -> dict[str, str]:
    """Return for each cell that cannot be run, by its number from 1, the packages that it needs.

    A cell that imports from such a package runs, less that import; one that uses what was imported, or what was made
    with it in a cell above, does not.
    """
    trees = [ast.parse(source) for source in sources]
    try_imports(sources)
    without: dict[str, set[str]] = {}  # name -> packages
    found: dict[str, str] = {}
    for number, tree in enumerate(trees, start=1):
        imports = dict(_imports(tree.body))
        for line, name in imports.items():
            without[name] = {lacks[line]} if lacks[line] else set()
        need: set[str] = set()
        bound: set[str] = set()
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            used, made = _names(statement)
            lacked = set().union(*(without.get(name, set()) for name in used))
            if not (imports and lacked and _setting(statement)):
                need |= lacked
            bound |= made
            without |= dict.fromkeys(made, lacked)
        if need:
            found[str(number)] = " and ".join(sorted(need))
            without |= dict.fromkeys(bound, need)
    return found


def try_imports(sources: Iterable[str]) -> None:
    """Try those imports of some cells that are new, in one process: many at once cost no more than one."""
    lines = {line for source in sources for line, _ in _imports(ast.parse(source).body)}
    if new := sorted(lines - lacks.keys()):
        command = [sys.executable, "-c", TRY, json.dumps([new, ABSENT])]
        found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        lacks.update(dict.fromkeys(new, "") | found)
        packages = {line: line.split()[1].partition(".")[0] for line in new}  # `import A.b as c` or `from A.b import c`
        lacks.update({line: package for line, package in packages.items() if package in UNABLE})


def _imports(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield each import by itself, and the name that it binds."""
    for node in statements:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                one = (
                    ast.ImportFrom(node.module, [alias], 0) if isinstance(node, ast.ImportFrom) else ast.Import([alias])
                )
                yield ast.unparse(one), alias.asname or alias.name.partition(".")[0]


def _setting(statement: ast.stmt) -> bool:
    """Say whether a statement is a bare call, as of `torch.set_num_threads`, which can be left out with its import."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the chapter's names that a statement uses, also inside functions, and those that it binds."""
    module = symtable.symtable(ast.unparse(statement), "cell", "exec")
    tables, used = [module], set[str]()
    while tables:
        table = tables.pop()
        outside = table is not module
        used |= {
            name.get_name()
            for name in table.get_symbols()
            if name.is_referenced() and (name.is_global() or not outside)
        }
        tables += table.get_children()
    return used, {name.get_name() for name in module.get_symbols() if name.is_assigned() or name.is_namespace()}
