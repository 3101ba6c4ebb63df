"""Time against T, B and H, one swept at a time, of the layer and of `torch.nn.LSTM`."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from benchmarks.gpu.given import Given
from benchmarks.gpu.speed import Group
from benchmarks.gpu.units import Make, unit
from benchmarks.peers import REFERENCE

TABLE = "curves.csv"
COLUMNS = "sweep", "T", "B", "I", "H", "row", "pass", "ms", "ratio", "spread"
ROWS: dict[tuple[str, str], Make] = {
    REFERENCE: torch.nn.LSTM,
    ("layer auto", "diagonal"): partial(unit, "auto", "diagonal"),
}
# What stands still, and what is swept; I is always H.
MIDDLE = {"T": 128, "B": 64, "H": 256}
SWEEPS = {"H": (32, 64, 128, 256, 512, 1024), "B": (1, 4, 16, 64, 256, 1024), "T": (16, 32, 64, 128, 256, 512)}
TINY_MIDDLE, TINY = {"T": 3, "B": 2, "H": 4}, {"T": (2, 3), "B": (1, 2), "H": (3, 4)}


def point(given: Given, item: str, size: tuple[int, ...], parts: int) -> dict[str, Any]:
    """Measure one point, in TF32, in an equal part of the time that is left."""
    until = given.share(parts)
    rows = Group(given, item, size, "TF32")
    with rows.precision.set(rows.clock.device):
        for peer, make in ROWS.items():
            rows.add(peer, make, memory=False)
        return rows.measured(until, most=9) | {"size": list(size)}


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a point for each sweep and value."""
    middle, sweeps = (TINY_MIDDLE, TINY) if given.tiny else (MIDDLE, SWEEPS)
    plan = [(f"{sweep} {value}", middle | {sweep: value}) for sweep, values in sweeps.items() for value in values]
    return {
        item: partial(point, given, item, (at["T"], at["B"], at["H"], at["H"]), len(plan) - k)
        for k, (item, at) in enumerate(plan)
    }


def finish(given: Given, found: dict[str, Any]) -> None:
    """Write all points as a table."""
    rows = [
        {"sweep": item.split()[0], "row": row, "pass": which, **dict(zip("TBIH", result["size"])), **passes[which]}
        for item, result in found.items()
        for row, passes in result.get("rows", {}).items()
        for which in ("forward", "both")
        if which in passes
    ]
    given.table(TABLE, COLUMNS, rows)
