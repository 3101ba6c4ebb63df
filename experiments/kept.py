"""Train two models again, and keep their units for the pictures of chapter 9: ``python -m experiments.kept``."""

from typing import Any

import numpy as np
import torch

from experiments.cases import EXPERIMENTS
from experiments.sweeps import FOLDER, train
from lstm_ref.companion.results import chosen
from lstm_ref.interop import units

COUNTING = {"letters": 3, "most": 40, "peephole": "none"}
STREAM: dict[str, Any] = {"task": "stream", "forget_valve": "learnt", "learning_rate": 0.03, "peephole": "none"}


def keep(file: str, experiment: str, labels: dict[str, Any], seed: int) -> None:
    """Train the run again that a table has under these labels and this seed, and keep its unit in a file."""
    case = next(case for case in EXPERIMENTS[experiment]() if case["labels"] == labels)
    trainer, first = train(case, seed)
    if first != chosen(experiment, labels | {"seed": seed})[0]["steps"]:
        raise SystemExit(f"{file}: expected the steps that {experiment}.csv has; run the sweep on this machine first")
    np.savez_compressed(FOLDER / file, **units(trainer.model.lstm)["l0"].to_dict())


def main() -> None:
    torch.set_num_threads(1)
    furthest = max(chosen("counting", COUNTING), key=lambda row: row["reach"])
    keep("counter.npz", "counting", COUNTING, furthest["seed"])
    # One of the ten, picked because an element that keeps a string's second letter is easy to see in it.
    keep("stream.npz", "forget", STREAM | {"until": "last batch"}, seed=1)


if __name__ == "__main__":
    main()
