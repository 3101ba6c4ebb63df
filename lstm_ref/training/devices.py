"""Where a training runs: the device, the precision, and the processes that share the work."""

import contextlib
import functools
import os
from collections.abc import Iterator

import numpy as np
import torch
import torch.distributed as dist

from lstm_ref import checks
from lstm_ref.signatures import checked

DTYPES = {"float64": torch.float64, **dict.fromkeys(("float32", "bfloat16", "float16"), torch.float32)}
"""By precision: the dtype of the weights. With a precision of 16 bits products are computed in it, by autocast."""
HALF = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""By precision: the dtype of autocast, for those of 16 bits."""


@checked
def choose_device(device: str = "auto") -> torch.device:
    """Return a ``torch.device``: the one named, or for "auto" CUDA's, else Apple's MPS, else the CPU.

    Under torchrun each process takes the CUDA device of its own number.

    Raises
    ------
    ValueError
        If the device is unknown, or not there.
    """
    name = device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if name == "cuda" and "LOCAL_RANK" in os.environ:
        name = f"cuda:{os.environ['LOCAL_RANK']}"
    try:
        found = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"device: expected one such as cpu, cuda or mps, got {name!r}") from error
    try:
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError, ImportError) as error:
        raise ValueError(f"device: expected one that this machine has, got {name!r}") from error
    return found


def choose_precision(name: str, device: torch.device, peephole: str) -> str:
    """Return "float64", "float32", "bfloat16" or "float16": the one named, or for "auto" the one that helps.

    On a CUDA device a layer without a peephole is cuDNN's, which autocast runs in float16 whatever is asked
    (https://github.com/pytorch/pytorch/pull/42385). So that is chosen from compute capability 7.0 on; with peepholes it
    is bfloat16, from 8.0 on; and float32 everywhere else.

    Raises
    ------
    ValueError
        If it is unknown, or bfloat16 where the layer would compute in float16.
    """
    by_cudnn = device.type == "cuda" and peephole == "none"
    if name == "auto":
        # torch.cuda.is_bf16_supported says yes also where bfloat16 is only emulated.
        generation = torch.cuda.get_device_capability(device)[0] if device.type == "cuda" else 0
        half, least = ("float16", 7) if by_cudnn else ("bfloat16", 8)
        return half if generation >= least else "float32"
    checks.one_of("precision", name, ("auto", *DTYPES))
    if name == "bfloat16" and by_cudnn:
        raise ValueError("precision: expected float16 or float32 without a peephole on a CUDA device, got 'bfloat16'")
    return name


@contextlib.contextmanager
@checked
def autocast(device: torch.device, precision: str) -> Iterator[None]:
    """Give the context in which a model runs.

    Raises
    ------
    ValueError
        If the precision is unknown.
    """
    checks.one_of("precision", precision, DTYPES)
    if precision not in HALF:
        yield
        return
    # Where oneDNN's LSTM refuses 16 bits on this CPU, PyTorch's own stands in for it.
    before = torch.backends.mkldnn.enabled
    taken = device.type != "cpu" or _onednn_takes(precision)
    torch.backends.mkldnn.enabled = before and taken  # type: ignore[assignment]  # typed as its reader
    try:
        with torch.autocast(device.type, HALF[precision]):
            yield
    finally:
        torch.backends.mkldnn.enabled = before


@functools.cache
def _onednn_takes(precision: str) -> bool:
    # Tried, because there are processors of which PyTorch says yes and oneDNN has no LSTM that learns.
    try:
        with torch.random.fork_rng([]), torch.autocast("cpu", HALF[precision]):
            torch.nn.LSTM(1, 1)(torch.zeros(1, 1, 1))[0].sum().backward()
    except RuntimeError:
        return False
    return torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def seeded(device: torch.device, *numbers: int) -> Iterator[None]:
    """Let what PyTorch draws, such as what dropout drops, follow from whole numbers; then all is as it was before.

    That is so on a CPU. A fused kernel on a GPU may have a random state of its own, which nothing here reaches.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))
        yield


def rank_and_world() -> tuple[int, int]:
    """Return this process's number and how many there are: 0 and 1 unless they were started together."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_available() and dist.is_initialized() else (0, 1)


@contextlib.contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Join the processes that torchrun started, for a while; do nothing in a process that stands alone."""
    if "WORLD_SIZE" not in os.environ:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def mean_of_all(values: torch.Tensor) -> torch.Tensor:
    """Return a tensor's mean over all processes, in place."""
    _, world = rank_and_world()
    if world > 1:
        dist.all_reduce(values)
        values /= world
    return values


def gathered(state: tuple[torch.Tensor, ...] | None, dim: int = 1) -> tuple[torch.Tensor, ...] | None:
    """Return the states of all processes, which hold every world-th sequence each, as one state of the whole batch."""
    _, world = rank_and_world()
    if state is None or world == 1:
        return state
    whole = []
    for part in state:
        parts = [torch.empty_like(part) for _ in range(world)]
        dist.all_gather(parts, part.contiguous())
        whole.append(torch.stack(parts, dim + 1).flatten(dim, dim + 1))
    return tuple(whole)
