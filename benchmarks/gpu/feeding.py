"""What feeds a training: a step of a character model with one thing done otherwise at a time, and every precision.

The base is a step as a first version has it: one-hot inputs of width 97, each batch copied from ordinary memory, Adam
as PyTorch has it by default, and the loss asked for at every step. In ``feeding.csv`` is how long each takes, in
``precision.csv`` the loss of the book's own training in each precision.
"""

import dataclasses
import os
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from benchmarks.gpu import machine
from benchmarks.gpu.clock import WARM_UP, Clock
from benchmarks.gpu.given import Given, did_not_run
from benchmarks.gpu.units import PRECISIONS
from lstm_ref.tasks.characters import ALPHABET, TRAINING, source
from lstm_ref.training import Settings, Trainer
from lstm_ref.training.devices import HALF

# Without it PyTorch refuses cuBLAS where a fixed order is asked for; cuBLAS reads it once.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

SYMBOLS = len(ALPHABET)
EMBEDDED = 32
TABLES = {"variants": "feeding.csv", "precisions": "precision.csv"}
SIZES = {"cuda": (128, 256, 512), "cpu": (32, 16, 128)}
"""T, B and H by kind of device: those of chapter 8's live training."""
TINY = (4, 2, 8)
STEPS, ROUNDS = 300, 15
ON_A_GPU = {"pinned batches", "deterministic"}
"""Ways that change nothing on a processor."""
TRIED = [(name, "none") for name in ("float32", "TF32", "float16", "bfloat16")] + [
    (name, "diagonal") for name in ("float32", "bfloat16")
]
"""The precisions and peepholes of the loss curves."""


@dataclasses.dataclass(frozen=True)
class Way:
    """How a step is done."""

    embedded: bool = False
    width: int = SYMBOLS
    kept: str = "memory"
    fused: bool = False
    asks: bool = True
    compiled: bool = False
    deterministic: bool = False


WAYS = {
    "base": Way(),
    "embedding of 32": Way(embedded=True),
    "width 104": Way(width=104),
    "pinned batches": Way(kept="pinned"),
    "text on the device": Way(kept="device"),
    "fused Adam": Way(fused=True),
    "loss not asked for": Way(asks=False),
    "torch.compile": Way(compiled=True),
    "deterministic": Way(deterministic=True),
    "all that fit together": Way(True, 104, "device", True, False),
}


class Model(torch.nn.Module):
    """`torch.nn.LSTM` and a read-out; their width may be more than there are symbols."""

    def __init__(self, H: int, way: Way):
        super().__init__()
        self.width = way.width
        self.embedding = torch.nn.Embedding(way.width, EMBEDDED) if way.embedded else None
        self.lstm = torch.nn.LSTM(EMBEDDED if way.embedded else way.width, H)
        self.read_out = torch.nn.Linear(H, way.width)

    def forward(self, x: Tensor) -> Tensor:
        signal = self.embedding(x) if self.embedding else one_hot(x, self.width).float()
        return self.read_out(self.lstm(signal)[0])


