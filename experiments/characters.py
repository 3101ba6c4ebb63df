"""Train the character model of chapters 8 and 10, and keep its best weights: ``python -m experiments.characters``.

It goes on where it was stopped, and begins anew once it is done; the run's folder is ``build/characters``. It takes
twenty minutes or more.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lstm_ref.interop import from_torch
from lstm_ref.training import Settings, Trainer, checkpoints, fit, resume

ROOT = Path(__file__).parents[1]
FOLDER, WEIGHTS = ROOT / "build" / "characters", ROOT / "lstm_ref" / "data" / "characters.npz"
SETTINGS = Settings(
    "characters", {"T": 128, "batch_size": 32}, hidden_size=192, steps=10_000, every=500, device="cpu", seed=0
)


def write(trainer: Trainer, rows: list[dict[str, Any]]) -> None:
    """Write the weights that had the best score, in half precision, and how the score went."""
    best = {name.removeprefix("lstm."): weight for name, weight in trainer.best["weights"].items()}
    units = from_torch({name: weight for name, weight in best.items() if name.endswith("_l0")}, "_l0")
    arrays = {name: array.astype(np.float16) for name, array in units.to_dict().items()}
    arrays |= {name: best[f"read_out.{name}"].numpy().astype(np.float16) for name in ("weight", "bias")}
    steps = np.array([row["steps"] for row in rows])
    characters = steps * trainer.task.T * trainer.task.batch_size
    np.savez_compressed(WEIGHTS, **arrays, characters=characters, bits=np.array([-row["score"] for row in rows]))


def main() -> None:
    torch.set_num_threads(1)
    trainer = resume(FOLDER, "cpu") if checkpoints.found(FOLDER) else Trainer(SETTINGS)
    if trainer.finished or trainer.settings != SETTINGS:
        shutil.rmtree(FOLDER)
        trainer = Trainer(SETTINGS)
    rows = fit(trainer, FOLDER, bar=True)
    if trainer.finished:
        write(trainer, rows)


if __name__ == "__main__":
    main()
