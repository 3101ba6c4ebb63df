"""Every engine beside the float64 engine of NumPy: every output and every gradient, on fresh random numbers.

So too in the situations that users bring an engine into; each must change nothing of what it computes.
"""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from benchmarks.gpu.cases import Case, case, judged, worst, worst_of
from benchmarks.gpu.clock import WARM_UP, poison
from benchmarks.gpu.given import Given
from benchmarks.gpu.units import ENGINES, PRECISIONS
from benchmarks.peers import REFERENCE
from lstm_ref.weights import PEEPHOLES

# T, B, I, H: tiles that are full and tiles that are not, few elements and many, a single sequence, many steps.
SHAPES = ((9, 33, 24, 192), (70, 5, 16, 64), (6, 17, 33, 200), (5, 64, 40, 512), (7, 1, 5, 16), (11, 1, 9, 130))
TINY = ((3, 2, 3, 5), (4, 1, 2, 6))
SITUATION = (6, 9, 10, 72)
# More shapes than an engine keeps graphs for.
LENGTHS = 20


def as_it_is(drawn: Case) -> dict[str, Any]:
    return worst(drawn.outcome(), drawn.want())


def in_a_captured_graph(drawn: Case) -> dict[str, Any]:
    """Captured, forward and back, in a user's own CUDA graph, and replayed with other numbers."""
    inputs, side = [torch.zeros_like(each) for each in drawn.inputs], torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            drawn.outcome(inputs=inputs)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        found = drawn.outcome(inputs=inputs)
    for own, numbers in zip(inputs, drawn.inputs):
        own.copy_(numbers)
    graph.replay()
    return worst(found, drawn.want())


def on_a_side_stream(drawn: Case) -> dict[str, Any]:
    """On another stream than the default one."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        found = drawn.outcome()
    torch.cuda.current_stream().wait_stream(side)
    return worst(found, drawn.want())


def under_checkpoint(drawn: Case) -> dict[str, Any]:
    """Forward once more on the way back, as `torch.utils.checkpoint` does."""
    return worst(drawn.outcome(partial(checkpoint, drawn.layer, use_reentrant=False)), drawn.want())


def two_forward_passes_first(drawn: Case) -> dict[str, Any]:
    """Two forward passes before their backward passes, the later one's first."""
    other = drawn.again()
    first, second = drawn.forward(), other.forward()
    found = [each.backward(*signals) for each, signals in ((other, second), (drawn, first))]
    return worst_of(worst(*pair) for pair in zip(found, (other.want(), drawn.want())))


def many_lengths(drawn: Case) -> dict[str, Any]:
    """Many lengths in turns, all forward and then all back."""
    every = [drawn.again(more) for more in [*range(LENGTHS)] * 3]
    signals = [each.forward() for each in every]
    found = [each.backward(*passed) for each, passed in zip(every, signals)]
    return worst_of(worst(one, each.want()) for one, each in zip(found, every))


def twice_the_same_bits(drawn: Case) -> dict[str, Any]:
    """Computed again: the same to the last bit."""
    one, *others = (drawn.outcome() for _ in range(WARM_UP + 1))
    different = [name for name in one if not all(torch.equal(one[name], other[name]) for other in others)]
    return {"error": float(len(different)), "where": ", ".join(different)}


def under_torch_compile(drawn: Case) -> dict[str, Any]:
    """Compiled whole, by a compiler that makes CUDA graphs too."""
    call = torch.compile(lambda x, start: drawn.layer(x, start), fullgraph=True, mode="reduce-overhead")
    with warnings.catch_warnings():
        # What the compiler warns of is within itself.
        warnings.simplefilter("ignore")
        return worst_of(worst(each.outcome(call), each.want()) for each in [drawn] * (WARM_UP + 1))


ON_CUDA = in_a_captured_graph, on_a_side_stream
ANYWHERE = under_checkpoint, two_forward_passes_first, many_lengths, twice_the_same_bits, under_torch_compile
ONCE = many_lengths, under_torch_compile


def check(given: Given, situation: Callable[[Case], dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Compare a layer with its judge in a situation, several times: an engine may come to another way of running."""
    drawn = case(given, *arguments)
    poison(drawn.device)
    again = 0 if situation in ONCE else WARM_UP
    found = worst_of(situation(each) for each in (drawn, *(drawn.again() for _ in range(again))))
    # In half precision a few numbers average nothing out.
    bound = drawn.precision.bound * (5 if given.tiny else 1)
    return judged(found, 0 if situation is twice_the_same_bits else bound)


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return all checks: first a few of everything, then the situations, then the other shapes and precisions."""
    shapes = TINY if given.tiny else SHAPES
    few, more = shapes[:2], shapes[2:]
    first = [("float32", few[0], False), ("float32", few[1], True), ("TF32", few[0], True), ("bfloat16", few[0], False)]
    then = [(name, shape, shape is few[1]) for name in PRECISIONS for shape in few]
    then += [("float32", shape, lengths) for shape in more for lengths in (False, True)]
    return _plain(given, first) | _situations(given) | _plain(given, then)


def _plain(given: Given, plan: list[tuple[str, tuple[int, ...], bool]]) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a check of each engine and peephole, and of `torch.nn.LSTM`, for each part of a plan."""
    return {
        " ".join([engine, kind, precision, "x".join(map(str, shape)), *["lengths"] * lengths]): partial(
            check, given, as_it_is, engine, kind, shape, precision, lengths
        )
        for precision, shape, lengths in plan
        for engine, kind in [*((engine, kind) for engine in ENGINES for kind in PEEPHOLES), REFERENCE]
    }


def _situations(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a check for each situation that the device has, each engine, and the kinds that differ in it."""
    places = (*ON_CUDA, *ANYWHERE) if torch.device(given.device).type == "cuda" else ANYWHERE
    return {
        f"{engine} {kind} {place.__name__.replace('_', ' ')}": partial(
            check, given, place, engine, kind, TINY[0] if given.tiny else SITUATION, "float32", False
        )
        for place in places
        for engine in (("auto", "graph", "torch") if place is under_torch_compile else ENGINES)
        for kind in ("diagonal", "full")[: 1 if place is under_torch_compile else 2]
    }
