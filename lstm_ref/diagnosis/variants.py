"""A unit with its joints open: the forward pass and the way back, each with parts that a mistake can exchange.

With nothing exchanged, `run` computes what `lstm_ref.unroll` does and `run_back` what `lstm_ref.backward` does. What is
one product or sum of signals is written as a line of text, so that a slip in it can be made and told as text.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, NamedTuple, TypeAlias

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

AHEAD = {"c_t": "f_t * c_prev + i_t * g_t", "h_t": "o_t * tanh(c_t)"}
"""The lines of a step, which may also have z_f, z_i, z_g and z_o in them, the sums before the activations."""

BACK = {
    "do": "dh * tanh(c_t) * o_t * (1 - o_t)",
    "dc": "dc_next + dh * o_t * (1 - tanh(c_t)**2)",
    "df": "dc * c_prev * f_t * (1 - f_t)",
    "di": "dc * g_t * i_t * (1 - i_t)",
    "dg": "dc * i_t * (1 - g_t**2)",
    "dc_prev": "dc * f_t",
}
"""The lines of a step on the way back: dh is the gradient of h_t, d_h the part of it that comes in beside what the step
after hands back, dc_next what that hands to the memory; df, di, dg and do are the gradients of the sums, and dc_prev is
handed to the step before."""


@functools.cache
def _code(line: str) -> CodeType:
    return compile(line, line, "eval")


def value(line: str, signals: Mapping[str, Any]) -> Any:
    """Return what a line computes from signals by name."""
    return eval(_code(line), {"tanh": np.tanh, "sigmoid": sigmoid, "relu": lambda v: np.maximum(v, 0), **signals})


class Seen(NamedTuple):
    """What a network could see: the memories (c_t only the output valve's can know), the last output, the start."""

    c_prev: Array
    c_t: Array
    h_prev: Array
    h0: Array
    c0: Array


Bend: TypeAlias = Callable[[Array], Array]
BENDS: dict[str, Bend] = {"f": sigmoid, "i": sigmoid, "g": np.tanh, "o": sigmoid}

Look: TypeAlias = Callable[[UnitWeights, Seen], Any]
SEES: dict[str, Look] = {
    "f": lambda w, s: look(w.P_f, s.c_prev),
    "i": lambda w, s: look(w.P_i, s.c_prev),
    "g": lambda w, s: 0,
    "o": lambda w, s: look(w.P_o, s.c_t),
}
"""What the sum of each network has beside W x_t, R h_{t-1} and b."""


@dataclass(frozen=True)
class Forward:
    """A forward pass. Every part has the arguments that some mistake needs; the right one uses few of them.

    `sees` says what the sum of a network sees of the memories, `beside` what is added after its activation; `sums` may
    change all four sums at once.
    """

    weights: Callable[[Drawn], Drawn] = lambda drawn: drawn
    start: Callable[[Array, Array], tuple[Array, Array]] = lambda h0, c0: (h0, c0)
    feed: Callable[[Array], Array] = lambda x: x
    sums: Callable[[dict[str, Array]], dict[str, Array]] = lambda sums: sums
    bends: Mapping[str, Bend] = field(default_factory=lambda: dict(BENDS))
    sees: Mapping[str, Look] = field(default_factory=lambda: dict(SEES))
    beside: Mapping[str, Look] = field(default_factory=lambda: dict.fromkeys("figo", lambda w, s: 0))
    lines: Mapping[str, str] = field(default_factory=lambda: dict(AHEAD))
    carry: Callable[[Array, Array, Array, Array], tuple[Array, Array]] = lambda h, c, h0, c0: (h, c)
    last_is_carried: bool = False
    hand_out: Callable[[Signals, Array, Array], Signals] = lambda signals, h0, c0: signals


def run(unit: Forward, drawn: Drawn, x: Array, h0: Array, c0: Array) -> Signals:
    """Carry a unit through x (T, B, I) from h0 and c0 (B, H)."""
    w = unit.weights(drawn).weights
    h, c = first = unit.start(h0, c0)
    x, steps = unit.feed(x), []
    of_x = {net: x @ getattr(w, f"W_{net}").T + getattr(w, f"b_{net}") for net in ORDERS["article"]}
    R = {net: getattr(w, f"R_{net}").T for net in ORDERS["article"]}
    for t, x_t in enumerate(x):
        seen = Seen(c, c, h, *first)
        sums = unit.sums({net: of_x[net][t] + h @ R[net] for net in R})
        z = {f"z_{net}": sums[net] + unit.sees[net](w, seen) for net in "fig"}
        f, i, g = (unit.bends[net](z[f"z_{net}"]) + unit.beside[net](w, seen) for net in "fig")
        step = Step(x_t, h, c, f, i, g, g, g, g)
        step = step._replace(c_t=value(unit.lines["c_t"], step._asdict() | z))
        seen = seen._replace(c_t=step.c_t)
        z["z_o"] = sums["o"] + unit.sees["o"](w, seen)
        step = step._replace(o_t=unit.bends["o"](z["z_o"]) + unit.beside["o"](w, seen))
        steps.append(step._replace(h_t=value(unit.lines["h_t"], step._asdict() | z)))
        h, c = unit.carry(steps[-1].h_t, steps[-1].c_t, *first)
    signals = {name: np.stack([getattr(step, name) for step in steps]) for name in Step._fields[3:]}
    last = (h, c) if unit.last_is_carried else (signals["h_t"][-1], signals["c_t"][-1])
    return unit.hand_out(signals | dict(zip(("h_last", "c_last"), last)), h0, c0)


@dataclass(frozen=True)
class Backward:
    """A way back, from the gradient of every output. The forward pass before it was right.

    `arrive` takes what later steps hand to output and memory; `through_R` and `through_W` say through whose weights
    each network's gradient goes to h_{t-1} and to x_t; `ends` makes the gradients of h0 and c0 from what the first
    step hands back and has itself; `sum_up` makes a weight's gradient from what the steps add, the last step first.
    """

    lines: Mapping[str, str] = field(default_factory=lambda: dict(BACK))
    hears: Callable[[Array], Array] = lambda d_h: d_h
    arrive: Callable[[Any, Any], tuple[Any, Any]] = lambda d_h, d_c: (d_h, d_c)
    to_output: Callable[[Any, Any], Any] = lambda d_h, later: d_h
    R_back: Bend = lambda R: R
    through_R: Mapping[str, str] = field(default_factory=lambda: {net: net for net in "fiog"})
    through_W: Mapping[str, str] = field(default_factory=lambda: {net: net for net in "fiog"})
    share_out: Callable[[Any, Any], tuple[Any, Any]] = lambda to_h, to_x: (to_h, to_x)
    early: bool = True
    late: bool = True
    R_saw: Callable[[Step], Array] = lambda s: s.h_prev
    late_saw: Callable[[Step], Array] = lambda s: s.c_t
    start: Callable[[Step], Step] = lambda first: first
    skips_first: bool = False
    sum_up: Callable[[str, list[Array]], Any] = lambda name, of_steps: sum(of_steps)
    ends: Callable[[Any, Any, Any, Any], tuple[Any, Any]] = lambda d_h0, d_c0, dh, dc: (d_h0, d_c0)
    hand_out: Callable[[Signals], Signals] = lambda gradients: gradients


def run_back(way: Backward, steps: list[Step], w: UnitWeights, d_h: Array) -> Signals:
    """Go back through the steps of a batch; return the gradients by the names of `UnitWeights`, and x, h0 and c0."""
    later_h: Any = np.zeros_like(d_h[0])
    later_c: Any = later_h
    dh = dc = later_h
    of_steps: list[Signals] = []
    d_h, steps = way.hears(d_h), [way.start(steps[0]), *steps[1:]]
    for t in reversed(range(way.skips_first, len(steps))):
        step, (later_h, later_c) = steps[t], way.arrive(later_h, later_c)
        dh = d_h[t] + later_h
        known = step._asdict() | {"f_before": steps[t - 1].f_t, "d_h": d_h[t], "dh": dh, "dc_next": later_c}
        z = {"o": value(way.lines["do"], known)}
        dc = value(way.lines["dc"], known) + (look_back(w.P_o, z["o"]) if way.late else 0)
        z |= {net: value(way.lines[f"d{net}"], known | {"dc": dc}) for net in "fig"}
        seen = look_back(w.P_f, z["f"]) + look_back(w.P_i, z["i"]) if way.early else 0
        later_c = value(way.lines["dc_prev"], known | {"dc": dc}) + seen
        of_h = sum(z[net] @ way.R_back(getattr(w, f"R_{other}")) for net, other in way.through_R.items() if other)
        of_x = sum(z[net] @ getattr(w, f"W_{other}") for net, other in way.through_W.items() if other)
        of_h, d_x = way.share_out(of_h, of_x)
        later_h = way.to_output(of_h, later_h)
        of_steps.append({"x": d_x} | _of_weights(way, step, z, kind_of(w.P_f)))
    found = {name: way.sum_up(name, [each[name] for each in of_steps]) for name in of_steps[0] if name != "x"}
    d_x = [0 * of_steps[0]["x"]] * way.skips_first + [each["x"] for each in reversed(of_steps)]
    return way.hand_out(found | {"x": np.stack(d_x)} | dict(zip(("h0", "c0"), way.ends(later_h, later_c, dh, dc))))


def _of_weights(way: Backward, step: Step, z: Mapping[str, Array], peephole: str) -> Signals:
    """Return what one step adds to the gradient of every weight."""
    named: Signals = {}
    for net, d_z in z.items():
        named |= {f"W_{net}": d_z.T @ step.x_t, f"R_{net}": d_z.T @ way.R_saw(step), f"b_{net}": d_z.sum(axis=0)}
        if peephole != "none" and net != "g":
            saw = way.late_saw(step) if net == "o" else step.c_prev
            named[f"P_{net}"] = weight_gradient(peephole, d_z, saw)
    return named
