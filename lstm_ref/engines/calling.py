"""An engine called with tensors: chosen for them, and given arrays where it computes on arrays."""

import contextlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstm_ref.checks import Array
from lstm_ref.engines.choosing import choose


def forward(
    name: str,
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    W: Tensor,
    R: Tensor,
    b: Tensor | None,
    P: Tensor | None,
    lengths: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return nets, h and c of the engine of this name: see `lstm_ref.engines.numpy_engine.forward`."""
    b = torch.zeros_like(W[:, 0]) if b is None else b
    return _call(name, "forward", x, h0, c0, W, R, b, P, lengths)


def backward(
    name: str,
    d_h: Tensor,
    d_c: Tensor,
    x: Tensor,
    W: Tensor,
    R: Tensor,
    P: Tensor | None,
    nets: Tensor,
    h: Tensor,
    c: Tensor,
) -> tuple[Any, ...]:
    """Return the gradients that `lstm_ref.engines.numpy_engine.backward` returns."""
    return _call(name, "backward", d_h, d_c, x, W, R, P, nets, h, c)


def autocasts(device: str) -> bool:
    """Return whether autocast is on for this type of device; some have none."""
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)


def own_precision(device: str) -> contextlib.AbstractContextManager[Any]:
    """Let autocast be: the memory adds up over many steps, and stays in the precision of the weights."""
    return torch.autocast(device, enabled=False) if autocasts(device) else contextlib.nullcontext()


def _call(name: str, which: str, *tensors: Any) -> Any:
    tensor: Tensor = tensors[3]
    engine = choose(name, tensor)
    function = getattr(engine, which)
    if engine.TENSORS:
        with own_precision(tensor.device.type):
            return function(*tensors)
    results = function(*[None if each is None else _array(each) for each in tensors])
    return tuple([None if each is None else torch.from_numpy(each) for each in results])


def _array(tensor: Tensor) -> Array:
    return np.ascontiguousarray(tensor.numpy())
