"""The unit over a whole sequence as one function that PyTorch differentiates by our backward pass."""

import contextlib
import functools
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from lstm_ref.engines.choosing import choose

Signal: TypeAlias = Any
"""A tensor for the torch engine, an array for the others."""


def uncompiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as one that `torch.compile` leaves alone.

    What does that in torch takes seconds to import, so it is imported only where somebody has begun to compile.
    """

    disabled: list[Callable[..., Any]] = []  # torch.compile, which comes through here, can follow a list

    @functools.wraps(function)
    def call(*inputs: Any) -> Any:
        if "torch._dynamo" in sys.modules and not disabled:
            disabled.append(torch.compiler.disable(function))  # type: ignore[no-untyped-call]
        return (disabled or [function])[0](*inputs)

    return call


class LSTMFunction(torch.autograd.Function):
    """h (T, B, H), h_last and c_last (1, B, H), and three tensors that only the backward pass reads.

    x is (T, B, I), h0 and c0 (B, H); the weights are as in `lstm_ref.engines.numpy_engine`, both biases (4H,) or None;
    lengths (B,) or None; the last input is the name of the engine.
    """

    # PyTorch looks at the signature at every call, which takes the longer the more arguments are named.
    @staticmethod
    def forward(*inputs: Any) -> tuple[Tensor, ...]:
        return _on(choose(inputs[-1], inputs[0]), _forward, inputs[:-1])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        x, _, _, W, R, _, _, P, lengths, ctx.name = inputs
        # Most losses read h alone: zeros for the gradients of the others would be made and added for nothing.
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*output[3:])
        ctx.save_for_backward(x, W, R, P, lengths, *output[3:])

    @staticmethod
    @uncompiled
    def backward(ctx: Any, d_h: Tensor | None, d_h_last: Tensor | None, d_c_last: Tensor | None, *_: None) -> Any:
        # A graph of the backward pass is only recorded for second derivatives; `LSTMBackward` then refuses them.
        run = LSTMBackward.apply if torch.is_grad_enabled() else LSTMBackward.forward
        d_x, d_h0, d_c0, d_W, d_R, d_b, *d_P = run(d_h, d_h_last, d_c_last, *ctx.saved_tensors, ctx.name)
        # Each bias gets a tensor of its own, which its owner may change.
        d_biases = (d_b.clone() if needed else None for needed in ctx.needs_input_grad[5:7])
        return d_x, d_h0, d_c0, d_W, d_R, *d_biases, d_P[0] if d_P else None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Any) -> Any:
        return _one_by_one(LSTMFunction, info.batch_size, in_dims, inputs)


class LSTMBackward(torch.autograd.Function):
    """The gradients that `lstm_ref.engines.numpy_engine.backward` returns; d_P is left out if there is no P."""

    @staticmethod
    def forward(*inputs: Any) -> tuple[Tensor, ...]:
        return _on(choose(inputs[-1], inputs[3]), _backward, inputs[:-1])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise NotImplementedError(
            "second derivatives: expected first derivatives only, which lstm_ref.layer.LSTM computes by hand; "
            "peephole='none' on a CPU has both"
        )

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Any) -> Any:
        return _one_by_one(LSTMBackward, info.batch_size, in_dims, inputs)


def _forward(
    engine: ModuleType,
    x: Signal,
    h0: Signal,
    c0: Signal,
    W: Signal,
    R: Signal,
    b_ih: Signal | None,
    b_hh: Signal | None,
    P: Signal | None,
    lengths: Signal | None,
) -> tuple[Signal, ...]:
    b = _zeros_like(engine, W[:, 0]) if b_ih is None else b_ih + b_hh
    nets, h, c = engine.forward(x, h0, c0, W, R, b, P, lengths)
    h_last = h[-1:] if lengths is None else h[1:][_ends(engine, lengths)][None]
    # What is handed out is a copy, so that changing it in place leaves the backward pass right.
    return *(_copy(signal) for signal in (h[1:], h_last, c[-1:])), nets, h, c


def _backward(
    engine: ModuleType,
    d_h: Signal | None,
    d_h_last: Signal | None,
    d_c_last: Signal | None,
    x: Signal,
    W: Signal,
    R: Signal,
    P: Signal | None,
    lengths: Signal | None,
    nets: Signal,
    h: Signal,
    c: Signal,
) -> tuple[Signal, ...]:
    d_h = _zeros_like(engine, h[1:]) if d_h is None else d_h
    if d_h_last is not None:
        d_h = _copy(d_h)
        d_h[-1 if lengths is None else _ends(engine, lengths)] += d_h_last[0]
    d_c = _zeros_like(engine, c[-1:]) if d_c_last is None else d_c_last
    gradients = engine.backward(d_h, d_c, x, W, R, P, nets, h, c)
    return gradients[:-1] if P is None else gradients


def _zeros_like(engine: ModuleType, signal: Signal) -> Signal:
    return (torch if engine.TENSORS else np).zeros_like(signal)


def _copy(signal: Signal) -> Signal:
    return signal.clone() if isinstance(signal, Tensor) else signal.copy()


def _ends(engine: ModuleType, lengths: Signal) -> tuple[Signal, Signal]:
    """Return where in (T, B) each sequence ends, as two indices (B,)."""
    if engine.TENSORS:
        return lengths - 1, torch.arange(len(lengths), device=lengths.device)
    return lengths - 1, np.arange(len(lengths))


def _on(engine: ModuleType, function: Callable[..., tuple[Signal, ...]], tensors: Sequence[Any]) -> tuple[Tensor, ...]:
    """Call function(engine, *tensors), with arrays in place of tensors where the engine wants them."""
    if engine.TENSORS:
        device = tensors[3].device.type
        # The memory adds up over many steps: under autocast it stays in the precision of the weights.
        with torch.autocast(device, enabled=False) if autocasts(device) else contextlib.nullcontext():
            return function(engine, *tensors)
    arrays = [None if each is None else np.ascontiguousarray(each.detach().numpy()) for each in tensors]
    return tuple([torch.from_numpy(array) for array in function(engine, *arrays)])


def autocasts(device: str) -> bool:
    """Return whether autocast is on for this type of device; some have none."""
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)


def _one_by_one(
    function: type[torch.autograd.Function], count: int, in_dims: tuple[int | None, ...], inputs: Sequence[Any]
) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
    """Apply a function to one problem after the other, as `torch.func.vmap` asks."""
    problems = (
        [each if dim is None else each.select(dim, k) for each, dim in zip(inputs, in_dims)] for k in range(count)
    )
    apply: Callable[..., tuple[Tensor, ...]] = function.apply
    results = tuple(torch.stack(parts) for parts in zip(*(apply(*problem) for problem in problems)))
    return results, (0,) * len(results)
