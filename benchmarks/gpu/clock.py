"""Time and memory of a device: CUDA's events and counters, and on a CPU what stands in for them."""

import time
from collections.abc import Callable

import torch

MIB = 2**20
WARM_UP = 3
"""How many calls it takes to settle: an engine may run as it is, then record what it launches, and only then replay."""


class Clock:
    """The clock of one device."""

    def __init__(self, device: str):
        self.device = torch.device(device)
        self.cuda = self.device.type == "cuda"
        if self.cuda:
            # The products' workspace is allocated once; it should not be counted for whoever comes first.
            for dtype in (torch.float32, torch.bfloat16, torch.float16):
                square = torch.ones(64, 64, device=self.device, dtype=dtype)
                square @ square

    def wait(self) -> None:
        """Wait until the device has done all that it was given."""
        if self.cuda:
            torch.cuda.synchronize(self.device)

    def alive(self) -> bool:
        """Say whether the device still answers: after a fault in a kernel it does not, to the end of the process."""
        try:
            self.wait()
        except RuntimeError:
            return False
        return True

    def seconds(self, call: Callable[[], object], calls: int = 1) -> float:
        """Return the seconds of one call, the mean of several in a row."""
        if not self.cuda:
            began = time.perf_counter()
            for _ in range(calls):
                call()
            return (time.perf_counter() - began) / calls
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(calls):
            call()
        end.record()
        self.wait()
        return begin.elapsed_time(end) / 1e3 / calls

    def memory(self, call: Callable[[], object], clear: Callable[[], object]) -> dict[str, float] | None:
        """Return in MiB the peak of a call above what was there before it, and what the first calls leave for good.

        `clear` frees what a call hands out. PyTorch does not count the memory of a CPU: there, None.
        """
        if not self.cuda:
            return None
        clear()
        self.wait()
        torch.cuda.empty_cache()
        before, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
        for _ in range(WARM_UP):
            call()
            clear()
        self.wait()
        torch.cuda.empty_cache()
        after = torch.cuda.memory_allocated()
        kept = {"kept": after - before, "reserved": torch.cuda.memory_reserved() - reserved}
        torch.cuda.reset_peak_memory_stats()
        call()
        self.wait()
        peak = torch.cuda.max_memory_allocated() - after
        clear()
        return {name: round(bytes_ / MIB, 3) for name, bytes_ in {"peak": peak, **kept}.items()}


def poison(device: torch.device) -> None:
    """Leave NaN in the memory that the next tensors will be made of: what is read unwritten then shows."""
    spoilt = [torch.full((count,), float("nan"), device=device) for count in [2**22, *[2**10, 2**14, 2**17] * 8]]
    del spoilt
