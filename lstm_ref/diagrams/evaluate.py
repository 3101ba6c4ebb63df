"""The values on the wires: of a step that was computed, or by following the wiring itself."""

from __future__ import annotations

import math

import numpy as np

from lstm_ref import checks
from lstm_ref.diagrams.wiring import NODES, unit_wiring
from lstm_ref.gates import ORDERS
from lstm_ref.unit import Step, check_weights, sigmoid


def follow(wiring, weights, x_t, h_prev, c_prev):
    """Compute the unit by its wiring alone: each part does what it is drawn as, to what its wires bring.

    Parameters
    ----------
    wiring : Wiring
    weights : lstm_ref.UnitWeights
        A box multiplies the input by its W, the last output by its R and a memory by its P.
    x_t : array (..., I)
    h_prev, c_prev : array (..., H)

    Returns
    -------
    dict
        The value of every signal by name, (..., H) each but x_t.

    Raises
    ------
    TypeError
        If `weights` are no UnitWeights.
    ValueError
        If parts wait for each other, or a memory is wired to a box that has no weights for it.
    """
    check_weights(weights)
    values = {"x_t": np.asarray(x_t), "h_prev": np.asarray(h_prev), "c_prev": np.asarray(c_prev)}
    values |= {f"b_{net}": getattr(weights, f"b_{net}") for net in ORDERS["article"]}
    for name in wiring.sorted():
        node = NODES[name]
        brought = {NODES[start].gives: values[NODES[start].gives] for start in wiring.into(name)}
        if node.kind == "box":
            values[node.gives] = sum(_weighed(name[-1], signal, value, weights) for signal, value in brought.items())
        elif node.kind in ("sigmoid", "tanh"):
            (value,) = brought.values()
            values[node.gives] = (sigmoid if node.kind == "sigmoid" else np.tanh)(value)
        elif node.kind == "product":
            values[node.gives] = math.prod(brought.values())
        elif node.kind == "sum":
            values[node.gives] = sum(brought.values())
    return values


def _weighed(net, signal, value, weights):
    """Return what a signal adds to the box of this net."""
    if signal.startswith("b_"):
        return value
    letter = {"x_t": "W", "h_prev": "R"}.get(signal, "P")
    matrix = getattr(weights, f"{letter}_{net}", None)
    if matrix is None:
        raise ValueError(f"wires: {signal} goes to box_{net}, which has no weights for it")
    return value * matrix if matrix.ndim == 1 else value @ matrix.T


def known(step):
    """Return what a step or a trace tells of the signals: its own nine, and the three between them.

    Parameters
    ----------
    step : lstm_ref.unit.Step or lstm_ref.Trace

    Returns
    -------
    dict
        By name; `kept` is f_t * c_prev, `let_in` is i_t * g_t and `squashed` is tanh(c_t).
    """
    values = {name: getattr(step, name) for name in Step._fields}
    return values | {
        "kept": step.f_t * step.c_prev,
        "let_in": step.i_t * step.g_t,
        "squashed": np.tanh(step.c_t),
    }


def of_trace(trace, weights=None):
    """Return what a trace tells of the signals, and with its weights the boxes' sums and the biases too.

    Parameters
    ----------
    trace : lstm_ref.Trace
    weights : lstm_ref.UnitWeights, optional

    Returns
    -------
    dict
        By name, for all steps.

    Raises
    ------
    TypeError
        If `weights` are no UnitWeights.
    ValueError
        If the trace has numbers that are not finite, or the weights make other signals than it has.
    """
    values = known(trace)
    for name, array in values.items():
        checks.finite(name, array)
    if weights is None:
        return values
    check_weights(weights)
    if weights.peephole != trace.peephole:
        raise ValueError(f"weights: expected the trace's peephole {trace.peephole!r}, got {weights.peephole!r}")
    followed = follow(unit_wiring(trace.peephole), weights, trace.x_t, trace.h_prev, trace.c_prev)
    for name in ("f_t", "i_t", "g_t", "o_t", "c_t", "h_t"):
        largest = np.abs(values[name]).max()
        if not np.allclose(followed[name], values[name], rtol=1e-4, atol=1e-4 * largest):
            raise ValueError(f"weights: expected those of the trace, got others: they make another {name}")
    return followed | values
