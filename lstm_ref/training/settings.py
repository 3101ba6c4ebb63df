"""What to train, on what, and for how long."""

from dataclasses import dataclass, field

from lstm_ref import tasks


@dataclass(frozen=True)
class Settings:
    """What to train, on what, and for how long. What is None is the task's own default.

    Parameters
    ----------
    task : str
        A name in `lstm_ref.tasks.TASKS`.
    options : dict
        The task's own options, as ``{"T": 100}``.
    hidden_size, num_layers, dropout, peephole, held_open
        As for `lstm_ref.training.Model`.
    steps : int
        How many batches at most.
    learning_rate : float
        Of Adam: it rises to this over the share `warm_up` of all steps, and falls to 0 along half a cosine.
    clip : float
        The gradient's greatest length; a longer one is shortened to it.
    seed : int
        For the weights and the data.
    device, precision : str
        See `lstm_ref.training.devices`.
    every : int
        Measure after so many steps.
    patience : int or None
        Stop after so many measures without a better score; None is never.
    """

    task: str
    options: dict = field(default_factory=dict)
    hidden_size: int | None = None
    num_layers: int = 1
    dropout: float = 0.0
    peephole: str = "none"
    held_open: str = ""
    steps: int | None = None
    learning_rate: float | None = None
    warm_up: float | None = None
    clip: float = 1.0
    seed: int = 0
    device: str = "auto"
    precision: str | None = None
    every: int = 100
    patience: int | None = None

    def __post_init__(self):
        defaults = {"warm_up": 0.0, "precision": "auto"} | tasks.make(self.task, **self.options).defaults
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        for name, least in (("hidden_size", 1), ("num_layers", 1), ("steps", 1), ("every", 1)):
            tasks.task.at_least(name, getattr(self, name), least)
        for name in ("learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: expected a number above 0, got {getattr(self, name)!r}")
