"""Change the package in small ways, one at a time, and see whether its tests notice.

``make mutants`` draws 300 changes by lot; ``make mutants ARGS="--all"`` tries each. A change that no test notices is a
survivor. Survivors that change nothing that matters stand in ``tests/trust/equivalent.txt``, each with the reason.

mutmut leaves decorated functions alone, which most public ones are here, and cosmic-ray tries ten replacements for each
operator, which takes a day. Hence this program.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = ROOT / "tests" / "trust" / "equivalent.txt"
SECONDS = 180

CORE = "core/test_unit.py core/test_weights.py core/test_sequence.py core/test_gradients.py"
TESTS = {
    "unit.py": CORE,
    "weights.py": "core/test_weights.py core/test_unit.py pytorch/test_interop.py",
    "sequence.py": "core/test_sequence.py core/test_unit.py pytorch/test_inspector.py",
    "gradients.py": "core/test_gradients.py",
    "peepholes.py": f"{CORE} pytorch/test_interop.py",
    "signatures.py": "core/test_signatures.py core/test_checks.py",
    "checks.py": f"core/test_checks.py {CORE} drawing/test_plots.py training/test_settings.py",
    "engines/numpy_engine.py": "core/test_sequence.py core/test_gradients.py pytorch/test_engines.py",
    "engines/torch_engine.py": "pytorch/test_engines.py pytorch/test_layer_derivatives.py",
    "engines/calling.py": "pytorch/test_engines.py pytorch/test_layer_memories.py pytorch/test_layer_states.py",
    "interop/arrays.py": "pytorch/test_interop.py",
    "interop/torch.py": "pytorch/test_interop.py",
    "interop/exporter.py": "pytorch/test_exporter.py",
    "interop/keras.py": "pytorch/test_interop.py",
    "interop/onnx.py": "pytorch/test_interop.py pytorch/test_export.py",
    "inspector": "pytorch/test_inspector.py pytorch/test_inspector_onnx.py pytorch/test_inspector_models.py "
    "pytorch/test_report.py",
    "diagnosis": "diagnosis",
    "diagrams/wiring.py": "drawing/test_wiring.py drawing/test_diagrams.py",
    "diagrams/walk.py": "family/test_units.py drawing/test_wiring.py",
    "diagrams/operations.py": "family/test_units.py",
    "family/scans.py": "family/test_units.py",
    "family/sequence.py": "family/test_units.py family/test_calls.py",
    "diagrams/evaluate.py": "drawing/test_wiring.py drawing/test_diagrams.py",
    "companion/exercises/grading.py": "companion/test_grading.py companion/test_exercises.py",
    "training/checkpoints.py": "training/test_checkpoints.py",
    "training/folder.py": "training/test_folder.py training/test_checkpoints.py",
    "files.py": "training/test_checkpoints.py training/test_folder.py",
}
"""By module: the tests that have to notice a change of it."""

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


class Mutant(NamedTuple):
    """A changed module: its name, the line that was changed and its text, before and after, and the whole source."""

    module: str
    line: int
    text: str
    before: str
    after: str
    source: str

    def words(self) -> str:
        """Return the change on one line, which stays the same when lines move."""
        return f"{self.module}: {self.before} -> {self.after}, in: {self.text}"


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
        other = copy.copy(node)
        other.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        yield other
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        other_compare = copy.copy(node)
        other_compare.ops = [SWAPS[type(node.ops[0])](), *node.ops[1:]]  # type: ignore[list-item]
        yield other_compare
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.If):
        for value in (True, False):
            yield ast.If(ast.Constant(value), node.body, node.orelse)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()


def mutants(module: str) -> Iterator[Mutant]:
    """Yield every changed version of a module, but for changes of types, of documentation and of what errors say."""
    source = (ROOT / "lstm_ref" / module).read_text(encoding="utf-8")
    lines, tree = source.splitlines(), ast.parse(source)
    left_alone = {id(inner) for node in ast.walk(tree) for outer in _not_for_tests(node) for inner in ast.walk(outer)}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for place, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(node, ast.AST) or id(node) in left_alone:
                    continue
                for other in changed(node):
                    before = ast.unparse(node).partition("\n")[0]
                    after = ast.unparse(ast.fix_missing_locations(other)).partition("\n")[0]
                    _put(parent, field, place, other)
                    line: int = getattr(node, "lineno", 1)
                    text = lines[line - 1].strip()
                    yield Mutant(module, line, text, before, after, ast.unparse(ast.fix_missing_locations(tree)))
                    _put(parent, field, place, node)


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _not_for_tests(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands under a node and no test has to notice: annotations, and the words of an error."""
    if isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation is not None:
        yield node.annotation
    if isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield node.returns
    if isinstance(node, ast.JoinedStr):
        yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield node


def survives(mutant: Mutant) -> bool:
    """Return whether no test notices a change."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        # pytest puts the folder of pyproject.toml in front of what may be imported.
        shutil.copytree(ROOT / "lstm_ref", place / "lstm_ref", ignore=shutil.ignore_patterns("__pycache__"))
        (place / "lstm_ref" / mutant.module).write_text(mutant.source, encoding="utf-8")
        for name in ("tests", "tools", "web", "benchmarks", "experiments"):
            (place / name).symlink_to(ROOT / name)
        shutil.copy(ROOT / "pyproject.toml", place)
        tests = [f"tests/{name}" for name in TESTS[mutant.module].split()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(command, cwd=place, env=environment, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main() -> int:
    """Try mutants, print the survivors, and fail if more than one in twenty lives without a reason."""
    options = argparse.ArgumentParser(description="See the head of the file.")
    options.add_argument("--count", type=int, default=300, help="how many to draw (300)")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--all", action="store_true", help="try every one")
    options.add_argument("--modules", nargs="*", default=list(TESTS), help="of these modules alone")
    given = options.parse_args()
    every = [mutant for module in given.modules for mutant in mutants(module)]
    drawn = every if given.all else random.Random(given.seed).sample(every, min(given.count, len(every)))
    # The unchanged must live, and the broken die: else the changed one is not what is tested.
    whole = (ROOT / "lstm_ref" / "unit.py").read_text(encoding="utf-8")
    unchanged, broken = (Mutant("unit.py", 0, "", "", "", whole + more) for more in ("", "\nraise OSError"))
    if not survives(unchanged) or survives(broken):
        raise SystemExit("the tests do not pass as they are, or do not see the changed package")
    known = {line for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"}
    equivalent = survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for mutant, lives in zip(drawn, workers.map(survives, drawn)):
            if lives and mutant.words() in known:
                equivalent += 1
            elif lives:
                survivors += 1
                print(f"{mutant.words()} (line {mutant.line})", flush=True)
    counted = len(drawn) - equivalent
    killed = counted - survivors
    share = 100 * killed / max(1, counted)
    print(f"{killed} of {counted} killed, {share:.1f} %; {equivalent} equivalent")
    return killed < 0.95 * counted


if __name__ == "__main__":
    sys.exit(main())
