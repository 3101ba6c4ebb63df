"""Running a `Trainer` to its end: measures, a log, checkpoints, Ctrl-C, and going on again."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from lstm_ref.training import checkpoints
from lstm_ref.training.devices import choose_device
from lstm_ref.training.logs import Log
from lstm_ref.training.settings import Settings
from lstm_ref.training.trainer import Trainer

ASK_EVERY = 10
"""How many steps apart several processes ask each other whether one of them has to stop."""


def fit(trainer: Trainer, folder: str | Path | None = None, bar: bool = False) -> list[dict[str, Any]]:
    """Take steps until the trainer has finished, or, where there is a folder, until Ctrl-C.

    Parameters
    ----------
    trainer : Trainer
    folder : path, optional
        Where ``log.csv`` and the checkpoints go, one after each measure and one on Ctrl-C. Unless given, nothing is
        written, and Ctrl-C raises KeyboardInterrupt as ever.
    bar : bool
        Whether to show a progress bar; it needs tqdm.

    Returns
    -------
    list of dict
        A row for each measure: see `lstm_ref.training.logs.COLUMNS`. The loss is the mean since the row before.
    """
    settings, first = trainer.settings, trainer.rank == 0
    log = Log(folder if first else None, trainer.steps, settings.steps, bar and first)
    with _stop_requests(folder is not None) as requests, log:
        stop = False
        while not (trainer.finished or stop):
            trainer.step()
            log.step()
            stop = _agreed(requests, trainer)
            due = trainer.steps % settings.every == 0 or trainer.steps == settings.steps
            if due:
                rate, found = trainer.schedule.get_last_lr()[0], trainer.measure()
                log.add(
                    steps=trainer.steps,
                    sequences=trainer.sequences,
                    loss=trainer.mean_loss(),
                    learning_rate=rate,
                    score=found.score,
                    solved=found.solved,
                )
            if folder is not None and (due or stop):
                state = trainer.state_dict()
                if first:
                    checkpoints.write(folder, trainer.steps, state)
    return log.rows


def resume(path: str | Path, device: str = "auto") -> Trainer:
    """Return a trainer that goes on where a checkpoint was written.

    Parameters
    ----------
    path : path
        A checkpoint, or a folder with checkpoints, of which the last is taken.
    device : str
        As for `choose_device`; it need not be the one that wrote the checkpoint.

    Raises
    ------
    CheckpointError
        If there is none, or it is cut short, damaged or of something else; the message names the one before it.
    """
    state = checkpoints.read(path)
    choose_device(device)
    try:
        trainer = Trainer(Settings(**state["settings"] | {"device": device}))
        trainer.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise checkpoints.CheckpointError(
            f"{path}: expected the whole state of a run, and it does not fit: {error}"
        ) from error
    return trainer


@contextlib.contextmanager
def _stop_requests(wanted: bool) -> Iterator[list[int]]:
    """Give a list that is empty until somebody presses Ctrl-C or asks the process to end; twice ends it at once.

    Where requests are not wanted, or come to another thread, it stays empty.
    """
    requests: list[int] = []
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield requests
        return

    def request(number: int, frame: object) -> None:
        if requests:
            raise KeyboardInterrupt
        requests.append(number)

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _agreed(requests: list[int], trainer: Trainer) -> bool:
    """Return whether to stop: every process has to stop after the same step."""
    if trainer.world == 1:
        return bool(requests)
    if trainer.steps % ASK_EVERY:
        return False
    any_of_them = torch.tensor(float(bool(requests)), device=trainer.device)
    dist.all_reduce(any_of_them, dist.ReduceOp.MAX)
    return bool(any_of_them.item())
