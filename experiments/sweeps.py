"""Make what chapters 7 to 11 report on: ``python -m experiments.sweeps [NAME ...]``, all of it unless named.

The names are those of the experiments in `experiments.cases`, and of SCRIPTS, which stand beside this file. Each run
has one processor; there are as many at a time as the machine has. The results go where the chapters read them, one
small table for each experiment, a row for each run. Times are a processor's seconds: they depend little on what else
runs.
"""

import importlib
import multiprocessing
import os
import sys
import time
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import torch

from experiments.cases import EXPERIMENTS, Case
from experiments.measures import EXTRA
from lstm_ref.data import tables
from lstm_ref.training import Settings, Trainer

SCRIPTS = "forecast", "one_cell", "kept", "characters", "marks", "reach", "units", "told", "causes", "variants"
FOLDER = Path(__file__).parents[1] / "lstm_ref" / "data" / "results"


def train(case: Case, seed: int) -> tuple[Trainer, int | None]:
    """Train one model; return its trainer, and the step at which its task was first found solved, or None."""
    settings = Settings(**{"every": 100} | case["settings"], seed=seed, device="cpu", precision="float32")
    trainer, first = Trainer(settings), None
    while trainer.steps < settings.steps and not (case["stop"] and first):
        trainer.step()
        if trainer.steps % settings.every == 0 and trainer.measure().solved:
            first = first or trainer.steps
    return trainer, first


def run(job: tuple[str, Case, int]) -> dict[str, Any]:
    """Train one model; return its row."""
    name, case, seed = job
    torch.set_num_threads(1)
    start = time.process_time()
    trainer, first = train(case, seed)
    seconds = time.process_time() - start
    row = case["labels"] | {
        "seed": seed,
        "solved": first is not None,
        "steps": first or trainer.steps,
        "sequences": (first or trainer.steps) * trainer.task.batch_size,
        "best_score": round(trainer.best["score"], 6),
        "weights": sum(each.numel() for each in trainer.model.parameters()),
        "seconds": round(seconds, 1),
    }
    for measure in EXTRA.get(name, []):
        row |= measure(trainer)
    return row


def main(*names: str) -> None:
    """Run and write what these names stand for."""
    if unknown := set(names) - {*EXPERIMENTS, *SCRIPTS}:
        sys.exit(f"names: expected some of {', '.join((*EXPERIMENTS, *SCRIPTS))}, got {', '.join(sorted(unknown))}")
    os.environ["OMP_NUM_THREADS"] = "1"
    FOLDER.mkdir(exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for name in [name for name in EXPERIMENTS if not names or name in names]:
            write(name, pool)
    for name in [name for name in SCRIPTS if not names or name in names]:
        importlib.import_module(f"experiments.{name}").main()


def write(name: str, pool: Pool) -> None:
    """Run one experiment, and write its table."""
    jobs = [(name, case, seed) for case in EXPERIMENTS[name]() for seed in range(case["seeds"])]
    rows = []
    for row in pool.imap(run, jobs):
        rows.append(row)
        print(name, row, file=sys.stderr, flush=True)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    tables.write(FOLDER / f"{name}.csv", rows, columns)


if __name__ == "__main__":
    main(*sys.argv[1:])
