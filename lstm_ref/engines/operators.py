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
    schema="(Tensor x, Tensor h0, Tensor c0, Tensor W, Tensor R, Tensor? b, Tensor? P, Tensor? lengths, str engine)"
    " -> (Tensor nets, Tensor h, Tensor c)",
    **ALONE,
)
def forward(*inputs: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`. Only h[1:] and c[1:] are differentiable."""
    *tensors, engine = inputs
    with torch.no_grad():
        return tuple(calling.on(engine, tensors[0], calling.signals_of, tensors))


@torch.library.custom_op(
    "lstm_ref::backward",
    mutates_args=(),
    schema="(Tensor d_h, Tensor d_c, Tensor x, Tensor W, Tensor R, Tensor? P, Tensor nets, Tensor h, Tensor c,"
    " str engine) -> (Tensor d_x, Tensor d_h0, Tensor d_c0, Tensor d_W, Tensor d_R, Tensor d_b, Tensor d_P)",
    **ALONE,
)
def backward(*inputs: Any) -> tuple[Tensor, ...]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`. Without P the last is an empty tensor."""
    *tensors, engine = inputs
    with torch.no_grad():
        *gradients, d_P = calling.on(engine, tensors[2], _backward, tensors)
    return *gradients, gradients[0].new_empty(0) if d_P is None else d_P


def _backward(engine: ModuleType, *signals: Any) -> tuple[Any, ...]:
    return engine.backward(*signals)


@forward.register_fake
def _(x: Tensor, h0: Tensor, c0: Tensor, W: Tensor, R: Tensor, *_: Any) -> tuple[Tensor, Tensor, Tensor]:
    T, B = x.shape[:2]
    H = R.shape[1]
    return x.new_empty(T, B, 4, H), x.new_empty(T + 1, B, H), c0.new_empty(T + 1, B, H)


@backward.register_fake
def _(
    d_h: Tensor,
    d_c: Tensor,
    x: Tensor,
    W: Tensor,
    R: Tensor,
    P: Tensor | None,
    nets: Tensor,
    h: Tensor,
    c: Tensor,
    _: str,
) -> tuple[Tensor, ...]:
    d_P = x.new_empty(0) if P is None else torch.empty_like(P)
    # What adds up over the steps may be in another precision: that of c.
    like = x, h[0], c[0], W, R, c.new_empty(len(W))
    return *(torch.empty_like(each, memory_format=torch.contiguous_format) for each in like), d_P


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor]) -> None:
    x, _, _, W, R, b, P, _, ctx.engine = inputs
    ctx.with_bias = b is not None
    ctx.save_for_backward(x, W, R, P, *output)


def _differentiate(ctx: Any, _: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor | None, ...]:
    P = ctx.saved_tensors[3]
    *gradients, d_b, d_P = backward(d_h[1:], d_c[1:], *ctx.saved_tensors, ctx.engine)
    return *gradients, d_b if ctx.with_bias else None, None if P is None else d_P, None, None


forward.register_autograd(_differentiate, setup_context=_keep)
