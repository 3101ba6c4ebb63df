"""The values on the wires: of a step that was computed, or by following the wiring itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams.walk import forward
from lstm_ref.diagrams.wiring import Wiring, unit_wiring
from lstm_ref.sequence import Trace
from lstm_ref.signatures import checked
from lstm_ref.unit import Step
from lstm_ref.weights import UnitWeights


@checked
def follow(
    wiring: Wiring, weights: UnitWeights, x_t: ArrayLike, h_prev: ArrayLike, c_prev: ArrayLike
) -> dict[str, Array]:
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
        If parts wait for each other, a memory is wired to a box that has no weights for it, or an activation function
        has not one signal.
    """
    values: dict[str, Any] = {}
    for name, given in (("x_t", x_t), ("h_prev", h_prev), ("c_prev", c_prev)):
        axis, size = ("I", weights.input_size) if name == "x_t" else ("H", weights.hidden_size)
        values[name] = checks.numbers(name, given)
        checks.shape(name, values[name], (*values[name].shape[:-1], size), f"(..., {axis})")
    return forward(wiring, weights.to_dict(), values)


def step_signals(step: Step | Trace) -> dict[str, Array]:
    """Return what a step or a trace has of the signals: its own nine, and the three between them.

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


@checked
def trace_signals(trace: Trace, weights: UnitWeights | None = None) -> dict[str, Array]:
    """Return what a trace has of the signals, and with its weights the boxes' sums and the biases too.

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
    values = step_signals(trace)
    for name, array in values.items():
        checks.finite(name, array)
    if weights is None:
        return values
    if weights.peephole != trace.peephole:
        raise ValueError(f"weights: expected the trace's peephole {trace.peephole!r}, got {weights.peephole!r}")
    followed = follow(unit_wiring(trace.peephole), weights, trace.x_t, trace.h_prev, trace.c_prev)
    for name in ("f_t", "i_t", "g_t", "o_t", "c_t", "h_t"):
        largest = np.abs(values[name]).max()
        if not np.allclose(followed[name], values[name], rtol=1e-4, atol=1e-4 * largest):
            raise ValueError(f"weights: expected those of the trace, got others: they make another {name}")
    return followed | values
