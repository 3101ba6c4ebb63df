"""The ways in which the Triton engine may cut up a step, each in place of all others, timed at the large sizes."""

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.gpu.given import Given
from benchmarks.gpu.speed import LARGE, TINY, Group
from benchmarks.gpu.units import ROWS
from benchmarks.peers import REFERENCE
from lstm_ref.engines import choosing


def timed(given: Given, item: str, size: tuple[int, ...], tiles: dict[str, Any], name: str) -> dict[str, Any]:
    """Time the engine with one kind of tile, in TF32."""
    before = dict(tiles)
    tiles.update(dict.fromkeys(before, before[name]))
    try:
        rows = Group(given, item, size, "TF32")
        with rows.precision.set(rows.clock.device):
            for peer in (REFERENCE, ("triton", "diagonal"), ("triton", "full")):
                rows.add(peer, ROWS[peer], memory=False)
            return rows.measured(given.until, most=7) | {"tiles": repr(before[name])}
    finally:
        tiles.update(before)


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return each kind of tile at each large size; nothing where the engine does not run or has one kind alone."""
    try:
        tiles = choosing.module("triton").TILES
    except (KeyError, ImportError, AttributeError):
        return {}
    plan = {
        f"{'x'.join(map(str, size))} {name}": (size, name) for size in (TINY if given.tiny else LARGE) for name in tiles
    }
    return {item: partial(timed, given, item, size, tiles, name) for item, (size, name) in plan.items()}
