"""torch.compile: over the layer, which must compute the same, and over a loop, beside which the layer is timed."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from benchmarks.gpu import correctness, situations
from benchmarks.gpu.cases import case, judged, worst
from benchmarks.gpu.given import Given
from benchmarks.gpu.speed import LARGE, TINY, Group
from benchmarks.gpu.units import COMPILED, ENGINES, LOOP, ROWS, Loop
from benchmarks.peers import REFERENCE

# The compiler unrolls the loop, and takes the longer the more steps there are.
STEPS = 32


def layer(given: Given, engine: str, whole: bool) -> dict[str, Any]:
    """Compile the layer, as one whole graph or as it comes, and compare it, forward and back, with the judge."""
    drawn = case(given, engine, "diagonal", correctness.TINY[0] if given.tiny else situations.SHAPE, "float32", False)
    compiled = torch.compile(lambda x, start: drawn.layer(x, start), fullgraph=whole)
    return judged(worst(drawn.outcome(compiled), drawn.want()), drawn.precision.bound)


def loop(given: Given, item: str, size: tuple[int, ...], mode: str) -> dict[str, Any]:
    """Time the compiled loop beside the plain one, the layer's engines and the reference, at a few steps."""
    rows = Group(given, item, (min(size[0], STEPS), *size[1:]), "TF32")
    beside = [REFERENCE, LOOP, *((engine, "diagonal") for engine in ENGINES)]
    with rows.precision.set(rows.clock.device):
        for peer in beside:
            rows.add(peer, ROWS[peer], memory=False)
        rows.add(COMPILED, partial(Loop, compiler=partial(torch.compile, mode=mode)), memory=False)
        given.note(item)
        return rows.measured(given.until, most=10) | {"size": list(rows.size)}


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the layer as it is, the loop at each large size, plain and in CUDA graphs, and each engine's layer."""
    # What the compiler warns of is within itself.
    warnings.simplefilter("ignore")
    layers: dict[str, Callable[[], dict[str, Any]]] = {
        f"layer {engine}{', one graph' * whole}": partial(layer, given, engine, whole)
        for engine in ("auto", *ENGINES)
        for whole in (True, False)
    }
    todo = {name: check for name, check in layers.items() if "auto" in name}
    for mode in ("default", "reduce-overhead"):
        for size in TINY if given.tiny else LARGE[::-1]:
            item = f"loop {mode} {'x'.join(map(str, size))}"
            todo[item] = partial(loop, given, item, size, mode)
    return todo | layers
