"""The kernel of Python in the page, run outside a browser: what it keeps from cell to cell."""

import json
import os
import subprocess
import sys

import pytest
from helpers.book import ROOT

pytestmark = pytest.mark.slow

RUN = """
import asyncio, json, sys
import anywidget, kernel
said = []
page = kernel.Kernel(lambda message: said.append(json.loads(message)), [])
async def run_all(sources):
    for number, source in enumerate(sources, start=1):
        await page.run(source, number)
asyncio.run(run_all(json.loads(sys.argv[1])))
print(json.dumps(said))
"""


def run(*cells):
    """Run cells as the page does; return what they write to either stream, and the last lines of errors."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "web" / "run" / "python")}
    command = [sys.executable, "-c", RUN, json.dumps(cells)]
    told = json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)
    streams = ("".join(one["text"] for one in told if one.get("name") == name) for name in ("stdout", "stderr"))
    return *streams, [one["last"] for one in told if one["kind"] == "error"]


def test_a_filter_of_warnings_holds_for_the_cells_below_and_is_kept_once():
    out, _, errors = run(
        "import warnings\nbefore = len(warnings.filters)",
        *["warnings.simplefilter('error', UserWarning)"] * 3,
        "print(len(warnings.filters) - before)",
        "warnings.warn('no')",
    )
    assert (out, errors) == ("1\n", ["UserWarning: no"])


def test_a_cell_that_warns_does_so_at_each_run():
    _, err, _ = run("import warnings\ndef warn():\n    warnings.warn('look')", *["warn()"] * 2)
    assert err.count("UserWarning: look") == 2


def test_a_figure_that_is_gone_and_code_that_fails_when_a_figure_moves_stop_nothing():
    out, err, errors = run(
        "from traitlets import Int\nclass Figure(anywidget.AnyWidget):\n    step = Int(1).tag(sync=True)",
        "it = Figure()\nit.observe(lambda change: 1 / 0)",
        "page.set_widget('gone', '{}')\npage.set_widget(it.model_id, '{\"step\": 2}')\nprint(it.step)",
    )
    assert (out, errors) == ("2\n", []) and err.count("ZeroDivisionError") == 1
