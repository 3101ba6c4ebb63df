"""The unit over a whole sequence: `unroll` carries it through every step and keeps every signal.

The same arithmetic as `lstm_ref.unit.step`, arranged to be fast in `lstm_ref.engines`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array, Integers
from lstm_ref.engines import numpy_engine
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.unit import Step, check_weights
from lstm_ref.weights import UnitWeights

__all__ = ["Trace", "unroll"]


@dataclass(frozen=True, eq=False)
class Trace:
    """Every signal at every step: x_t is (T, I) or (T, B, I), every other one (T, H) or (T, B, H); read-only.

    `weights` are those of the unit that made it, or None if that is not known; `lengths` (B,) says how many steps each
    sequence of a batch has, or is None if all have T. Past its end a sequence's forget valve is open, its other two
    valves are shut: the memory flows on as it is, and the output is zero.

    ``len(trace)`` is T and ``trace[t]`` is that step's `lstm_ref.unit.Step`. The whole number t may be negative,
    to count from the end; a slice raises TypeError.
    """

    x_t: Array
    h_prev: Array
    c_prev: Array
    f_t: Array
    i_t: Array
    g_t: Array
    o_t: Array
    c_t: Array
    h_t: Array
    weights: UnitWeights | None = None
    lengths: Integers | None = None

    def __post_init__(self) -> None:
        if self.weights is not None:
            check_weights(self.weights)
        shape = checks.floats("h_t", self.h_t).shape
        if len(shape) not in (2, 3):
            raise ValueError(f"h_t: expected shape (T, H) or (T, B, H), got {shape}")
        for name in Step._fields:
            array = checks.floats(name, getattr(self, name)).view()
            expected = (*shape[:-1], *array.shape[-1:]) if name == "x_t" else shape
            checks.shape(name, array, expected, "(T, H) or (T, B, H), with I in place of H for x_t,")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.lengths is not None:
            lengths = _lengths(self.lengths, self.x_t)
            lengths.flags.writeable = False
            object.__setattr__(self, "lengths", lengths)

    @property
    def peephole(self) -> str:
        """The kind of peephole that the unit has, "none", "diagonal" or "full"; "none" if its weights are not known."""
        return "none" if self.weights is None else self.weights.peephole

    def __len__(self) -> int:
        return len(self.x_t)

    def __getitem__(self, t: int) -> Step:
        _expect_place("t", t, len(self))
        return Step(*(getattr(self, name)[t] for name in Step._fields))

    def sequence(self, b: int) -> "Trace":
        """Return the trace of sequence b of a batch, without the batch axis and without what stands past its end.

        Raises
        ------
        TypeError
            If b is no whole number.
        ValueError
            If there is no batch axis.
        IndexError
            If there is no such sequence.
        """
        if self.x_t.ndim != 3:
            raise ValueError(f"b: expected a trace of a batch, x_t of shape (T, B, I), got {self.x_t.shape}")
        _expect_place("b", b, self.x_t.shape[1])
        T = None if self.lengths is None else self.lengths[b]
        return Trace(**{name: getattr(self, name)[:T, b] for name in Step._fields}, weights=self.weights)

    def element(self, k: int) -> "Trace":
        """Return the trace of element k of the memory alone, every signal but x_t (T, 1) or (T, B, 1).

        It does not know its weights: what sets its valves are all elements of the input and of the last output.

        Raises
        ------
        TypeError
            If k is no whole number.
        IndexError
            If there is no such element.
        """
        _expect_place("k", k, self.h_t.shape[-1])
        one = {name: getattr(self, name)[..., [k]] for name in Step._fields if name != "x_t"}
        return Trace(x_t=self.x_t, **one, lengths=self.lengths)


def unroll(
    weights: UnitWeights,
    x: ArrayLike,
    h0: ArrayLike | None = None,
    c0: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
) -> Trace:
    """Carry the unit through a sequence.

    Parameters
    ----------
    weights : UnitWeights
    x : array (T, I) or (T, B, I)
        The input of every step, of the weights' dtype; T at least 1. NaN and infinity pass through as NumPy has it.
    h0, c0 : array (H,) or (B, H), optional
        The output and the memory before the first step; zero unless given.
    lengths : array (B,) of whole numbers from 1 to T, optional
        How many steps each sequence of a batch has; T unless given. What x holds past a sequence's end is not used,
        and stands as zero in the trace.

    Returns
    -------
    Trace

    Raises
    ------
    TypeError
        If the dtype of x, h0 or c0 is not that of the weights, or the lengths are not whole numbers.
    ValueError
        If a shape or rank does not fit, there is no step, or a length is not from 1 to T.
    """
    check_weights(weights)
    x = checks.floats("x", x, weights.dtype).copy()
    if x.ndim not in (2, 3) or x.shape[-1] != weights.input_size or 0 in x.shape:
        expected = f"(T, I) or (T, B, I) with I = {weights.input_size}, T and B at least 1"
        raise ValueError(f"x: expected {expected}, got {x.shape}")
    ends = None
    if lengths is not None:
        ends = _lengths(lengths, x)
        x[np.arange(len(x))[:, None] >= ends] = 0
    h0, c0 = (_start(name, given, weights, x) for name, given in (("h0", h0), ("c0", c0)))
    nets, h, c = numpy_engine.forward(x if x.ndim == 3 else x[:, None], h0, c0, *stacked(weights), ends)
    i, f, g, o = np.moveaxis(nets, 2, 0)
    step = Step(x, h[:-1], c[:-1], f, i, g, o, c[1:], h[1:])
    if x.ndim == 2:
        step = Step(x, *(signal[:, 0] for signal in step[1:]))
    return Trace(*step, weights=weights, lengths=ends)


def stacked(weights: UnitWeights) -> tuple[Array, Array, Array, Array | None]:
    """Return W (4H, I), R (4H, H), b (4H,) and P (3, H), (3, H, H) or None, as the engines take them."""
    W, R, b = (weights.stack(kind, ORDERS["torch"]) for kind in "WRb")
    if weights.P_f is None:
        return W, R, b, None
    return W, R, b, weights.stack("P", LOOKING["torch"]).reshape(3, *weights.P_f.shape)


def reversal(t: Any, lengths: Any) -> Any:
    """Return (T, B): from where each step comes when every sequence of a batch is reversed within its length.

    t (T, 1) counts the steps, and lengths (B,) are whole numbers; both are arrays, or both tensors. What stands past a
    sequence's end stays. Twice is as before.
    """
    return t + (t < lengths) * (lengths - 1 - 2 * t)


def _start(name: str, given: ArrayLike | None, weights: UnitWeights, x: Array) -> Array:
    """Check the output or the memory before the first step of x; return it as (B, H)."""
    expected = (*x.shape[1:-1], weights.hidden_size)
    start = np.zeros(expected, weights.dtype) if given is None else checks.floats(name, given, weights.dtype)
    checks.shape(name, start, expected, "(B, H)" if x.ndim == 3 else "(H,)")
    return start.reshape(-1, weights.hidden_size)


def _lengths(given: ArrayLike, x: Array) -> Integers:
    """Check the lengths of x (T, B, I); return a copy of them."""
    lengths = checks.integers("lengths", given, 1, len(x))
    if x.ndim != 3:
        raise ValueError(f"lengths: expected None for one sequence, x of shape {x.shape}, got {lengths}")
    checks.shape("lengths", lengths, x.shape[1:2], "(B,)")
    return lengths.copy()


def _expect_place(name: str, place: object, length: int) -> None:
    """Raise TypeError unless `place` is a whole number, and IndexError unless it is one of so many places."""
    if not isinstance(place, (int, np.integer)) or isinstance(place, bool):
        raise TypeError(f"{name}: expected a whole number, got {type(place).__name__}")
    if not -length <= place < length:
        raise IndexError(f"{name}: expected one of {length}, got {place}")
