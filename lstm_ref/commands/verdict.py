"""What a run on data of one's own ends with: the model beside simple forecasts, and a table's forecasts in files."""

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_ref.data import tables
from lstm_ref.svg import number
from lstm_ref.tasks import Answer, Table
from lstm_ref.tasks.columns import labels

if TYPE_CHECKING:
    from lstm_ref.training import Trainer


def conclude(trainer: "Trainer", folder: Path) -> None:
    """Print how the best weights of a run do on data that it never saw; write what a table's model forecasts."""
    from lstm_ref.training import as_function

    task: Any = trainer.task
    model, step = copy.deepcopy(trainer.model), trainer.steps
    if trainer.best:
        model.load_state_dict(trainer.best["weights"])
        step = trainer.best["steps"]
    answer = as_function(model, trainer.dtype, trainer.device)
    errors = task.compare(answer)
    score = f" (score {trainer.best['score']:.4g})" if trainer.best else ""
    print(f"With the weights of step {step}, the best in validation{score}, on {task.kept} ({task.compared_in}):")
    for name, error in errors.items():
        print(f"  {name:28} {number(error, 4)}")
    print(_verdict(errors))
    if isinstance(task, Table):
        print(f"Forecasts: {_write(task, answer, folder)}")


def _verdict(errors: dict[str, float]) -> str:
    model, *others = errors
    best = min(others, key=errors.__getitem__)
    if errors[model] == errors[best]:
        return f"The model's error is that of the best simple forecast ({best})."
    ratio = errors[model] / errors[best] if errors[best] else np.inf
    less, more = (f"{part:.0%} " if 0.005 < part < np.inf else "" for part in (1 - ratio, ratio - 1))
    if ratio < 1:
        return f"The model's error is {less}below that of the best simple forecast ({best})."
    return (
        f"The model's error is {more}above that of the best simple forecast ({best}). So far the simple one is better."
    )


def _write(task: Table, answer: Answer, folder: Path) -> str:
    """Write each forecast of the test, and that from the last row on; return the files' names."""
    begin, end = task.ends[1:]
    rows = np.append(task.rows_between(begin, end), end - 1)
    found = {
        "the model": task.forecasts(answer, rows),
        "same as last season": task.base(rows),
        "a linear regression": task.regression(rows),
    }
    names = labels(task.file)
    lines = []
    for k, row in enumerate(rows):
        for ahead in range(1, task.horizon + 1):
            at = row + ahead
            actual = {task.column: task.values[at]} if at < end else {}
            where = {
                "known to": names[row],
                "rows ahead": ahead,
                "row": names[at] if at < end else f"end + {at - end + 1}",
            }
            lines.append(where | actual | {name: float(f"{each[k, ahead - 1]:.6g}") for name, each in found.items()})
    columns = ["known to", "rows ahead", "row", task.column, *found]
    tables.write(folder / "forecasts.csv", lines, columns)
    return str(folder / "forecasts.csv") + _plot(task, found, folder)


def _plot(task: Table, found: dict[str, Any], folder: Path) -> str:
    """Draw forecast after forecast, each as long as the horizon, beside what came; return the file's name.

    The last one is that from the last row on.
    """
    try:
        from lstm_ref import plots
    except ImportError:
        return '; for a plot: pip install "lstm_ref[book]"'
    begin = task.ends[1]
    count = len(found["the model"])
    # From the last row of the table, and from rows that are whole horizons before it.
    starts = np.append(np.arange((count - 2) % task.horizon, count - 1, task.horizon), count - 1)
    at = begin + starts[0] + np.arange(len(starts) * task.horizon)
    came = np.append(task.values, np.full(task.horizon, np.nan))[at]
    series = {task.column: came} | {name: each[starts].ravel() for name, each in found.items()}
    plots.lines(at + 1, series, xlabel="row of the table", ylabel=task.column.replace("$", r"\$")).save(
        folder / "forecasts.svg"
    )
    return f", {folder / 'forecasts.svg'}"
