"""The tasks on which the LSTM made its name, as generators of batches, each with its paper's measure of success.

>>> from lstm_ref import tasks
>>> task = tasks.make("adding", T=50)
>>> batch, carry = task.batch(np.random.default_rng(0))  # doctest: +SKIP

What every task has is described in `lstm_ref.tasks.task.Task`.
"""

import inspect
from collections.abc import Callable
from typing import Any

from lstm_ref.checks import one_of
from lstm_ref.tasks.adding import Adding
from lstm_ref.tasks.characters import (
    ALPHABET,
    TEST,
    TRAINING,
    VALIDATION,
    Characters,
    bits_per_character,
    decode,
    encode,
    source,
)
from lstm_ref.tasks.counting import Counting
from lstm_ref.tasks.long_lag import LongLag
from lstm_ref.tasks.multiplication import Multiplication
from lstm_ref.tasks.order import TemporalOrder
from lstm_ref.tasks.reber import ContinualReber, EmbeddedReber
from lstm_ref.tasks.spikes import Delays, Spikes
from lstm_ref.tasks.task import Answer, Batch, Measure, Task, softmax

TASKS: dict[str, Callable[..., Task]] = {
    "adding": Adding,
    "reber": EmbeddedReber,
    "continual-reber": ContinualReber,
    "order": TemporalOrder,
    "counting": Counting,
    "spikes": Spikes,
    "delays": Delays,
    "long-lag": LongLag,
    "multiplication": Multiplication,
    "characters": Characters,
}

__all__ = [
    "ALPHABET",
    "TASKS",
    "TEST",
    "TRAINING",
    "VALIDATION",
    "Adding",
    "Answer",
    "Batch",
    "Characters",
    "ContinualReber",
    "Counting",
    "Delays",
    "EmbeddedReber",
    "LongLag",
    "Measure",
    "Multiplication",
    "Spikes",
    "Task",
    "TemporalOrder",
    "bits_per_character",
    "decode",
    "encode",
    "make",
    "softmax",
    "source",
]


def make(task: str, **options: Any) -> Task:
    """Return the task of this name; the options are the fields of its class.

    Raises
    ------
    ValueError
        If the task is unknown, has no such option, or an option does not fit.
    """
    one_of("task", task, TASKS)
    known = tuple(inspect.signature(TASKS[task]).parameters)
    for option in options:
        if option not in known:
            raise ValueError(f"options: expected some of {known} for task {task!r}, got {option!r}")
    return TASKS[task](**options)
