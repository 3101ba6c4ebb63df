r"""The way back: from the gradient of the outputs to that of every weight, of the input and of the start.

A name that begins with ``d_`` is the gradient of the loss, one number, by what the rest of the name says. The sums that
go into the bends are z_f, z_i, z_g and z_o. One step back, where dh_t and dC_t come in with what later steps handed on:

.. math::

    dz_o &= dh_t \odot \tanh(C_t) \odot o_t (1 - o_t) \\
    dC_t &\mathrel{+}= dh_t \odot o_t (1 - \tanh^2(C_t)) + P_o^T dz_o \\
    dz_f &= dC_t \odot C_{t-1} \odot f_t (1 - f_t) \\
    dz_i &= dC_t \odot g_t \odot i_t (1 - i_t) \\
    dz_g &= dC_t \odot i_t (1 - g_t^2) \\
    dC_{t-1} &= dC_t \odot f_t + P_f^T dz_f + P_i^T dz_i \\
    dh_{t-1} &= R_f^T dz_f + R_i^T dz_i + R_g^T dz_g + R_o^T dz_o

For a diagonal peephole :math:`P^T dz` is the element-wise product of :math:`P` and :math:`dz`. :math:`dx_t` is
:math:`dh_{t-1}` with :math:`W` in place of :math:`R`.
Sources: Graves and Schmidhuber (2005), Greff et al. (2017). Gers, Schraudolph and Schmidhuber (2002), who brought the
peepholes, cut the gradient short there.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.engines import numpy_engine
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.peepholes import PEEPHOLES, look_back, weight_gradient
from lstm_ref.sequence import Trace, stacked
from lstm_ref.signatures import checked
from lstm_ref.unit import Step
from lstm_ref.weights import UnitWeights

__all__ = ["Gradients", "StepGradients", "backward", "step_backward", "weight_gradients"]


class StepGradients(NamedTuple):
    """Gradients by what one step was given: x_t (..., I), h_prev and c_prev (..., H), and by its four sums (..., H)."""

    x_t: Array
    h_prev: Array
    c_prev: Array
    z_f: Array
    z_i: Array
    z_g: Array
    z_o: Array


class Gradients(NamedTuple):
    """Gradients by every weight, a dict with the names of `UnitWeights`, and by x, h0 and c0, shaped like them."""

    weights: dict[str, Array]
    x: Array
    h0: Array
    c0: Array


@checked
def step_backward(step: Step, weights: UnitWeights, d_h_t: Array | float, d_c_t: Array | float) -> StepGradients:
    """Go one step back.

    Parameters
    ----------
    step : lstm_ref.unit.Step
        The step's signals, (..., I) and (..., H).
    weights : UnitWeights
        Those that made it.
    d_h_t, d_c_t : array (..., H), or 0
        The gradient of the output, and that of the memory, both as the next step and the loss hand them in: what
        reaches the memory through this step's own output is added here.

    Returns
    -------
    StepGradients

    Raises
    ------
    TypeError, ValueError
        If the step is not one of these weights, or a gradient has not the shape of its memory.
    """
    checks.shape("step", step.h_t, (*np.shape(step.h_t)[:-1], weights.hidden_size), "(..., H) of its h_t")
    checks.shape("step", step.x_t, (*np.shape(step.x_t)[:-1], weights.input_size), "(..., I) of its x_t")
    d_h_t, d_c_t = _like_step("d_h_t", d_h_t, step), _like_step("d_c_t", d_c_t, step)
    _, _, c_prev, f_t, i_t, g_t, o_t, c_t, _ = step
    squashed = np.tanh(c_t)
    d_z_o = d_h_t * squashed * o_t * (1 - o_t)
    d_c_t = d_c_t + d_h_t * o_t * (1 - squashed**2) + look_back(weights.P_o, d_z_o)
    d_z_f = d_c_t * c_prev * f_t * (1 - f_t)
    d_z_i = d_c_t * g_t * i_t * (1 - i_t)
    d_z_g = d_c_t * i_t * (1 - g_t**2)
    d_c_prev = d_c_t * f_t + look_back(weights.P_f, d_z_f) + look_back(weights.P_i, d_z_i)
    d_h_prev = d_z_f @ weights.R_f + d_z_i @ weights.R_i + d_z_g @ weights.R_g + d_z_o @ weights.R_o
    d_x_t = d_z_f @ weights.W_f + d_z_i @ weights.W_i + d_z_g @ weights.W_g + d_z_o @ weights.W_o
    return StepGradients(d_x_t, d_h_prev, d_c_prev, d_z_f, d_z_i, d_z_g, d_z_o)


@checked
def weight_gradients(step: Step, back: StepGradients, peephole: str) -> dict[str, Array]:
    """Return what one step adds to the gradient of every weight.

    Parameters
    ----------
    step : lstm_ref.unit.Step
        Of a batch: x_t (B, I), the rest (B, H).
    back : StepGradients
        Those of this step.
    peephole : {"none", "diagonal", "full"}

    Returns
    -------
    dict
        By the names of `UnitWeights`; the batch is summed over.

    Raises
    ------
    ValueError
        If the peephole is unknown, or the step is not of a batch.
    """
    checks.one_of("peephole", peephole, PEEPHOLES)
    checks.shape("back", back.z_f, np.shape(step.h_t), "(B, H) like the step's h_t")
    if step.h_t.ndim != 2:
        raise ValueError(f"step: expected that of a batch, h_t of shape (B, H), got {step.h_t.shape}")
    named: dict[str, Array] = {}
    for net, seen in (("f", step.c_prev), ("i", step.c_prev), ("g", None), ("o", step.c_t)):
        d_z = getattr(back, f"z_{net}")
        named |= {f"W_{net}": d_z.T @ step.x_t, f"R_{net}": d_z.T @ step.h_prev, f"b_{net}": d_z.sum(axis=0)}
        if peephole != "none" and seen is not None:
            named[f"P_{net}"] = weight_gradient(peephole, d_z, seen)
    return named


def _like_step(name: str, given: ArrayLike, step: Step) -> Array:
    """Check the gradient of an output or a memory; 0 stands for zeros."""
    gradient = checks.numbers(name, given)
    if gradient.ndim or gradient != 0:
        checks.shape(name, gradient, step.h_t.shape, "(..., H) like the step's h_t")
    return gradient


def backward(
    trace: Trace, d_h: ArrayLike, d_h_last: ArrayLike | None = None, d_c_last: ArrayLike | None = None
) -> Gradients:
    """Go back through a whole sequence. Nothing that is given is changed, and the trace can be used again.

    Parameters
    ----------
    trace : Trace
        As `lstm_ref.unroll` returns it.
    d_h : array (T, H) or (T, B, H)
        The gradient of the loss by every output, like ``trace.h_t``. Past a sequence's end it is not used.
    d_h_last, d_c_last : array (H,) or (B, H), optional
        The gradient by the output and by the memory after each sequence's last step, on top of `d_h`; zero unless
        given.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError
        If `trace` is no Trace, or a gradient's dtype is not that of the trace.
    ValueError
        If the trace does not know its weights, or a gradient's shape does not fit.
    """
    if not isinstance(trace, Trace):
        raise TypeError(f"trace: expected a Trace, got {type(trace).__name__}")
    if trace.weights is None:
        raise ValueError("trace: expected one that knows its weights, as unroll returns it, got weights None")
    weights, state = trace.weights, trace.h_t.shape[1:]
    for name, size in (("x_t", weights.input_size), ("h_t", weights.hidden_size)):
        signal = getattr(trace, name)
        checks.shape(f"trace.{name}", signal, (*signal.shape[:-1], size), "that of its weights")
    d_outputs = _output_gradients(trace, d_h, d_h_last, weights.dtype)
    d_memory = _like_trace("d_c_last", d_c_last, state, weights.dtype)

    def batched(array: Array) -> Array:
        return array if len(state) == 2 else array[:, None]

    x, d_outputs, *nets = map(batched, (trace.x_t, d_outputs, trace.i_t, trace.f_t, trace.g_t, trace.o_t))
    h = batched(np.concatenate([trace.h_prev[:1], trace.h_t]))
    c = batched(np.concatenate([trace.c_prev[:1], trace.c_t]))
    W, R, _, P = stacked(weights)
    d_x, d_h0, d_c0, d_W, d_R, d_b, d_P = numpy_engine.backward(
        d_outputs, d_memory.reshape(1, *d_outputs.shape[1:]), x, W, R, P, np.stack(nets, axis=2), h, c
    )
    return Gradients(
        _by_name(weights, d_W, d_R, d_b, d_P), d_x.reshape(trace.x_t.shape), d_h0.reshape(state), d_c0.reshape(state)
    )


def _output_gradients(trace: Trace, d_h: ArrayLike, d_h_last: ArrayLike | None, dtype: DTypeLike) -> Array:
    """Return the gradient of every output: `d_h`, zero past a sequence's end, and `d_h_last` added at its last step."""
    checks.floats("d_h", d_h, dtype)  # which may not be None, unlike the others
    total = np.array(_like_trace("d_h", d_h, trace.h_t.shape, dtype))
    last = _like_trace("d_h_last", d_h_last, trace.h_t.shape[1:], dtype)
    if trace.lengths is None:
        total[-1] += last
    else:
        total[np.arange(len(trace))[:, None] >= trace.lengths] = 0
        total[trace.lengths - 1, np.arange(len(trace.lengths))] += last
    return total


def _like_trace(name: str, gradient: ArrayLike | None, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Check one gradient; zeros stand for None."""
    if gradient is None:
        return np.zeros(shape, dtype)
    gradient = checks.floats(name, gradient, dtype)
    checks.shape(name, gradient, shape, "(T, B, H), (T, H), (B, H) or (H,), as in the trace,")
    return gradient


def _by_name(weights: UnitWeights, d_W: Array, d_R: Array, d_b: Array, d_P: Array | None) -> dict[str, Array]:
    """Return the gradients by the names of `UnitWeights`, from the stacks of the engine."""
    order, looking = ORDERS["torch"], LOOKING["torch"]
    named = {
        f"{kind}_{net}": part
        for kind, stack in (("W", d_W), ("R", d_R), ("b", d_b))
        for net, part in zip(order, np.split(stack, 4))
    }
    if d_P is not None:
        named |= {f"P_{net}": part for net, part in zip(looking, d_P)}
    return {name: named[name] for name in weights.to_dict()}
