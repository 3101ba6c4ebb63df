"""What `experiments.sweeps` measures on trained models beyond their tasks' own measure, by experiment in `EXTRA`."""

from typing import Any

import numpy as np

from lstm_ref.inspector import traces
from lstm_ref.tasks import reber
from lstm_ref.training import Trainer


def long_streams(trainer: Trainer) -> dict[str, int]:
    """Return the errors in 10 streams of 100,000 symbols, the paper's test, and of 1,000,000, for the stream alone.

    Those in the first 100 symbols of each stream are apart.
    """
    if trainer.settings.task != "continual-reber":
        return {}
    early, paper = trainer.task.errors(trainer.answer, count=100_000)
    _, later = trainer.task.errors(trainer.answer, count=1_000_000)
    return {
        "early_errors": int(early.sum()),
        "paper_errors": int(paper.sum()),
        "errors": int(later.sum()),
    }


def largest_memory(trainer: Trainer) -> dict[str, float]:
    """Return the largest memory, in size, within so many symbols of a fresh stream: for the stream alone."""
    if trainer.settings.task != "continual-reber":
        return {}
    symbols, _ = reber.stream(np.random.default_rng((trainer.settings.seed, 2)), 100_000)
    inputs = np.eye(len(reber.SYMBOLS), dtype=np.float32)[symbols]
    c_t = np.abs(traces(trainer.model.lstm, inputs)["l0"].c_t).max(axis=1)
    return {f"largest_{n}": round(float(c_t[:n].max()), 2) for n in (100, 1_000, 10_000, 100_000)}


def reach(trainer: Trainer) -> dict[str, int]:
    """Return how far a model counts without an error, up to 1,000."""
    return {"reach": trainer.task.reach(trainer.answer)}


def reaches(trainer: Trainer) -> dict[str, int]:
    """Return how far a model counts without an error, up to 1,000: from 1 on, and from the largest n trained on.

    The second is the largest n such that it and every n down to the largest trained on is right; 0 if that one is not.
    """
    most = trainer.task.most
    beyond = trainer.task.reach(trainer.answer, first=most)
    return reach(trainer) | {"largest_n": beyond if beyond >= most else 0}


EXTRA: dict[str, list[Any]] = {
    "forget": [long_streams, largest_memory],
    "counting": [reach],
    "valves": [long_streams],
    "windows": [reaches],
}
