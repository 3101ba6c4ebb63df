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
from lstm_ref.tasks.table import Table
from lstm_ref.tasks.task import Answer, Batch, Measure, Task, softmax
from lstm_ref.tasks.text import Text

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
    "text": Text,
    "table": Table,
}
"""By name: the classes. `register` adds one."""

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
    "Table",
    "Task",
    "TemporalOrder",
    "Text",
    "bits_per_character",
    "decode",
    "encode",
    "make",
    "register",
    "softmax",
    "source",
]


def register(name: str, task: Callable[..., Task]) -> None:
    """Let a task of your own be made, trained and resumed by a name.

    Parameters
    ----------
    name : str
        One that no other task has.
    task : class
        With what `lstm_ref.tasks.task.Task` asks for; its options are the arguments of the class.

    Raises
    ------
    TypeError
        If the task cannot be called.
    ValueError
        If the name is empty or taken.
    """
    if not callable(task):
        raise TypeError(f"task: expected a class, got {type(task).__name__}")
    if not isinstance(name, str) or not name or TASKS.get(name, task) is not task:
        raise ValueError(f"name: expected one that no task has, of {tuple(TASKS)}, got {name!r}")
    TASKS[name] = task


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
