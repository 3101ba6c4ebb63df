"""What to train, on what, and for how long."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from lstm_ref import checks, tasks
from lstm_ref.gates import LOOKING
from lstm_ref.peepholes import PEEPHOLES
from lstm_ref.signatures import check_fields

STARTS = "b_f", "b_i", "b_g", "b_o", "R", "P", "read_out"
"""What can be said of how the weights begin."""

OWN: Any = None
"""Stands for the task's own default, which `Settings` puts in its place."""


@dataclass(frozen=True)
class Settings:
    """What to train, on what, and for how long. What is None is the task's own default.

    Parameters
    ----------
    task : str
        A name in `lstm_ref.tasks.TASKS`.
    options : dict
        The task's own options, as ``{"T": 100}``.
    hidden_size, num_layers, dropout, peephole, held_open, start
        As for `lstm_ref.training.Model`.
    steps : int
        How many batches at most.
    learning_rate : float
        Of Adam: it rises to this over the share `warm_up` of all steps, and falls to 0 along half a cosine.
    clip : float
        The gradient's greatest length; a longer one is shortened to it.
    seed : int
        For the weights, the data and what dropout drops.
    device, precision : str
        See `lstm_ref.training.devices`.
    every : int
        Measure after so many steps.
    patience : int or None
        Stop after so many measures without a better score; None is never.
    """

    task: str
    options: dict[str, Any] = field(default_factory=dict)
    hidden_size: int = OWN
    num_layers: int = 1
    dropout: float = 0.0
    peephole: str = "none"
    held_open: str = ""
    start: dict[str, float] = OWN
    steps: int = OWN
    learning_rate: float = OWN
    warm_up: float = OWN
    clip: float = 1.0
    seed: int = 0
    device: str = "auto"
    precision: str = OWN
    every: int = 100
    patience: int | None = None

    def __post_init__(self) -> None:
        check_fields(self, "options")
        task = tasks.make(self.task, **self.options)
        object.__setattr__(self, "options", getattr(task, "options", self.options))
        defaults = {"warm_up": 0.0, "precision": "auto", "start": task.start} | task.defaults
        for each in fields(self):
            value = getattr(self, each.name)
            object.__setattr__(self, each.name, _plain(defaults.get(each.name) if value is None else value))
        check_fields(self)
        checks.one_of("peephole", self.peephole, PEEPHOLES)
        checks.letters("held_open", self.held_open, LOOKING["article"])
        least = {"hidden_size": 1, "num_layers": 1, "steps": 1, "every": 1, "seed": 0, "patience": 1}
        for name, value in least.items():
            if name != "patience" or self.patience is not None:
                checks.whole_number(name, getattr(self, name), value, 2**63 - 1 if name == "seed" else checks.MOST)
        for name in ("learning_rate", "clip"):
            checks.above_zero(name, getattr(self, name))
        for name in ("dropout", "warm_up"):
            checks.within(name, getattr(self, name), 0, 1)
        for name in self.start:
            if name not in STARTS:
                raise ValueError(f"start: expected some of {STARTS}, got {name!r}")
            checks.number(f"start[{name!r}]", self.start[name])
        if self.dropout and self.num_layers == 1:
            raise ValueError(f"dropout: expected 0 with one layer, for it stands between layers, got {self.dropout!r}")


def _plain(value: Any) -> Any:
    """Return a setting without NumPy's kinds of numbers, which a checkpoint must not hold."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value.item() if isinstance(value, np.generic) else value
