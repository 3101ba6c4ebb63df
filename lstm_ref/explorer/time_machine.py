"""The unit's diagram at every step of a sequence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from traitlets import Bool, Bunch, Enum, Int, List, Unicode, validate

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.data import MONTHS
from lstm_ref.diagrams import Diagram, draw
from lstm_ref.diagrams.evaluate import trace_signals
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.sequence import Trace
from lstm_ref.signatures import checked
from lstm_ref.weights import UnitWeights

STYLES = ("pipe", "cell")


class TimeMachine(Figure):
    """The unit at one step of a trace, with controls to go through the steps.

    Parameters
    ----------
    trace : lstm_ref.Trace
        Of one sequence.
    times : array (T,) of datetime64, optional
        When each step is; steps are numbered from 0 unless given.
    weights : lstm_ref.UnitWeights, optional
        Those of the trace: with them the boxes' sums and the biases are shown as well.

    Attributes
    ----------
    t : int
        The step on show; one that the trace does not have raises IndexError. This and the two below can be set, and
        follow what is done in the figure.
    style : {"pipe", "cell"}
    playing : bool
        Whether the figure goes on by itself; it stops at the last step.

    Raises
    ------
    TypeError
        If `trace` is no Trace, or `times` are not datetime64.
    ValueError
        If the trace is batched or has numbers that are not finite, or there is not one time for each step.
    """

    _esm = script("marks", "controls", "time_machine")
    signals = Unicode().tag(sync=True)
    labels: List[str] = List().tag(sync=True)
    t = Int().tag(sync=True)
    style = Enum(STYLES, "pipe").tag(sync=True)
    playing = Bool().tag(sync=True)

    @checked
    def __init__(self, trace: Trace, times: ArrayLike | None = None, weights: UnitWeights | None = None) -> None:
        self._trace, self._weights = trace, weights
        drawings = {style: draw(style, trace=trace, weights=weights).svg for style in STYLES}
        super().__init__()
        self.labels = _labels(len(trace), times)
        values = trace_signals(trace, weights)
        self.signals = json.dumps({name: _nine_digits(array) for name, array in values.items()}, separators=(",", ":"))
        self.pictures = drawings

    @validate("t")
    def _is_step(self, proposal: Bunch) -> int:
        t: int = proposal["value"]
        if not 0 <= t < len(self._trace):
            raise IndexError(f"t: expected a step of {len(self._trace)}, got {t}")
        return t

    def __repr__(self) -> str:
        I, H = self._trace.x_t.shape[1], self._trace.c_t.shape[1]
        return f"TimeMachine({len(self._trace)} steps, I={I}, H={H})"

    def _diagram(self) -> Diagram:
        return draw(self.style, trace=self._trace, t=self.t, weights=self._weights)


def _labels(T: int, times: ArrayLike | None) -> list[str]:
    """Return what each step is called."""
    if times is None:
        return [f"step {t}" for t in range(T)]
    times = checks.plain("times", times, "dates (datetime64)")
    if not np.issubdtype(times.dtype, np.datetime64):
        raise TypeError(f"times: expected datetime64, got {times.dtype}")
    checks.shape("times", times, (T,), "(T,)")
    if np.isnat(times).any():
        raise ValueError(f"times: expected dates, got NaT at {int(np.isnat(times).argmax())}")
    if times.dtype == np.dtype("datetime64[M]"):
        return [f"{MONTHS[month % 12]} {1970 + month // 12}" for month in times.astype(int).tolist()]
    return [str(time) for time in times]


def _nine_digits(array: Array) -> list[Any]:
    """Return an array (H,) or (T, H) as lists of numbers of nine digits."""
    return [_nine_digits(row) if array.ndim > 1 else float(f"{row:.9g}") for row in array]
