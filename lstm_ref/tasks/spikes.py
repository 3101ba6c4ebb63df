"""Timed spikes: from an input that is always 0, put out 1 at every F-th step and 0 at all others.

Source: Gers, Schraudolph and Schmidhuber (2002), "generating timed spikes".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, whole_number
from lstm_ref.tasks.task import Answer, Batch, Measure, Task
from lstm_ref.unit import sigmoid


@dataclass(frozen=True)
class Spikes(Task):
    """A spike at the steps F, 2F, 3F and so on, counted from 1; the input is 0 throughout.

    Training has one sequence of five spikes. Its loss stops `after_error` steps after the first wrong answer, so that a
    model learns the first spike first.

    Parameters
    ----------
    every : int
        F, at least 2.
    """

    every: int = 10

    batch_size: ClassVar[int] = 1
    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "marks"
    after_error: ClassVar[int | None] = 3
    start: ClassVar[dict[str, float]] = {"b_f": -2.0, "b_i": 0.0, "b_o": 2.0, "R": 0.5, "P": 0.1, "read_out": 5.0}
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 4, "steps": 5000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        whole_number("every", self.every, 2)

    def batch(self, rng: np.random.Generator | None = None, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x (T, 1, 1) and the target (T, 1, 1), T = 5 F."""
        T = 5 * self.every
        return Batch(np.zeros((T, 1, 1), np.float32), self.target(T)[:, None, None], np.ones((T, 1), np.float32)), None

    def target(self, T: int) -> Array:
        """Return the target of each of T steps, (T,)."""
        return (np.arange(1, T + 1) % self.every == 0).astype(np.float32)

    def first_error(self, answer: Answer, T: int) -> int:
        """Return the number of steps that a model gets right before its first error of 0.49 or more; T if none."""
        logits, _ = answer(np.zeros((T, 1, 1), np.float32))
        wrong = np.abs(sigmoid(logits[:, 0, 0]) - self.target(T)) >= 0.49
        return int(wrong.argmax()) if wrong.any() else T

    def measure(self, answer: Answer, rng: np.random.Generator | None = None, count: int = 100_000) -> Measure:
        """Solved: right for `count` steps from an empty memory. The score is how many come before the first error."""
        right = self.first_error(answer, min(1000, count))
        if right == 1000 < count:
            right = self.first_error(answer, count)
        return Measure(float(right), right == count)
