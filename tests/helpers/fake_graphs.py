"""CUDA graphs without a GPU: they record what is launched while they capture, and do it again when replayed."""

import contextlib
from types import SimpleNamespace

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lstm_ref.engines import graphs


class World:
    """A CPU that passes for a GPU; `events` says what happened, `stream` which stream is the current one."""

    def __init__(self, monkeypatch):
        self.events, self.stream, self.others_capture, self.graph = [], 1, False, None
        for name, value in {
            "CUDAGraph": lambda: Graph(self),
            "Stream": lambda: "side",
            "stream": self.on_stream,
            "current_stream": lambda device: SimpleNamespace(cuda_stream=self.stream),
            "is_current_stream_capturing": lambda: self.others_capture,
        }.items():
            monkeypatch.setattr(torch.cuda, name, value)
        monkeypatch.setattr(graphs, "records", lambda device: True)

    @contextlib.contextmanager
    def on_stream(self, stream):
        before, self.stream = self.stream, stream
        try:
            yield
        finally:
            self.stream = before

    def launch(self, work):
        """Do some work, or record it if a graph is capturing: then it must not touch anything yet."""
        if self.graph is None:
            self.events.append("launch")
            work()
        else:
            self.graph.works.append(work)


class Graph(TorchDispatchMode):
    """Stands for torch.cuda.CUDAGraph."""

    def __init__(self, world):
        super().__init__()
        self.world, self.works = world, []

    def capture_begin(self, capture_error_mode):
        # Only on a side stream, and so that other threads can go on.
        assert self.world.stream == "side" and capture_error_mode == "thread_local" and self.world.graph is None
        self.world.events.append("capture")
        self.world.graph = self
        self.__enter__()

    def capture_end(self):
        self.__exit__(None, None, None)
        self.world.graph = None

    def replay(self):
        self.world.events.append("replay")
        for work in self.works:
            work()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        found = function(*args, **(kwargs or {}))

        def again():
            for old, new in zip(tensors(found), tensors(function(*args, **(kwargs or {})))):
                if old.data_ptr() != new.data_ptr():
                    old.copy_(new)

        self.works.append(again)
        # What a graph records is not computed yet. Views have been made, and hold what they are views of.
        given = {each.untyped_storage().data_ptr() for each in tensors(args)}
        for each in tensors(found):
            if each.is_floating_point() and each.untyped_storage().data_ptr() not in given:
                each.fill_(torch.nan)
        return found


def tensors(values):
    """Return the tensors among some values, in lists too."""
    if isinstance(values, torch.Tensor):
        return [values]
    return [each for value in values for each in tensors(value)] if isinstance(values, list | tuple) else []
