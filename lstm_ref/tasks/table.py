"""A column of a table of your own: forecast its next values from those so far."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, Integers, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks import columns, own_file
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits

SHARE = 0.15
"""Which share of the rows is for validation, and which for the test after it."""

RIDGE = 1e-2
"""How much the window's weights are held down, beside inputs of variance 1."""


@dataclass(frozen=True)
class Table(Task):
    """The next `horizon` values of a column, at every row, from it and from further columns so far.

    The rows are in the order of time: the first are trained on, the next 15 % validate, the last 15 % test. What a
    model reads is standardised by the training rows: the value, how it differs from a season before, and the further
    columns. What it answers is how each value to come differs from the last known one of the same season, in standard
    deviations of such differences; so the answer 0 is "same as last season".

    Parameters
    ----------
    file : str
        A table with a header, its cells apart by commas, semicolons or tabs.
    column : str
        The name of the column to forecast.
    horizon : int
        How many rows ahead.
    season : int
        After how many rows the column is alike; the horizon unless given.
    further : str
        The names of further columns to read, with commas between them.
    T : int
        How many rows make a window for training.
    batch_size : int
        How many windows make a batch.
    checksum : str
        That of the file when a run began; a file that has changed since brings a warning.
    """

    file: str = ""
    column: str = ""
    horizon: int = 1
    season: int = 0
    further: str = ""
    T: int = 0
    batch_size: int = 32
    checksum: str = ""

    loss: ClassVar[str] = "squared"
    loss_is: ClassVar[str] = "squared error of standardised differences, summed over the horizon"
    score_is: ClassVar[str] = 'share of the squared error of "same as last season" that is avoided in validation'
    defaults: ClassVar[dict[str, Any]] = {
        "hidden_size": 16,
        "steps": 1000,
        "learning_rate": 0.005,
        "precision": "float32",
    }

    def __post_init__(self) -> None:
        for name in ("file", "column", "further", "checksum"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name}: expected a text, got {type(getattr(self, name)).__name__}")
        whole_number("horizon", self.horizon, 1, MOST)
        whole_number("season", self.season, 0, MOST)
        whole_number("T", self.T, 0, MOST)
        object.__setattr__(self, "season", self.season or self.horizon)
        columns.read(self.file, self.column)
        object.__setattr__(self, "checksum", own_file.checksum(self.file, self.checksum))
        rows, needed = len(self.values), self._least()
        if rows < needed or self.ends[0] < self.season + self.horizon + 4:
            needed = max(needed, rows + 1)
            wanted = f"at least {needed} rows for horizon={self.horizon} and season={self.season}"
            mend = "a shorter horizon or season needs fewer"
            raise ValueError(f"file: expected {wanted}, got {rows} in {self.file!r}; {mend}")
        most = self.ends[0] - self.season - self.horizon
        object.__setattr__(self, "T", self.T or min(max(2 * self.season, 24), most))
        if most < self.T:
            raise ValueError(f"T: expected at most {most}, so many training rows there are, got {self.T}")
        batch_fits(self.batch_size, T=self.T, numbers=self.input_size + self.output_size)
        for name in self._further:
            columns.read(self.file, name, "further")

    @property
    def options(self) -> dict[str, Any]:
        """What makes this task again."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return own | {"file": str(Path(self.file).absolute())}

    @property
    def compared_in(self) -> str:
        """What errors are measured in."""
        return f"{self.column}, mean absolute error"

    @property
    def kept(self) -> str:
        """What is kept for the test."""
        return f"rows {self.ends[1] + 1} to {self.ends[2]}, kept for the test"

    @functools.cached_property
    def values(self) -> Array:
        """The column, (N,)."""
        return columns.read(self.file, self.column)

    @property
    def ends(self) -> tuple[int, int, int]:
        """How many rows there are for training; for this and validation; and in all."""
        rows = len(self.values)
        part = max(int(SHARE * rows), self.horizon + 2)
        return rows - 2 * part, rows - part, rows

    @property
    def input_size(self) -> int:
        """The value, its difference from a season before, and the further columns."""
        return 2 + len(self._further)

    @property
    def output_size(self) -> int:
        """The horizon."""
        return self.horizon

    def _least(self) -> int:
        """Return how many rows make every part long enough."""
        training = self.season + self.horizon + 4
        rows = training + 2 * (self.horizon + 2)
        while rows - 2 * int(SHARE * rows) < training:
            rows += 1
        return rows

    @property
    def _further(self) -> list[str]:
        return [name.strip() for name in self.further.split(",") if name.strip()]

    def base(self, rows: Integers) -> Array:
        """Return (len(rows), horizon): at each row, the last known value of the season of each value to come."""
        ahead = np.arange(1, self.horizon + 1)
        return self.values[rows[:, None] + ahead - self.season * -(-ahead // self.season)]

    @functools.cached_property
    def scale(self) -> float:
        """The standard deviation of a value's difference from its base, in training."""
        rows = np.arange(self.season, self.ends[0] - self.horizon)
        return spread(self._ahead(rows) - self.base(rows))

    def _ahead(self, rows: Integers) -> Array:
        return self.values[rows[:, None] + np.arange(1, self.horizon + 1)]

    @functools.cached_property
    def inputs(self) -> Array:
        """What a model reads at each row, (N, I)."""
        training = slice(self.ends[0])
        read = [(self.values - self.values[training].mean()) / spread(self.values[training])]
        read.append((self.values - np.roll(self.values, self.season)) / self.scale)
        for name in self._further:
            other = columns.read(self.file, name)
            read.append((other - other[training].mean()) / spread(other[training]))
        return np.stack(read, axis=1).astype(np.float32)

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` of windows of the training rows and None: x (T, B, I), the target (T, B, horizon)."""
        first = rng.integers(self.season, self.ends[0] - self.horizon - self.T + 1, self.batch_size)
        rows = first + np.arange(self.T)[:, None]
        flat = rows.ravel()
        target = ((self._ahead(flat) - self.base(flat)) / self.scale).astype(np.float32)
        x = self.inputs[rows]
        return Batch(x, target.reshape(*rows.shape, -1), np.ones(rows.shape, np.float32)), None

    @checked
    def forecasts(self, answer: Answer, rows: Integers) -> Array:
        """Return (len(rows), horizon): the values that a model forecasts at each row, having read all rows up to it."""
        outputs, _ = answer(self.inputs[self.season : int(rows.max()) + 1, None])
        return self.base(rows) + self.scale * outputs[rows - self.season, 0].astype(float)

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator | None = None) -> Measure:
        """The score is 1 less the squared error in validation as a share of that of "same as last season".

        Nothing is ever solved: how good is good enough is yours to say.
        """
        rows = self.rows_between(*self.ends[:2])
        missed = np.square(self.forecasts(answer, rows) - self._ahead(rows)).mean()
        naive = np.square(self.base(rows) - self._ahead(rows)).mean()
        return Measure(float(1 - missed / naive) if naive > 0 else float(-missed), False)

    def rows_between(self, begin: int, end: int) -> Integers:
        """Return the rows all of whose values to come lie between two ends."""
        return np.arange(begin - 1, end - self.horizon)

    @checked
    def compare(self, answer: Answer) -> dict[str, float]:
        """Return the mean absolute errors in the test rows: the model's, and those of two simple forecasts.

        "a linear regression" is one of each value to come on the last values, two seasons of them at most, and on the
        further columns of the last row.
        """
        rows = self.rows_between(*self.ends[1:])
        found = {
            "the model": self.forecasts(answer, rows),
            "same as last season": self.base(rows),
            "a linear regression": self.regression(rows),
        }
        return {name: float(np.abs(each - self._ahead(rows)).mean()) for name, each in found.items()}

    def regression(self, rows: Integers) -> Array:
        """Return (len(rows), horizon): what a linear regression forecasts, fitted in training; see `compare`."""
        width = max(1, min(2 * self.season, (self.ends[0] - self.season - self.horizon) // 3))
        mean, deviation = self.values[: self.ends[0]].mean(), spread(self.values[: self.ends[0]])

        def read(at: Integers) -> Array:
            lags = (self.values[at[:, None] - np.arange(width)] - mean) / deviation
            return np.column_stack([lags, self.inputs[at, 2:], np.ones(len(at))])

        past = np.arange(max(self.season, width - 1), self.ends[0] - self.horizon)
        x, y = read(past), (self._ahead(past) - self.base(past)) / self.scale
        weights = np.linalg.solve(x.T @ x + RIDGE * len(past) * np.eye(x.shape[1]), x.T @ y)
        return self.base(rows) + self.scale * (read(rows) @ weights)


def spread(values: Array) -> float:
    """Return the standard deviation, or 1 of numbers that are all the same but for rounding."""
    found = float(values.std())
    return found if found > 1e-9 * float(np.abs(values).max()) else 1.0
