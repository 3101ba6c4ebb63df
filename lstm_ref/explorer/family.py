"""Any unit of the family, alive: choose one, turn what comes in and its weights, and see what comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from traitlets import Bunch, Dict, Float, Unicode, validate

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams import Diagram
from lstm_ref.diagrams.walk import forward
from lstm_ref.diagrams.wiring import Part
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.family import UNITS, Unit
from lstm_ref.family.drawing import draw
from lstm_ref.signatures import checked
from lstm_ref.svg.palette import SIGNALS

SHOWN = (
    *("lstm-1997", "lstm", "gru", "min-gru", "slstm", "mlstm", "rg-lru", "selective-ssm"),
    *("gated-linear-attention", "delta-net", "rwkv-7"),
)
"""The units of the menu, unless others are given."""

FIRST = {"x_t": 0.8, "h_prev": 0.2, "c_prev": 1.0, "S_prev": 1.0, "n_prev": 1.0, "m_prev": 0.0}
"""What comes in at first; 0.5 is what is not here."""

LIMITS = {"h_prev": (-2, 2), "c_prev": (-3, 3), "S_prev": (-3, 3), "n_prev": (0, 3), "m_prev": (-3, 3)}
"""How far memories can be turned. What is not here is an opening, from 0 to 1."""

SEED = 19
"""Draws the first weights: one with which no signal of the units of the menu is next to 0, and no valve shut."""


class FamilyExplorer(Figure):
    """A unit of the family, I = H = K = 1, to be chosen, with a slider for everything that goes into it.

    Parameters
    ----------
    units : sequence of str
        Names in `lstm_ref.family.UNITS`: those of the menu, the first of which is shown first. Eleven of them unless
        given.

    Attributes
    ----------
    unit : str
        The name of the one that is shown. This and all below can be set, and follow what is done in the figure.
    x_t : float
        The input, of whichever unit.
    memories, numbers : dict
        By name of the unit: by name, what it remembers of the last step, and its weights, one number each. At first a
        weight is the same in all units that have one of that name, but where the unit says what it begins at.

    Raises
    ------
    ValueError
        If there is no unit, none of such a name or one twice, or numbers do not fit the units.
    """

    _esm = script("marks", "controls", "family")
    described = Unicode(read_only=True).tag(sync=True)  # as JSON, which a notebook keeps on one line
    unit = Unicode().tag(sync=True)
    x_t = Float(FIRST["x_t"]).tag(sync=True)
    memories = Dict().tag(sync=True)
    numbers = Dict().tag(sync=True)
    start = Dict().tag(sync=True)

    @checked
    def __init__(self, units: Sequence[str] = SHOWN) -> None:
        for name in units:
            checks.one_of("units", name, UNITS)
        if len(set(units)) != len(units) or not len(units):
            raise ValueError(f"units: expected names, each once, got {', '.join(units) or 'none'}")
        super().__init__()
        self._units = {str(name): UNITS[name] for name in units}
        self.unit = next(iter(self._units))
        self.memories = {name: {m: FIRST.get(m, 0.5) for m in unit.memories} for name, unit in self._units.items()}
        self.numbers = {name: _first_weights(unit) for name, unit in self._units.items()}
        self.start = {name: getattr(self, name) for name in ("unit", "x_t", "memories", "numbers")}
        described = {name: _described(unit) for name, unit in self._units.items()}
        self.set_trait("described", json.dumps(described, separators=(",", ":")))
        self.pictures = {name: self._draw(name).svg for name in self._units}

    @validate("unit")
    def _is_shown(self, proposal: Bunch) -> str:
        name: str = proposal["value"]
        checks.one_of("unit", name, self._units)
        return name

    @validate("x_t")
    def _is_finite(self, proposal: Bunch) -> float:
        return checks.number("x_t", proposal["value"])

    @validate("memories", "numbers")
    def _as_numbers(self, proposal: Bunch) -> dict[str, dict[str, float]]:
        key, value = proposal["trait"].name, proposal["value"]
        _expect_names(key, value, self._units)
        for name, unit in self._units.items():
            _expect_names(f"{key}[{name!r}]", value[name], unit.memories if key == "memories" else unit.axes_of_weights)
        return {
            name: {own: checks.number(f"{key}[{name!r}][{own!r}]", one) for own, one in value[name].items()}
            for name in self._units
        }

    @property
    def signals(self) -> dict[str, Array]:
        """What every signal of the unit is now, by name, (1,) each."""
        return self._signals(self.unit)

    def __repr__(self) -> str:
        return f"FamilyExplorer({self.unit!r}, one of {len(self._units)} units)"

    def _signals(self, name: str) -> dict[str, Array]:
        unit = self._units[name]
        axes = {"x_t": "I"} | unit.memories | unit.axes_of_weights
        given = {"x_t": self.x_t} | self.memories[name] | self.numbers[name]
        arrays = {each: np.full((1,) * len(axes[each]), value) for each, value in given.items()}
        known = {each: arrays[each] for each in ("x_t", *unit.memories)}
        return {signal: value.ravel() for signal, value in forward(unit.wiring, arrays, known).items()}

    def _diagram(self) -> Diagram:
        return self._draw(self.unit)

    def _draw(self, name: str) -> Diagram:
        return draw(self._units[name], "all", self._signals(name))


def _expect_names(name: str, value: Any, known: Mapping[str, Any]) -> None:
    """Refuse what is no dict with these keys."""
    got = ", ".join(map(str, value)) or "none" if isinstance(value, dict) else type(value).__name__
    if not isinstance(value, dict) or set(value) != set(known):
        raise ValueError(f"{name}: expected {', '.join(known) or 'none'}, got {got}")


def _first_weights(unit: Unit) -> dict[str, float]:
    """Return weights of a size at which every part has something to do."""
    drawn = {}
    for name in unit.axes_of_weights:
        rng = np.random.default_rng([SEED, *name.encode()])
        drawn[name] = float((rng.choice([-1, 1]) * rng.uniform(0.3, 1.2)).round(2))
    return drawn | {name: float(value) for name, value in unit.begins.items() if name in drawn}


def _described(unit: Unit) -> dict[str, Any]:
    """Return what the page has to know of a unit: its parts, and what its sliders are called."""
    parts = [_part(part) for part in unit.wiring.parts if part.kind not in ("input", "output")]
    words = {"h_prev": SIGNALS["h_prev"].words, "c_prev": SIGNALS["c_prev"].words, "S_prev": SIGNALS["c_prev"].words}
    said = {name: [words.get(name, "last value"), *_letters(unit, name)] for name in unit.memories}
    return {
        "words": unit.words,
        "parts": parts,
        "incoming": [[name, said[name], *LIMITS.get(name, (0, 1))] for name in unit.memories],
        "folds": list(_folds(unit)),
    }


def _part(part: Part) -> dict[str, Any]:
    """Return what the page computes a part from: only a box has weights, and only what scales a factor."""
    own: dict[str, dict[str, Any]] = {"box": {"weights": dict(part.weights)}, "scale": {"factor": part.factor}}
    return {"kind": part.kind, "gives": part.gives, "takes": part.takes} | own.get(part.kind, {})


def _folds(unit: Unit) -> Iterator[dict[str, Any]]:
    """Return the weights of each box with its equation, and then all others."""
    rest = list(unit.axes_of_weights)
    for part in unit.wiring.parts:
        if part.kind == "box":
            terms = [(part.weights[signal], signal) for signal in part.takes]
            sliders = [_slider(unit, *term) for term in terms if (term[0] or term[1]) in rest]
            letters = [[_letters(unit, each) for each in term if each] for term in terms]
            yield {"sum": _letters(unit, part.gives), "terms": letters, "sliders": sliders}
            rest = [name for name in rest if name not in dict(sliders)]
    if rest:
        yield {"terms": [], "sliders": [_slider(unit, name) for name in rest]}


def _slider(unit: Unit, weight: str, of: str = "") -> tuple[str, list[str]]:
    """Return the name of a weight and what its slider is called: of the signal that it multiplies, or as a bias."""
    if not weight:
        return of, ["bias", *_letters(unit, of)]
    words = f"weight of the {SIGNALS[of].words}" if of in SIGNALS else "weight"
    return weight, [words, *_letters(unit, weight)]


def _letters(unit: Unit, name: str) -> tuple[str, str]:
    """Return the letter of a signal or of a weight, and its index."""
    letter, _, index = unit.wiring.symbols.get(name, name).strip("$").partition("_")
    return letter, index.strip("{}").replace("-", "\N{MINUS SIGN}")
