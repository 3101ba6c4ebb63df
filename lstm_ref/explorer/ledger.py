"""One element of the shop's ledger over some years, alive: what sets its valve can be turned."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import ArrayLike
from traitlets import Bunch, Enum, Float, Unicode, validate

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams import Diagram
from lstm_ref.diagrams.step_chart import Row, step_chart
from lstm_ref.diagrams.values import Elements
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.sequence import Trace, unroll
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import number
from lstm_ref.weights import UnitWeights

SCALE = 1e-10
"""What one unit of money becomes as an input; it is small, so that tanh hardly changes it."""
DRIVE, WIDTH = 30.0, 1000.0
"""What opens a valve wide, and how far above its threshold the output valve has that much."""
LIMITS = {"b_f": (0.0, 30.0), "W_f": (-60.0, 0.0), "threshold": (0.0, 400_000.0)}


class Ledger(Figure):
    """The yearly total of some sales in one element of memory, with sliders for what sets one of its valves.

    Parameters
    ----------
    sales : array (T,)
        Of whole years, from a January on.
    valve : {"forget", "output"}
        The forget valve has a bias and a weight for January; the output valve opens where the memory, which it sees
        through a peephole, passes a threshold.
    first : int
        The first year.

    Attributes
    ----------
    b_f, W_f, threshold : float
        Bias and January's weight of the forget valve, and the threshold in the money of the sales. They can be set, and
        follow what is done in the figure.

    Raises
    ------
    ValueError
        If there are no whole years of sales, or a number is out of its slider's range.
    """

    _esm = script("unit", "marks", "controls", "ledger")
    sales = Unicode(read_only=True).tag(sync=True)  # as JSON, which a notebook keeps on one line
    valve = Enum(("forget", "output"), "forget", read_only=True).tag(sync=True)
    b_f = Float(DRIVE).tag(sync=True)
    W_f = Float(-2 * DRIVE).tag(sync=True)
    threshold = Float(100_000.0).tag(sync=True)

    @checked
    def __init__(self, sales: ArrayLike, valve: str = "forget", first: int = 1991) -> None:
        sales = checks.numbers("sales", sales, ndim=1)
        if sales.size % 12:
            raise ValueError(f"sales: expected 12 numbers for each year, got the shape {sales.shape}")
        checks.finite("sales", sales)
        checks.one_of("valve", valve, ("forget", "output"))
        checks.whole_number("first", first, 1, 9000)
        super().__init__()
        self._first = first
        self._sales = sales
        self.set_trait("sales", json.dumps(sales.tolist()))
        self.set_trait("valve", valve)
        self.pictures = {"ledger": self._diagram().svg}

    @validate("b_f", "W_f", "threshold")
    def _is_in_range(self, proposal: Bunch) -> float:
        name, value = proposal["trait"].name, float(proposal["value"])
        checks.within(name, value, *LIMITS[name])
        return value

    @property
    def trace(self) -> Trace:
        """What the unit (I = 2, H = 1) does; its inputs are the sales times 1e-10, and 1 in each January."""
        months = np.arange(len(self._sales))
        x = np.stack([SCALE * self._sales, months % 12 == 0], axis=1)
        weights = UnitWeights.zeros(2, 1, "diagonal").replace(
            W_f=np.array([[0.0, self.W_f]]),
            b_f=np.array([self.b_f]),
            b_i=np.array([DRIVE]),
            W_g=np.array([[1.0, 0.0]]),
            P_o=np.array([DRIVE / WIDTH / SCALE]),
            b_o=np.array([-DRIVE / WIDTH * self.threshold]),
        )
        return unroll(weights, x)

    def __repr__(self) -> str:
        return f"Ledger(years={len(self._sales) // 12}, valve={self.valve!r})"

    def _diagram(self) -> Diagram:
        trace, T = self.trace, len(self._sales)
        memory, output = trace.c_t[:, 0] / SCALE, trace.h_t[:, 0] / SCALE
        sums = np.cumsum(np.reshape(self._sales, (-1, 12)), axis=1).ravel()
        layers: dict[str, Elements] = {"c_t": memory}
        if self.valve == "forget":
            opening, words, layers["sums"] = {"f_t": trace.f_t[:, 0]}, "memory; outlined: the year's sales so far", sums
        else:
            opening, words = {"o_t": trace.o_t[:, 0]}, "memory; red: output; line: threshold"
            layers |= {"h_t": output, "level": [self.threshold]}
        # Without a valve that shuts, the memory comes to the sum of all years.
        limit = 1e5 * np.ceil((sums.max() if self.valve == "output" else self._sales.sum()) / 1e5)
        ticks = {height: number(height) for height in (0.0, limit / 2, limit)}
        rows = [
            Row(f"opening of the {self.valve} valve", opening, full=36),
            Row(words, layers, limit, 120, ticks),
        ]
        labels = {t: str(self._first + t // 12) for t in range(6, T, 12)}
        marks, height = step_chart(rows, 0, labels, T, "month")
        title = f"The ledger's memory, and its {self.valve} valve"
        return Diagram(marks, (520, height), title, self._alt(memory, output, sums))

    def _alt(self, memory: Array, output: Array, sums: Array) -> str:
        """Say what each year comes to."""
        if self.valve == "forget":
            said = f"A forget valve with the bias {number(self.b_f)} and the weight {number(self.W_f)} for January"
            shown, words = (memory, sums), "memory in December {}, sales of the year {}"
        else:
            said = f"An output valve that opens where the memory passes {number(self.threshold)}"
            shown, words = (memory, output), "memory in December {}, output {}"
        ends = zip(*(values[11::12] for values in shown))
        years = (f"{self._first + k}: {words.format(*map(number, pair))}" for k, pair in enumerate(ends))
        return f"{said}, month by month. {'; '.join(years)}."
