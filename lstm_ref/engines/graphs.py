"""Launches that are recorded once, as a CUDA graph, and replayed as one, for the engines of a GPU.

A recorded graph reads and writes fixed addresses. So before each replay the caller puts its tensors, or their
addresses, into what the recording's `held` holds. The key must contain everything that changes the launches. The first
call with a key launches one by one, which also compiles the kernels; the second is recorded; later ones replay.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch


class Recording:
    """Launches by way of a graph."""

    def __init__(self, held: Any) -> None:
        self.held, self.lock = held, threading.Lock()
        self.graph: torch.cuda.CUDAGraph | None = None
        self.result: Any = None
        self.launched = False

    def run(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, or, once that is recorded, the same tensors with new values."""
        if not self.launched:
            result = work()
            self.launched = True
            return result
        if self.graph is None:
            self.graph, self.result = _record(work)
        self.graph.replay()
        return self.result


class Direct:
    """Launches one by one, always."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def run(self, work: Callable[[], Any]) -> Any:
        return work()


class Recordings:
    """At most `most` recordings; the one that was not used for the longest time goes."""

    def __init__(self, most: int) -> None:
        self.most, self.by_key, self.lock = most, dict[Hashable, Recording](), threading.Lock()

    @contextmanager
    def get(self, key: Hashable, device: torch.device, make: Callable[[], Any]) -> Iterator[Recording | Direct]:
        """Lend a recording, with `make()` in its `held`, to one user at a time; `device` is the current one."""
        # Tensors made in inference mode could not be written to outside.
        with torch.inference_mode(False), torch.no_grad():
            # While somebody else captures a graph, the launches go into that, with the tensors that it knows.
            if not records(device) or torch.cuda.is_current_stream_capturing():
                yield Direct(make())
                return
            # What is held is written to in the order of a stream, so two streams cannot share it.
            key = key, device, torch.cuda.current_stream(device).cuda_stream
            with self.lock:
                found = self.by_key.pop(key, None) or Recording(make())
                self.by_key[key] = found
                if len(self.by_key) > self.most:
                    self.by_key.pop(next(iter(self.by_key)))
            with found.lock:
                yield found


def on_device(device: torch.device) -> AbstractContextManager[Any]:
    """Make a GPU the current one: kernels of our own go to that, wherever their tensors are."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def records(device: torch.device) -> bool:
    """Return whether this device has graphs."""
    return device.type == "cuda"


def _record(work: Callable[[], Any]) -> tuple[torch.cuda.CUDAGraph, Any]:
    graph = torch.cuda.CUDAGraph()
    # The stream that is in use may be the default one, which can not be recorded. Other threads may go on meanwhile.
    with torch.cuda.stream(torch.cuda.Stream()):  # type: ignore[no-untyped-call]
        graph.capture_begin(capture_error_mode="thread_local")
        try:
            result = work()
        finally:
            graph.capture_end()
    return graph, result


def tf32() -> bool:
    """Return whether products in single precision may round what they multiply to TF32, as PyTorch is set."""
    matmul = torch.backends.cuda.matmul
    # Where there is the newer setting, to read the older one may be an error.
    newer = getattr(matmul, "fp32_precision", None)
    return matmul.allow_tf32 if newer is None else newer == "tf32"
