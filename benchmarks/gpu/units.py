"""What is measured and checked: layers with the call of `torch.nn.LSTM`, by family and peephole, and the precisions."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import torch

from benchmarks import peers
from benchmarks.measure import Problem
from benchmarks.peers import REFERENCE
from lstm_ref.engines import choosing
from lstm_ref.layer import LSTM
from lstm_ref.weights import PEEPHOLES

Make: TypeAlias = Callable[[int, int], torch.nn.Module]
ENGINES = "triton", "graph", "torch"
LOOP, COMPILED = ("plain loop", "diagonal"), ("torch.compile of the loop", "diagonal")


@dataclass(frozen=True)
class Precision:
    """How numbers are held and multiplied, and how far from the judge a result may be."""

    dtype: torch.dtype
    bound: float
    tf32: bool = False
    autocast: torch.dtype | None = None

    @contextlib.contextmanager
    def set(self, device: torch.device) -> Iterator[None]:
        """Give the context in which layers run."""
        before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
        try:
            torch.set_float32_matmul_precision("high" if self.tf32 else "highest")
            torch.backends.cudnn.allow_tf32 = self.tf32
            with torch.autocast(device.type, self.autocast) if self.autocast else contextlib.nullcontext():
                yield
        finally:
            torch.set_float32_matmul_precision(before[0])
            torch.backends.cudnn.allow_tf32 = before[1]


PRECISIONS = {
    "float32": Precision(torch.float32, 1e-5),
    "TF32": Precision(torch.float32, 1e-3, tf32=True),
    "bfloat16": Precision(torch.bfloat16, 1e-2),
    "float16": Precision(torch.float16, 1e-2),
    "autocast bfloat16": Precision(torch.float32, 1e-2, tf32=True, autocast=torch.bfloat16),
    "autocast float16": Precision(torch.float32, 1e-2, tf32=True, autocast=torch.float16),
}


class Loop(LSTM):
    """Diagonal peepholes step by step in PyTorch's own operations, which it differentiates as often as one likes."""

    def __init__(self, I: int, H: int, compiler: Callable[[Any], Any] = lambda steps: steps):
        super().__init__(I, H, peephole="diagonal")
        self.steps = compiler(peers._steps)

    def forward(self, input: torch.Tensor, hx: Any = None) -> Any:
        inputs = torch.nn.functional.linear(input, self.weight_ih_l0, self.bias_ih_l0 + self.bias_hh_l0)
        h, (h_last, c_last) = self.steps(inputs, hx[0][0], hx[1][0], self.weight_hh_l0, self.weight_ch_l0)
        return h, (h_last, c_last)


class FlashRNN(torch.nn.LSTM):
    """The LSTM of the package flashrnn, with one head; its own weights have another order than PyTorch's."""

    def forward(self, input: torch.Tensor, hx: Any = None) -> Any:
        from flashrnn import flashrnn

        T, B, H = *input.shape[:2], self.hidden_size
        inputs = torch.nn.functional.linear(input, self.weight_ih_l0).transpose(0, 1).reshape(B, T, 4, 1, H)
        R, b = self.weight_hh_l0.reshape(4, 1, H, H), (self.bias_ih_l0 + self.bias_hh_l0).reshape(4, 1, H)
        start = torch.stack([state[0].reshape(B, 1, 1, H) for state in hx])
        backend = "cuda" if input.dtype == torch.float32 else "cuda_fused"
        (h, _), last = flashrnn(inputs, R, b, states=start, function="lstm", backend=backend)
        return h.reshape(B, T, H).transpose(0, 1), last


def haste(I: int, H: int) -> torch.nn.Module:
    """Return the layer of the package haste."""
    import haste_pytorch

    return haste_pytorch.LSTM(I, H)


def unit(engine: str, peephole: str, I: int, H: int) -> LSTM:
    """Return an engine's layer."""
    return LSTM(I, H, peephole=peephole, engine=engine)


ROWS: dict[tuple[str, str], Make] = {
    REFERENCE: torch.nn.LSTM,
    **{(engine, kind): partial(unit, engine, kind) for engine in ENGINES for kind in PEEPHOLES},
    LOOP: Loop,
    ("flashrnn", "none"): FlashRNN,
    ("haste", "none"): haste,
}


def forget() -> None:
    """Drop what the engines keep between calls, so that what a row takes is its own."""
    for name in choosing.MODULES:
        kept = getattr(sys.modules.get(f"lstm_ref.engines.{choosing.MODULES[name]}"), "RECORDINGS", None)
        if kept is not None:
            kept.by_key.clear()


def named(peer: tuple[str, str]) -> str:
    """Return the name of a row in the results."""
    return " ".join(peer)


def build(make: Make, I: int, H: int, device: torch.device, dtype: torch.dtype) -> torch.nn.Module:
    """Return a layer on a device; the weights are the same wherever they have the same names and order."""
    torch.manual_seed(8)
    return make(I, H).to(device, dtype)


def problem(T: int, B: int, I: int, H: int, device: torch.device, dtype: torch.dtype) -> Problem:
    """Return x, a start and the gradient of h, drawn on the device; x asks for a gradient."""
    draw = partial(torch.randn, device=device, dtype=dtype)
    return Problem({}, draw(T, B, I).requires_grad_(), (draw(1, B, H), draw(1, B, H)), draw(T, B, H))
