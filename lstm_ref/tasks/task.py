"""What every task has in common: `Task`, and the small functions that several tasks use."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lstm_ref import checks
from lstm_ref.checks import Array, Integers, whole_number
from lstm_ref.signatures import checked

Answer: TypeAlias = Callable[..., tuple[Array, Any]]
"""A model as a function of arrays, ``answer(x, state=None)``: it takes x as in a `Batch` and returns the outputs,
(T, B, O), and the state to go on from. For symbols and marks the outputs are logits."""


class Batch(NamedTuple):
    """The inputs of a model, its targets, and which steps count.

    x is (T, B, I), or (T, B) whole numbers where each step's input is one of I symbols. The target is (T, B, O)
    numbers, or (T, B) whole numbers where it is one of O symbols. The weight is (T, B): how much each step's loss
    counts.
    """

    x: Array | Integers
    target: Array | Integers
    weight: Array


class Measure(NamedTuple):
    """How good a model is: `score` is the better the larger, `solved` says whether the paper's goal is reached."""

    score: float
    solved: bool


class Task(Protocol):
    """What every task has, beside options of its own: each is a small frozen dataclass.

    One that needs more than its options to be made again has them all as a dict, `options`. One on data of the user's
    own has ``compare(answer)``: by name, the error of the model and of simple forecasts on data for the test, which
    `kept` names, in the unit that `compared_in` names.
    """

    loss: ClassVar[str]
    """"squared", "symbol" or "marks", see `lstm_ref.training.trainer.LOSSES`."""

    score_is: ClassVar[str]
    """What the score counts, in a few words."""

    continual: ClassVar[bool] = False
    """Whether one batch goes on where the last one ended, so that the memory is kept between them."""

    after_error: ClassVar[int | None] = None
    """How many steps after a model's first wrong answer still count; None if all steps do."""

    defaults: ClassVar[dict[str, Any]]
    """How large a model to train, how long and how fast: `lstm_ref.training.Settings` by name."""

    @property
    def batch_size(self) -> int:
        """B."""

    @property
    def input_size(self) -> int:
        """I: how many numbers, or symbols, the input of a step has."""

    @property
    def output_size(self) -> int:
        """O."""

    @property
    def start(self) -> dict[str, float]:
        """How the weights of a `lstm_ref.training.Model` begin: unless a task says otherwise, with the bias 1 of the
        forget valve."""
        return {"b_f": 1.0}

    def batch(self, rng: np.random.Generator, carry: Any = None) -> tuple[Batch, Any]:
        """Return the next `Batch`, and what the batch after it must be given as `carry`."""

    def measure(self, answer: Answer, rng: np.random.Generator) -> Measure:
        """Return a `Measure` by the paper's rule, on fresh data from `rng`."""


MOST = 10**7
"""The longest sequence, the largest batch and the most fresh sequences: what is longer is a slip, and never ends."""


def batch_fits(batch_size: int, **sizes: int) -> None:
    """Raise ValueError unless a batch of float32 with these axes, by name, fits into memory."""
    whole_number("batch_size", batch_size, 1, MOST)
    checks.memory(", ".join(["batch_size", *sizes]), 4 * batch_size * math.prod(sizes.values()))


def fresh(count: int) -> None:
    """Raise ValueError unless so many sequences, steps or symbols can be drawn for a measure."""
    whole_number("count", count, 1, MOST)


def log_softmax(logits: Array) -> Array:
    """Return the logarithms of the probabilities that logits (..., O) stand for."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@checked
def softmax(logits: Array) -> Array:
    """Return the probabilities that logits (..., O) stand for; what has -inf has none, but not all may have it."""
    if not logits.size:
        raise ValueError(f"logits: expected shape (..., O), got {logits.shape}")
    largest = logits.max(axis=-1, keepdims=True)
    checks.finite("logits", largest)
    shares = np.exp(logits - largest)
    return shares / shares.sum(axis=-1, keepdims=True)


def padded(sequences: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return sequences of unequal length (T_b, ...) side by side, (T, B, ...), filled up with 0 at their ends."""
    together = np.zeros((max(map(len, sequences)), len(sequences), *sequences[0].shape[1:]), sequences[0].dtype)
    for b, sequence in enumerate(sequences):
        together[: len(sequence), b] = sequence
    return together


def last_step(T: int, B: int) -> Array:
    """Return the weight (T, B) of a task whose only answer comes at the end."""
    weight = np.zeros((T, B), np.float32)
    weight[-1] = 1
    return weight


def lasting(T: int) -> dict[str, float]:
    """Return biases with which a memory lasts for about T steps: the forget valve stands at T / (1 + T), as b_f = ln T.

    The new-memory valve begins as far shut as the other is open, so that noise does not fill the memory in T steps.
    Source: Tallec and Ollivier (2018), who draw T anew for each element of the memory.
    """
    return {"b_f": float(np.log(T)), "b_i": -float(np.log(T))}
