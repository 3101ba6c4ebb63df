"""The unit over a whole sequence as a function of tensors that PyTorch differentiates by our backward pass.

PyTorch reaches an engine through one of three doors, and `unit` opens the one that fits: `LSTMFunction` in a program
that runs as it is written; `lstm_ref.engines.operators` where `torch.compile` or `torch.export` records the program;
and `lstm_ref.engines.torch_engine.unrolled`, plain operations that PyTorch differentiates itself, in the transforms of
`torch.func` and in forward mode. Second derivatives go that way too.
"""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from lstm_ref.engines import calling, operators
from lstm_ref.engines.calling import one_bias, outputs
from lstm_ref.engines.choosing import best
from lstm_ref.engines.torch_engine import unrolled


def unit(*inputs: Any) -> tuple[Tensor, ...]:
    """Return h (T, B, H), each sequence's last h_t and c_t (1, B, H), and, if asked for, every c_t (T, B, H).

    The inputs are those of `LSTMFunction`.
    """
    *tensors, engine, memories = inputs
    x = tensors[0]
    if _transforms():
        with calling.own_precision(x.device.type):
            return outputs(*unrolled(*one_bias(*tensors)), tensors[-1], memories)
    if engine == "triton" or (engine == "auto" and x.is_cuda and best(x) == "triton"):
        answer = _run(*_operands(*tensors), engine, memories)
        return tuple([each.to(x.dtype) for each in answer])
    return _run(*inputs)


def _run(*inputs: Any) -> tuple[Tensor, ...]:
    """Return what `unit` does, through one of the two doors to an engine."""
    *tensors, engine, memories = inputs
    if torch.compiler.is_compiling():
        _, _, _, h, h_last, c_last, c = operators.forward(*one_bias(*tensors), engine, memories)
        return (h, h_last, c_last, c) if memories else (h, h_last, c_last)
    if not torch.is_grad_enabled():
        return tuple(calling.on(engine, tensors[0], calling.forward, tensors, memories)[3:])
    return LSTMFunction.apply(*inputs)  # type: ignore[no-untyped-call]


def _transforms() -> bool:
    """Return whether a transform of `torch.func` or forward-mode differentiation looks on, which need plain operations.

    The first is what PyTorch itself asks before it calls a function like ours, which it then refuses.
    """
    return torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0


def _operands(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    W: Tensor,
    R: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
    P: Tensor | None,
    lengths: Tensor | None,
) -> tuple[Tensor | None, ...]:
    """Return the inputs in the precisions that Triton's engine takes.

    What is multiplied is in that of autocast, if that is on; what adds up over the steps is in single precision.
    """
    device = x.device.type
    dtype = torch.get_autocast_dtype(device) if calling.autocasts(device) else x.dtype
    added = [None if each is None else each.float() for each in (c0, b_ih, b_hh, P)]
    return x.to(dtype), h0.to(dtype), added[0], W.to(dtype), R.to(dtype), *added[1:], lengths


def uncompiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as one that `torch.compile` leaves alone.

    What does that in torch takes seconds to import, so it is imported only where somebody has begun to compile.
    """

    disabled: list[Callable[..., Any]] = []  # torch.compile, which comes through here, can follow a list

    @functools.wraps(function)
    def call(*inputs: Any) -> Any:
        if "torch._dynamo" in sys.modules and not disabled:
            # In two lines, so that torch 2.11, which goes on after the first, can follow the second.
            made = torch.compiler.disable(function)  # type: ignore[no-untyped-call]
            disabled.append(made)
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
        nets, h, c, *answer = calling.on(ctx.engine, tensors[0], calling.forward, tensors, memories)
        ctx.save_for_backward(*tensors, nets, h, c)
        # Most losses read h alone: zeros for the gradients of the others would be made and added for nothing.
        ctx.set_materialize_grads(False)
        return tuple(answer)

    @staticmethod
    @uncompiled
    def backward(ctx: Any, *pulls: Tensor | None) -> Any:
        saved = ctx.saved_tensors
        # PyTorch records the backward pass only where it will be differentiated in turn.
        if torch.is_grad_enabled():
            return *_differentiable(saved[:9], ctx.needs_input_grad, pulls), None, None
        x, _, _, W, R, b_ih, _, P, *others = saved
        *gradients, d_b, d_P = calling.on(ctx.engine, x, calling.backward, (x, W, R, P, *others, *pulls))
        # Each bias gets a gradient of its own, which its owner may change.
        d_biases = (None, None) if b_ih is None else (d_b, d_b.clone())
        return *gradients, *d_biases, d_P, None, None, None


def _differentiable(
    tensors: Sequence[Any], needed: Sequence[bool], pulls: Sequence[Tensor | None]
) -> list[Tensor | None]:
    """Return the gradients of the tensors that need one by operations that PyTorch differentiates in turn."""
    # One tensor may have been made from another; what comes through that is not asked for here.
    tensors = [None if each is None else each.view_as(each) for each in tensors]
    # What was multiplied in half precision is here in that of the memory.
    wide = [each if each is None or not each.is_floating_point() else each.to(tensors[2].dtype) for each in tensors]
    asked = [each for each, is_needed in zip(tensors, needed) if is_needed]
    with calling.own_precision(tensors[0].device.type):
        answer = outputs(*unrolled(*one_bias(*wide)), tensors[-1], memories=len(pulls) > 3)
        by = [torch.zeros_like(each) if pull is None else pull.to(each.dtype) for each, pull in zip(answer, pulls)]
        found = iter(torch.autograd.grad(answer, asked, by, create_graph=True, allow_unused=True))
    return [next(found) if is_needed else None for is_needed in needed[: len(tensors)]]
