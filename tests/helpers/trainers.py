"""Small trainings of every task."""

from pathlib import Path

import lstm_ref
from lstm_ref.training import Settings, Trainer

SALES = str(Path(lstm_ref.__file__).parent / "data" / "souvenirs.csv")

SMALL = {
    "adding": {"T": 20, "batch_size": 3},
    "reber": {"batch_size": 3},
    "continual-reber": {"T": 8, "batch_size": 3},
    "order": {"batch_size": 3},
    "counting": {"most": 5, "batch_size": 3},
    "spikes": {"every": 4},
    "delays": {"every": 4, "spikes": 2, "batch_size": 4},
    "long-lag": {"T": 8, "distractors": 3, "batch_size": 3},
    "multiplication": {"T": 20, "batch_size": 3},
    "characters": {"T": 8, "batch_size": 3},
    "text": {"file": SALES, "T": 8, "batch_size": 3},
    "table": {"file": SALES, "column": "sales", "horizon": 2, "batch_size": 3},
}


def trainer(task="adding", options=None, **settings):
    """Return a trainer of a small task, of 20 steps unless the settings say otherwise."""
    options = SMALL[task] if options is None else options
    return Trainer(Settings(task, options, **({"hidden_size": 4, "steps": 20, "device": "cpu"} | settings)))
