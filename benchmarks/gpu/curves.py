"""Time against T, B and H, one swept at a time, of the layer and of `torch.nn.LSTM`; on the CPU too, more briefly."""

import dataclasses
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu import machine
from benchmarks.gpu.given import Given
from benchmarks.gpu.speed import Group
from benchmarks.gpu.units import Make, unit
from benchmarks.peers import REFERENCE

TABLE = "curves.csv"
COLUMNS = "device", "sweep", "T", "B", "I", "H", "row", "pass", "ms", "us_per_step", "ratio", "spread"
LAYER = ("layer auto", "diagonal")
ROWS: dict[tuple[str, str], Make] = {REFERENCE: torch.nn.LSTM, LAYER: partial(unit, "auto", "diagonal")}
# What stands still, and what is swept; I is always H.
MIDDLE = {"cuda": {"T": 128, "B": 64, "H": 256}, "cpu": {"T": 64, "B": 16, "H": 64}}
SWEEPS = {
    "cuda": {"T": (16, 32, 64, 128, 256, 512), "B": (1, 4, 16, 64, 256, 1024), "H": (32, 64, 128, 256, 512, 1024)},
    "cpu": {"T": (16, 64, 256), "B": (1, 16, 64), "H": (16, 64, 256)},
}
TINY = {"T": (2, 3), "B": (1, 2), "H": (3, 4)}
CPU_SECONDS = 1.5


def point(given: Given, item: str, size: tuple[int, ...], parts: int) -> dict[str, Any]:
    """Measure one point, in TF32, in an equal part of the time that is left."""
    until = given.share(parts)
    if given.device == "cpu":
        until = min(until, time.time() + CPU_SECONDS)
    rows = Group(given, item, size, "TF32")
    with rows.precision.set(rows.clock.device):
        for peer, make in ROWS.items():
            rows.add(peer, make, memory=False)
        return rows.measured(until, most=9) | {"size": list(size), "device": given.device}


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a point for each device, sweep and value."""
    plan = []
    for device in dict.fromkeys((given.device, "cpu")):
        kind = torch.device(device).type
        for sweep, values in (TINY if given.tiny else SWEEPS[kind]).items():
            for value in values:
                at = ({"T": 3, "B": 2, "H": 4} if given.tiny else MIDDLE[kind]) | {sweep: value}
                plan.append((f"{kind} {sweep} {value}", device, (at["T"], at["B"], at["H"], at["H"])))
    return {
        item: partial(point, dataclasses.replace(given, device=device), item, size, len(plan) - k)
        for k, (item, device, size) in enumerate(plan)
    }


def finish(given: Given, found: dict[str, Any]) -> None:
    """Write all points as a table; its first line says what they were measured with."""
    rows = []
    for item, result in found.items():
        for row, passes in result.get("rows", {}).items():
            for which in ("forward", "both"):
                if which in passes:
                    T = result["size"][0]
                    numbers = {"us_per_step": round(passes[which]["ms"] * 1e3 / T, 4), **passes[which]}
                    where = {"device": result["device"], "sweep": item.split()[1], "row": row, "pass": which}
                    rows.append(where | dict(zip("TBIH", result["size"])) | numbers)
    machine.write_table(Path(given.folder) / TABLE, given.machine, COLUMNS, rows)
