"""What all tests share: the surroundings of every process, and their order."""

import os

import pytest

pytest.register_assert_rewrite("helpers")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FIRST = ["test_site.py", "test_gpu_script.py", "test_run.py", "08_training.ipynb"]
SMALL = ("core", "drawing", "companion")  # folders of many short tests


def pytest_configure(config):
    """Let every process have one thread and no window, and import what is in this folder."""
    os.environ |= dict.fromkeys(THREADS, "1")
    os.environ |= {"MPLBACKEND": "agg", "PYTHONUTF8": "1", "PYTHONPATH": str(config.rootpath)}


def pytest_collection_modifyitems(items):
    """Put the longest files first, for several workers, and the shortest last: each takes whole files."""

    def place(item):
        name = item.path.name
        return FIRST.index(name) if name in FIRST else len(FIRST) + (item.path.parent.name in SMALL)

    items.sort(key=place)
