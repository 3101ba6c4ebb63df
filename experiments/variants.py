"""Train the units of `lstm_ref.family`, and time their scans: ``python -m experiments.variants [ablations ...]``.

Chapter 11 reads the tables, in ``lstm_ref/data/results``. All of it takes some hours of one processor.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from experiments.scans import scans
from experiments.states import Parity, ShellGame
from experiments.sweeps import FOLDER
from lstm_ref import family
from lstm_ref.checks import Array
from lstm_ref.data import tables
from lstm_ref.gated_layer import GatedLayer
from lstm_ref.tasks import Measure, register
from lstm_ref.training import Model, Settings, Trainer
from lstm_ref.unit import sigmoid

SEEDS = 5
TASKS: dict[str, dict[str, Any]] = {
    "adding": {"options": {"T": 50}},
    "continual-reber": {"learning_rate": 0.03, "every": 250},
    "spikes": {"options": {"every": 10}, "hidden_size": 4, "steps": 5000},
}
"""The three tasks of `experiments.cases.valves`, with the same settings."""

GREFF = ("peephole", "lstm", *(name for name, unit in family.UNITS.items() if unit.source == "Greff et al. (2015)"))
STATES = ("lstm", "gru", "slstm", "min-gru", "min-lstm", "rg-lru", "selective-ssm", "mlstm")
STATES += ("gated-linear-attention", "delta-net", "gated-delta-net", "delta-net-to-2", "rwkv-7")
GUESSING = tuple(name for name in STATES if family.UNITS[name].scans and name != "delta-net-to-2")
LENGTHS = (32, 256, 2048)
FAR = (32, 64, 128, 256, 512, 1024, 2048)


class GatedModel(Model):
    """A `Model` with a unit of the family in place of its LSTM, begun as the task begins an LSTM."""

    def __init__(self, unit: family.Unit, settings: Settings, task: Any) -> None:
        generator = torch.Generator().manual_seed(settings.seed)
        super().__init__(task, settings.hidden_size, start=settings.start, generator=generator)
        rng = np.random.default_rng((settings.seed, 11))
        weights = unit.random(task.input_size, settings.hidden_size, rng=rng)
        for name, weight in weights.items():
            if name in settings.start:
                weight[...] = settings.start[name]
            elif name[0] in settings.start:  # how large the weights R or P may be
                weight *= settings.start[name[0]] * settings.hidden_size**0.5
        self.lstm = GatedLayer(unit, weights)


def judged(trainer: Trainer) -> Measure:
    """Return the measure by which a run is over; for two tasks on less data than the paper's, for time's sake.

    The stream is judged on 10 times 10,000 symbols, the spikes on 10,000 steps.
    """
    task, rng = trainer.task, np.random.default_rng((trainer.settings.seed, 1))
    if trainer.settings.task == "continual-reber":
        wrong = int(task.errors(trainer.answer, count=10_000)[1].sum())
        return Measure(1 - wrong / 99_000, wrong == 0)
    if trainer.settings.task == "spikes":
        return task.measure(trainer.answer, rng, count=10_000)
    return task.measure(trainer.answer, rng)


def trained(name: str, task: str, seed: int, **others: Any) -> tuple[Trainer, dict[str, Any]]:
    """Train one unit on one task until it is solved, with other settings if any; return its trainer and its row."""
    torch.set_num_threads(1)
    for own, made in (("parity", Parity), ("shell-game", ShellGame)):
        register(own, made)
    given = {"every": 100} | TASKS.get(task, {}) | others
    start, settings = time.process_time(), Settings(**given, task=task, seed=seed, **CPU)
    model = GatedModel(family.UNITS[name], settings, Trainer(settings).task)
    trainer, best, solved = Trainer(settings, model), 0.0, False
    while trainer.steps < settings.steps and not solved:
        trainer.step()
        if trainer.due:
            score, solved = judged(trainer)
            best = max(best, score)
    row = {"unit": name, "task": task, "seed": seed, "solved": solved, "steps": trainer.steps, "score": round(best, 5)}
    row["weights"] = sum(each.numel() for each in model.parameters())
    return trainer, row | {"seconds": round(time.process_time() - start, 1)}


CPU = {"device": "cpu", "precision": "float32"}


def ablation(job: tuple[str, str, int]) -> dict[str, Any]:
    """Return the row of one of Greff's variants on one task."""
    return trained(*job)[1]


def state(job: tuple[str, str, int]) -> dict[str, Any]:
    """Return the row of one unit on parity or the shell game, with how it does on longer sequences."""
    trainer, row = trained(*job)
    rng = np.random.default_rng((trainer.settings.seed, 2))
    return row | {f"right_at_{T}": trainer.task.last_right(trainer.answer, rng, T) for T in LENGTHS}


def rate(job: tuple[str, float, int]) -> dict[str, Any]:
    """Return the row of one unit on parity with another learning rate."""
    name, learning_rate, seed = job
    return {"learning_rate": learning_rate} | trained(name, "parity", seed, learning_rate=learning_rate)[1]


