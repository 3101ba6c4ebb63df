"""Train the model that counted furthest again, and keep its unit for chapter 9: ``python -m experiments.counter``."""

import numpy as np
import torch

from experiments.cases import EXPERIMENTS
from experiments.sweeps import FOLDER, train
from lstm_ref.companion.results import chosen
from lstm_ref.interop import units

KIND = {"letters": 3, "most": 40, "peephole": "none"}


def main() -> None:
    torch.set_num_threads(1)
    best = max(chosen("counting", KIND), key=lambda row: row["reach"])
    case = next(case for case in EXPERIMENTS["counting"]() if case["labels"] == KIND)
    trainer, _ = train(case, best["seed"])
    if trainer.task.reach(trainer.answer) != best["reach"]:
        raise SystemExit("counter: expected the reach that counting.csv has; run the sweep on this machine first")
    np.savez_compressed(FOLDER / "counter.npz", **units(trainer.model.lstm)["l0"].to_dict())


if __name__ == "__main__":
    main()
