"""The two passes of an engine as operators of PyTorch, which `torch.compile` and `torch.export` take as they are.

A compiler that followed the loop over time would unroll it, and compile anew for every length. Of an operator it asks
only what comes out, which the functions registered as fake say, and how to differentiate it.
"""

from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from lstm_ref.engines import calling

# An engine may keep what it allocates, which in the memory of a CUDA graph of the compiler's own would be overwritten:
# such graphs leave these operators out. Before torch 2.8 there was no way to say so.
ALONE: dict[str, Any] = {"tags": [torch.Tag.cudagraph_unsafe]} if hasattr(torch.Tag, "cudagraph_unsafe") else {}


@torch.library.custom_op(
    "lstm_ref::forward",
    mutates_args=(),
    schema="(Tensor x, Tensor h0, Tensor c0, Tensor W, Tensor R, Tensor? b, Tensor? P, Tensor? lengths, str engine,"
    " bool memories)"
    " -> (Tensor nets, Tensor h, Tensor c, Tensor every_h, Tensor h_last, Tensor c_last, Tensor every_c)",
    **ALONE,
)
def forward(*inputs: Any) -> tuple[Tensor, ...]:
    """Return nets, h and c, and then what `unit` answers, which alone is differentiable.

    Those are copies. Made outside, a compiler may find that it can do without, and what is changed in one of them would
    change in the others. Of memories that are not asked for, there is an empty tensor.
    """
    *tensors, engine, memories = inputs
    with torch.no_grad():
        answer = calling.on(engine, tensors[0], _forward, tensors, memories)
    return tuple(answer) if memories else (*answer, answer[-1].new_empty(0))


def _forward(engine: ModuleType, *signals: Any) -> tuple[Any, ...]:
    *given, memories = signals
    nets, h, c = calling.signals_of(engine, *given)
    return nets, h, c, *calling.outputs(h[1:], c[1:], given[-1], memories)


@torch.library.custom_op(
    "lstm_ref::backward",
    mutates_args=(),
    schema="(Tensor x, Tensor W, Tensor R, Tensor? P, Tensor? lengths, Tensor nets, Tensor h, Tensor c, Tensor? d_h,"
    " Tensor? d_h_last, Tensor? d_c_last, Tensor? d_c, str engine)"
    " -> (Tensor d_x, Tensor d_h0, Tensor d_c0, Tensor d_W, Tensor d_R, Tensor d_b, Tensor d_P)",
    **ALONE,
)
def backward(*inputs: Any) -> tuple[Tensor, ...]:
    """Return all gradients: see `lstm_ref.engines.calling.backward`. Without P the last is an empty tensor."""
    *tensors, engine = inputs
    with torch.no_grad():
        *gradients, d_P = calling.on(engine, tensors[0], calling.backward, tensors)
    return *gradients, gradients[0].new_empty(0) if d_P is None else d_P


@forward.register_fake
def _(x: Tensor, h0: Tensor, c0: Tensor, W: Tensor, R: Tensor, *others: Any) -> tuple[Tensor, ...]:
    T, B = x.shape[:2]
    H = R.shape[1]
    every, last, memories = (T, B, H), (1, B, H), others[-1]
    inside = x.new_empty(T, B, 4, H), x.new_empty(T + 1, B, H), c0.new_empty(T + 1, B, H)
    return *inside, x.new_empty(every), x.new_empty(last), c0.new_empty(last), c0.new_empty(every if memories else 0)


@backward.register_fake
def _(
    x: Tensor, W: Tensor, R: Tensor, P: Tensor | None, lengths: Any, nets: Tensor, h: Tensor, c: Tensor, *_: Any
) -> tuple[Tensor, ...]:
    # What adds up over the steps may be in another precision: that of c.
    like = x, h[0], c[0], W, R, c.new_empty(len(W)), x.new_empty(0) if P is None else P
    return tuple([torch.empty_like(each, memory_format=torch.contiguous_format) for each in like])


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    x, _, _, W, R, b, P, lengths, ctx.engine, ctx.memories = inputs
    ctx.with_bias = b is not None
    ctx.save_for_backward(x, W, R, P, lengths, *output[:3])
    ctx.set_materialize_grads(False)


def _differentiate(ctx: Any, *pulls: Tensor | None) -> tuple[Tensor | None, ...]:
    *_, d_h, d_h_last, d_c_last, d_c = pulls
    pulls = d_h, d_h_last, d_c_last, d_c if ctx.memories else None
    *gradients, d_b, d_P = backward(*ctx.saved_tensors, *pulls, ctx.engine)
    P = ctx.saved_tensors[3]
    return *gradients, d_b if ctx.with_bias else None, None if P is None else d_P, None, None, None


forward.register_autograd(_differentiate, setup_context=_keep)
