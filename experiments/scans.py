"""Time units of the family step by step and all steps at once, on one core. `experiments.variants` calls it."""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref import UnitWeights, family, unroll
from lstm_ref.checks import Array
from lstm_ref.data import tables
from lstm_ref.diagrams.walk import forward

TIMES = tuple(2**k for k in range(6, 15))


def scans() -> None:
    """Time a unit of each kind step by step and all steps at once: the shortest of several, in milliseconds."""
    rows = []
    for name, ways in WAYS.items():
        unit = family.UNITS[name]
        weights = unit.random(16, 32, 16, rng=np.random.default_rng(0))
        for T in TIMES:
            x = np.random.default_rng(1).normal(size=(T, 16))
            for how, work in ways.items():
                rows.append({"unit": name, "how": how, "T": T, "ms": round(_shortest(work, unit, weights, x), 3)})
                print(rows[-1], file=sys.stderr, flush=True)
    tables.write(FOLDER / "scans.csv", rows, list(rows[0]))


def lstm_sums_first(unit: family.Unit, weights: family.Weights, x: Array) -> Array:
    """Return the outputs of an LSTM as the package computes it: the input's part of all sums at once, then a loop."""
    return unroll(UnitWeights(**weights), x).h_t


def sums_first(unit: family.Unit, weights: family.Weights, x: Array) -> Array:
    """Return the memories of a unit with one `Scan`: what waits for no memory for all steps at once, then a loop."""
    (scan,) = unit.scans
    values = forward(unit.wiring, weights, {"x_t": x})
    keep, write = values[scan.keep], values[scan.write]
    found, memory = np.empty_like(write), np.zeros_like(write[0])
    for t in range(len(x)):
        memory = found[t] = keep[t] * memory + write[t]
    return found


WAYS: dict[str, dict[str, Callable[..., Any]]] = {
    "lstm": {"loop": family.unroll, "sums first": lstm_sums_first},
    "min-gru": {"loop": family.unroll, "sums first": sums_first, "scan": family.all_at_once},
    "selective-ssm": {"loop": family.unroll, "scan": family.all_at_once},
    "gated-delta-net": {"loop": family.unroll, "scan": family.all_at_once},
}


def _shortest(work: Callable[..., Any], *given: Any) -> float:
    times: list[float] = []
    while sum(times) < 300 or len(times) < 3:
        start = time.perf_counter()
        work(*given)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)
