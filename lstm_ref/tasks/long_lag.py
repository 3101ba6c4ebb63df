"""A long time lag: one symbol at the start, many distractors, and at the end: which symbol was it?

Source: Hochreiter and Schmidhuber (1997), experiment 2c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits, fresh, last_step, lasting, softmax

START, TRIGGER, FIRST = 0, 1, 2
"""The symbols at the start and at the end, and the first of the two that are asked for; the distractors follow."""


@dataclass(frozen=True)
class LongLag(Task):
    """A sequence is a start symbol, X or Y, T or more distractors, and a trigger; then the model says which it was.

    After the first T distractors each step brings the trigger with probability 1/10 and else another distractor, once
    for a batch; in the paper once for a sequence. The classes are X and Y, in this order.

    Parameters
    ----------
    T : int
        The least number of distractors between the symbol and the trigger; q in the paper.
    distractors : int
        How many symbols the distractors are drawn from; p in the paper.
    batch_size : int
    """

    T: int = 100
    distractors: int = 100
    batch_size: int = 32

    output_size: ClassVar[int] = 2
    loss: ClassVar[str] = "symbol"
    score_is: ClassVar[str] = "the share of sequences that are right"
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 8, "steps": 2000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        whole_number("T", self.T, 2, MOST)
        whole_number("distractors", self.distractors, 1, MOST)
        batch_fits(self.batch_size, T=self.T, distractors=self.distractors)

    @property
    def input_size(self) -> int:
        """The start symbol, the trigger, X, Y, and the distractors."""
        return 4 + self.distractors

    @property
    def start(self) -> dict[str, float]:
        """Valves at which a memory lasts for about T steps: see `lstm_ref.tasks.task.lasting`."""
        return lasting(self.T)

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x (T, B) symbols, the target (T, B) classes."""
        return self._draw(rng, self.batch_size), None

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 10_000) -> Measure:
        """Solved: in `count` fresh sequences no output is 0.2 or more away from 1 for the right class and 0 else.

        The outputs are probabilities here. The score is the share of sequences that are right; if one of the first
        1,000 is wrong, of these.
        """
        fresh(count)
        right = self._right(answer, rng, min(1000, count))
        if right.all():
            right = np.append(right, self._right(answer, rng, count - len(right)))
        return Measure(float(right.mean()), bool(right.all()))

    def _right(self, answer: Answer, rng: np.random.Generator, count: int) -> Array:
        right = np.zeros(count, bool)
        for begin in range(0, count, 100):
            x, target, _ = self._draw(rng, min(100, count - begin))
            logits, _ = answer(x)
            errors = np.abs(softmax(logits[-1]) - np.eye(2)[target[-1]])
            right[begin : begin + len(errors)] = (errors < 0.2).all(axis=-1)
        return right

    def _draw(self, rng: np.random.Generator, B: int) -> Batch:
        T = self.T + int(rng.geometric(0.1)) + 2
        x = rng.integers(FIRST + 2, self.input_size, (T, B))
        which = rng.integers(0, 2, B)
        x[0], x[1], x[-1] = START, FIRST + which, TRIGGER
        target = np.zeros((T, B), np.int64)
        target[-1] = which
        return Batch(x, target, last_step(T, B))
