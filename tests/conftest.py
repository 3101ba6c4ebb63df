"""What all tests share: the surroundings of every process, and their order."""

import os
import re
from importlib.util import find_spec

import pytest

pytest.register_assert_rewrite("helpers")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FIRST = ["test_site.py", "test_gpu_script.py", "test_run.py", "08_training.ipynb"]
# What the extras of the package bring: a file, or a test, that cannot do without is skipped where it is not installed.
OPTIONAL = "torch|numba|scipy|matplotlib|onnx|onnxruntime|anywidget|traitlets|torchrecurrent"
SMALL = ("core", "drawing", "companion")  # folders of many short tests


def pytest_configure(config):
    """Let every process have one thread, unless told otherwise, and no window, and import what is in this folder."""
    for name in THREADS:
        os.environ.setdefault(name, "1")
    os.environ |= {"MPLBACKEND": "agg", "PYTHONUTF8": "1", "PYTHONPATH": str(config.rootpath)}


def pytest_xdist_auto_num_workers():
    """Have one worker more than there are processors, for a test often waits for a browser or a process of its own."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items):
    """Put the longest files first, for several workers, and the shortest last: each takes whole files."""

    def place(item):
        name = item.path.name
        return FIRST.index(name) if name in FIRST else len(FIRST) + (item.path.parent.name in SMALL)

    items.sort(key=place)


def _excused(report, path):
    """Let a report of a failure for want of a package be one of a skip, with the reason."""
    found = re.search(rf"No module named '({OPTIONAL})\b", str(report.longrepr)) if report.failed else None
    if found and find_spec(found[1]) is None:
        report.outcome, report.longrepr = "skipped", (str(path), 0, f"Skipped: {found[1]} is not installed")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _excused((yield), collector.path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return _excused((yield), item.path)
