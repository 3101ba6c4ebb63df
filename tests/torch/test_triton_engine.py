"""Triton's engine without a GPU: what its kernels compute, in an interpreter, and that they compile for a GPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("triton", reason="Triton is not installed")

from helpers import kernels

INTERPRETED = Path(__file__).with_name("interpreted.py")


@pytest.mark.slow
def test_in_the_interpreter_the_engine_gives_what_numpy_gives():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", INTERPRETED]
    done = subprocess.run(command, env=os.environ | {"TRITON_INTERPRET": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "precision", "peephole"),
    [
        ("L", "tf32", "full"),
        ("L", "float32", "diagonal"),
        ("L", "bfloat16", "full"),
        ("M", "float16", "diagonal"),
        ("M", "tf32", "none"),
        ("S1", "tf32", "diagonal"),
        ("S2", "float32", "full"),
        ("S2", "bfloat16", "none"),
    ],
)
def test_the_kernels_compile_for_a_gpu_and_keep_all_but_a_little_in_registers(size, precision, peephole, monkeypatch):
    for name, *what in kernels.kernels(size, precision, peephole, monkeypatch):
        _, stack, spills, shared = kernels.usage(kernels.compiled(*what))
        assert stack <= 16 and spills <= 16, name
        assert shared <= kernels.MEMORY, name
