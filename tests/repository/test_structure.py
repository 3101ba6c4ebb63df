"""How the package is put together: imports that go one way, faces that others import from, and short modules."""

import ast
import importlib
import json
import re

import pytest
from helpers.book import NOTEBOOKS, ROOT

PACKAGE = ROOT / "lstm_ref"
MODULES = sorted(PACKAGE.rglob("*.py"))
# What stands in a row imports what stands in the rows above it, and nothing else of the package.
LAYERS = (
    "checks files gates signatures",
    "peepholes svg",
    "weights engines",
    "unit",
    "sequence",
    "gradients interop",
    "layer",
    "tasks data",
    "training plots diagrams",
    "family",
    "explorer inspector diagnosis gated_layer",
    "companion commands",
    "__init__ __version__",
    "__main__",
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms.split()}
ABOVE = {"benchmarks", "experiments", "tools", "tests", "helpers"}


def name(path):
    return path.relative_to(PACKAGE).as_posix()


def imports(source):
    """Every import of some source, as (module, name); `import a` has no name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, each.name) for each in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_imports_only_from_the_layers_below_it(path):
    here = name(path).partition("/")[0].removesuffix(".py")
    for module, what in imports(path.read_text(encoding="utf-8")):
        top, room, *_ = f"{module}.{what}.".split(".")
        assert top not in ABOVE, f"{name(path)} imports {top}"
        if top == "lstm_ref" and room != here:
            assert LEVEL.get(room, len(LAYERS)) < LEVEL[here], f"{name(path)} imports {room}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_are_short(path):
    source = path.read_text(encoding="utf-8")
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in nodes}
    assert len(source.splitlines()) <= 250
    assert {function: length for function, length in lengths.items() if length > 50} == {}


def cells(chapter):
    """The code of a notebook, without what only IPython reads."""
    notebook = json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    return re.sub(r"^ *[%!].*", "", code, flags=re.MULTILINE)


def readme():
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.M | re.S))


def api():
    """What the page of the package shows of each module, as imports of it."""
    text = (ROOT / "book" / "api.md").read_text(encoding="utf-8")
    for module, options in re.findall(r"automodule:: (\S+)((?:\n   :.*)*)", text):
        parent, _, inner = module.rpartition(".")
        members = re.search(r":members: (.+)", options)
        shown = inner if parent.count(".") else members and members[1]
        yield module, f"from {parent if parent.count('.') else module} import {shown}" if shown else f"import {module}"


USES = {chapter: cells(chapter) for chapter in NOTEBOOKS} | {"README": readme()} | dict(api())


@pytest.mark.parametrize("source", USES.values(), ids=USES)
def test_what_is_shown_to_readers_is_imported_from_a_face_of_the_package(source):
    for module, what in imports(source):
        if module.partition(".")[0] == "lstm_ref":
            assert module.count(".") < 2, f"{module} is a room behind a face"
            public = importlib.import_module(module).__all__
            assert what in ("", *public) or (module == "lstm_ref" and what in LEVEL), (
                f"{what} is not public in {module}"
            )
