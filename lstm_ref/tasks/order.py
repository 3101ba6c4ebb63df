"""Temporal order: two symbols far apart in much noise; at the end, which were they, and in which order?

Source: Hochreiter and Schmidhuber (1997), experiment 6a.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.signatures import checked
from lstm_ref.tasks.task import Answer, Batch, Measure, Task, batch_fits, fresh, last_step, lasting, softmax

SYMBOLS = "EabcdXYB"


@dataclass(frozen=True)
class TemporalOrder(Task):
    """A sequence is E, then noise from a, b, c and d, then B; X or Y stands at two steps, t1 and t2.

    t1 is drawn from 10 to 20, t2 from 50 to 60, and the length from 100 to 110, once for a batch. The classes are XX,
    XY, YX and YY, in this order.
    """

    batch_size: int = 32

    input_size: ClassVar[int] = len(SYMBOLS)
    output_size: ClassVar[int] = 4
    loss: ClassVar[str] = "symbol"
    score_is: ClassVar[str] = "the share of sequences that are right"
    start: ClassVar[dict[str, float]] = lasting(100)
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 16, "steps": 4000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        batch_fits(self.batch_size)

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x (T, B) symbols, the target (T, B) classes."""
        return self._draw(rng, self.batch_size), None

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 2000) -> Measure:
        """Solved: in `count` fresh sequences no output is 0.3 or more away from 1 for the right class and 0 else.

        The outputs are probabilities here. The score is the share of sequences that are right.
        """
        fresh(count)
        x, target, _ = self._draw(rng, count)
        logits, _ = answer(x)
        right = (np.abs(softmax(logits[-1]) - np.eye(4)[target[-1]]) < 0.3).all(axis=-1)
        return Measure(float(right.mean()), bool(right.all()))

    def _draw(self, rng: np.random.Generator, B: int) -> Batch:
        T, each = int(rng.integers(100, 111)), np.arange(B)
        x = rng.integers(1, 5, (T, B))
        x[0], x[-1] = SYMBOLS.index("E"), SYMBOLS.index("B")
        which = rng.integers(0, 2, (2, B))
        x[rng.integers(10, 21, B), each] = SYMBOLS.index("X") + which[0]
        x[rng.integers(50, 61, B), each] = SYMBOLS.index("X") + which[1]
        target = np.zeros((T, B), np.int64)
        target[-1] = 2 * which[0] + which[1]
        return Batch(x, target, last_step(T, B))
