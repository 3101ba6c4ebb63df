"""Every engine beside the float64 engine of NumPy: every output and every gradient, on fresh random numbers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.gpu import situations
from benchmarks.gpu.cases import case, judged, worst, worst_of
from benchmarks.gpu.clock import WARM_UP, poison
from benchmarks.gpu.given import Given
from benchmarks.gpu.units import ENGINES, PRECISIONS
from benchmarks.peers import REFERENCE
from lstm_ref.weights import PEEPHOLES

# T, B, I, H: tiles that are full and tiles that are not, few elements and many, a single sequence, many steps.
SHAPES = ((9, 33, 24, 192), (70, 5, 16, 64), (6, 17, 33, 200), (5, 64, 40, 512), (7, 1, 5, 16), (11, 1, 9, 130))
TINY = ((3, 2, 3, 5), (4, 1, 2, 6))


def check(given: Given, *arguments: Any) -> dict[str, Any]:
    """Compare a layer with its judge, several times: an engine may come to another way of running."""
    drawn = case(given, *arguments)
    poison(drawn.device)
    found = [worst(each.outcome(), each.want()) for each in (drawn, *(drawn.again() for _ in range(WARM_UP)))]
    # In half precision a few numbers average nothing out.
    bound = drawn.precision.bound * (5 if given.tiny else 1)
    return judged(worst_of(found), bound)


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return all checks: first a few of everything, then the other shapes and precisions."""
    shapes = TINY if given.tiny else SHAPES
    few, more = shapes[:2], shapes[2:]
    others = [name for name in PRECISIONS if name not in ("float32", "TF32")]
    first = [("float32", few[0], False), ("float32", few[1], True), ("TF32", few[0], True)]
    then = [(name, shape, shape is few[1]) for name in others for shape in few]
    last = [("float32", few[0], True), ("float32", few[1], False), ("TF32", few[1], False)]
    last += [("float32", shape, lengths) for shape in more for lengths in (False, True)]
    return _checks(given, first) | situations.items(given) | _checks(given, then) | _checks(given, last)


def _checks(given: Given, plan: list[tuple[str, tuple[int, ...], bool]]) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return a check of each engine and peephole, and of `torch.nn.LSTM`, for each part of a plan."""
    return {
        " ".join([engine, kind, precision, "x".join(map(str, shape)), *["lengths"] * lengths]): partial(
            check, given, engine, kind, shape, precision, lengths
        )
        for precision, shape, lengths in plan
        for engine, kind in [*((engine, kind) for engine in ENGINES for kind in PEEPHOLES), REFERENCE]
    }
