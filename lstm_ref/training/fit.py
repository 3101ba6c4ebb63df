"""Running a `Trainer` to its end: measures, a log, checkpoints, Ctrl-C, and going on again."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from lstm_ref import checks
from lstm_ref.signatures import checked
from lstm_ref.training import checkpoints, logs
from lstm_ref.training.devices import choose_device
from lstm_ref.training.folder import claimed, save
from lstm_ref.training.settings import Settings
from lstm_ref.training.trainer import Trainer

ASK_EVERY = 10
"""How many steps apart several processes ask each other whether one has to stop, and a GPU is asked for its loss."""


@checked
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
        A row for each measure, those of earlier calls and of a resumed run in front: see
        `lstm_ref.training.logs.COLUMNS`. The loss is the mean since the row before.

    Raises
    ------
    ValueError
        If the folder holds another run.
    FolderError
        If another run writes there, or the folder cannot be written any more; the message says where the run is saved.
    FloatingPointError
        If the loss or a weight is NaN or infinite: at once on a CPU, within ten steps elsewhere. The checkpoints are
        those from before.
    """
    place = None if folder is None else Path(folder)
    trainer.stopped_by = None
    with contextlib.ExitStack() as run:
        holder = None if place is None else run.enter_context(_writing(trainer, place))
        requests = run.enter_context(_stop_requests(place is not None))
        done, total = trainer.steps, trainer.settings.steps
        display = run.enter_context(logs.Display(place, trainer.rows, done, total, bar, trainer.rank))
        while not (trainer.finished or trainer.stopped_by):
            trainer.step()
            display.step()
            trainer.stopped_by = _agreed(requests, trainer)
            _expect_finite(trainer)
            row = trainer.report() if trainer.due else None
            if place is not None and (trainer.due or trainer.stopped_by):
                state = trainer.state_dict()
                if holder is not None:
                    save(place, holder, state)
            if row is not None:
                display.add(row)
    return trainer.rows


@checked
def resume(path: str | Path, device: str = "auto", steps: int | None = None) -> Trainer:
    """Return a trainer that goes on where a checkpoint was written.

    Parameters
    ----------
    path : path
        A checkpoint, or a folder with checkpoints, of which the last is taken.
    device : str
        As for `choose_device`; it need not be the one that wrote the checkpoint.
    steps : int, optional
        Until which step to go on; unless given, until that of the settings. The learning rate is then that of a run of
        so many steps, so a finished run that is lengthened learns at a higher rate again. One that ran out of patience
        gets all of it anew.

    Raises
    ------
    ValueError
        If so many steps are done already.
    CheckpointError
        If there is none, or it is cut short, damaged, of something else, or does not fit together; the message names
        the last good one.
    """
    path = checkpoints.last(path)
    state = checkpoints.read(path)
    choose_device(device)
    if steps is not None:
        checks.whole_number("steps", steps, 1)
        if steps < state["steps"]:
            raise ValueError(f"steps: expected {state['steps']} or more, counted from the run's beginning, got {steps}")
    try:
        longer = {} if steps is None else {"steps": steps}
        trainer = Trainer(Settings(**state["settings"] | {"device": device} | longer))
        trainer.load_state_dict(state)
        if steps is not None and trainer.out_of_patience:
            trainer.measures_since_best = 0
    except FileNotFoundError:
        raise  # of the task: a text or a table that is not there any more
    except Exception as error:
        why, older = " ".join(str(error).split()), checkpoints.good_before(path)
        raise checkpoints.CheckpointError(f"{path}: expected parts that fit together: {why}{older}") from error
    trainer.folder = path.parent.resolve()
    return trainer


@contextlib.contextmanager
def _writing(trainer: Trainer, folder: Path) -> Iterator[str | None]:
    """Hold a folder for a trainer; give the words that say who holds it, or None where another process writes."""
    own = trainer.folder == folder.resolve()
    with claimed(folder, own) if trainer.rank == 0 else contextlib.nullcontext() as holder:
        trainer.folder = folder.resolve()
        if holder and own:
            logs.write(folder, trainer.rows)
        yield holder


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
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)
        requests.append(number)

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _agreed(requests: list[int], trainer: Trainer) -> int | None:
    """Return the signal by which to stop, if any: every process has to stop after the same step."""
    asked = max(requests, default=0)
    if trainer.world > 1:
        if trainer.steps % ASK_EVERY:
            return None
        of_all = torch.tensor(asked, device=trainer.device)
        dist.all_reduce(of_all, dist.ReduceOp.MAX)
        asked = int(of_all.item())
    return asked or None


def _expect_finite(trainer: Trainer) -> None:
    """Raise FloatingPointError where `Trainer.expect_finite` does, and name the last good checkpoint."""
    # A GPU would have to be waited for, so not after each step.
    if trainer.device.type == "cpu" or trainer.steps % ASK_EVERY == 0 or trainer.due:
        try:
            trainer.expect_finite()
        except FloatingPointError as error:
            written = checkpoints.found(trainer.folder) if trainer.folder else []
            last = f". The last good checkpoint: {written[-1]}" if written else ""
            raise FloatingPointError(f"{error}{last}") from None
