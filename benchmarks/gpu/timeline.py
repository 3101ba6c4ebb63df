"""When what runs: the operations that Python asks for and the kernels that the device runs, in a few steps of a layer.

For the picture of chapter 8: ``timeline.csv`` has a row for each operation and kernel, in microseconds.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks import measure
from benchmarks.gpu import machine
from benchmarks.gpu.clock import WARM_UP, Clock
from benchmarks.gpu.curves import LAYER
from benchmarks.gpu.given import Given
from benchmarks.gpu.units import LOOP, PRECISIONS, ROWS, Make, build, named, problem, unit
from benchmarks.peers import REFERENCE

TABLE = "timeline.csv"
SIZE, TINY = (32, 16, 128, 128), (2, 2, 3, 4)
BEFORE = 20
"""How often a layer runs before it is looked at."""
PEERS: dict[tuple[str, str], Make] = {
    LOOP: ROWS[LOOP],
    REFERENCE: ROWS[REFERENCE],
    LAYER: partial(unit, "auto", "diagonal"),
}


def seen(given: Given, make: Make) -> dict[str, Any]:
    """Profile one way forward; return when each operation and kernel began and how long it took."""
    clock, how, size = Clock(given.device), PRECISIONS["float32"], TINY if given.tiny else SIZE
    made = build(make, *size[2:], clock.device, how.dtype)
    numbers = problem(*size, clock.device, how.dtype)
    activities = [ProfilerActivity.CPU, *[ProfilerActivity.CUDA] * clock.cuda]
    with how.set(clock.device):
        for _ in range(WARM_UP if given.tiny else BEFORE):
            measure.forward(made, numbers)
        clock.wait()
        with profile(activities=activities, acc_events=True) as found:
            measure.forward(made, numbers)
            clock.wait()
    rows = [row for event in found.events() if (row := _row(event))]
    first = min(row["began"] for row in rows)
    for row in rows:
        row["began"] = round(row["began"] - first, 2)
    return {"size": list(size), "events": sorted(rows, key=lambda row: row["began"])}


def _row(event: Any) -> dict[str, Any] | None:
    """Return an event as a row; None for what runs within another operation, and for what only marks a time."""
    on_device = event.device_type == torch.autograd.DeviceType.CUDA
    if not on_device and (event.cpu_parent is not None or not event.name.startswith(("aten::", "lstm_ref::"))):
        return None
    span = event.time_range
    where = "device" if on_device else "Python"
    return {"where": where, "name": event.name[:60], "began": span.start, "us": round(span.elapsed_us(), 2)}


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a plain loop, the reference and the layer."""
    return {named(peer): partial(seen, given, make) for peer, make in PEERS.items()}


def finish(given: Given, found: dict[str, Any]) -> None:
    """Write all events as a table; its first line says what they were measured with."""
    columns = ("row", "where", "name", "began", "us", *"TBIH")
    rows = [
        {"row": item} | event | dict(zip("TBIH", result["size"]))
        for item, result in found.items()
        for event in result.get("events", ())
    ]
    machine.write_table(Path(given.folder) / TABLE, given.machine, columns, rows)
