"""Time and memory, forward and back, in turns within one process, as ratios to `torch.nn.LSTM` in the same round."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks import measure
from benchmarks.gpu.clock import WARM_UP, Clock
from benchmarks.gpu.given import Given, did_not_run
from benchmarks.gpu.units import PRECISIONS, ROWS, Make, build, forget, named, problem
from benchmarks.measure import Problem
from benchmarks.peers import REFERENCE

# T, B, I, H: two at which the products count, two at which the price of a launch does.
LARGE = (256, 64, 512, 512), (128, 128, 192, 192)
SMALL = (50, 1, 16, 16), (50, 16, 16, 32)
TINY = ((4, 2, 3, 5),)
ROUNDS = 3, 30
"""How many there are at least, whatever the time, and at most."""
TURN = 0.02
"""For how many seconds a row runs at its turn, at least once."""

FIRST = 5
"""A group may take so much of the time left: the first ones matter most, and compile what the others use too."""
SLOW = 0.05
"""A row that takes so many seconds is not warmed up at its turn: it runs as it is, step by step."""

Turns = dict[tuple[str, tuple[str, str]], tuple[Callable[[], object], int, int]]
"""By pass and row: what to call, how often at a turn, and how often before, uncounted: others had a turn meanwhile."""


class Group:
    """The rows of one size and precision on a device."""

    def __init__(self, given: Given, item: str, size: tuple[int, ...], precision: str):
        self.given, self.item, self.precision = given, item, PRECISIONS[precision]
        self.clock, self.size = Clock(given.device), size
        self.numbers: Problem = problem(*size, self.clock.device, self.precision.dtype)
        self.results: dict[str, Any] = {}
        self.turns: Turns = {}
        self.seen: dict[str, torch.Tensor] = {}

    def add(self, peer: tuple[str, str], make: Make, memory: bool = True) -> None:
        """Build a row, warm it up and measure its memory; what does not run says so."""
        name, blamed = named(peer), self.given.blamed
        if name in blamed:
            self.results[name] = {"did not run": blamed[name]}
            return
        self.given.note(self.item, name)
        try:
            self.results[name] = self._ready(peer, make, memory)
        except Exception as error:
            self.results[name] = did_not_run(error, self.clock)

    def _ready(self, peer: tuple[str, str], make: Make, memory: bool) -> dict[str, Any]:
        made = build(make, *self.size[2:], self.clock.device, self.precision.dtype)
        both, clear = partial(measure.both, made, self.numbers), partial(measure.clear, made, self.numbers)
        result: dict[str, Any] = {}
        if memory:
            self.clock.wait()
            forget()
            took = self.clock.memory(both, clear)
            result |= {"memory": took} if took else {}
        with torch.no_grad():
            h = made(self.numbers.x, self.numbers.start)[0].float().cpu()
        seen = self.seen.setdefault(peer[1], h)
        if seen is not h:
            # Not a judgement, but a row that computes something else is not worth a time.
            result["differs"] = float((h - seen).norm() / seen.norm())

        def forward() -> None:
            measure.forward(made, self.numbers)

        def back() -> None:
            both()
            clear()

        for which, call in (("forward", forward), ("both", back)):
            for _ in range(WARM_UP):
                call()
            once = self.clock.seconds(call)
            calls = 1 if self.given.tiny else int(np.clip(TURN / max(once, 1e-9), 1, 50))
            self.turns[which, peer] = call, calls, WARM_UP if once < SLOW else 0
        return result

    def measured(self, until: float, most: int = ROUNDS[1]) -> dict[str, Any]:
        """Give every row a turn in each round, and return medians, ratios and how wide their middle half is."""
        order, turns = np.random.default_rng(0), list(self.turns.items())
        found: dict[tuple[str, tuple[str, str]], list[float]] = {key: [] for key in self.turns}
        rounds = 0
        most = ROUNDS[0] if self.given.tiny else most
        while turns and rounds < most and (rounds < ROUNDS[0] or time.time() < until):
            for k in order.permutation(len(turns)):
                key, (call, calls, before) = turns[k]
                for _ in range(before):
                    call()
                found[key].append(self.clock.seconds(call, calls))
            rounds += 1
        for (which, peer), seconds in found.items():
            reference = found.get((which, REFERENCE))
            self.results[named(peer)][which] = _summary(np.array(seconds), reference and np.array(reference))
        _ratios_of_memory(self.results)
        return {"rounds": rounds, "rows": self.results}


def _summary(seconds: Any, reference: Any) -> dict[str, float]:
    """Return the median in ms and, where there is a reference, the ratio to it and its spread."""
    found = {"ms": float(np.median(seconds)) * 1e3}
    if reference is not None:
        low, middle, high = np.percentile(seconds / reference, (25, 50, 75))
        found |= {"ratio": float(middle), "spread": float((high - low) / middle)}
    return {name: float(f"{value:.5g}") for name, value in found.items()}


def _ratios_of_memory(results: dict[str, Any]) -> None:
    """Add to each row its memory, what it keeps between calls included, as a ratio to the reference's."""
    sums = {name: row["memory"]["peak"] + row["memory"]["kept"] for name, row in results.items() if row.get("memory")}
    whole = sums.get(named(REFERENCE))
    for name, mib in sums.items() if whole else ():
        results[name]["memory"]["ratio"] = round(mib / whole, 3)


def group(given: Given, item: str, size: tuple[int, ...], precision: str, parts: int) -> dict[str, Any]:
    """Measure all rows at one size and precision, in a part of the time that is left."""
    until = given.share(parts)
    rows = Group(given, item, size, precision)
    with rows.precision.set(rows.clock.device):
        for peer, make in ROWS.items():
            rows.add(peer, make)
        given.note(item)
        return rows.measured(until)


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a group for each size and precision: large ones in TF32 first, on which the aims are set."""
    large, small = (TINY, ()) if given.tiny else (LARGE, SMALL)
    plan = [(size, precision) for precision in ("TF32", "bfloat16", "float32") for size in large]
    plan += [(size, "TF32") for size in small] + [(size, "float16") for size in large]
    plan += [(size, precision) for precision in ("float32", "bfloat16", "float16") for size in small]
    names = [f"{'x'.join(map(str, size))} {precision}" for size, precision in plan]
    return {
        name: partial(group, given, name, *what, min(len(plan) - k, FIRST))
        for k, (name, what) in enumerate(zip(names, plan))
    }
