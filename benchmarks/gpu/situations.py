"""An engine in the situations that users bring it into; each must change nothing of what it computes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from benchmarks.gpu.cases import Case, case, judged, worst, worst_of
from benchmarks.gpu.clock import WARM_UP, poison
from benchmarks.gpu.given import Given
from benchmarks.gpu.units import ENGINES, Loop

SHAPE, TINY = (6, 9, 10, 72), (3, 2, 3, 5)
# More shapes than an engine keeps graphs for.
SHAPES = 20


def in_a_captured_graph(given: Given, drawn: Case) -> dict[str, Any]:
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


def on_a_side_stream(given: Given, drawn: Case) -> dict[str, Any]:
    """On another stream than the default one."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        found = drawn.outcome()
    torch.cuda.current_stream().wait_stream(side)
    return worst(found, drawn.want())


def under_checkpoint(given: Given, drawn: Case) -> dict[str, Any]:
    """Forward once more on the way back, as `torch.utils.checkpoint` does."""
    return worst(drawn.outcome(partial(checkpoint, drawn.layer, use_reentrant=False)), drawn.want())


def two_forward_passes_first(given: Given, drawn: Case) -> dict[str, Any]:
    """Two forward passes before their backward passes, the later one's first."""
    other = drawn.again()
    first, second = drawn.forward(), other.forward()
    found = [each.backward(*signals) for each, signals in ((other, second), (drawn, first))]
    return worst_of(worst(*pair) for pair in zip(found, (other.want(), drawn.want())))


def many_shapes(given: Given, drawn: Case) -> dict[str, Any]:
    """Many shapes in turns, all forward and then all back."""
    T, *others = drawn.shape
    every = [
        Case(drawn.peephole, (T + more, *others), drawn.precision, drawn.layer, drawn.device)
        for more in [*range(3 if given.tiny else SHAPES)] * 3
    ]
    signals = [each.forward() for each in every]
    found = [each.backward(*passed) for each, passed in zip(every, signals)]
    return worst_of(worst(one, each.want()) for one, each in zip(found, every))


def twice_the_same_bits(given: Given, drawn: Case) -> dict[str, Any]:
    """Computed again: the same to the last bit."""
    one, *others = (drawn.outcome() for _ in range(WARM_UP + 1))
    different = [name for name in one if not all(torch.equal(one[name], other[name]) for other in others)]
    return {"error": float(len(different)), "where": ", ".join(different)}


def second_derivative(given: Given, drawn: Case) -> dict[str, Any]:
    """The gradient of a sum of gradients, beside that of a loop in float64."""
    judge, (_, _, I, H) = drawn.judge(), drawn.shape
    loop = Loop(I, H).double()
    loop.load_state_dict(drawn.layer.state_dict())
    judge.layer = loop
    return worst(_twice(drawn), _twice(judge))


def _twice(drawn: Case) -> dict[str, Tensor]:
    outputs, named = drawn.forward()
    total = torch.stack([(y * d).sum() for y, d in zip(outputs.values(), drawn.gradients)]).sum()
    first = torch.autograd.grad(total, [*named.values()], create_graph=True)
    second = torch.autograd.grad(torch.stack([(d * d).sum() for d in first]).sum(), [*named.values()])
    return {f"d2_{name}": gradient for name, gradient in zip(named, second)}


ANYWHERE = under_checkpoint, two_forward_passes_first, many_shapes, twice_the_same_bits, second_derivative
ON_CUDA = in_a_captured_graph, on_a_side_stream


def check(
    situation: Callable[[Given, Case], dict[str, Any]], given: Given, engine: str, peephole: str
) -> dict[str, Any]:
    """Compare a layer with its judge in a situation, several times."""
    drawn = case(given, engine, peephole, TINY if given.tiny else SHAPE, "float32", False)
    poison(drawn.device)
    repeated = 0 if situation is many_shapes else WARM_UP
    found = [situation(given, each) for each in (drawn, *(drawn.again() for _ in range(repeated)))]
    return judged(worst_of(found), 0 if situation is twice_the_same_bits else drawn.precision.bound)


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a check for each situation that the device has, each engine, and the kinds that differ in it."""
    places = (*ON_CUDA, *ANYWHERE) if torch.device(given.device).type == "cuda" else ANYWHERE
    return {
        f"{engine} {kind} {place.__name__.replace('_', ' ')}": partial(check, place, given, engine, kind)
        for place in places
        for engine in ENGINES
        for kind in (("diagonal",) if place is second_derivative else ("diagonal", "full"))
    }
