"""What can be read off a memory as a whole: linear probes, few elements or all, their controls and their intervals.

A probe is a weighted sum of the elements that was fitted to a property on one text, and is judged on another. What it
finds is there to be read; whether the model reads it is another question.

Sources: Alain and Bengio (2017) for linear probes; Hewitt and Liang (2019) for control tasks; Gurnee et al. (2023) for
sparse probes; Haufe et al. (2014) for weights and patterns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.companion.probing import auc, ranks
from lstm_ref.data import CharacterModel
from lstm_ref.signatures import checked
from lstm_ref.tasks.characters import encode

PIECE = 2000


class Probe(NamedTuple):
    """A weighted sum of some elements of a memory."""

    elements: Integers
    weights: Array
    bias: float

    @checked
    def __call__(self, memory: Array) -> Array:
        """Return what the probe reads, (...), off memories (..., H)."""
        if not memory.ndim or memory.shape[-1] <= self.elements.max():
            raise ValueError(f"memory: expected at least {self.elements.max() + 1} elements, got {memory.shape}")
        return np.asarray(memory[..., self.elements] @ self.weights + self.bias)

    @checked
    def direction(self, H: int) -> Array:
        """Return the sum's weights, (H,), with 0 for elements that it leaves out."""
        checks.whole_number("H", H, 1 + int(self.elements.max()), 10**7)
        whole = np.zeros(H)
        whole[self.elements] = self.weights
        return whole


@checked
def fit(memory: Array, target: ArrayLike, strength: float = 100.0, elements: ArrayLike | None = None) -> Probe:
    """Fit a probe by ridge regression: least squares, with a price on large weights.

    Parameters
    ----------
    memory : array (N, H)
    target : array (N,)
        Numbers, or truths, which count as 0 and 1.
    strength : float
        The price, for elements of spread 1.
    elements : array (K,) of int, optional
        Which elements the probe may use; all of them unless given.
    """
    memory, wanted = checks.numbers("memory", memory, ndim=2), checks.numbers("target", target, ndim=1)
    checks.shape("target", wanted, memory.shape[:1], "(N,)")
    checks.number("strength", strength)
    H = memory.shape[1]
    chosen = np.arange(H) if elements is None else checks.integers("elements", elements, 0, H - 1).ravel()
    values = memory[:, chosen].astype(float)
    spread = values.std(axis=0) + 1e-12
    scaled, middle = (values - values.mean(axis=0)) / spread, wanted.mean()
    squares = scaled.T @ scaled + strength * np.eye(len(chosen))
    weights = np.linalg.solve(squares, scaled.T @ (wanted - middle)) / spread
    return Probe(chosen, weights, float(middle - values.mean(axis=0) @ weights))


@checked
def pattern(probe: Probe, memory: Array) -> Array:
    """Return how the memory moves with what a probe reads, (H,): the covariance times its weights.

    A probe's weights say how to read; where elements go together they are not how the memory itself moves.
    """
    if len(checks.numbers("memory", memory, ndim=2)) < 2:
        raise ValueError("memory: expected two places or more, of which there is a covariance, got 1")
    return np.asarray(np.cov(memory.T) @ probe.direction(memory.shape[1]))


@checked
def best_elements(memory: Array, label: Truths, count: int) -> Integers:
    """Return the `count` elements that tell a label best by themselves, the best first."""
    checks.whole_number("count", count, 1, checks.numbers("memory", memory, ndim=2).shape[1])
    return np.argsort(-np.abs(auc(ranks(memory), label) - 0.5))[:count]


@checked
def explained(read: ArrayLike, target: ArrayLike) -> float:
    """Return the share of a target's variance that what a probe read explains: 1 is all, 0 no better than the mean."""
    read, target = checks.numbers("read", read), checks.numbers("target", target, ndim=1)
    checks.shape("read", read, target.shape, "(N,)")
    checks.finite("read", read)
    return float(1 - ((read - target) ** 2).mean() / target.var())


@checked
def controls(symbols: Integers, share: float, rng: np.random.Generator, draws: int = 20, length: int = 3) -> Truths:
    """Return control tasks, (N, draws): truths drawn by lot for each run of `length` characters, of about this share.

    Nothing is to be known there but which run it is; how well a probe does shows how much of the last characters it
    can read, and learn by heart. One draw is luck: it matters much what falls to the most frequent runs.
    """
    checks.within("share", share, 0, 1)
    checks.whole_number("draws", draws, 1, 10_000)
    checks.whole_number("length", length, 1, len(symbols))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(symbols, (length - 1, 0)), length)
    _, kind = np.unique(windows, axis=0, return_inverse=True)
    return (rng.random((kind.max() + 1, draws)) < share)[kind.ravel()]


@checked
def interval(
    value: ArrayLike, label: Truths, rng: np.random.Generator, rounds: int = 200, length: int = 500
) -> tuple[float, float]:
    """Return a 95 % interval of the area under the curve: the text is drawn anew, in blocks, `rounds` times over."""
    value = checks.numbers("value", value, ndim=1)
    checks.shape("label", label, value.shape, "(N,)")
    checks.whole_number("rounds", rounds, 1, 100_000)
    checks.whole_number("length", length, 1, len(value))
    blocks, areas = max(1, len(value) // length), []
    for _ in range(rounds):
        places = (rng.integers(0, len(value) - length + 1, blocks)[:, None] + np.arange(length)).ravel()
        if 0 < label[places].sum() < len(places):
            areas.append(float(auc(ranks(value[places]), label[places])))
    low, high = np.percentile(areas, (2.5, 97.5))
    return float(low), float(high)


@checked
def memories(model: CharacterModel, text: str) -> list[Array]:
    """Return the memory of each layer after each character, (N, H) in single precision."""
    symbols, state, pieces = encode(text), None, []
    for first in range(0, len(symbols), PIECE):
        traces = model.read(symbols[first : first + PIECE], state)
        state = [(trace.h_t[-1], trace.c_t[-1]) for trace in traces]
        pieces.append([trace.c_t.astype(np.float32) for trace in traces])
    return [np.concatenate(layer) for layer in zip(*pieces)]
