"""The multiplication problem: remember two marked numbers among many, and give their product at the end.

Source: Hochreiter and Schmidhuber (1997), experiment 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_ref.signatures import checked
from lstm_ref.tasks.adding import Adding
from lstm_ref.tasks.task import Answer, Batch, Measure, last_step


@dataclass(frozen=True)
class Multiplication(Adding):
    """As `Adding`, but the numbers are from 0 to 1, and the target is X1 X2.

    Where the first step is marked its number is 1.
    """

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 2000) -> Measure:
        """Solved: of `count` fresh sequences fewer than 13 in 2,000 have an error of 0.04 or more.

        The score is the share of sequences that are right. The paper asks it of the last 2,000 training sequences, and
        stops a first time when fewer than 140 are wrong.
        """
        errors = self._fresh_errors(answer, rng, count)
        return Measure(float((errors < 0.04).mean()), bool((errors >= 0.04).sum() * 2000 < 13 * len(errors)))

    def _draw(self, rng: np.random.Generator, B: int) -> Batch:
        x, target, _ = super()._draw(rng, B)
        x[:, :, 0] = rng.uniform(0, 1, x.shape[:2])
        x[0, x[0, :, 1] == 1, 0] = 1
        target[-1, :, 0] = np.where(x[:, :, 1] == 1, x[:, :, 0], 1).prod(axis=0)
        return Batch(x, target, last_step(*x.shape[:2]))
