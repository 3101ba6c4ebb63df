"""What predicts a text without a network: tables of what follows so many characters, and packing programs.

Sources: the back-off of Witten and Bell (1991), method C of their paper, as Chen and Goodman (1999) write it.
"""

from __future__ import annotations

import lzma
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_ref import checks
from lstm_ref.checks import Array, Integers
from lstm_ref.signatures import checked
from lstm_ref.tasks.characters import ALPHABET, decode

SYMBOLS = len(ALPHABET)


class Counts(NamedTuple):
    """How often each run of characters was seen; runs are numbers, see `runs`, and stand in ascending order."""

    runs: Integers
    times: Integers

    def of(self, runs: Integers) -> Integers:
        """Return how often these were seen."""
        place = np.minimum(np.searchsorted(self.runs, runs), len(self.runs) - 1)
        return np.where(self.runs[place] == runs, self.times[place], 0)


@checked
def runs(symbols: Integers, length: int) -> NDArray[np.int64]:
    """Return every `length` characters in a row as one whole number, (N - length + 1,): digits in base 97."""
    checks.whole_number("length", length, 1, min(9, len(symbols)))
    checks.shape("symbols", symbols, (len(symbols),), "(N,)")
    windows = np.lib.stride_tricks.sliding_window_view(symbols.astype(np.int64), length)
    return windows @ SYMBOLS ** np.arange(length)[::-1]


@checked
def count(runs: Integers) -> Counts:
    """Count equal numbers."""
    return Counts(*np.unique(runs, return_counts=True))


@checked
def table_costs(training: Integers, text: Integers, most: int) -> Array:
    """Return what each character costs tables that remember the last 0, 1, ... `most` ones, (most + 1, N - most) bits.

    Each table was counted in `training`. What it never saw after these characters it asks of the table that remembers
    one less, and the last of all gives every symbol the same chance.

    Parameters
    ----------
    training, text : array (N,) of int
        The symbols that are counted, and those that are predicted, but for the first `most`.
    most : int
        At most 8, so that the runs fit into 64 bits.
    """
    checks.whole_number("most", most, 0, min(8, len(text) - 1, len(training) - 1))
    chance = np.full(len(text) - most, 1 / SYMBOLS)
    costs = []
    for length in range(most + 1):
        seen = count(runs(training, length + 1))
        # How often each context came, and how many different symbols after it.
        contexts, first, different = np.unique(seen.runs // SYMBOLS, return_index=True, return_counts=True)
        came = Counts(contexts, np.add.reduceat(seen.times, first))
        asked = runs(text[most - length :], length + 1)
        n, kinds = came.of(asked // SYMBOLS), Counts(contexts, different).of(asked // SYMBOLS)
        chance = np.where(n > 0, (seen.of(asked) + kinds * chance) / np.maximum(n + kinds, 1), chance)
        costs.append(-np.log2(chance))
    return np.array(costs)


@checked
def packed_bits(training: Integers, text: Integers) -> dict[str, float]:
    """Return the bits per character that packing programs need for a text, by name.

    "gzip" packs the text by itself; "xz" does, and "xz, after the training text" packs both and pays for what the
    second adds to the first.
    """
    for name, symbols in (("training", training), ("text", text)):
        checks.shape(name, symbols, (max(1, len(symbols)),), "(N,)")
        checks.integers(name, symbols, 0, len(ALPHABET) - 1)
    first, alone = decode(training).encode(), decode(text).encode()
    sizes = {
        "gzip": len(zlib.compress(alone, 9)),
        "xz": _xz(alone),
        "xz, after the training text": _xz(first + alone) - _xz(first),
    }
    return {name: 8 * size / len(text) for name, size in sizes.items()}


def _xz(text: bytes) -> int:
    return len(lzma.compress(text, preset=9))
