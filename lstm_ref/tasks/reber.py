"""The embedded Reber grammar, string by string, and as one stream that never ends.

Sources: Hochreiter and Schmidhuber (1997), experiment 1; for the stream Gers, Schmidhuber and Cummins (2000).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Array, Integers, Truths, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits, fresh, padded

SYMBOLS = "BTPSXVE"

# The inner grammar: from each state the two ways on, as a symbol and the next state; 5 is its end. The states from 5 on
# stand around it, and the text says which symbols may come there.
GRAMMAR = {0: "T1 P2", 1: "S1 X3", 2: "T2 V4", 3: "X2 S5", 4: "P3 V5"}
AROUND = {5: "E", 6: "TP", 7: "B", 8: "T", 9: "P", 10: "E", 11: "B"}
WAYS = {state: [(SYMBOLS.index(way[0]), int(way[1])) for way in ways.split()] for state, ways in GRAMMAR.items()}
LEGAL = np.array([[symbol in (GRAMMAR | AROUND)[state] for symbol in SYMBOLS] for state in range(12)])
BEFORE = 100

ARROWS = [
    *((".begin", 0, "B"), (5, ".end", "E")),
    *((state, int(way[1]), way[0]) for state, ways in GRAMMAR.items() for way in ways.split()),
    *((".from", 6, "B"), (6, "inner string ", "T"), (6, "inner string", "P")),
    *(("inner string ", 7, "T"), ("inner string", 8, "P"), (7, ".to", "E"), (8, ".to ", "E")),
]
"""For `lstm_ref.plots.machine`: the inner grammar, and below it how an inner string is embedded."""

PLACES: dict[int | str, tuple[float, float]] = {
    **{".begin": (0, 1.65), 0: (0.17, 1.65), 1: (0.37, 2.1), 2: (0.37, 1.2), 3: (0.63, 2.1), 4: (0.63, 1.2)},
    **{5: (0.83, 1.65), ".end": (1, 1.65), ".from": (0, 0.3), 6: (0.17, 0.3), "inner string ": (0.5, 0.6)},
    **{"inner string": (0.5, 0), 7: (0.83, 0.6), 8: (0.83, 0), ".to": (1, 0.6), ".to ": (1, 0)},
}
"""Where that figure has each state: across, from 0 to 1, and up, in inches."""
B, T, P, S, X, V, E = range(len(SYMBOLS))


def string(rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Return one string of the embedded grammar: its symbols, and the state after each, both lists of N int.

    The symbols are places in SYMBOLS: B, then T or P, then B, an inner string and E, then the same T or P, and E.
    ``LEGAL[states]`` (N, 7) says which symbols may come next; after the last one a new string may begin, with B.
    """
    coins = _coins(rng)
    outer = (T, P)[next(coins)]
    symbols, states, state = [B, outer, B], [6, 7, 0], 0
    while state != 5:
        symbol, state = WAYS[state][next(coins)]
        symbols.append(symbol)
        states.append(state)
    return [*symbols, E, outer, E], [*states, 8 if outer == T else 9, 10, 11]


def stream(rng: np.random.Generator, count: int) -> tuple[Integers, Truths]:
    """Return `count` symbols of strings that follow each other (count,), and which may come after each, (count, 7)."""
    symbols, states = string(rng)
    while len(symbols) < count:
        more, after = string(rng)
        symbols += more
        states += after
    return np.array(symbols[:count]), LEGAL[states[:count]]


def _coins(rng: np.random.Generator) -> Iterator[int]:
    """Toss a coin again and again, 16 at a time."""
    while True:
        yield from rng.integers(0, 2, 16).tolist()


def ranked(logits: Array, legal: Truths) -> Truths:
    """Return whether every symbol that may come has a larger logit than every one that may not; shapes (..., 7)."""
    return np.where(legal, logits, np.inf).min(axis=-1) > np.where(legal, -np.inf, logits).max(axis=-1)


