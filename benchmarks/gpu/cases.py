"""A problem for a layer, what the layer makes of it, and what the judge, NumPy's engine in float64, says."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from benchmarks.gpu.given import Given
from benchmarks.gpu.units import PRECISIONS, Precision, build, unit
from benchmarks.peers import REFERENCE


@dataclass
class Case:
    """A layer with one problem, and what the judge says to it."""

    peephole: str
    shape: tuple[int, int, int, int]
    precision: Precision
    layer: torch.nn.Module
    device: torch.device
    packed: bool = False
    lengths: Tensor | None = field(init=False)
    inputs: list[Tensor] = field(init=False)
    gradients: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        T, B, I, H = self.shape
        self.lengths = torch.randint(1, T + 1, (B,)) if self.packed else None
        if self.lengths is not None:
            self.lengths[0] = T
        shapes = [(T, B, I), *[(1, B, H)] * 2], [(T, B, H), *[(1, B, H)] * 2]
        # The judge sees the same numbers: those that half precision can hold.
        held = self.precision.autocast or self.precision.dtype
        self.inputs, self.gradients = (
            [torch.randn(shape).to(held).to(self.device, self.precision.dtype) for shape in part] for part in shapes
        )

    def outcome(self, call: Any = None, inputs: list[Tensor] | None = None) -> dict[str, Tensor]:
        """Return the outputs and the gradients of the inputs and of every weight; `call` stands for the layer."""
        return self.backward(*self.forward(call, inputs))

    def forward(self, call: Any = None, inputs: list[Tensor] | None = None) -> tuple[dict[str, Tensor], ...]:
        """Return the outputs and what they are to be differentiated by."""
        x, h0, c0 = leaves = [each.detach().requires_grad_() for each in inputs or self.inputs]
        given = x if self.lengths is None else pack_padded_sequence(x, self.lengths, enforce_sorted=False)
        with self.precision.set(self.device):
            y, (h, c) = (call or self.layer)(given, (h0, c0))
        if self.lengths is not None:
            y, _ = pad_packed_sequence(y, total_length=len(x))
        return {"y": y, "h": h, "c": c}, dict(zip(("x", "h0", "c0"), leaves)) | dict(self.layer.named_parameters())

    def backward(self, outputs: dict[str, Tensor], named: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the outputs and, as ``d_...``, all gradients."""
        # Autocast is for the way forward alone.
        with replace(self.precision, autocast=None).set(self.device):
            arrived = [d.to(y.dtype) for d, y in zip(self.gradients, outputs.values())]
            found = torch.autograd.grad([*outputs.values()], [*named.values()], arrived)
        return outputs | {f"d_{name}": gradient for name, gradient in zip(named, found)}

    def want(self) -> dict[str, Tensor]:
        """Return what the float64 engine of NumPy says."""
        return self.judge().outcome()

    def again(self) -> "Case":
        """Return the same layer with other numbers."""
        return Case(self.peephole, self.shape, self.precision, self.layer, self.device, self.packed)

    def judge(self) -> "Case":
        """Return the same case, the layer's weights too, in float64 on the CPU."""
        *_, I, H = self.shape
        cpu, double = torch.device("cpu"), Precision(torch.float64, 0)
        layer = unit("numpy", self.peephole, I, H).to(torch.float64)
        layer.load_state_dict(self.layer.state_dict())
        judge = Case(self.peephole, self.shape, double, layer, cpu)
        judge.lengths = self.lengths
        judge.inputs, judge.gradients = (
            [each.detach().to(cpu, torch.float64) for each in part] for part in (self.inputs, self.gradients)
        )
        return judge


def worst(found: dict[str, Tensor], want: dict[str, Tensor]) -> dict[str, Any]:
    """Return the largest relative error of all tensors, ||found - want|| / ||want||, and its name; NaN is largest."""
    errors = {}
    for name, expected in want.items():
        expected = expected.detach()
        difference, length = (found[name].detach().cpu().double() - expected).norm(), expected.norm()
        error = float(difference / length if length > 0 else difference)
        errors[name] = error if error < float("inf") else float("inf")
    name = max(errors, key=errors.__getitem__)
    return {"error": errors[name], "where": name}


def judged(found: dict[str, Any], bound: float) -> dict[str, Any]:
    """Return what was found with the bound beside it, and whether it is kept; NaN keeps none."""
    return found | {"bound": bound, "right": bool(found["error"] <= bound)}


def worst_of(every: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the one of several that is furthest off."""
    return max(every, key=lambda found: found["error"])


def case(given: Given, engine: str, peephole: str, shape: tuple[int, ...], precision: str, lengths: bool) -> Case:
    """Draw a case."""
    device, how, (T, B, I, H) = torch.device(given.device), PRECISIONS[precision], shape
    make = torch.nn.LSTM if engine == REFERENCE[0] else partial(unit, engine, peephole)
    layer = build(make, I, H, device, how.dtype)
    # Other numbers at every run, but where the script itself is tried.
    torch.manual_seed(9) if given.tiny else torch.seed()
    return Case(peephole, (T, B, I, H), how, layer, device, lengths)
