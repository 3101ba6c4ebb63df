"""Train the character models of chapters 8 and 10, and keep their best weights: ``python -m experiments.characters``.

Some: ``python -m experiments.characters small-1 large``. A run goes on where it was stopped; its folder is under
``build/characters``. On one processor a small model takes a quarter of an hour, the large one an hour and a half.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.sweeps import FOLDER as RESULTS
from lstm_ref.data import tables
from lstm_ref.interop import units
from lstm_ref.training import Settings, Trainer, checkpoints, fit, resume

ROOT = Path(__file__).parents[1]
RUNS, MODELS = ROOT / "build" / "characters", ROOT / "lstm_ref" / "data" / "models"
SMALL: dict[str, Any] = {"options": {"T": 128, "batch_size": 32}, "hidden_size": 192, "steps": 10_000, "every": 500}
SETTINGS = {f"small-{seed}": Settings("characters", **SMALL, device="cpu", seed=seed) for seed in range(3)} | {
    "large": Settings(
        "characters",
        {"T": 128, "batch_size": 32},
        hidden_size=384,
        num_layers=2,
        dropout=0.2,
        learning_rate=0.002,
        steps=16_000,
        every=500,
        device="cpu",
        precision="bfloat16",
    )
}


def keep(name: str, trainer: Trainer) -> None:
    """Write the weights that had the best score, in half precision."""
    trainer.model.load_state_dict(trainer.best["weights"])
    layers = units(trainer.model.lstm).values()
    arrays = {f"{n}.{key}": array for n, layer in enumerate(layers) for key, array in layer.to_dict().items()}
    arrays |= {f"read_out.{key}": value.numpy() for key, value in trainer.model.read_out.state_dict().items()}
    MODELS.mkdir(exist_ok=True)
    np.savez_compressed(MODELS / f"{name}.npz", **{key: np.asarray(array, np.float16) for key, array in arrays.items()})


def learning(name: str) -> list[dict[str, Any]]:
    """Return how a model learnt: at each measure the bits of training since the last one, and those for validation."""
    settings, kinds = SETTINGS[name], {"steps": int, "solved": bool}
    each = settings.options["T"] * settings.options["batch_size"]
    rows = tables.read(RUNS / name / "log.csv", kinds)
    return [
        {
            "model": name,
            "characters": row["steps"] * each,
            "training": f"{row['loss'] / np.log(2):.4f}",
            "bits": f"{-row['score']:.4f}",
        }
        for row in rows
    ]


def main(*names: str) -> None:
    torch.set_num_threads(1)
    for name in names or SETTINGS:
        folder = RUNS / name
        trainer = resume(folder, "cpu") if checkpoints.found(folder) else Trainer(SETTINGS[name])
        if trainer.settings != SETTINGS[name]:
            raise SystemExit(f"{folder}: expected a run with the settings of {name}; move it away to begin anew")
        fit(trainer, folder, bar=True)
        if not trainer.finished:
            return
        keep(name, trainer)
    # What was trained elsewhere stays as it is in the table.
    table = RESULTS / "learning.csv"
    stored = tables.read(table, dict.fromkeys(("model", "characters", "training", "bits"), str))
    here = [name for name in SETTINGS if (RUNS / name / "log.csv").exists()]
    rows = [row for name in SETTINGS for row in (learning(name) if name in here else stored) if row["model"] == name]
    tables.write(table, rows, list(rows[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
