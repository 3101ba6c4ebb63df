"""The unit's diagram, alive: turn what comes in, the weights or the valves, and see what comes of it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from traitlets import Bool, Bunch, Dict, Enum, TraitType, validate

from lstm_ref import checks
from lstm_ref.diagrams import Diagram, draw, follow, unit_wiring
from lstm_ref.diagrams.draw import unit_diagram
from lstm_ref.diagrams.evaluate import step_signals
from lstm_ref.diagrams.layouts import LAYOUTS
from lstm_ref.diagrams.nodes import NODES
from lstm_ref.diagrams.values import column_limits
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.peepholes import PEEPHOLES, kind_of
from lstm_ref.sequence import unroll
from lstm_ref.signatures import checked
from lstm_ref.unit import VALVES, Step, check_weights, new_memory, step
from lstm_ref.weights import UnitWeights

LARGEST = 2
FULL = 3.0

_AXES = {field.name: {"W": "HI", "R": "HH", "P": "HH", "b": "H"}[field.name[0]] for field in fields(UnitWeights)}
_P_NAMES = ("P_f", "P_i", "P_o")

# What is lit when the valves are turned by hand: all but their networks.
_LIT_BY_HAND = set(NODES) - {f"{kind}_{valve[0]}" for kind in ("b", "box") for valve in VALVES}


def _first_weights() -> UnitWeights:
    """Return the weights of a unit with I = H = 1 and a diagonal peephole whose every part has something to do."""
    named = {
        **{"W_f": [[-0.5]], "R_f": [[0.5]], "P_f": [0.3], "b_f": [1.0]},
        **{"W_i": [[1.5]], "R_i": [[0.4]], "P_i": [-0.4], "b_i": [0.2]},
        **{"W_g": [[1.2]], "R_g": [[-0.6]], "b_g": [0.1]},
        **{"W_o": [[0.5]], "R_o": [[0.3]], "P_o": [0.8], "b_o": [-0.2]},
    }
    return UnitWeights(**{name: np.array(value) for name, value in named.items()})


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
    x_t: TraitType[Any, Any] = TraitType([]).tag(sync=True)
    h_prev: TraitType[Any, Any] = TraitType([]).tag(sync=True)
    c_prev: TraitType[Any, Any] = TraitType([]).tag(sync=True)
    peephole = Enum(PEEPHOLES, "none").tag(sync=True)
    by_hand = Bool().tag(sync=True)
    openings = Dict().tag(sync=True)
    numbers = Dict().tag(sync=True)
    start = Dict().tag(sync=True)

    @checked
    def __init__(
        self,
        weights: UnitWeights | None = None,
        x_t: ArrayLike | None = None,
        h_prev: ArrayLike | None = None,
        c_prev: ArrayLike | None = None,
    ) -> None:
        weights = _first_weights() if weights is None else weights
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
    def _as_lists(self, proposal: Bunch) -> list[Any] | dict[str, list[Any]]:
        name, value = proposal["trait"].name, proposal["value"]
        if name not in ("openings", "numbers"):
            return self._as_list(name, value, "I" if name == "x_t" else "H")
        axes = dict.fromkeys(VALVES, "H") if name == "openings" else _AXES
        if set(value) != set(axes):
            raise ValueError(f"{name}: expected {', '.join(axes)}, got {', '.join(value)}")
        lists = {key: self._as_list(key, value[key], axes[key]) for key in axes}
        if name == "openings" and not all(0 <= one <= 1 for key in axes for one in lists[key]):
            raise ValueError(f"openings: expected numbers from 0 to 1, got {lists}")
        return lists

    def _as_list(self, name: str, value: ArrayLike, axes: str) -> list[Any]:
        """Return numbers as lists, if their shape is that of these axes and all are finite."""
        array = checks.numbers(name, value)
        checks.shape(name, array, tuple(self._sizes[axis] for axis in axes), f"({', '.join(axes)})")
        checks.finite(name, array)
        lists: list[Any] = array.tolist()
        return lists

    @property
    def weights(self) -> UnitWeights:
        """The weights, as `lstm_ref.UnitWeights`; others of the same I and H can be set."""
        return self._weights_with(self.peephole)

    @weights.setter
    def weights(self, weights: UnitWeights) -> None:
        check_weights(weights)
        named = weights.to_dict()
        for name in _P_NAMES:
            P = named.get(name, np.zeros(weights.hidden_size))
            named[name] = np.diag(P) if kind_of(P) == "diagonal" else P
        with self.hold_sync():
            self.numbers = named
            self.peephole = weights.peephole

    @property
    def step(self) -> Step:
        """What the unit does now, as `lstm_ref.Step`."""
        x_t, h_prev, c_prev = (np.array(value) for value in (self.x_t, self.h_prev, self.c_prev))
        if not self.by_hand:
            return step(x_t, h_prev, c_prev, self.weights)
        f_t, i_t, o_t = (np.array(self.openings[name]) for name in VALVES)
        g_t = new_memory(x_t, h_prev, self.weights)
        c_t = f_t * c_prev + i_t * g_t
        return Step(x_t, h_prev, c_prev, f_t, i_t, g_t, o_t, c_t, o_t * np.tanh(c_t))

    def __repr__(self) -> str:
        return f"Explorer(I={self._sizes['I']}, H={self._sizes['H']}, peephole={self.peephole!r})"

    def _weights_with(self, peephole: str) -> UnitWeights:
        """Return the weights with this kind of peephole."""
        named = {name: np.array(value) for name, value in self.numbers.items()}
        for name in _P_NAMES:
            P = named.pop(name)
            if peephole != "none":
                named[name] = np.diag(P) if peephole == "diagonal" else P
        return UnitWeights.from_dict(named)

    def _diagram(self) -> Diagram:
        return self._draw_by_hand() if self.by_hand else self._draw(self.peephole)

    def _draw(self, peephole: str) -> Diagram:
        weights = self._weights_with(peephole)
        trace = unroll(weights, np.array([self.x_t]), np.array(self.h_prev), np.array(self.c_prev))
        return draw("pipe", trace=trace, weights=weights, full=FULL)

    def _draw_by_hand(self) -> Diagram:
        """Draw the unit with the networks of its valves grey."""
        wiring, layout = unit_wiring("none"), LAYOUTS["pipe"]
        summed = follow(wiring, self._weights_with("none"), self.x_t, self.h_prev, self.c_prev)
        values = step_signals(self.step) | {name: summed[name] for name in ("z_g", "b_g")}
        title = f"{wiring.words}, {layout.words}, its valves turned by hand"
        return unit_diagram(layout, wiring, _LIT_BY_HAND, title, values, column_limits(values, FULL))
