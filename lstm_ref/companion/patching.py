"""What a memory does: parts of it are exchanged between two places of a text, or held still, and predictions compared.

Sources: Geiger et al. (2021) for interchange interventions; Lakretz et al. (2019) for taking single elements away.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.companion.probes import Probe
from lstm_ref.companion.probing import predict
from lstm_ref.data import CharacterModel
from lstm_ref.sequence import Trace
from lstm_ref.signatures import checked
from lstm_ref.tasks.characters import ALPHABET
from lstm_ref.unit import Step, step


@checked
def divergence(one: ArrayLike, other: ArrayLike) -> Array:
    """Return the Kullback-Leibler divergence of predictions (..., 97), in bits, (...): the price of believing `other`.

    It is 0 if they are equal.
    """
    one, other = checks.numbers("one", one), checks.numbers("other", other)
    for name, shares in (("one", one), ("other", other)):
        if not shares.ndim or not (shares >= 0).all():
            raise ValueError(f"{name}: expected probabilities (..., 97), got shape {shares.shape}")
    checks.shape("other", other, one.shape, "that of one")
    return np.asarray((one * (np.log2(one + 1e-30) - np.log2(other + 1e-30))).sum(axis=-1))


@checked
def matched(
    symbols: Integers, label: Truths, rng: np.random.Generator, count: int, length: int = 3
) -> tuple[Integers, Integers, Integers]:
    """Return three places, (count,) each, after the same `length` characters: true, not true, and true once more.

    The third is another place than the first; what is exchanged with it is the control.
    """
    checks.whole_number("length", length, 1, len(symbols))
    checks.whole_number("count", count, 1, 10**6)
    checks.shape("label", label, symbols.shape, "(N,) like symbols")
    windows = np.lib.stride_tricks.sliding_window_view(symbols, length)
    _, kind = np.unique(windows, axis=0, return_inverse=True)
    kind, truth = kind.ravel(), label[length - 1 :]
    trues, falses = (np.bincount(kind[truth == wanted], minlength=kind.max() + 1) for wanted in (True, False))
    usable = np.flatnonzero(truth & (trues >= 2)[kind] & (falses >= 1)[kind])
    firsts, seconds, thirds = rng.choice(usable, count), [], []
    for first in firsts:
        alike = np.flatnonzero(kind == kind[first])
        seconds.append(rng.choice(alike[~truth[alike]]))
        thirds.append(rng.choice(alike[truth[alike] & (alike != first)]))
    return tuple(np.asarray(places) + length - 1 for places in (firsts, seconds, thirds))  # type: ignore[return-value]


@checked
def at(trace: Trace, places: Integers) -> Step:
    """Return the steps at some places of a trace, side by side: signals (B, H)."""
    checks.integers("places", places, 0, len(trace) - 1)
    return Step(*(getattr(trace, name)[places] for name in Step._fields))


class Along(NamedTuple):
    """A direction, (H,), along which a memory moves until a probe reads what it reads at another place."""

    probe: Probe
    direction: Array


@checked
def exchange(now: Step, other: Step, what: Integers | Along | None) -> tuple[Array, Array]:
    """Return h and C, (B, H), of `now` with a part of the memory of `other`.

    Parameters
    ----------
    now, other : Step
        Of B places side by side.
    what : array (K,) of int, Along or None
        Some elements; or a direction; or all of the memory.
    """
    if isinstance(what, Along):
        missing = what.probe(other.c_t) - what.probe(now.c_t)
        slope = what.probe.direction(len(what.direction)) @ what.direction
        c = now.c_t + missing[..., None] * what.direction / slope
    else:
        c = np.array(now.c_t)
        H = c.shape[-1]
        chosen = np.arange(H) if what is None else checks.integers("what", what, 0, H - 1)
        c[..., chosen] = other.c_t[..., chosen]
    return now.o_t * np.tanh(c), c


@checked
def follow(model: CharacterModel, h: Array, c: Array, symbols: Integers) -> Array:
    """Return what is predicted after states (B, H) and after each of the symbols (S, B) to come, (S + 1, B, 97)."""
    checks.shape("c", c, h.shape, "(B, H) like h")
    checks.integers("symbols", symbols, 0, len(ALPHABET) - 1)
    one_hot, said = np.eye(len(ALPHABET)), [predict(model, h)]
    for symbol in symbols:
        after = step(one_hot[symbol], h, c, model.weights)
        h, c = after.h_t, after.c_t
        said.append(predict(model, h))
    return np.array(said)
