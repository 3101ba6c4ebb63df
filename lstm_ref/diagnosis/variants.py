"""A unit with its joints open: the forward pass and the way back, each with parts that a mistake can exchange.

With nothing exchanged, `run` computes what `lstm_ref.unroll` does and `run_back` what `lstm_ref.backward` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.names import Drawn
from lstm_ref.gates import ORDERS
from lstm_ref.peepholes import kind_of, look, look_back, weight_gradient
from lstm_ref.unit import Step, sigmoid
from lstm_ref.weights import UnitWeights

Signals: TypeAlias = dict[str, Array]
"""By name: h_t, c_t, f_t, i_t, g_t and o_t (T, B, H), h_last and c_last (B, H)."""

FLOW = ("f_t", "i_t", "g_t", "c_t", "o_t", "h_t")
"""The signals of a step, each after those that it is made of."""

CLOSE = {"float32": 1e-4, "float64": 1e-8}
"""By precision: how far from a number near 1 another may be and still count as the same."""

Bend: TypeAlias = Callable[[Array], Array]
BENDS: dict[str, Bend] = {"f": sigmoid, "i": sigmoid, "g": np.tanh, "o": sigmoid}
SLOPES: dict[str, Bend] = dict.fromkeys("fio", lambda v: v * (1 - v)) | {"g": lambda g: 1 - g**2}

Look: TypeAlias = Callable[[UnitWeights, Array, Array, Array], Any]
SEES: dict[str, Look] = {
    "f": lambda w, c_prev, c_t, h_prev: look(w.P_f, c_prev),
    "i": lambda w, c_prev, c_t, h_prev: look(w.P_i, c_prev),
    "g": lambda w, c_prev, c_t, h_prev: 0,
    "o": lambda w, c_prev, c_t, h_prev: look(w.P_o, c_t),
}
"""What the sum of each network sees: a look at C_{t-1}, C_t (which only the output valve's can know) or h_{t-1}."""


@dataclass(frozen=True)
class Forward:
    """A forward pass. Every part has the arguments that some mistake needs; the right one uses few of them.

    `sees` says what the sum of a network sees of the memories, and `sums` may change all four sums at once.
    """

    weights: Callable[[Drawn], Drawn] = lambda drawn: drawn
    start: Callable[[Array, Array], tuple[Array, Array]] = lambda h0, c0: (h0, c0)
    feed: Callable[[Array], Array] = lambda x: x
    sums: Callable[[dict[str, Array]], dict[str, Array]] = lambda sums: sums
    bends: Mapping[str, Bend] = field(default_factory=lambda: dict(BENDS))
    sees: Mapping[str, Look] = field(default_factory=lambda: dict(SEES))
    memory: Callable[[Step], Array] = lambda s: s.f_t * s.c_prev + s.i_t * s.g_t
    output: Callable[[Step], Array] = lambda s: s.o_t * np.tanh(s.c_t)
    carry: Callable[[Array, Array, Array, Array], tuple[Array, Array]] = lambda h, c, h0, c0: (h, c)
    hand_out: Callable[[Signals, Array, Array], Signals] = lambda signals, h0, c0: signals


def run(unit: Forward, drawn: Drawn, x: Array, h0: Array, c0: Array) -> Signals:
    """Carry a unit through x (T, B, I) from h0 and c0 (B, H)."""
    w = unit.weights(drawn).weights
    h, c = first = unit.start(h0, c0)
    steps = []
    for x_t in unit.feed(x):
        h_prev, c_prev = h, c
        z = unit.sums({net: _sum(w, net, x_t, h_prev) for net in ORDERS["article"]})
        f, i, g = (unit.bends[net](z[net] + unit.sees[net](w, c_prev, c_prev, h_prev)) for net in "fig")
        step = Step(x_t, h_prev, c_prev, f, i, g, g, g, g)
        step = step._replace(c_t=unit.memory(step))
        step = step._replace(o_t=unit.bends["o"](z["o"] + unit.sees["o"](w, c_prev, step.c_t, h_prev)))
        steps.append(step._replace(h_t=unit.output(step)))
        h, c = unit.carry(steps[-1].h_t, steps[-1].c_t, *first)
    signals = {name: np.stack([getattr(step, name) for step in steps]) for name in Step._fields[3:]}
    return unit.hand_out(signals | {"h_last": signals["h_t"][-1], "c_last": signals["c_t"][-1]}, h0, c0)


def _sum(w: UnitWeights, net: str, x_t: Array, h_prev: Array) -> Array:
    W, R, b = (getattr(w, f"{kind}_{net}") for kind in "WRb")
    return x_t @ W.T + h_prev @ R.T + b


@dataclass(frozen=True)
class Backward:
    """A way back, from the gradient of every output. The forward pass before it was right.

    `slopes` are those of the activation functions, from their values; `arrive` takes what later steps hand to output
    and memory, `to_memory` and `to_output` make what goes to the step before, and `sum_up` a weight's gradient from
    what the steps add, the last step first.
    """

    slopes: Mapping[str, Bend] = field(default_factory=lambda: dict(SLOPES))
    valve_at_memory: Callable[[Step], Array] = lambda s: s.o_t
    memory_slope: Bend = lambda c: 1 - np.tanh(c) ** 2
    arrive: Callable[[Any, Any], tuple[Any, Any]] = lambda d_h, d_c: (d_h, d_c)
    at_memory: Callable[[Any, Any, Any], Array] = lambda later, direct, slope: later + direct * slope
    to_memory: Callable[[Array, Step, Step, Any], Any] = lambda d_c, s, before, later: d_c * s.f_t
    to_output: Callable[[Any, Any], Any] = lambda d_h, later: d_h
    R_back: Bend = lambda R: R
    back_to_h: str = "fiog"
    back_to_x: str = "fiog"
    f_met: Callable[[Step], Array] = lambda s: s.c_prev
    i_met: Callable[[Step], Array] = lambda s: s.g_t
    g_met: Callable[[Step], Array] = lambda s: s.i_t
    o_met: Callable[[Step], Array] = lambda s: np.tanh(s.c_t)
    early: bool = True
    late: bool = True
    R_saw: Callable[[Step], Array] = lambda s: s.h_prev
    late_saw: Callable[[Step], Array] = lambda s: s.c_t
    skips_first: bool = False
    sum_up: Callable[[str, list[Array]], Any] = lambda name, of_steps: sum(of_steps)
    hand_out: Callable[[Signals], Signals] = lambda gradients: gradients


def run_back(way: Backward, steps: list[Step], w: UnitWeights, d_h: Array) -> Signals:
    """Go back through the steps of a batch; return the gradients by the names of `UnitWeights`, and x, h0 and c0."""
    later_h: Any = np.zeros_like(d_h[0])
    later_c: Any = later_h
    of_steps: list[Signals] = []
    for t in reversed(range(way.skips_first, len(steps))):
        step, (later_h, later_c) = steps[t], way.arrive(later_h, later_c)
        out = d_h[t] + later_h
        z = {"o": out * way.o_met(step) * way.slopes["o"](step.o_t)}
        d_c = way.at_memory(later_c, out * way.valve_at_memory(step), way.memory_slope(step.c_t))
        d_c = d_c + (look_back(w.P_o, z["o"]) if way.late else 0)
        z["f"] = d_c * way.f_met(step) * way.slopes["f"](step.f_t)
        z["i"] = d_c * way.i_met(step) * way.slopes["i"](step.i_t)
        z["g"] = d_c * way.g_met(step) * way.slopes["g"](step.g_t)
        seen = look_back(w.P_f, z["f"]) + look_back(w.P_i, z["i"]) if way.early else 0
        later_c = way.to_memory(d_c, step, steps[t - 1], later_c) + seen
        later_h = way.to_output(sum(z[net] @ way.R_back(getattr(w, f"R_{net}")) for net in way.back_to_h), later_h)
        d_x = sum(z[net] @ getattr(w, f"W_{net}") for net in way.back_to_x)
        of_steps.append({"x": d_x} | _of_weights(way, step, z, kind_of(w.P_f)))
    found = {name: way.sum_up(name, [each[name] for each in of_steps]) for name in of_steps[0] if name != "x"}
    d_x = [0 * of_steps[0]["x"]] * way.skips_first + [each["x"] for each in reversed(of_steps)]
    return way.hand_out(found | {"x": np.stack(d_x), "h0": later_h, "c0": later_c})


def _of_weights(way: Backward, step: Step, z: Mapping[str, Array], peephole: str) -> Signals:
    """Return what one step adds to the gradient of every weight."""
    named: Signals = {}
    for net, d_z in z.items():
        named |= {f"W_{net}": d_z.T @ step.x_t, f"R_{net}": d_z.T @ way.R_saw(step), f"b_{net}": d_z.sum(axis=0)}
        if peephole != "none" and net != "g":
            saw = way.late_saw(step) if net == "o" else step.c_prev
            named[f"P_{net}"] = weight_gradient(peephole, d_z, saw)
    return named
