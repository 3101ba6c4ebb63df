"""The sizes of tiles that the Triton engine may be run with, if it offers any."""

from collections.abc import Callable
from typing import Any

from benchmarks.gpu.given import Given
from lstm_ref.engines import choosing


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what the engine offers as ``tile_timings(device, tiny)``: functions by name; nothing, if it does not."""
    offered = None
    if "triton" in choosing.MODULES:
        offered = getattr(choosing.module("triton"), "tile_timings", None)
    return offered(given.device, given.tiny) if offered else {}
