"""The weights of one unit, by name.

Four one-layer networks, named after what they set: ``f`` the forget valve, ``i`` the new-memory valve, ``g`` the new
memory, ``o`` the output valve. Each has weights ``W`` over the input, ``R`` over the last output, ``b`` a bias, and,
where the unit has a peephole, ``P`` over the memory. The new memory never looks at the memory: there is no ``P_g``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.peepholes import AXES, PEEPHOLES, kind_of

__all__ = ["PEEPHOLES", "UnitWeights"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class UnitWeights:
    """The weights of one unit: input size I, hidden size H. Copied when handed in, and read-only after that.

    Parameters
    ----------
    W_f, W_i, W_g, W_o : array (H, I)
        Weights over the input x_t.
    R_f, R_i, R_g, R_o : array (H, H)
        Weights over the last output h_prev.
    P_f, P_i, P_o : None, array (H,) or array (H, H)
        The peephole: weights over the memory. All None ("none"), one weight per element ("diagonal"), or a matrix
        ("full"). The forget and new-memory valves look at c_prev, the output valve at c_t.
    b_f, b_i, b_g, b_o : array (H,)
        Biases.

    Raises
    ------
    TypeError
        If an array does not hold floating-point numbers, or the dtypes differ.
    ValueError
        If a shape does not fit, the three P are not of one kind, or a number is NaN or infinite.

    Notes
    -----
    Sources: "diagonal" is the peephole of Graves (2013) and ONNX, and that of Gers and Schmidhuber (2000) where a block
    has one cell; "full" is the one-layer network over h, x and C that Shi Yan's article describes (2016).
    """

    W_f: Array
    R_f: Array
    P_f: Array | None = None
    b_f: Array
    W_i: Array
    R_i: Array
    P_i: Array | None = None
    b_i: Array
    W_g: Array
    R_g: Array
    b_g: Array
    W_o: Array
    R_o: Array
    P_o: Array | None = None
    b_o: Array

    def __post_init__(self) -> None:
        for name, value in vars(self).copy().items():
            if value is not None:
                array = checks.floats(name, value).copy()
                array.flags.writeable = False
                object.__setattr__(self, name, array)
            elif name[0] != "P":
                raise ValueError(f"{name}: expected an array, got None")
        if self.W_f.ndim != 2 or 0 in self.W_f.shape:
            raise ValueError(f"W_f: expected shape (H, I), both at least 1, got {self.W_f.shape}")
        meanings, sizes = _shapes(self.peephole), {"H": self.hidden_size, "I": self.input_size}
        for name, meaning in meanings.items():
            array = getattr(self, name)
            if array is None:
                raise ValueError(f"{name}: expected a {self.peephole} peephole like P_f, got None")
            checks.shape(name, array, tuple(sizes[axis] for axis in meaning), f"({', '.join(meaning)})")
            checks.floats(name, array, self.dtype)
            checks.finite(name, array)
        for name in ("P_i", "P_o"):
            if name not in meanings and getattr(self, name) is not None:
                raise ValueError(f"{name}: expected None like P_f, got shape {getattr(self, name).shape}")

    def __reduce__(self) -> tuple[Any, ...]:
        return UnitWeights.from_dict, (self.to_dict(),)

    def __repr__(self) -> str:
        sizes = f"input_size={self.input_size}, hidden_size={self.hidden_size}"
        return f"UnitWeights({sizes}, peephole={self.peephole!r}, dtype={self.dtype})"

    @property
    def input_size(self) -> int:
        """I, the length of x_t."""
        return self.W_f.shape[1]

    @property
    def hidden_size(self) -> int:
        """H, the length of the memory and of the output."""
        return self.W_f.shape[0]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The one dtype of all weights."""
        return self.W_f.dtype

    @property
    def peephole(self) -> str:
        """Which kind of peephole the unit has, as "none", "diagonal" or "full"."""
        return kind_of(self.P_f)

    @property
    def count(self) -> int:
        """How many numbers the unit has to learn."""
        return sum(array.size for array in self.to_dict().values())

    def to_dict(self) -> dict[str, Array]:
        """Return the weights as a dict from name to array, without the P that are None."""
        return {name: array for name, array in vars(self).items() if array is not None}

    @classmethod
    def from_dict(cls, named: Mapping[str, Array]) -> Self:
        """Return the weights that `named`, a dict from name to array, holds.

        Raises
        ------
        ValueError
            If a name is missing or unknown; else as for the class.
        """
        if not isinstance(named, Mapping):
            raise TypeError(f"named: expected a dict from name to array, got {type(named).__name__}")
        known = {field.name for field in fields(cls)}
        missing = sorted(known - set(named) - {"P_f", "P_i", "P_o"})
        unknown = sorted(set(named) - known)
        if missing or unknown:
            raise ValueError(f"named: expected the names of UnitWeights, got missing {missing}, unknown {unknown}")
        return cls(**named)

    def stack(self, kind: str, order: str) -> Array:
        """Return the arrays of one kind, one network under the other.

        Parameters
        ----------
        kind : {"W", "R", "P", "b"}
        order : str
            The networks from top to bottom, as `lstm_ref.gates.ORDERS` has them.

        Returns
        -------
        array
            With n networks, (n * H, I) for W, (n * H, H) for R and a full P, (n * H,) for b and a diagonal P.

        Raises
        ------
        ValueError
            If the unit has no such array.
        """
        checks.one_of("kind", kind, "WRPb")
        if not isinstance(order, str):
            raise TypeError(f"order: expected a text of networks, got {type(order).__name__}")
        missing = [network for network in order if f"{kind}_{network}" not in self.to_dict()]
        if missing or not order:
            raise ValueError(f"order: expected networks with an array {kind}, got {missing} in {order!r}")
        return np.concatenate([getattr(self, f"{kind}_{network}") for network in order])

    def replace(self, **changes: Any) -> Self:
        """Return UnitWeights with some arrays changed, as in ``weights.replace(b_f=new)``; errors as for the class."""
        return replace(self, **changes)

    @classmethod
    def zeros(cls, input_size: int, hidden_size: int, peephole: str = "none", dtype: DTypeLike = np.float64) -> Self:
        """Return UnitWeights that are all zero, to be set by hand; arguments and errors as for `random`."""
        dtype = checks.float_type("dtype", dtype)
        return cls(**_draw(input_size, hidden_size, peephole, lambda shape: np.zeros(shape, dtype)))

    @classmethod
    def random(
        cls,
        input_size: int,
        hidden_size: int,
        peephole: str = "none",
        *,
        rng: np.random.Generator,
        forget_bias: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """Draw weights to start a training from.

        Every number comes from the uniform distribution between -1/sqrt(H) and 1/sqrt(H), array by array in the order
        of the class; then every element of b_f is set to `forget_bias`.

        Parameters
        ----------
        input_size, hidden_size : int
            I and H, at least 1.
        peephole : {"none", "diagonal", "full"}
        rng : numpy.random.Generator
            Where the numbers come from. One generator for several units gives each its own weights.
        forget_bias : float
            1 leaves the valve about 0.73 open before anything is learnt (Jozefowicz et al. 2015).
        dtype : floating-point dtype

        Returns
        -------
        UnitWeights

        Raises
        ------
        TypeError
            If `rng` is not a Generator, or `dtype` not one of floating-point numbers.
        ValueError
            If a size is below 1, the peephole unknown, or the bias not a finite number.
        """
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng: expected a numpy.random.Generator, got {type(rng).__name__}")
        dtype, forget_bias = checks.float_type("dtype", dtype), checks.number("forget_bias", forget_bias)

        def draw(shape: tuple[int, ...]) -> Array:
            return (rng.uniform(-1, 1, shape) / np.sqrt(hidden_size)).astype(dtype)

        named = _draw(input_size, hidden_size, peephole, draw)
        named["b_f"] = np.full(hidden_size, forget_bias, dtype)
        return cls(**named)


def _shapes(peephole: str) -> dict[str, tuple[str, ...]]:
    """Return the axes of every array of a unit, by name."""
    checks.one_of("peephole", peephole, PEEPHOLES)
    axes = {"W": ("H", "I"), "R": ("H", "H"), "b": ("H",), "P": AXES[peephole]}
    names = (field.name for field in fields(UnitWeights))
    return {name: axes[name[0]] for name in names if axes[name[0]]}


def _draw(
    input_size: int, hidden_size: int, peephole: str, draw: Callable[[tuple[int, ...]], Array]
) -> dict[str, Array]:
    """Return every array of a unit as `draw(shape)` makes it, by name."""
    sizes = {"I": input_size, "H": hidden_size}
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
        checks.whole_number(name, size, 1)
    checks.memory("input_size, hidden_size", 8 * 4 * hidden_size * (input_size + hidden_size))
    return {name: draw(tuple(sizes[axis] for axis in axes)) for name, axes in _shapes(peephole).items()}
