"""Time units of the family step by step and all steps at once, on one core. `experiments.variants` calls it."""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref import family
from lstm_ref.checks import Array
from lstm_ref.data import tables
from lstm_ref.diagrams.walk import forward
from lstm_ref.unit import sigmoid

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


def lstm_sums_first(unit: family.Unit, w: family.Weights, x: Array) -> Array:
    """Return the outputs of an LSTM: what its sums see of the input for all steps at once, and then a loop."""
    names = "figo"
    z = x @ np.concatenate([w[f"W_{net}"] for net in names]).T + np.concatenate([w[f"b_{net}"] for net in names])
    R = np.concatenate([w[f"R_{net}"] for net in names])
    found, h, c = np.empty((len(x), len(w.b_f))), np.zeros_like(w.b_f), np.zeros_like(w.b_f)
    for t in range(len(x)):
        z_f, z_i, z_g, z_o = np.split(z[t] + R @ h, 4)
        c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
        h = found[t] = sigmoid(z_o) * np.tanh(c)
    return found


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
