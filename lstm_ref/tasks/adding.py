"""The adding problem: remember two marked numbers among many, and give their sum at the end.

Sources: Hochreiter and Schmidhuber (1997), experiment 4; for marks anywhere Le, Jaitly and Hinton (2015), and Bai,
Kolter and Koltun (2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, Integers, one_of, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits, fresh, last_step, lasting

VARIANCE = 1 / 24
"""That of the target: the mean squared error of the constant answer 0.5."""


@dataclass(frozen=True)
class Adding(Task):
    """Each step brings a number from -1 to 1 and a mark. The target, at the end, is 0.5 + (X1 + X2) / 4.

    X1 and X2 are the numbers that the mark 1 stands beside; the first and the last step have the mark -1. The length is
    drawn from T to 1.1 T, once for a batch; in the paper once for a sequence.

    Parameters
    ----------
    T : int
        The shortest length, at least 20.
    marks : {"early", "anywhere"}
        Where the two marks are. "early", as in 1997: one in the first 10 steps, the other before step T/2 - 1, and
        success is judged by every single error. "anywhere", as later papers have it: at any two steps between the first
        and the last, so that some lie close to the end, and success is judged by the mean squared error.
    batch_size : int
    """

    T: int = 100
    marks: str = "early"
    batch_size: int = 32

    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "squared"
    score_is: ClassVar[str] = "the share of sequences that are right"
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 32, "steps": 4000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        whole_number("T", self.T, 20, MOST)
        one_of("marks", self.marks, ("early", "anywhere"))
        batch_fits(self.batch_size, T=self.T)

    @property
    def start(self) -> dict[str, float]:
        """Valves at which a memory lasts for about T steps: see `lstm_ref.tasks.task.lasting`."""
        return lasting(self.T)

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x (T, B, 2), the target (T, B, 1)."""
        return self._draw(rng, self.batch_size), None

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 2000) -> Measure:
        """Solved: in `count` fresh sequences every error is below 0.04 and the mean is below 0.01.

        The score is the share of sequences that are right. The paper asks it of the last 2,000 training sequences. With
        marks anywhere: the score is 1 less the mean squared error as a share of that of the best constant answer, and a
        score of 0.99 is success.
        """
        errors = self._fresh_errors(answer, rng, count)
        if self.marks == "anywhere":
            explained = 1 - float(np.square(errors).mean()) / VARIANCE
            return Measure(explained, explained >= 0.99)
        return Measure(float((errors < 0.04).mean()), bool(errors.max() < 0.04 and errors.mean() < 0.01))

    def _fresh_errors(self, answer: Answer, rng: np.random.Generator, count: int) -> Array:
        """Return the errors in `count` fresh sequences, 500 of them side by side."""
        fresh(count)
        errors = []
        for begin in range(0, count, 500):
            x, target, _ = self._draw(rng, min(500, count - begin))
            outputs, _ = answer(x)
            errors.append(np.abs(outputs[-1, :, 0] - target[-1, :, 0]))
        return np.concatenate(errors)

    def _draw(self, rng: np.random.Generator, B: int) -> Batch:
        T = int(rng.integers(self.T, self.T + self.T // 10 + 1))
        x, target, each = np.zeros((T, B, 2), np.float32), np.zeros((T, B, 1), np.float32), np.arange(B)
        x[:, :, 0] = rng.uniform(-1, 1, (T, B))
        first, second = self._places(rng, T, B)
        x[0, first == 0, 0] = 0
        x[[0, -1], :, 1] = -1
        x[first, each, 1] = x[second, each, 1] = 1
        x[0, second == 0, 0] = 0
        target[-1, :, 0] = 0.5 + (x[first, each, 0] + x[second, each, 0]) / 4
        return Batch(x, target, last_step(T, B))

    def _places(self, rng: np.random.Generator, T: int, B: int) -> tuple[Integers, Integers]:
        """Return the steps of the two marks, each (B,)."""
        if self.marks == "early":
            first, second = rng.integers(0, 10, B), rng.integers(0, self.T // 2 - 2, B)
        else:
            first, second = rng.integers(1, T - 1, B), rng.integers(1, T - 2, B)
        return first, second + (second >= first)
