"""An engine called with tensors: chosen for them, and given arrays where it computes on arrays."""

import contextlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstm_ref.engines.choosing import choose

Signal = Any
"""A tensor for an engine that computes on tensors, an array for the others."""


def on(
    name: str, like: Tensor, function: Callable[..., Sequence[Signal]], tensors: Sequence[Tensor | None], *options: bool
) -> list[Any]:
    """Return function(engine, *tensors, *options) with the engine of this name for tensors like this one.

    The function is given arrays where the engine wants them; what it returns comes back as tensors.
    """
    engine = choose(name, like)
    if engine.TENSORS:
        with own_precision(like.device.type):
            return list(function(engine, *tensors, *options))
    arrays = [None if each is None else each.numpy() for each in tensors]
    return [None if each is None else torch.from_numpy(each) for each in function(engine, *arrays, *options)]


def forward(engine: ModuleType, *signals: Any) -> tuple[Signal, ...]:
    """Return nets, h and c, and then what `lstm_ref.engines.autograd.LSTMFunction` answers to these inputs."""
    *given, memories = signals
    nets, h, c = signals_of(engine, *one_bias(*given))
    return nets, h, c, *outputs(h[1:], c[1:], given[-1], memories)


def signals_of(
    engine: ModuleType,
    x: Signal,
    h0: Signal,
    c0: Signal,
    W: Signal,
    R: Signal,
    b: Signal | None,
    P: Signal | None,
    lengths: Signal | None,
) -> tuple[Signal, Signal, Signal]:
    """Return nets, h and c of an engine; b may be None."""
    return engine.forward(x, h0, c0, W, R, _zeros_like(W[:, 0]) if b is None else b, P, lengths)


def backward(
    engine: ModuleType,
    x: Signal,
    W: Signal,
    R: Signal,
    P: Signal | None,
    lengths: Signal | None,
    nets: Signal,
    h: Signal,
    c: Signal,
    d_h: Signal | None,
    d_h_last: Signal | None,
    d_c_last: Signal | None,
    d_c: Signal | None = None,
) -> tuple[Signal | None, ...]:
    """Return all gradients of an engine from those of what `forward` answers; None stands for a gradient of zeros."""
    d_h = _total(d_h, d_h_last, h[1:], lengths)
    # The gradient of the last memory goes alone, unless there is one of every memory.
    if d_c is None:
        d_c = c[:0] if d_c_last is None else d_c_last
    elif d_c_last is not None:
        d_c = _total(d_c, d_c_last, d_c)
    return engine.backward(d_h, d_c, x, W, R, P, nets, h, c)


def one_bias(
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
    """Return the inputs with the sum of the two biases in their place."""
    return x, h0, c0, W, R, None if b_ih is None else b_ih + b_hh, P, lengths


def outputs(h: Signal, c: Signal, lengths: Signal | None, memories: bool) -> tuple[Signal, ...]:
    """Return what `lstm_ref.engines.autograd.LSTMFunction` answers, from h and c (T, B, H).

    Each is a copy, so that changing one in place leaves the others and the backward pass right.
    """
    last = h[-1:] if lengths is None else h[_ends(lengths)][None]
    return tuple([_copy(each) for each in (h, last, c[-1:], *([c] if memories else []))])


def _total(every: Signal | None, last: Signal | None, like: Signal, lengths: Signal | None = None) -> Signal:
    """Return the gradient of every step's signal, shaped like it, that of each sequence's last step added."""
    if last is None:
        return _zeros_like(like) if every is None else every
    total = _zeros_like(like) if every is None else _copy(every)
    total[-1 if lengths is None else _ends(lengths)] += last[0]
    return total


def _ends(lengths: Signal) -> tuple[Signal, Signal]:
    """Return where in (T, B) each sequence ends, as two indices (B,)."""
    if isinstance(lengths, Tensor):
        return lengths - 1, torch.arange(len(lengths), device=lengths.device)
    return lengths - 1, np.arange(len(lengths))


def _zeros_like(signal: Signal) -> Signal:
    return torch.zeros_like(signal) if isinstance(signal, Tensor) else np.zeros_like(signal)


def _copy(signal: Signal) -> Signal:
    return signal.clone() if isinstance(signal, Tensor) else signal.copy()


def autocasts(device: str) -> bool:
    """Return whether autocast is on for this type of device; "meta" has none."""
    # Not torch.amp.is_autocast_available, which the compiler of torch 2.11 can not follow.
    return device != "meta" and torch.is_autocast_enabled(device)


def own_precision(device: str) -> contextlib.AbstractContextManager[Any]:
    """Switch autocast off: the memory is a sum over many steps, and would lose digits in half precision."""
    return torch.autocast(device, enabled=False) if autocasts(device) else contextlib.nullcontext()