@dataclass(frozen=True)
class EmbeddedReber(Task):
    """Strings of the embedded grammar, each from an empty memory: predict the next symbol at every step."""

    batch_size: int = 16

    input_size: ClassVar[int] = len(SYMBOLS)
    output_size: ClassVar[int] = len(SYMBOLS)
    loss: ClassVar[str] = "symbol"
    score_is: ClassVar[str] = "the share of strings whose hard symbol is right"
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 8, "steps": 4000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        batch_fits(self.batch_size)

    @checked
    def batch(self, rng: np.random.Generator, carry: None = None) -> tuple[Batch, None]:
        """Return a `Batch` and None: x and the target (T, B) symbols; T is the longest string's length less 1."""
        strings = [np.array(string(rng)[0]) for _ in range(self.batch_size)]
        x, target = padded([each[:-1] for each in strings]), padded([each[1:] for each in strings])
        return Batch(x, target, padded([np.ones(len(each) - 1, np.float32) for each in strings])), None

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 256) -> Measure:
        """Solved: in `count` fresh strings, at every step, the symbols that may come are ranked above all others.

        The score is the share of strings of which this is true. In each the last but one symbol is the hard one.
        """
        fresh(count)
        strings = [string(rng) for _ in range(count)]
        logits, _ = answer(padded([np.array(symbols[:-1]) for symbols, _ in strings]))
        right = [ranked(logits[: len(after) - 1, b], LEGAL[after[:-1]]).all() for b, (_, after) in enumerate(strings)]
        return Measure(float(np.mean(right)), bool(np.all(right)))


@dataclass(frozen=True)
class ContinualReber(Task):
    """The same strings, one after the other in streams that never end; nothing says where a string begins.

    Parameters
    ----------
    T : int
        How many symbols of each stream make a batch.
    batch_size : int
        How many streams run side by side.
    """

    T: int = 50
    batch_size: int = 16

    input_size: ClassVar[int] = len(SYMBOLS)
    output_size: ClassVar[int] = len(SYMBOLS)
    loss: ClassVar[str] = "symbol"
    score_is: ClassVar[str] = "the share of steps that are right"
    continual: ClassVar[bool] = True
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 8, "steps": 4000, "learning_rate": 0.01}

    def __post_init__(self) -> None:
        whole_number("T", self.T, 1, MOST)
        batch_fits(self.batch_size, T=self.T)

    @checked
    def batch(self, rng: np.random.Generator, carry: list[list[int]] | None = None) -> tuple[Batch, list[list[int]]]:
        """Return a `Batch` and what is left of each stream: x and the target (T, B) symbols."""
        streams = [list(left) for left in carry or self.batch_size * [[]]]
        for stream in streams:
            while len(stream) <= self.T:
                stream += string(rng)[0]
        symbols = np.array([stream[: self.T + 1] for stream in streams]).T
        weight = np.ones((self.T, self.batch_size), np.float32)
        return Batch(symbols[:-1], symbols[1:], weight), [stream[self.T :] for stream in streams]

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator, count: int = 100_000) -> Measure:
        """Solved: at each of `count` fresh symbols of one stream, those that may come are ranked above all others.

        The score is the share of steps at which this is true. The memory is empty before the stream and never after;
        the first BEFORE symbols, while it finds its bearings, are not counted.
        """
        fresh(count)
        symbols, legal = stream(rng, BEFORE + count)
        logits, _ = answer(symbols[:, None])
        right = ranked(logits[BEFORE:, 0], legal[BEFORE:])
        return Measure(float(right.mean()), bool(right.all()))

    @checked
    def errors(self, answer: Answer, streams: int = 10, count: int = 100_000) -> tuple[Integers, Integers]:
        """Return the errors in the first BEFORE symbols of each stream, and in all that follow, both (streams,).

        The paper's own test is 10 streams of 100,000 symbols. A step is an error unless the symbols that may come are
        ranked above all others. The memory is empty before a stream and never after; the streams are the same at each
        call.
        """
        fresh(count)
        whole_number("streams", streams, 1, MOST)
        symbols, legal = _side_by_side(streams, count)
        early, later, state = np.zeros(streams, np.int64), np.zeros(streams, np.int64), None
        for k in range(0, count, 10_000):
            logits, state = answer(symbols[k : k + 10_000], state)
            wrong = ~ranked(logits, legal[k : k + 10_000])
            own = BEFORE if k == 0 else 0
            early, later = early + wrong[:own].sum(axis=0), later + wrong[own:].sum(axis=0)
        return early, later


@lru_cache(maxsize=1)
def _side_by_side(streams: int, count: int) -> tuple[Integers, Truths]:
    """Return symbols (count, streams), and which may come after each, (count, streams, 7)."""
    drawn = [stream(np.random.default_rng((10, b)), count) for b in range(streams)]
    return np.stack([symbols for symbols, _ in drawn], axis=1), np.stack([legal for _, legal in drawn], axis=1)
