"""Which engine computes a layer with peepholes.

To add an engine: write a module with the `forward`, `backward` and `TENSORS` of `lstm_ref.engines.numpy_engine`, and
name it in MODULES. The tests of the engines then hold it to the others.
"""

import functools
import importlib
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

MODULES = {"numpy": "numpy_engine", "compiled": "numba_engine", "torch": "torch_engine"}
"""By name: the module in this folder."""

ENGINES = ("auto", *MODULES)

NUMBA = all(find_spec(package) for package in ("numba", "scipy"))
"""Whether what the compiled engine needs is installed."""


def choose(name: str, tensor: "torch.Tensor") -> ModuleType:
    """Return the engine of this name, a module with `forward` and `backward`; "auto" is the one that fits `tensor`.

    On a CPU, in single and double precision, that is the compiled one where numba and SciPy are installed and run,
    else NumPy's; everywhere else torch's.

    Raises
    ------
    ValueError
        If an engine that computes on a CPU, in single and double precision, is named for another tensor.
    ImportError
        If the compiled engine is named, and numba or SciPy is not installed.
    """
    import torch

    if name not in ENGINES:
        raise ValueError(f"engine: expected one of {ENGINES}, got {name!r}")
    fits = tensor.device.type == "cpu" and tensor.dtype in (torch.float32, torch.float64)
    if name == "auto":
        # A subclass of tensors may not stand for numbers in memory.
        plain = fits and type(tensor) in (torch.Tensor, torch.nn.Parameter)
        name = ("compiled" if NUMBA and numba_runs() else "numpy") if plain else "torch"
    if name == "compiled" and not NUMBA:
        raise ImportError("engine: expected numba and SciPy for 'compiled': pip install \"lstm_ref[fast]\"")
    engine = module(name)
    if not (engine.TENSORS or fits):
        came = f"{tensor.dtype} on {tensor.device}"
        raise ValueError(
            f"engine: expected 'torch' or 'auto', {name!r} is for float32 and float64 on a CPU, got {came}"
        )
    return engine


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