def batches(kept: str, T: int, B: int, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield x and the target, (T, B) symbols on the device, from a text that is kept in memory or there."""
    text = torch.tensor(source(tuple(TRAINING)))
    if kept == "device":
        text = text.to(device)
    at = torch.arange(T, device=text.device)[:, None] + len(text) // B * torch.arange(B, device=text.device)
    for place in range(0, len(text) // B - T - 1, T):
        pair = text[at + place], text[at + place + 1]
        if kept == "pinned" and device.type == "cuda":
            yield tuple(part.pin_memory().to(device, non_blocking=True) for part in pair)
        else:
            yield tuple(part.to(device) for part in pair)


def step(way: Way, size: tuple[int, int, int], device: torch.device) -> Callable[[], Any]:
    """Return a function that takes one step of training."""
    T, B, H = size
    torch.manual_seed(0)
    model = Model(H, way).to(device)
    run = torch.compile(model) if way.compiled else model
    optimiser = torch.optim.Adam(model.parameters(), 1e-3, fused=True if way.fused else None)
    coming = batches(way.kept, T, B, device)

    def call() -> Any:
        x, target = next(coming)
        loss = cross_entropy(run(x).flatten(0, 1), target.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item() if way.asks else loss

    return call


def variants(given: Given) -> dict[str, Any]:
    """Time all ways in turns, each as a ratio to the base in the same round."""
    clock, until = Clock(given.device), given.share(2)
    size = TINY if given.tiny else SIZES[clock.device.type]
    rows: dict[str, Any] = {}
    calls = {}
    for name, way in WAYS.items():
        if name in ON_A_GPU and not clock.cuda:
            continue
        given.note("variants", name)
        try:
            calls[name] = step(way, size, clock.device)
            _several(clock, way, calls[name])
        except Exception as error:
            rows[name] = did_not_run(error, clock)
            calls.pop(name, None)
    given.note("variants")
    order, seconds = np.random.default_rng(0), {name: [] for name in calls}
    for n in range(3 if given.tiny else ROUNDS):
        if n >= 3 and time.time() > until:
            break
        for k in order.permutation(len(calls)):
            name = [*calls][k]
            seconds[name].append(_several(clock, WAYS[name], calls[name]))
    base = np.array(seconds["base"])
    for name, found in seconds.items():
        ratio = float(np.median(np.array(found) / base))
        rows[name] = {"ms": round(float(np.median(found)) * 1e3, 4), "ratio": round(ratio, 4)}
    return {"size": list(size), "rows": rows}


def _several(clock: Clock, way: Way, call: Callable[[], Any]) -> float:
    """Return the seconds of one step, the mean of several in a row."""
    try:
        torch.use_deterministic_algorithms(way.deterministic)
        with PRECISIONS["TF32"].set(clock.device):
            return clock.seconds(call, WARM_UP)
    finally:
        torch.use_deterministic_algorithms(False)


def precisions(given: Given) -> dict[str, Any]:
    """Train the same model in each precision, from the same start; return the loss of each step, and milliseconds."""
    clock = Clock(given.device)
    T, B, H = TINY if given.tiny else SIZES[clock.device.type]
    rows: dict[str, Any] = {}
    options, steps = {"T": T, "batch_size": B}, 4 if given.tiny else STEPS
    for name, peephole in TRIED:
        if name == "TF32" and not clock.cuda:
            continue
        row, half = f"{name} {peephole}", name if name in HALF else "float32"
        given.note("precisions", row)
        how = {"hidden_size": H, "steps": steps, "peephole": peephole, "device": given.device, "precision": half}
        try:
            rows[row] = _losses(clock, Settings("characters", options, **how), name)
        except Exception as error:
            rows[row] = did_not_run(error, clock)
    return {"size": [T, B, H], "rows": rows}


def _losses(clock: Clock, settings: Settings, name: str) -> dict[str, Any]:
    trainer = Trainer(settings)
    with dataclasses.replace(PRECISIONS["float32"], tf32=name != "float32").set(clock.device):
        first = trainer.step()
        clock.wait()
        began = time.perf_counter()
        losses = torch.stack([first, *(trainer.step() for _ in range(settings.steps - 1))])
        clock.wait()
    took = (time.perf_counter() - began) / max(1, settings.steps - 1)
    bits = losses.double().cpu().numpy() / np.log(2)
    assert trainer.state is not None
    dtypes = {"state": str(trainer.state[1].dtype), "weights": str(trainer.model.read_out.weight.dtype)}
    return {"ms": round(took * 1e3, 4), "bits": [round(float(each), 4) for each in bits], **dtypes}


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the two comparisons."""
    # What the compiler warns of is within itself.
    warnings.simplefilter("ignore")
    return {"variants": partial(variants, given), "precisions": partial(precisions, given)}


def finish(given: Given, found: dict[str, Any]) -> None:
    """Write both as tables; their first lines say what they were measured with."""
    for item, name in TABLES.items():
        result = found.get(item, {})
        size = dict(zip("TBH", result.get("size", ())))
        rows = [{"row": row} | each | size for row, each in result.get("rows", {}).items() if "ms" in each]
        columns = ["row", "ms", "ratio", *"TBH"]
        if item == "precisions":
            columns[2:3] = ["state", "step", "bits"]
            rows = [row | {"step": k, "bits": bits} for row in rows for k, bits in enumerate(row["bits"])]
        machine.write_table(Path(given.folder) / name, given.machine, columns, rows)
