"""Which engine computes a layer with peepholes.

To add an engine: write a module with the `forward`, `backward` and `TENSORS` of `lstm_ref.engines.numpy_engine`, name
it in MODULES and, unless it takes every tensor, in SERVES. The tests of the engines then hold those ON_A_CPU to each
other.
"""

import functools
import importlib
import os
import re
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from lstm_ref import checks

if TYPE_CHECKING:
    import torch

MODULES = {
    "numpy": "numpy_engine",
    "compiled": "numba_engine",
    "torch": "torch_engine",
    "triton": "triton_engine",
    "graph": "graph_engine",
}
"""By name: the module in this folder."""

ENGINES = ("auto", *MODULES)

ON_A_CPU = ("numpy", "compiled", "torch")
"""The engines that compute on a CPU."""

SERVES = {
    "numpy": ("cpu", "float32 float64"),
    "compiled": ("cpu", "float32 float64"),
    "triton": ("cuda", "float32 float16 bfloat16"),
    "graph": ("cuda", "float32 float64 float16 bfloat16"),
}
"""By name: the type of device and the dtypes of an engine that does not serve all."""

NUMBA = all(find_spec(package) for package in ("numba", "scipy"))
"""Whether what the compiled engine needs is installed."""


def _has_triton() -> bool:
    """Return whether Triton is there in a version that the kernels are tested with, 3.6 or newer, and can run."""
    # What launches its kernels it compiles where it runs, in C.
    if not any(map(shutil.which, (os.environ.get("CC") or "gcc", "gcc", "clang"))):
        return False
    for package in ("triton", "pytorch-triton"):  # the second comes with torch from elsewhere than PyPI
        try:
            return tuple(map(int, re.findall(r"\d+", version(package))[:2])) >= (3, 6)
        except PackageNotFoundError:
            continue
    return False


TRITON = _has_triton()
"""Whether what Triton's engine needs is installed."""


def choose(engine: str, tensor: "torch.Tensor") -> ModuleType:
    """Return the engine of this name, a module with `forward` and `backward`; "auto" is the one that fits `tensor`.

    On a CPU, in single and double precision, that is the compiled one where numba and SciPy are installed and run,
    else NumPy's. On an NVIDIA GPU it is Triton's where Triton is installed and serves the card and the precision,
    else torch's by way of CUDA graphs. Everywhere else it is torch's.

    Raises
    ------
    ValueError
        If an engine is named that does not serve the device or the precision of the tensor.
    ImportError
        If an engine is named, and what it needs is not installed.
    """
    checks.one_of("engine", engine, ENGINES)
    import torch

    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"tensor: expected a torch.Tensor, got {type(tensor).__name__}")
    name = best(tensor) if engine == "auto" else engine
    if name == "compiled" and not NUMBA:
        raise ImportError("engine: expected numba and SciPy for 'compiled': pip install \"lstm_ref[fast]\"")
    if name == "triton" and not TRITON:
        raise ImportError(
            "engine: expected Triton 3.6 or newer, and a C compiler, for 'triton': pip install \"lstm_ref[gpu]\""
        )
    if not serves(name, tensor):
        device, dtypes = SERVES[name]
        came = f"{tensor.dtype} on {tensor.device}"
        raise ValueError(
            f"engine: expected 'torch' or 'auto', {name!r} is for {dtypes.replace(' ', ', ')} on {device}, got {came}"
        )
    return module(name)


def serves(name: str, tensor: "torch.Tensor") -> bool:
    """Return whether the engine of this name takes tensors like this one."""
    if name not in SERVES:
        return True
    device, dtypes = SERVES[name]
    return tensor.device.type == device and str(tensor.dtype).removeprefix("torch.") in dtypes.split()


def best(tensor: "torch.Tensor") -> str:
    """Return the name of the engine that "auto" takes for this tensor."""
    import torch

    # A subclass of tensors may not stand for numbers in memory. One that stands for a tensor to come, while torch
    # records a program, will be a tensor when the program runs.
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter) and not torch.compiler.is_compiling():
        return "torch"
    if serves("numpy", tensor):
        return "compiled" if NUMBA and numba_runs() else "numpy"
    if serves("graph", tensor) and torch.version.cuda:
        runs = TRITON and torch.cuda.get_device_capability(tensor.device) >= (8, 0)
        return "triton" if runs and serves("triton", tensor) else "graph"
    return "torch"


@functools.cache
def module(name: str) -> ModuleType:
    """Return the module of the engine of this name, which is imported only where it is used."""
    return importlib.import_module(f"lstm_ref.engines.{MODULES[name]}")


@functools.cache
def numba_runs() -> bool:
    """Say whether the numba that is installed runs here."""
    try:
        module("compiled")
    except ImportError:
        return False
    return True
