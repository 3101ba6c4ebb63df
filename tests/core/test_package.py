"""The package as a whole: what importing it costs, its command, and what it says where something is not installed."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from helpers.processes import python

from lstm_ref import __main__ as command

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_core_needs_numpy_alone():
    code = """
import sys
before = set(sys.modules)
import lstm_ref, lstm_ref.companion, lstm_ref.data, lstm_ref.diagrams, lstm_ref.engines, lstm_ref.interop
import lstm_ref.svg, lstm_ref.tasks
names = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
print(sorted(name for name in names if "cython" not in name))  # which older versions of NumPy bring along
"""
    assert python("-c", code) == "['lstm_ref', 'numpy']\n"


def test_the_installed_command_is_that_of_the_module():
    assert EntryPoint("lstm-ref", PROJECT["scripts"]["lstm-ref"], "console_scripts").load() is command.command


def without(package, code):
    """Run code where a package is not installed; return its exit status, and the lines that it complains with."""
    code = f"import sys; sys.modules[{package!r}] = None\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize(
    ("package", "code", "extra"),
    [
        ("torch", "import lstm_ref.layer", "torch"),
        ("torch", "import lstm_ref.training", "torch"),
        ("matplotlib", "import lstm_ref.plots", "book"),
        ("anywidget", "import lstm_ref.explorer", "book"),
        ("scipy", "from lstm_ref.companion import results; results.interval(1, 2)", "book"),
        ("torch", "from lstm_ref import inspector; inspector.traces(None, None)", "torch"),
        ("onnx", "from lstm_ref import UnitWeights, interop; interop.onnx_model(UnitWeights.zeros(1, 1))", "book"),
    ],
    ids=["layer", "training", "plots", "explorer", "results", "inspector", "export"],
)
def test_an_import_of_what_is_not_there_says_what_to_install(package, code, extra):
    status, (*_, last) = without(package, code)
    assert status == 1 and re.match(rf'(Import|ModuleNotFound)Error: .*pip install "lstm_ref\[{extra}\]"', last)