def apart(job: tuple[str, int]) -> dict[str, Any]:
    """Return how far apart a unit's answers to odd and to even are after so many steps, as a difference of logits."""
    name, seed = job
    trainer, _ = trained(name, "parity", seed)
    row, rng = {"unit": name, "seed": seed}, np.random.default_rng((seed, 5))
    for T in FAR:
        x, target, _ = trainer.task.draw(rng, T, 400)
        logits = trainer.answer(x)[0][-1]
        says_odd = logits[:, 1] - logits[:, 0]
        row[f"apart_{T}"] = float(f"{says_odd[target[-1] == 1].mean() - says_odd[target[-1] == 0].mean():.4g}")
    return row


def fade(seed: int) -> dict[str, Any]:
    """Return what a 1 multiplies the bit of DeltaNet's parity by, and how often it is right after so many steps."""
    trainer, row = trained("delta-net-to-2", "parity", seed)
    return {"seed": seed, "steps": row["steps"], "factor": _mirrors(trainer)[0][1]} | _far(trainer, seed)


def cups(seed: int) -> dict[str, Any]:
    """Return the same of the shell game for each swap, and the angle between each two of the three mirrors."""
    trainer, row = trained("delta-net-to-2", "shell-game", seed)
    factors, keys = _mirrors(trainer)
    found = {"seed": seed, "steps": row["steps"]} | {f"factor_{k}": factor for k, factor in enumerate(factors)}
    for one, other in ((0, 1), (0, 2), (1, 2)):
        # A key and its opposite mirror alike.
        cosine = abs(float(keys[:, one] @ keys[:, other]))
        found[f"angle_{one}{other}"] = round(float(np.degrees(np.arccos(cosine))), 2)
    # Three lines can be at sixty degrees and in no plane: then there are three directions and not two.
    found["third"] = round(float(np.linalg.svd(keys)[1][2]), 5)
    return found | _far(trainer, seed) | _read_anew(trainer, keys, seed)


def _read_anew(trainer: Trainer, keys: Array, seed: int, T: int = 128) -> dict[str, float]:
    """Return how often the nearest of the mean outputs finds the ball after T steps, which 4,000 sequences have shown.

    As the unit is, and with each value moved so that all three mirrors meet in one point.
    """
    unit, rng = trainer.model.lstm.unit, np.random.default_rng((seed, 4))
    x, target, _ = trainer.task.draw(rng, T, 4200)
    weights = {name: weight.detach().double().numpy() for name, weight in trainer.model.lstm.weights.items()}
    point = np.linalg.lstsq(keys.T, weights["W_v"].T, rcond=0.01)[0]
    shares = {}
    for name, W_v in (("anew", weights["W_v"]), ("meeting", (keys.T @ point).T)):
        h = family.all_at_once(unit, family.Weights(weights | {"W_v": W_v}), np.eye(3)[x])["h_t"][-1]
        right = 0
        for symbol in range(3):
            seen = (x[-1] == symbol) & (np.arange(4200) >= 200)
            asked = (x[-1] == symbol) & (np.arange(4200) < 200)
            means = np.stack([h[seen & (target[-1] == ball)].mean(axis=0) for ball in range(3)])
            nearest = np.linalg.norm(h[asked][:, None] - means, axis=2).argmin(axis=1)
            right += int((nearest == target[-1][asked]).sum())
        shares[f"{name}_{T}"] = right / 200
    return shares


def _mirrors(trainer: Trainer) -> tuple[list[float], Array]:
    """Return what each symbol multiplies DeltaNet's memory by along its key, and the keys, (K, symbols)."""
    weights = {name: weight.detach().numpy() for name, weight in trainer.model.lstm.weights.items()}
    rates = 2 * sigmoid(weights["W_b"][0] + weights["b_b"])
    keys = weights["W_k"] / np.linalg.norm(weights["W_k"], axis=0)
    return [round(float(1 - rate), 4) for rate in rates], keys


def _far(trainer: Trainer, seed: int) -> dict[str, float]:
    rng = np.random.default_rng((seed, 3))
    return {f"right_at_{T}": trainer.task.last_right(trainer.answer, rng, T) for T in FAR}


def run(name: str, work: Callable[..., dict[str, Any]], jobs: list[Any]) -> None:
    """Do all jobs, as many at a time as there are processors, and write their table."""
    rows = []
    with multiprocessing.get_context("spawn").Pool(int(os.environ.get("PROCESSES", os.cpu_count() or 1))) as pool:
        for row in pool.imap(work, jobs):
            rows.append(row)
            print(name, row, file=sys.stderr, flush=True)
    tables.write(FOLDER / f"{name}.csv", rows, list(rows[0]))


def main(*names: str) -> None:
    """Run what these names stand for, or all."""
    if not names or "scans" in names:
        scans()
    if not names or "states" in names:
        run("states", state, [(n, task, s) for task in ("parity", "shell-game") for n in STATES for s in range(SEEDS)])
    if not names or "fade" in names:
        run("fade", fade, list(range(SEEDS)))
    if not names or "rates" in names:
        run("rates", rate, [(n, r, s) for n in GUESSING for r in (0.003, 0.03) for s in range(SEEDS)])
    if not names or "apart" in names:
        run("apart", apart, [(n, s) for n in ("lstm", "delta-net-to-2") for s in range(SEEDS)])
    if not names or "cups" in names:
        run("cups", cups, list(range(SEEDS)))
    if not names or "ablations" in names:
        run("ablations", ablation, [(n, task, s) for task in TASKS for n in GREFF for s in range(SEEDS)])


if __name__ == "__main__":
    main(*sys.argv[1:])
