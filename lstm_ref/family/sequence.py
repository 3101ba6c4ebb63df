"""A gated unit over a whole sequence: step by step, by its wires, all steps at once, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams.operations import NUMPY
from lstm_ref.diagrams.walk import backward, forward
from lstm_ref.family.unit import Unit, Weights
from lstm_ref.signatures import checked


@checked
def first_memories(unit: Unit, weights: Mapping[str, Array], batch: tuple[int, ...] = ()) -> dict[str, Array]:
    """Return the memories before the first step, by the names that they have when they come in.

    Parameters
    ----------
    unit : Unit
    weights : mapping
        Of arrays by name, as `Unit.random` returns them.
    batch : tuple of int
        The axes before those of the memory.
    """
    sizes = unit.sizes(weights)
    return {
        name: np.full((*batch, *(sizes[axis] for axis in axes)), unit.begins.get(name, 0.0))
        for name, axes in unit.memories.items()
    }


@checked
def unroll(
    unit: Unit, weights: Mapping[str, Array], x: Array, start: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Carry a unit through a sequence with its own `Unit.step`.

    Parameters
    ----------
    unit : Unit
    weights : mapping
        Of arrays by name, as `Unit.random` returns them.
    x : array (T, I) or (T, B, I)
    start : mapping, optional
        The memories before the first step, as `first_memories` returns them.

    Returns
    -------
    dict
        The signals that the step returns, (T, ...) each.

    Raises
    ------
    TypeError, ValueError
        If a weight or a memory is missing, or a shape does not fit; the message names it.
    """
    if unit.step is None:
        return follow_all(unit, weights, x, start)
    x, start = _checked(unit, weights, x, start)
    step, w = unit.step, Weights(weights)
    return _carried(lambda x_t, memories: step(w, x_t, **memories), x, start)


@checked
def follow_all(
    unit: Unit, weights: Mapping[str, Array], x: Array, start: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Carry a unit through a sequence by its wires alone, and return every signal; the rest as for `unroll`."""
    x, start = _checked(unit, weights, x, start)
    signals = [part.gives for part in unit.wiring.parts if part.kind != "bias"]

    def step(x_t: Array, memories: dict[str, Array]) -> dict[str, Array]:
        found = forward(unit.wiring, weights, {"x_t": x_t, **memories})
        return {name: found[name] for name in signals}

    return _carried(step, x, start)


@checked
def all_at_once(
    unit: Unit, weights: Mapping[str, Array], x: Array, start: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Compute all steps of a unit at once, and return every signal that this finds; the rest as for `unroll`.

    Matrix memories are not among them, only what is read of them.

    Raises
    ------
    ValueError
        If boxes of the unit look back at what came of an earlier step; else as for `unroll`.
    """
    x, start = _checked(unit, weights, x, start)
    return scanned(unit, weights, x, start, NUMPY)


def scanned(unit: Unit, weights: Mapping[str, Any], x: Any, start: Mapping[str, Any], of: Any) -> dict[str, Any]:
    """Do so with the arrays or tensors of a namespace, unchecked."""
    if not unit.scans:
        seeing = ", ".join(unit.looks_back)
        raise ValueError(f"unit: expected one whose valves do not look back, got {unit.name}, in which {seeing} do")
    values = {"x_t": x}
    for each in unit.scans:
        values = forward(unit.wiring, weights, values, of)
        values |= each.run(values, start, of)
    return forward(unit.wiring, weights, values, of)


@checked
def gradients(
    unit: Unit, weights: Mapping[str, Array], x: Array, d_h: Array, start: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Return the gradients of weights, input and first memories, walking the wires back through all steps.

    Parameters
    ----------
    unit, weights, x, start
        As for `unroll`.
    d_h : array (T, H) or (T, B, H)
        The gradient of the loss with respect to every output.

    Returns
    -------
    dict
        By name of the weight, summed over a batch, and of the memory; that of the input is "x".
    """
    values = follow_all(unit, weights, x, start)
    checks.shape("d_h", d_h, values["h_t"].shape, "that of the outputs")
    found = {name: np.zeros_like(weight) for name, weight in weights.items()}
    carried = {name: np.zeros_like(values[name][0]) for name in unit.memories}
    d_x = np.zeros_like(values["x_t"])
    for t in reversed(range(len(d_x))):
        onward = {name.replace("_prev", "_t"): gradient for name, gradient in carried.items()}
        onward["h_t"] = onward.get("h_t", 0.0) + d_h[t]
        step = {name: value[t] for name, value in values.items()} | dict(weights)
        back = backward(unit.wiring, weights, step, onward)
        d_x[t] = back["x_t"]
        carried = {name: back.get(name, np.zeros_like(carried[name])) for name in carried}
        found = {name: total + back.get(name, 0.0) for name, total in found.items()}
    return found | carried | {"x": d_x}


def _checked(
    unit: Unit, weights: Mapping[str, Array], x: Array, start: Mapping[str, Array] | None
) -> tuple[Array, dict[str, Array]]:
    """Return the input and the first memories, after checking that all fit the unit."""
    sizes = unit.sizes(weights)
    x = checks.numbers("x", x)
    if x.ndim not in (2, 3) or x.shape[-1] != sizes["I"] or not x.size:
        raise ValueError(f"x: expected shape (T, I) or (T, B, I) with I = {sizes['I']}, none 0, got {x.shape}")
    first = first_memories(unit, weights, x.shape[1:-1])
    if start is None:
        return x, first
    if set(start) != set(first):
        raise ValueError(f"start: expected {', '.join(first) or 'nothing'}, got {', '.join(map(str, start))}")
    for name, memory in first.items():
        checks.shape(f"start[{name!r}]", start[name], memory.shape, f"({', '.join(unit.memories[name])})")
    return x, {name: np.asarray(start[name]) for name in first}


def _carried(
    step: Callable[[Array, dict[str, Array]], dict[str, Array]], x: Array, memories: dict[str, Array]
) -> dict[str, Array]:
    """Return the signals of all steps, with the memories handed on from each to the next."""
    steps: list[dict[str, Array]] = []
    for x_t in x:
        steps.append(step(x_t, memories))
        memories = {name: steps[-1][name.replace("_prev", "_t")] for name in memories}
    return {name: np.stack([each[name] for each in steps]) for name in steps[0]}
