"""Where the time goes, kernel by kernel; and what the card can do at most: copying, products, launches."""

import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks import measure
from benchmarks.gpu.clock import MIB, WARM_UP, Clock
from benchmarks.gpu.given import Given
from benchmarks.gpu.speed import LARGE, TINY
from benchmarks.gpu.units import PRECISIONS, Make, build, named, problem, unit
from benchmarks.peers import REFERENCE

CALLS, LONGEST = 3, 25
TRACE, TRACE_LIMIT = "trace.json.gz", 2 * MIB


def kernels(given: Given, size: tuple[int, ...], make: Make, trace: bool) -> dict[str, Any]:
    """Profile a few passes forward and back; return the kernels that took longest, per pass."""
    clock, how = Clock(given.device), PRECISIONS["TF32"]
    made = build(make, *size[2:], clock.device, how.dtype)
    numbers = problem(*size, clock.device, how.dtype)

    def call() -> None:
        measure.both(made, numbers)
        measure.clear(made, numbers)

    activities = [ProfilerActivity.CPU, *[ProfilerActivity.CUDA] * clock.cuda]
    with how.set(clock.device):
        for _ in range(WARM_UP):
            call()
        clock.wait()
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        host = time.perf_counter() - began
        clock.wait()
        whole = time.perf_counter() - began
        with profile(activities=activities, acc_events=True) as seen:
            for _ in range(CALLS):
                call()
            clock.wait()
            seen.add_metadata_json("machine", json.dumps(given.machine))
    if trace:
        _keep(seen, Path(given.folder) / TRACE)
    rows = _rows(seen.events(), clock.cuda)
    return {
        "ms": whole / CALLS * 1e3,
        "host ms": host / CALLS * 1e3,
        "kernels": sum(row["count"] for row in rows),
        "kernels ms": sum(row["ms"] for row in rows),
        "by name": rows[:LONGEST],
    }


def _rows(events: Any, cuda: bool) -> list[dict[str, Any]]:
    """Return name, count and ms per pass of what ran on the device, the longest first; on a CPU of the operations."""
    kind = torch.autograd.DeviceType.CUDA if cuda else torch.autograd.DeviceType.CPU
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    for event in events:
        if event.device_type == kind and not getattr(event, "is_user_annotation", False):
            found[event.name][0] += 1 / CALLS
            found[event.name][1] += (event.time_range.elapsed_us() if cuda else event.self_cpu_time_total) / CALLS / 1e3
    longest = sorted(found.items(), key=lambda pair: -pair[1][1])
    return [{"name": name[:120], "count": round(count, 2), "ms": round(ms, 5)} for name, (count, ms) in longest]


def _keep(seen: Any, path: Path) -> None:
    """Keep the trace, packed, if it is small."""
    whole = path.with_suffix(".tmp")
    seen.export_chrome_trace(str(whole))
    packed = gzip.compress(whole.read_bytes())
    whole.unlink()
    if len(packed) < TRACE_LIMIT:
        path.write_bytes(packed)


def copying(given: Given) -> dict[str, Any]:
    """Copy from device to device: bytes read and written in a second."""
    clock = Clock(given.device)
    one = torch.zeros((1 if given.tiny else 1024) * MIB, dtype=torch.uint8, device=clock.device)
    other = torch.empty_like(one)
    return {"GB/s": 2 * len(one) / _best(clock, lambda: other.copy_(one)) / 1e9}


def product(given: Given, precision: str) -> dict[str, Any]:
    """Multiply two large square matrices."""
    clock, how, N = Clock(given.device), PRECISIONS[precision], 64 if given.tiny else 8192
    one, other = torch.randn(2, N, N, device=clock.device).to(how.dtype)
    with how.set(clock.device):
        return {"TFLOP/s": 2 * N**3 / _best(clock, lambda: one @ other) / 1e12}


def launches(given: Given) -> dict[str, Any]:
    """Launch a kernel that has next to nothing to do: from Python, and as a node of a CUDA graph."""
    clock, count = Clock(given.device), 10 if given.tiny else 1000
    number = torch.zeros(1, device=clock.device)

    def launch() -> None:
        for _ in range(count):
            number.add_(1)

    found = {"us from Python": _best(clock, launch) / count * 1e6}
    if clock.cuda:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            launch()
        found["us in a graph"] = _best(clock, graph.replay) / count * 1e6
    return found


def _best(clock: Clock, call: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several calls."""
    call()
    return min(clock.seconds(call) for _ in range(7))


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the kernels of the reference and of the layer at the large sizes, and the ceilings."""
    todo: dict[str, Callable[[], dict[str, Any]]] = {"copying": partial(copying, given)}
    todo |= {f"product {name}": partial(product, given, name) for name in ("float32", "TF32", "bfloat16")}
    todo["launches"] = partial(launches, given)
    layers: dict[tuple[str, str], Make] = {REFERENCE: torch.nn.LSTM}
    layers |= {(f"layer {engine}", "diagonal"): partial(unit, engine, "diagonal") for engine in ("auto", "graph")}
    sizes = TINY if given.tiny else LARGE
    for size in sizes:
        for peer, make in layers.items():
            trace = peer[0] == "layer auto" and size == sizes[-1]
            todo[f"{'x'.join(map(str, size))} {named(peer)}"] = partial(kernels, given, size, make, trace)
    return todo
