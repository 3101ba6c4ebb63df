"""Counting: read a^n b^n, or a^n b^n c^n, and predict at every step what may come next.

Source: Gers and Schmidhuber (2001); training windows: Suzgun, Belinkov and Shieber (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, Integers, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits, padded


@dataclass(frozen=True)
class Counting(Task):
    """Strings of `letters` kinds of letters, n of each: a start symbol, n times a, n times b, and so on.

    The outputs are one for each letter and one for the end. While a's come, another a and the first b may come; after
    that everything is settled by the count. A string is right if every output is on the right side of 0.5 at each step.

    Parameters
    ----------
    letters : {2, 3}
        2 for a^n b^n, 3 for a^n b^n c^n.
    most : int
        Training strings have n up to this.
    least : int
        Training strings have n from this on.
    batch_size : int
    """

    letters: int = 3
    most: int = 40
    least: int = 1
    batch_size: int = 8

    loss: ClassVar[str] = "marks"
    score_is: ClassVar[str] = "the share of lengths that are right"
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 10, "steps": 4000, "learning_rate": 0.02, "warm_up": 0.3}

    def __post_init__(self) -> None:
        whole_number("letters", self.letters, 2, 3)
        whole_number("least", self.least, 1)
        whole_number("most", self.most, self.least, MOST)
        batch_fits(self.batch_size, most=self.most)

    @property
    def input_size(self) -> int:
        """The start symbol, 0, and the letters, from 1 on."""
        return 1 + self.letters

    @property
    def output_size(self) -> int:
        """The letters, from 0 on, and the end."""
        return self.letters + 1

    @checked
    def string(self, n: int) -> tuple[Integers, Array]:
        """Return x (N,) symbols and the target (N, O) marks of the string with n letters of each kind."""
        whole_number("n", n, 1, MOST)
        x = np.repeat(np.arange(1 + self.letters), [1, *[n] * self.letters])
        after = np.append(x[1:], 1 + self.letters) - 1
        target = np.eye(self.output_size, dtype=np.float32)[after]
        target[1 : n + 1, :2] = 1
        return x, target

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x (T, B) symbols, the target (T, B, O) marks."""
        xs, targets = zip(*(self.string(int(n)) for n in rng.integers(self.least, self.most + 1, self.batch_size)))
        return Batch(padded(xs), padded(targets), padded([np.ones(len(x), np.float32) for x in xs])), None

    @checked
    def right(self, answer: Answer, n: int) -> bool:
        """Return whether a model gets the string with n letters of each kind right."""
        x, target = self.string(n)
        logits, _ = answer(x[:, None])
        return bool(((logits[:, 0] > 0) == (target > 0.5)).all())

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator | None = None) -> Measure:
        """Solved: every n from the least to the largest trained is right. The score is the share of n that are."""
        right = [self.right(answer, n) for n in range(self.least, self.most + 1)]
        return Measure(float(np.mean(right)), all(right))

    @checked
    def reach(self, answer: Answer, stop: int = 1000, first: int = 1) -> int:
        """Return the largest n, up to `stop`, such that it and every n below it, from `first` on, is right."""
        whole_number("first", first, 1, MOST)
        whole_number("stop", stop, first, MOST)
        return next((n - 1 for n in range(first, stop + 1) if not self.right(answer, n)), stop)
