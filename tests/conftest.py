"""What all tests share: the surroundings of every process, and which tests run in one process."""

import os

import pytest

pytest.register_assert_rewrite("helpers")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# With several workers, what takes longest begins.
FIRST = ["site", "test_resume.py", "08_training.ipynb"]


def pytest_configure(config):
    """Let every process have one thread and no window, and import what is in this folder."""
    os.environ |= dict.fromkeys(THREADS, "1")
    os.environ |= {"MPLBACKEND": "agg", "PYTHONUTF8": "1", "PYTHONPATH": str(config.rootpath)}


def pytest_collection_modifyitems(items):
    """Give each file to one worker, a notebook's cells in their order, and to one all that needs the built site."""
    groups = {item: "site" if "site" in getattr(item, "fixturenames", ()) else item.path.name for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: FIRST.index(groups[item]) if groups[item] in FIRST else len(FIRST))
