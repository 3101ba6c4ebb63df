"""How another's arrays hold the weights of a unit, in words: ``{"weight_ih_l0": "W ifgo"}``.

The words name what an array holds, then its networks from first to last, with the letters of `lstm_ref.gates`:

- "W ifgo": the weights over the input of the four networks, one under the other, (4H, I); "R ifgo" those over the last
  output, (4H, H); "W f" those of the forget valve alone, (H, I).
- "WR f": both side by side, (H, I + H), for one that joins the input and the last output; "RW f" in the other order.
- "b ifgo": biases, (4H,). Where two arrays hold the same bias their sum counts. "bb iofg": both in one array, (8H,).
- "P ifo": peepholes, (3H,), or one under the other where they are full, (3H, H).
- "W.T ifgo": turned, (I, 4H), for one that multiplies from the other side.
- "": something else, which is left as it is.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.weights import UnitWeights

FORM = re.compile(r"(WR|RW|bb|W|R|b|P)(\.T)? ([figo]{1,4})")

TORCH = {
    "weight_ih_l0": "W ifgo",
    "weight_hh_l0": "R ifgo",
    "bias_ih_l0": "b ifgo",
    "bias_hh_l0": "b ifgo",
    "weight_ch_l0": "P ifo",
}
"""Of ``torch.nn.LSTM`` and `lstm_ref.layer.LSTM`; a ``torch.nn.LSTMCell`` has them without the ending."""

ONNX = {"W": "W iofg", "R": "R iofg", "B": "bb iofg", "P": "P iof"}
"""The inputs of an LSTM node of ONNX."""


class Drawn(NamedTuple):
    """Weights to try a unit with, and each bias in the parts that add up to it: one for each array that holds it."""

    weights: UnitWeights
    parts: dict[str, list[Array]]


@dataclass(frozen=True)
class Held:
    """What one array holds: kinds of weights, of these networks, turned or not."""

    kinds: str
    nets: str
    turned: bool

    def filled(self, pick: Callable[[str, str], Array]) -> Array:
        """Return the array, from the part of each kind and network that `pick` gives."""
        if self.kinds in ("b", "bb"):
            return np.concatenate([pick("b", net) for _ in self.kinds for net in self.nets])
        stack = np.concatenate([np.concatenate([pick(kind, net) for kind in self.kinds], -1) for net in self.nets])
        return stack.T if self.turned else stack

    def sizes(self, shape: tuple[int, ...]) -> dict[str, int]:
        """Return what a matrix's shape says of H and I; axes in front of it do not count."""
        if self.kinds not in ("W", "R", "WR", "RW") or len(shape) < 2:
            return {}
        rows, columns = math.prod(shape[:-1]), shape[-1]
        if self.turned:
            columns, rows = shape[-2:]
        H = rows // len(self.nets)
        return {"H": H} | ({"I": columns - H * ("R" in self.kinds)} if "W" in self.kinds else {})


@dataclass(frozen=True)
class Names:
    """Every array of a unit by its owner's name; see the module."""

    held: dict[str, Held]

    @classmethod
    def read(cls, words: Mapping[str, str]) -> "Names":
        """Return what the words say; ValueError if they do not have the form, or a weight is missing or there twice."""
        held = {}
        for name, text in words.items():
            found = FORM.fullmatch(text)
            if text and (found is None or len(set(found[3])) < len(found[3]) or (found[1] == "P" and "g" in found[3])):
                raise ValueError(f'names[{name!r}]: expected words as "W ifgo", "R.T f" or "b ifgo", got {text!r}')
            if found:
                held[name] = Held(found[1], found[3], bool(found[2]))
        counts = Counter(kind + net for each in held.values() for kind in each.kinds for net in each.nets)
        for kind, nets in (("W", ORDERS["article"]), ("R", ORDERS["article"]), ("P", LOOKING["article"])):
            every = [counts[kind + net] for net in nets]
            if any(count != 1 for count in every) and (kind != "P" or any(every)):
                raise ValueError(f"names: expected {kind} of {', '.join(nets)} once each, got {every} times")
        return cls(held)

    @property
    def peepholes(self) -> bool:
        """Whether there are any peepholes."""
        return any(each.kinds == "P" for each in self.held.values())

    def draw(self, I: int, H: int, peephole: str, dtype: str, rng: np.random.Generator) -> Drawn:
        """Draw weights with which no two networks or elements are alike, and every mistake shows."""
        shapes = UnitWeights.zeros(I, H, peephole).to_dict()
        size = {"W": I, "R": H, "P": H, "b": 1}
        named = {
            name: (rng.normal(size=each.shape) / size[name[0]] ** 0.5).astype(dtype) for name, each in shapes.items()
        }
        counts = Counter(net for each in self.held.values() for kind in each.kinds if kind == "b" for net in each.nets)
        parts = {net: [rng.normal(size=H).astype(dtype) for _ in range(counts[net])] for net in ORDERS["article"]}
        biases = {f"b_{net}": sum(each, np.zeros(H, dtype)) for net, each in parts.items()}
        return Drawn(UnitWeights(**named | biases), parts)

    def arrays(self, drawn: Drawn) -> dict[str, Array]:
        """Return the arrays by their owner's names."""
        named = drawn.weights.to_dict()
        left = {net: iter(parts) for net, parts in drawn.parts.items()}
        return self._filled(lambda kind, net: next(left[net]) if kind == "b" else named[f"{kind}_{net}"])

    def gradients(self, named: Mapping[str, Array]) -> dict[str, Array]:
        """Return gradients, by the names of `UnitWeights`, as those of the owner's arrays."""
        return self._filled(lambda kind, net: named[f"{kind}_{net}"])

    def _filled(self, pick: Callable[[str, str], Array]) -> dict[str, Array]:
        return {name: each.filled(pick) for name, each in self.held.items()}

    @property
    def stacked(self) -> str:
        """The order of the four networks where one array holds all of them, else ""."""
        return next((each.nets for each in self.held.values() if len(each.nets) == 4), "")

    @property
    def looking(self) -> str:
        """The order of the peepholes where one array holds them all, else the article's."""
        orders = (each.nets for each in self.held.values() if each.kinds == "P" and len(each.nets) == 3)
        return next(orders, LOOKING["article"])

    @property
    def biases(self) -> int:
        """How many biases every network has, at least."""
        return min(sum(each.kinds.count("b") for each in self.held.values() if net in each.nets) for net in "figo")
