"""The unit's diagram, alive: turn what comes in, the weights or the valves, and see what comes of it."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from traitlets import Any, Bool, Dict, Enum, validate

from lstm_ref import checks
from lstm_ref.diagrams.draw import draw, unit_diagram
from lstm_ref.diagrams.evaluate import follow, step_signals
from lstm_ref.diagrams.layouts import LAYOUTS
from lstm_ref.diagrams.values import column_limits
from lstm_ref.diagrams.wiring import NODES, unit_wiring
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.sequence import unroll
from lstm_ref.unit import VALVES, Step, check_weights, new_memory, step
from lstm_ref.weights import PEEPHOLES, UnitWeights

LARGEST = 2
FULL = 3.0
_AXES = {field.name: {"W": "HI", "R": "HH", "P": "HH", "b": "H"}[field.name[0]] for field in fields(UnitWeights)}
_TURNED = set(NODES) - {f"{kind}_{net}" for kind in ("b", "box") for net in "fio"}


def _pleasant():
    """Return the weights of a unit with I = H = 1 and a diagonal peephole whose every part has something to do."""
    named = {
        "f": (-0.5, 0.5, 0.3, 1.0),
        "i": (1.5, 0.4, -0.4, 0.2),
        "g": (1.2, -0.6, None, 0.1),
        "o": (0.5, 0.3, 0.8, -0.2),
    }
    weights = {}
    for net, (W, R, P, b) in named.items():
        weights |= {f"W_{net}": np.array([[W]]), f"R_{net}": np.array([[R]]), f"b_{net}": np.array([b])}
        if P is not None:
            weights[f"P_{net}"] = np.array([P])
    return UnitWeights(**weights)


class Explorer(Figure):
    """The unit as a pipe, with a slider for everything that goes into it.

    Parameters
    ----------
    weights : lstm_ref.UnitWeights, optional
        Of a unit with I and H of 1 or 2; one with a diagonal peephole and I = H = 1 unless given.
    x_t : list or array (I,), optional
        The input.
    h_prev, c_prev : list or array (H,), optional
        The last output and the old memory.

    Attributes
    ----------
    x_t, h_prev, c_prev : list
        What comes in. These and all below can be set, also to arrays, and follow what is done in the figure.
    peephole : {"none", "diagonal", "full"}
    by_hand : bool
        Whether `openings` stand for what the networks say.
    openings : dict
        How far each valve is open when turned by hand: f_t, i_t and o_t, from 0 to 1, a list (H,) each.
    numbers : dict
        The weights by name as lists. P_f, P_i and P_o are always (H, H); a diagonal peephole uses the diagonal alone.

    Raises
    ------
    TypeError
        If `weights` are no UnitWeights.
    ValueError
        If I or H is larger than 2, or numbers do not fit the unit.
    """

    _esm = script("unit", "marks", "controls", "explorer")
    x_t = Any([], allow_none=False).tag(sync=True)
    h_prev = Any([], allow_none=False).tag(sync=True)
    c_prev = Any([], allow_none=False).tag(sync=True)
    peephole = Enum(PEEPHOLES, "none").tag(sync=True)
    by_hand = Bool().tag(sync=True)
    openings = Dict().tag(sync=True)
    numbers = Dict().tag(sync=True)
    start = Dict().tag(sync=True)

    def __init__(self, weights=None, x_t=None, h_prev=None, c_prev=None):
        weights = _pleasant() if weights is None else weights
        check_weights(weights)
        self._sizes = {"I": weights.input_size, "H": weights.hidden_size}
        if max(self._sizes.values()) > LARGEST:
            raise ValueError(f"weights: expected I and H of at most {LARGEST}, got {weights!r}")
        super().__init__()
        self.weights = weights
        self.x_t = [0.8] * weights.input_size if x_t is None else x_t
        self.h_prev = [0.2] * weights.hidden_size if h_prev is None else h_prev
        self.c_prev = [1.0] * weights.hidden_size if c_prev is None else c_prev
        self.openings = {name: getattr(self.step, name).round(2) for name in VALVES}
        shared = ("x_t", "h_prev", "c_prev", "peephole", "by_hand", "openings", "numbers")
        self.start = {name: getattr(self, name) for name in shared}
        drawings = {"none": self._draw("none"), "peephole": self._draw("full"), "by_hand": self._draw_by_hand()}
        self.pictures = {name: drawing.svg for name, drawing in drawings.items()}

    @validate("x_t", "h_prev", "c_prev", "openings", "numbers")
    def _as_lists(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if name not in ("openings", "numbers"):
            return self._listed(name, value, "I" if name == "x_t" else "H")
        axes = dict.fromkeys(VALVES, "H") if name == "openings" else _AXES
        if set(value) != set(axes):
            raise ValueError(f"{name}: expected {', '.join(axes)}, got {', '.join(value)}")
        lists = {key: self._listed(key, value[key], axes[key]) for key in axes}
        if name == "openings" and not all(0 <= one <= 1 for key in axes for one in lists[key]):
            raise ValueError(f"openings: expected numbers from 0 to 1, got {lists}")
        return lists

    def _listed(self, name, value, axes):
        """Return numbers as lists, if their shape is that of these axes and all are finite."""
        array = np.asarray(value, dtype=float)
        checks.shape(name, array, tuple(self._sizes[axis] for axis in axes), f"({', '.join(axes)})")
        checks.finite(name, array)
        return array.tolist()

    @property
    def weights(self):
        """The weights, as `lstm_ref.UnitWeights`; others of the same I and H can be set."""
        return self._looking(self.peephole)

    @weights.setter
    def weights(self, weights):
        check_weights(weights)
        named = weights.to_dict()
        for name in ("P_f", "P_i", "P_o"):
            P = named.get(name, np.zeros(weights.hidden_size))
            named[name] = np.diag(P) if P.ndim == 1 else P
        with self.hold_sync():
            self.numbers = named
            self.peephole = weights.peephole

    @property
    def step(self):
        """What the unit does now, as `lstm_ref.Step`."""
        x_t, h_prev, c_prev = (np.array(value) for value in (self.x_t, self.h_prev, self.c_prev))
        if not self.by_hand:
            return step(x_t, h_prev, c_prev, self.weights)
        f_t, i_t, o_t = (np.array(self.openings[name]) for name in VALVES)
        g_t = new_memory(x_t, h_prev, self.weights)
        c_t = f_t * c_prev + i_t * g_t
        return Step(x_t, h_prev, c_prev, f_t, i_t, g_t, o_t, c_t, o_t * np.tanh(c_t))

    def __repr__(self):
        return f"Explorer(I={self._sizes['I']}, H={self._sizes['H']}, peephole={self.peephole!r})"

    def _looking(self, peephole):
        """Return the weights with this kind of peephole."""
        kinds = {"none": lambda P: None, "diagonal": np.diag, "full": np.array}
        return UnitWeights(
            **{
                name: kinds[peephole](value) if name[0] == "P" else np.array(value)
                for name, value in self.numbers.items()
            }
        )

    def _draw_now(self):
        return self._draw_by_hand() if self.by_hand else self._draw(self.peephole)

    def _draw(self, peephole):
        weights = self._looking(peephole)
        trace = unroll(weights, np.array([self.x_t]), np.array(self.h_prev), np.array(self.c_prev))
        return draw("pipe", trace=trace, weights=weights, full=FULL)

    def _draw_by_hand(self):
        """Draw the unit with the networks of its valves grey."""
        wiring, layout = unit_wiring("none"), LAYOUTS["pipe"]
        summed = follow(wiring, self._looking("none"), self.x_t, self.h_prev, self.c_prev)
        values = step_signals(self.step) | {name: summed[name] for name in ("z_g", "b_g")}
        title = f"{wiring.words}, {layout.words}, its valves turned by hand"
        return unit_diagram(layout, wiring, _TURNED, title, values, column_limits(values, FULL))
