"""What all tests share: the surroundings of every process, and their order."""

import os

import pytest

pytest.register_assert_rewrite("helpers")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FIRST = [
    "test_site.py",
    "test_gpu_script.py",
    "test_run.py",
    "08_training.ipynb",
    "09_what_memory_can_do.ipynb",
    "07_learning_backwards.ipynb",
    "test_readme.py",
    "test_resume.py",
    "test_numba_engine.py",
]


def pytest_configure(config):
    """Let every process have one thread and no window, and import what is in this folder."""
    os.environ |= dict.fromkeys(THREADS, "1")
    os.environ |= {"MPLBACKEND": "agg", "PYTHONUTF8": "1", "PYTHONPATH": str(config.rootpath)}


def pytest_collection_modifyitems(items):
    """Put the longest files first, for several workers: each takes whole files, a notebook's cells in their order."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))
