"""Two tasks that nobody can do without keeping a state exactly: parity, and the shell game."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Integers
from lstm_ref.tasks import Answer, Batch, Measure
from lstm_ref.tasks.task import Task

FAR = 8
"""How many times longer than in training a sequence is on which a model is judged."""


@dataclass(frozen=True)
class _States(Task):
    """A symbol comes at each step, and after each the model says the state.

    Parameters
    ----------
    T : int
        How long the training sequences are.
    batch_size : int
    """

    T: int = 32
    batch_size: int = 32

    loss: ClassVar[str] = "symbol"
    score_is: ClassVar[str] = "the share of steps that are right"
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 16, "steps": 2000, "learning_rate": 0.01}

    def states(self, x: Integers) -> Integers:
        """Return the state after each symbol, (T, B)."""
        raise NotImplementedError

    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x and the target (T, B) symbols."""
        return self.draw(rng, self.T, self.batch_size), None

    def measure(self, answer: Answer, rng: np.random.Generator, far: int = FAR, count: int = 32) -> Measure:
        """Solved: right at each step of `count` fresh sequences, `far` times as long as those in training.

        The score is the share of right steps.
        """
        x, target, _ = self.draw(rng, far * self.T, count)
        right = answer(x)[0].argmax(axis=-1) == target
        return Measure(float(right.mean()), bool(right.all()))

    def last_right(self, answer: Answer, rng: np.random.Generator, T: int, count: int = 200) -> float:
        """Return the share of fresh sequences of T steps at whose last step the answer is right."""
        x, target, _ = self.draw(rng, T, count)
        return float((answer(x)[0][-1].argmax(axis=-1) == target[-1]).mean())

    def draw(self, rng: np.random.Generator, T: int, B: int) -> Batch:
        """Return B fresh sequences of T steps, as `batch` does."""
        x = rng.integers(0, self.input_size, (T, B))
        return Batch(x, self.states(x), np.ones((T, B), np.float32))


class Parity(_States):
    """The input is 0 or 1; the state says whether an odd number of 1 has come."""

    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 2

    def states(self, x: Integers) -> Integers:
        """Return the parity after each symbol."""
        return x.cumsum(axis=0) % 2


class ShellGame(_States):
    """Three cups, a ball under the first; each symbol swaps two of them: the state is where the ball is."""

    input_size: ClassVar[int] = 3
    output_size: ClassVar[int] = 3

    def states(self, x: Integers) -> Integers:
        """Return where the ball is after each swap; symbol k leaves cup k where it is."""
        ball, found = np.zeros(x.shape[1], np.int64), np.empty_like(x)
        for t, still in enumerate(x):
            # The three places add up to 3: a ball that is moved goes to the one that is neither its own nor the still.
            ball = np.where(ball == still, ball, 3 - ball - still)
            found[t] = ball
        return found
