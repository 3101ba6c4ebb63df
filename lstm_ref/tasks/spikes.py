"""Timed spikes: put out 1 at every F-th step without any input; and delays: tell F steps between two spikes from F + 1.

Source: Gers, Schraudolph and Schmidhuber (2002), "generating timed spikes" and "measuring spike delays".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits, fresh, lasting
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
    score_is: ClassVar[str] = "steps before the first error"
    after_error: ClassVar[int | None] = 3
    start: ClassVar[dict[str, float]] = {"b_f": -2.0, "b_i": 0.0, "b_o": 2.0, "R": 0.5, "P": 0.1, "read_out": 5.0}
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 4, "steps": 5000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        whole_number("every", self.every, 2, MOST)

    @checked
    def batch(self, rng: np.random.Generator | None = None, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x (T, 1, 1) and the target (T, 1, 1), T = 5 F."""
        T = 5 * self.every
        return Batch(np.zeros((T, 1, 1), np.float32), self.target(T)[:, None, None], np.ones((T, 1), np.float32)), None

    @checked
    def target(self, T: int) -> Array:
        """Return the target of each of T steps, (T,)."""
        whole_number("T", T, 1, MOST)
        return (np.arange(1, T + 1) % self.every == 0).astype(np.float32)

    @checked
    def first_error(self, answer: Answer, T: int) -> int:
        """Return the number of steps that a model gets right before its first error of 0.49 or more; T if none."""
        target = self.target(T)
        logits, _ = answer(np.zeros((T, 1, 1), np.float32))
        wrong = np.abs(sigmoid(logits[:, 0, 0]) - target) >= 0.49
        return int(wrong.argmax()) if wrong.any() else T

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator | None = None, count: int = 100_000) -> Measure:
        """Solved: right for `count` steps from an empty memory. The score is how many come before the first error."""
        fresh(count)
        right = self.first_error(answer, min(1000, count))
        if right == 1000 < count:
            right = self.first_error(answer, count)
        return Measure(float(right), right == count)


@dataclass(frozen=True)
class Delays(Task):
    """A stream of spikes, each F or F + 1 steps after the one before: at each, was it the longer time?

    The input is 1 at a spike and 0 else; the first step has a spike. Only the answers at the spikes after it count. The
    paper's abstract speaks of 49 steps and 50, with no shorter ones to learn from.

    Parameters
    ----------
    every : int
        F, at least 2.
    spikes : int
        How many times to tell apart there are in a training sequence.
    batch_size : int
    """

    every: int = 49
    spikes: int = 3
    batch_size: int = 16

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "marks"
    score_is: ClassVar[str] = "the share of times that are told"
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 4, "steps": 5000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        whole_number("every", self.every, 2, MOST)
        whole_number("spikes", self.spikes, 1, MOST)
        batch_fits(self.batch_size, every=self.every, spikes=self.spikes)

    @property
    def start(self) -> dict[str, float]:
        """Valves at which a memory lasts from spike to spike: see `lstm_ref.tasks.task.lasting`."""
        return lasting(self.every + 1)

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x and the target (T, B, 1); the weight (T, B) is 1 at spikes after the first."""
        return self.draw(rng, self.spikes, self.batch_size), None

    @checked
    def draw(self, rng: np.random.Generator, spikes: int, B: int) -> Batch:
        """Return a `Batch` of B streams with so many spikes after the first."""
        longer = rng.integers(0, 2, (spikes, B))
        at, each = np.cumsum(self.every + longer, axis=0), np.arange(B)
        x, target = (np.zeros((at.max() + 1, B, 1), np.float32) for _ in range(2))
        x[at, each] = 1
        weight = x[:, :, 0].copy()
        target[at, each, 0] = longer
        x[0] = 1
        return Batch(x, target, weight)

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 1000) -> Measure:
        """Solved: every one of `count` times in one stream is told, to an error under 0.49. The score is the share."""
        fresh(count)
        x, target, weight = self.draw(rng, count, 1)
        logits, _ = answer(x)
        right = (np.abs(sigmoid(logits) - target) < 0.49)[weight == 1]
        return Measure(float(right.mean()), bool(right.all()))
