"""What there is to say of a gated unit, and what follows from it by its wires alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams.geometry import Layout
from lstm_ref.diagrams.grid import grid_layout
from lstm_ref.diagrams.wiring import Wiring
from lstm_ref.family.equations import read_equations
from lstm_ref.family.scans import Reads, Scan
from lstm_ref.peepholes import look
from lstm_ref.signatures import check_fields, checked

SCENE = "The memory flows along the top from left to right; what each network sees stands in small circles beside it."


class Weights(dict[str, Array]):
    """The weights of a unit by name; ``weights.W_f`` is ``weights["W_f"]``."""

    def __getattr__(self, name: str) -> Array:
        if name in self:
            return self[name]
        raise AttributeError(f"weights: expected one of {', '.join(self)}, got {name}")


def network(w: Weights, net: str, x_t: Array, h_prev: Array | None = None, c: Array | None = None) -> Array:
    """Return the sum of one network: what it sees of the input, of the last output and of a memory, and its bias."""
    z: Array = x_t @ w[f"W_{net}"].T + w.get(f"b_{net}", 0.0)
    if h_prev is not None:
        z = z + h_prev @ w[f"R_{net}"].T
    return z if c is None else z + look(w[f"P_{net}"], c)


@dataclass(frozen=True, eq=False)
class Unit:
    """A gated unit.

    Parameters
    ----------
    name, words : str
        Its name in `UNITS`, and in words.
    source : str
        Where it was published.
    equations : str
        Its wires, as `lstm_ref.family.equations.read_equations` reads them.
    step : function
        ``step(weights, x_t, **memories)`` in NumPy; it returns the signals of a step by name. Without one, the wires
        are followed.
    grid : str
        Where its parts are drawn: rows of names, with a dot where there is none.
    new : str
        The parts that are new in it, beside the unit before it.
    pipe, cannot : str
        What becomes of its memory, as an equation; and what the unit cannot do, in a few words.
    axes, roles : dict
        As for `read_equations`.
    scans : tuple
        How its memories are computed for all steps at once, if that is possible: see `lstm_ref.family.scans`.
    begins : dict
        What memories begin at, where not at 0; what weights begin at, where not at random.
    """

    name: str
    words: str
    source: str = ""
    equations: str = ""
    step: Callable[..., dict[str, Array]] | None = None
    grid: str = ""
    new: str = ""
    pipe: str = ""
    cannot: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    scans: tuple[Scan | Reads, ...] = ()
    begins: Mapping[str, float] = field(default_factory=dict)
    wiring: Wiring = field(init=False)

    def __post_init__(self) -> None:
        check_fields(self, *(each.name for each in fields(self) if each.init))
        for name in ("name", "words", "source", "pipe", "cannot"):
            checks.printable(name, getattr(self, name))
        object.__setattr__(self, "wiring", read_equations(self.equations, self.words, self.axes, self.roles))

    def __repr__(self) -> str:
        return f"Unit({self.name!r})"

    @cached_property
    def layout(self) -> Layout:
        """Where its parts and wires are drawn."""
        return grid_layout(self.wiring, self.grid, SCENE)

    @property
    def memories(self) -> dict[str, str]:
        """What is carried from step to step: by the name that a memory has when it comes in, its axes."""
        nodes = self.wiring.nodes
        return {name: node.axes for name, node in nodes.items() if node.kind == "input" and name.endswith("_prev")}

    @property
    def looks_back(self) -> list[str]:
        """The boxes that see a memory or an output: because of them one step has to wait for the last."""
        late = self.wiring.reached(*self.memories)
        return [part.name for part in self.wiring.parts if part.kind == "box" and late & set(part.takes)]

    @property
    def axes_of_weights(self) -> dict[str, str]:
        """The axes of every weight: letters of I, H and K, or "1"."""
        found: dict[str, str] = {}
        for part in self.wiring.parts:
            for signal, axes in zip(part.takes, part.axes_in):
                if name := part.weights.get(signal):
                    found[name] = self.axes.get(name, part.axes + axes)
            if part.kind == "bias":
                found[part.gives] = part.axes
        return found

    @checked
    def shapes(self, input_size: int, hidden_size: int, key_size: int | None = None) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight; `key_size` is K, the number of rows of a matrix memory: H unless given."""
        sizes = {"I": input_size, "H": hidden_size, "K": hidden_size if key_size is None else key_size}
        for name, size in zip(("input_size", "hidden_size", "key_size"), sizes.values()):
            checks.whole_number(name, size, 1)
        sizes["1"] = 1
        return {name: tuple(sizes[axis] for axis in axes) for name, axes in self.axes_of_weights.items()}

    def count(self, input_size: int, hidden_size: int, key_size: int | None = None) -> int:
        """Return how many numbers the unit has to learn; arguments as for `shapes`."""
        return sum(math.prod(shape) for shape in self.shapes(input_size, hidden_size, key_size).values())

    @checked
    def random(
        self, input_size: int, hidden_size: int, key_size: int | None = None, *, rng: np.random.Generator
    ) -> Weights:
        """Draw weights, each uniformly between -1/sqrt(H) and 1/sqrt(H), but those that the unit begins otherwise."""
        bound = hidden_size**-0.5 if hidden_size > 0 else 0.0
        shapes = self.shapes(input_size, hidden_size, key_size)
        drawn = {name: rng.uniform(-bound, bound, shape) for name, shape in shapes.items()}
        return Weights(
            drawn | {name: np.full(shapes[name], value) for name, value in self.begins.items() if name in shapes}
        )

    def sizes(self, weights: Mapping[str, Any]) -> dict[str, int]:
        """Return the length of every axis, I, H, K and "1", after checking that the weights are this unit's.

        Raises
        ------
        ValueError
            If a weight is missing or unknown, or a shape does not fit the others.
        """
        known, sizes = self.axes_of_weights, {"1": 1}
        if set(weights) != set(known):
            raise ValueError(f"weights: expected {', '.join(known)}, got {', '.join(map(str, weights))}")
        for name, axes in known.items():
            shape = tuple(np.shape(weights[name]))
            if len(shape) != len(axes):
                raise ValueError(f"{name}: expected shape ({', '.join(axes)}), got {shape}")
            for axis, size in zip(axes, shape):
                sizes.setdefault(axis, size)
            checks.shape(name, weights[name], tuple(sizes[axis] for axis in axes), f"({', '.join(axes)})")
        return sizes
