"""What every task has in common.

A task is a small frozen dataclass with, beside its own options and its `batch_size` B,

- ``input_size`` and ``output_size``: I and O, how many numbers a model hears and says at each step;
- ``loss``: "squared", "symbol" or "marks", see `lstm_ref.training.trainer.LOSSES`;
- ``continual``: whether one batch goes on where the last one ended, so that the memory is kept between them;
- ``start`` and ``defaults``: how `lstm_ref.training.Model` begins, and how long and how fast to train;
- ``batch(rng, carry)``: the next `Batch`, and what the batch after it must be given as `carry`;
- ``measure(answer, rng)``: a `Measure`, by the paper's rule, on fresh data from `rng`.

``answer(x, state=None)`` is the model as a function of arrays: it takes x as in a batch and returns what the model
says, (T, B, O), and the state to go on from.
"""

from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    """What a model hears, what it should say, and which steps count.

    x is (T, B, I), or (T, B) whole numbers where each step's input is one of I symbols. The target is (T, B, O)
    numbers, or (T, B) whole numbers where it is one of O symbols. The weight is (T, B): how much each step's loss
    counts.
    """

    x: np.ndarray
    target: np.ndarray
    weight: np.ndarray


class Measure(NamedTuple):
    """How good a model is: `score` is the better the larger, `solved` says whether the paper's goal is reached."""

    score: float
    solved: bool


def at_least(name, value, least):
    """Raise ValueError unless `value` is a whole number, at least `least`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number, at least {least}, got {value!r}")


def padded(sequences, fill=0):
    """Return sequences of unequal length (T_b, ...) side by side, (T, B, ...), filled up at their ends."""
    T = max(map(len, sequences))
    shape = (T, len(sequences), *np.shape(sequences[0])[1:])
    together = np.full(shape, fill, np.asarray(sequences[0]).dtype)
    for b, sequence in enumerate(sequences):
        together[: len(sequence), b] = sequence
    return together


def last_step(T, B):
    """Return the weight (T, B) of a task whose only answer comes at the end."""
    weight = np.zeros((T, B), np.float32)
    weight[-1] = 1
    return weight


def lasting(T):
    """Return biases with which a memory lasts for about T steps: the forget valve stands at T / (1 + T), as b_f = ln T.

    The new-memory valve begins as far shut as the other is open, so that noise does not fill the memory in T steps.
    Source: Tallec and Ollivier (2018), who draw T anew for each element of the memory.
    """
    return {"b_f": float(np.log(T)), "b_i": -float(np.log(T))}
