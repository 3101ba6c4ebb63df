"""A step of any unit, along its wires: the values of all signals, and on the way back the gradients of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce
from operator import add, mul
from typing import Any

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagrams.operations import ELEMENTWISE, JOINING, NUMPY, narrowed, widened
from lstm_ref.diagrams.wiring import Part, Wiring
from lstm_ref.peepholes import look_back


def forward(wiring: Wiring, weights: Mapping[str, Any], values: Mapping[str, Any], of: Any = NUMPY) -> dict[str, Any]:
    """Return what each part gives, as far as it can be computed from what is given.

    Parameters
    ----------
    wiring : Wiring
    weights : mapping
        Arrays or tensors by name.
    values : mapping
        Signals that are known: x_t (..., I), and the memories.
    of : namespace
        Whose arrays they are, as `operations.NUMPY`.

    Returns
    -------
    dict
        Signals by name; those given are among them.

    Raises
    ------
    ValueError
        If a signal goes to a box that has no weights for it, or a part has too few or too many wires.
    """
    found = dict(values)
    for part in wiring.parts:
        if part.gives in found or part.kind in ("input", "output"):
            continue
        if part.kind == "bias":
            found[part.gives] = weights[part.gives]
        elif all(signal in found for signal in part.takes):
            found[part.gives] = _value(part, weights, [found[signal] for signal in part.takes], of)
    return found


def _value(part: Part, weights: Mapping[str, Any], inputs: list[Any], of: Any) -> Any:
    """Return what one part makes of its inputs."""
    kind = part.kind
    if not inputs and kind in ("box", "sum", "product"):
        raise ValueError(f"wires: expected signals into {part.name}, got none")
    if kind == "box":
        terms = zip(part.takes, inputs)
        return reduce(add, [v if _is_bias(part, s) else of.look(_weight(part, s, weights), v) for s, v in terms])
    if kind in ELEMENTWISE or kind == "scale":
        _expect_wires(part, 1)
        return part.factor * inputs[0] if kind == "scale" else ELEMENTWISE[kind].value(of, *inputs)
    wide = [widened(value, axes, part.meets) for value, axes in zip(inputs, part.axes_in)]
    if kind in ("sum", "product"):
        return reduce(add if kind == "sum" else mul, wide)
    _expect_wires(part, 2)
    if kind in JOINING:
        return JOINING[kind].value(of, *wide)
    return _read(wide[0] * wide[1], part) if kind == "read" else wide[0] * wide[1]


def backward(
    wiring: Wiring, weights: Mapping[str, Array], values: Mapping[str, Array], gradients: Mapping[str, Array]
) -> dict[str, Array]:
    """Return the gradients of every signal and of every weight, from those of some signals.

    Parameters
    ----------
    wiring : Wiring
    weights : mapping
    values : mapping
        What `forward` has found.
    gradients : mapping
        Of the signals that something else depends on: the output, and the memories that go on.

    Returns
    -------
    dict
        By name of the signal, as wide as it is, or of the weights, summed over all leading axes.
    """
    found = dict(gradients)

    def gather(name: str, gradient: Array) -> None:
        found[name] = found[name] + gradient if name in found else gradient

    for part in reversed(wiring.parts):
        if part.kind in ("input", "bias", "output") or part.gives not in found:
            continue
        d, inputs = found[part.gives], [values[signal] for signal in part.takes]
        if part.kind == "box":
            for signal, value in zip(part.takes, inputs):
                if _is_bias(part, signal):
                    gather(signal, narrowed(d, "H", "H", value.shape))
                    continue
                W = _weight(part, signal, weights)
                gather(signal, narrowed(look_back(W, d), "H", "H", value.shape))
                gather(part.weights[signal], _weight_gradient(d, value, W))
        else:
            for signal, gradient in zip(part.takes, _gradients(part, d, values[part.gives], inputs)):
                gather(signal, gradient)
    return found


def _gradients(part: Part, d: Array, y: Array, inputs: list[Array]) -> list[Array]:
    """Return the gradients of what came into one part."""
    if part.kind == "scale":
        return [part.factor * d]
    if part.kind in ELEMENTWISE:
        return list(ELEMENTWISE[part.kind].back(d, y, *inputs))
    wide = [widened(value, axes, part.meets) for value, axes in zip(inputs, part.axes_in)]
    if part.kind == "read":
        d = widened(d, part.axes, part.meets)
    if part.kind in JOINING:
        back = JOINING[part.kind].back(d, y, *wide)
    elif part.kind == "sum":
        back = tuple(d for _ in wide)
    else:
        back = tuple(d * math.prod(wide[:k] + wide[k + 1 :]) for k in range(len(wide)))
    whole = np.broadcast_shapes(*(value.shape for value in wide))
    return [
        narrowed(np.broadcast_to(gradient, whole), axes, part.meets, value.shape)
        for gradient, axes, value in zip(back, part.axes_in, inputs)
    ]


def _weight_gradient(d: Array, value: Array, W: Array) -> Array:
    """Return the gradient of a box's weights, summed over all leading axes."""
    leading = np.broadcast_shapes(d.shape[:-1], value.shape[:-1])
    d = np.broadcast_to(d, (*leading, d.shape[-1])).reshape(-1, d.shape[-1])
    value = np.broadcast_to(value, (*leading, value.shape[-1])).reshape(-1, value.shape[-1])
    gradient: Array = (d * value).sum(axis=0) if W.ndim == 1 else d.T @ value
    return gradient


def _read(products: Any, part: Part) -> Any:
    """Return the sum over the axis along which two signals were multiplied."""
    return products.sum(axis=-1, keepdims=True) if part.axes == "1" else products.sum(axis=-2)


def _is_bias(part: Part, signal: str) -> bool:
    return part.weights.get(signal) == ""


def _weight(part: Part, signal: str, weights: Mapping[str, Any]) -> Any:
    """Return the weights that a box has for a signal."""
    W = weights.get(part.weights.get(signal, ""))
    if W is None:
        raise ValueError(f"wires: {signal} goes to {part.name}, which has no weights for it")
    return W


def _expect_wires(part: Part, count: int) -> None:
    if len(part.takes) != count:
        words = "one signal" if count == 1 else f"{count} signals"
        raise ValueError(f"wires: expected {words} into {part.name}, got {len(part.takes)}")
