"""A character model trained for as long as there is time, on whole modules apart for learning, choosing and judging."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpu import machine
from benchmarks.gpu.given import Given
from benchmarks.gpu.units import PRECISIONS
from lstm_ref.tasks import Answer, Measure
from lstm_ref.tasks.characters import STREAMS, TEST, TRAINING, VALIDATION, Characters, bits_per_character, source
from lstm_ref.training import Settings, Trainer, sample

LOG, MODEL = "train.csv", "model.npz"
COLUMNS = "step", "seconds", "characters_per_second", "learning_rate", "train_bits", "validation_bits"
SAMPLES = {"temperature 0.4": 0.4, "temperature 0.8": 0.8}


@dataclass(frozen=True)
class Short(Characters):
    """The task of chapter 8, measured on the beginning of its text for validation."""

    def measure(self, answer: Answer, rng: Any = None) -> Measure:
        return Measure(-bits_per_character(answer, source(tuple(VALIDATION))[:200]), False)


class Timed(Trainer):
    """A `Trainer` whose learning rate follows the clock, so that it has come down when the time is up."""

    def __init__(self, settings: Settings, tiny: bool):
        self.start(1)
        super().__init__(settings)
        if tiny:
            self.task = Short(**settings.options)

    def start(self, seconds: float) -> None:
        """Begin to count the time."""
        self.began, self.seconds = time.perf_counter(), seconds

    @property
    def gone(self) -> float:
        """The share of the time that is gone."""
        return (time.perf_counter() - self.began) / self.seconds

    def _rate_factor(self, step: int) -> float:
        warm, gone = self.settings.warm_up, min(1.0, self.gone)
        if gone < warm:
            return gone / warm + 1e-3
        return 0.5 * (1 + float(np.cos(np.pi * (gone - warm) / (1 - warm))))


def settings(given: Given) -> Settings:
    """Return what is trained: two layers of 512, or next to nothing."""
    options = {"T": 8, "batch_size": 4} if given.tiny else {"T": 128, "batch_size": 128}
    return Settings(
        "characters",
        options,
        hidden_size=8 if given.tiny else 512,
        num_layers=2,
        dropout=0.4,
        peephole=given.peephole,
        learning_rate=0.003,
        warm_up=0.03,
        device=given.device,
        precision=given.precision,
    )


def train(given: Given) -> dict[str, Any]:
    """Train until the time is nearly up; write the log and the best weights on the way, and judge once at the end."""
    trainer = Timed(settings(given), given.tiny)
    rows: list[dict[str, Any]] = []
    due, seconds = 0.01, 2.0 if given.tiny else given.left - min(20, 0.2 * given.left)
    trainer.start(seconds)
    with PRECISIONS["TF32"].set(trainer.device):
        while not rows or trainer.gone < 1:
            began, first, best = time.perf_counter(), trainer.steps, trainer.best
            while trainer.steps == first or trainer.gone < min(1, due):
                trainer.step()
            loss = trainer.mean_loss() / np.log(2)  # waits for the device
            took = time.perf_counter() - began
            read = (trainer.steps - first) * trainer.task.T * trainer.task.batch_size
            rate, before = trainer.schedule.get_last_lr()[0], trainer.gone
            numbers = before * seconds, read / took, rate, loss, -trainer.measure().score
            rows.append(dict(zip(COLUMNS, (trainer.steps, *(float(f"{number:.6g}") for number in numbers)))))
            machine.write_table(Path(given.folder) / LOG, given.machine, COLUMNS, rows)
            if trainer.best is not best:
                _write(given, trainer)
            given.note("train")
            if not np.isfinite(loss):
                break
            # Often at first, and never so often that measuring takes a large part of the time.
            due = trainer.gone + max(0.01, min(0.04, 0.3 * trainer.gone), 3 * (trainer.gone - before))
        return _judged(given, trainer) | {"measures": len(rows), "steps": trainer.steps}


def _judged(given: Given, trainer: Timed) -> dict[str, Any]:
    """Return settings, scores and samples of the best weights."""
    assert trainer.best is not None
    trainer.model.load_state_dict(trainer.best["weights"])
    rng = np.random.default_rng(0)
    texts = {"training": TRAINING, "validation": VALIDATION, "test": TEST}
    symbols = source(tuple(TEST))[: 200 if given.tiny else None]
    return {
        "settings": asdict(trainer.settings) | {"precision": trainer.precision},
        "validation bits": -trainer.best["score"],
        "best step": trainer.best["steps"],
        "test bits": bits_per_character(trainer.answer, symbols, 1 if given.tiny else STREAMS),
        "characters": {name: len(source(tuple(modules))) for name, modules in texts.items()},
        "samples": {
            name: sample(trainer.answer, "def ", 20 if given.tiny else 500, rng, temperature)
            for name, temperature in SAMPLES.items()
        },
    }


def _write(given: Given, trainer: Timed) -> None:
    """Write the best weights in half precision."""
    assert trainer.best is not None
    arrays = {name: weight.cpu().numpy().astype(np.float16) for name, weight in trainer.best["weights"].items()}
    temporary = Path(given.folder) / "model.tmp"
    with temporary.open("wb") as file:
        # Not compressed: that would take longer than a measure, and save a tenth.
        np.savez(file, machine=np.array(machine.lines(given.machine)), **arrays)
    temporary.replace(Path(given.folder) / MODEL)


def items(given: Given) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the training."""
    return {"train": partial(train, given)}
