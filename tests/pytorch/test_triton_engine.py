"""Triton's engine without a GPU: what its kernels compute, in an interpreter, and that they compile for a GPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_ref.engines import choosing

if not choosing.TRITON:
    pytest.skip("Triton 3.6 or newer is not installed", allow_module_level=True)

import triton
from helpers import kernels

if tuple(map(int, triton.__version__.split(".")[:2])) > (3, 8):
    # Its interpreter refuses a mask that its compiler takes, and two kernels of twenty keep less in registers.
    pytest.skip("Triton is newer than those that the kernels were tried with", allow_module_level=True)

INTERPRETED = "interpreted.py", "interpreted_layer.py"


@pytest.mark.slow
@pytest.mark.parametrize("tests", INTERPRETED)
def test_in_the_interpreter_the_engine_gives_what_numpy_gives(tests):
    tests = Path(__file__).with_name(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", tests]
    done = subprocess.run(command, env=os.environ | {"TRITON_INTERPRET": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("ends", [True, False])
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
        ("S3", "tf32", "full"),
        ("S3", "float32", "diagonal"),
        ("S4", "bfloat16", "diagonal"),
    ],
)
def test_each_kernel_compiles_once_for_a_gpu_and_keeps_all_but_a_little_in_registers(size, precision, peephole, ends):
    found = {}
    for name, kernel, _ in kernels.compiled(size, precision, peephole, ends, steps=3):
        assert found.setdefault(name, kernel) is kernel or name == "fill", f"{name} was compiled for one step alone"
    assert len(found) == (2 if size.startswith("S") else 5 if peephole == "full" else 3)
    for name, kernel in found.items():
        _, stack, spills, shared = kernels.usage(kernel)
        assert stack <= 16 and spills <= 16, name
        assert shared <= kernels.Card.MEMORY, name
