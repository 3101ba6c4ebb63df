"""The unit over a whole sequence as a function of tensors that PyTorch differentiates by our backward pass.

PyTorch reaches an engine through one of three doors, and `unit` opens the one that fits: `LSTMFunction` in a program
that runs as it is written; `lstm_ref.engines.operators` where `torch.compile` or `torch.export` records the program;
and `lstm_ref.engines.torch_engine.unrolled`, plain operations that PyTorch differentiates itself, in the transforms of
`torch.func`. Second derivatives go that way too.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lstm_ref.engines import calling, operators
from lstm_ref.engines.torch_engine import unrolled


def unit(*inputs: Any) -> tuple[Tensor, ...]:
    """Return h (T, B, H), each sequence's last h_t and c_t (1, B, H), and, if asked for, every c_t (T, B, H).

    The inputs are those of `LSTMFunction`.
    """
    *tensors, engine, memories = inputs
    if torch.compiler.is_compiling():
        _, h, c = operators.forward(*_one_bias(tensors), engine)
        return _outputs(h[1:], c[1:], tensors[-1], memories)
    # What PyTorch itself asks before it calls a function like ours, which it then refuses.
    if torch._C._are_functorch_transforms_active():
        with calling.own_precision(tensors[0].device.type):
            return _outputs(*unrolled(*_one_bias(tensors)), tensors[-1], memories)
    return LSTMFunction.apply(*inputs)  # type: ignore[no-untyped-call]


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
    """h (T, B, H), each sequence's last h_t and c_t (1, B, H), and, if asked for, every c_t (T, B, H).

    Its inputs are x (T, B, I); h0 and c0 (B, H); W, R, both biases (4H,) or None, and P as in
    `lstm_ref.engines.numpy_engine`; lengths (B,) or None; the name of the engine; and whether every c_t is asked for.
    """

    # The old form of a function, with ctx as an argument: through `setup_context` a call costs several times as much.
    # And PyTorch looks at the signature at every call, which takes the longer the more arguments are named.
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[Tensor, ...]:
        *tensors, ctx.engine, memories = inputs
        nets, h, c = calling.forward(ctx.engine, *_one_bias(tensors))
        ctx.save_for_backward(*tensors, nets, h, c)
        # Most losses read h alone: zeros for the gradients of the others would be made and added for nothing.
        ctx.set_materialize_grads(False)
        # What is handed out is a copy, so that changing it in place leaves the backward pass right.
        return tuple([each.clone() for each in _outputs(h[1:], c[1:], tensors[-1], memories)])

    @staticmethod
    @uncompiled
    def backward(
        ctx: Any, d_h: Tensor | None, d_h_last: Tensor | None, d_c_last: Tensor | None, d_c: Tensor | None = None
    ) -> Any:
        *tensors, nets, h, c = ctx.saved_tensors
        x, _, _, W, R, b_ih, _, P, lengths = tensors
        d_h = _total(d_h, d_h_last, h[1:], lengths)
        # The gradient of the last memory goes alone, unless there is one of every memory.
        d_c = _total(d_c, d_c_last, c[-1:] if d_c is None else c[1:])
        # PyTorch records the backward pass only where it will be differentiated in turn.
        if torch.is_grad_enabled():
            return *_differentiable(tensors, ctx.needs_input_grad, d_h, d_c), None, None
        *gradients, d_b, d_P = calling.backward(ctx.engine, d_h, d_c, x, W, R, P, nets, h, c)
        # Each bias gets a tensor of its own, which its owner may change.
        d_biases = (None, None) if b_ih is None else (d_b, d_b.clone())
        return *gradients, *d_biases, d_P, None, None, None


def _one_bias(tensors: list[Any]) -> list[Any]:
    """Return the tensors with the sum of the two biases in their place."""
    x, h0, c0, W, R, b_ih, b_hh, P, lengths = tensors
    return [x, h0, c0, W, R, None if b_ih is None else b_ih + b_hh, P, lengths]


def _outputs(h: Tensor, c: Tensor, lengths: Tensor | None, memories: bool) -> tuple[Tensor, ...]:
    """Return what `unit` does, as views of h and c (T, B, H)."""
    last = h[-1:] if lengths is None else h[_ends(lengths)][None]
    return (h, last, c[-1:], c) if memories else (h, last, c[-1:])


def _total(every: Tensor | None, last: Tensor | None, like: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return the gradient of every step's signal, shaped like it, that of each sequence's last step added."""
    if last is None:
        return torch.zeros_like(like) if every is None else every
    total = torch.zeros_like(like) if every is None else every.clone()
    total[-1 if lengths is None else _ends(lengths)] += last[0]
    return total


def _ends(lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return where in (T, B) each sequence ends, as two indices (B,)."""
    return lengths - 1, torch.arange(len(lengths), device=lengths.device)


def _differentiable(tensors: list[Any], needed: tuple[bool, ...], d_h: Tensor, d_c: Tensor) -> list[Tensor | None]:
    """Return the gradients of the tensors that need one by operations that PyTorch differentiates in turn."""
    # One tensor may have been made from another; what comes through that is not asked for here.
    tensors = [None if each is None else each.view_as(each) for each in tensors]
    h, c = unrolled(*_one_bias(tensors))
    asked = [each for each, is_needed in zip(tensors, needed) if is_needed]
    found = iter(torch.autograd.grad((h, c[-len(d_c) :]), asked, (d_h, d_c), create_graph=True, allow_unused=True))
    return [next(found) if is_needed else None for is_needed in needed[: len(tensors)]]
