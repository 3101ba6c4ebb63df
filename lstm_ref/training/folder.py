"""The folder of a run: one writer at a time, nothing in it lost, and a way out when it cannot be written any more."""

import contextlib
import os
import shlex
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lstm_ref import files
from lstm_ref.training import checkpoints, logs

LOCK = ".lock"
"""The file that a writer holds. The system lets go of it when the process ends, however it ends."""
HOLDER = ".holder"
"""The file that says who holds it: on Windows nobody can read a file that is held."""


class FolderError(OSError):
    """A folder that cannot be written; the message says why, what was saved where, and how to go on."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[str]:
    """Hold a folder, which is made where there is none; give the words that say who holds it.

    A process may hold a folder several times over.

    Raises
    ------
    FolderError
        If another writer holds it; the message says who.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # One object for each path, so that whoever holds a folder may ask for it again.
    lock = FileLock((folder / LOCK).absolute(), timeout=0, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise FolderError(
            f"{folder}: expected a folder into which no other run writes, got one held by {_holder(folder)}; wait for "
            f"it, end it or name another folder. If there is no such process, as after the crash of another machine, "
            f"delete {folder / LOCK}"
        ) from None
    with contextlib.ExitStack() as held:
        held.callback(lock.release)
        if lock.lock_counter == 1:
            # One process may come twice, so its number is not enough to know its own folder by.
            words = f"process {os.getpid()} on {socket.gethostname()} ({os.urandom(4).hex()})"
            files.write(folder / HOLDER, words.encode())
            held.callback(_forget, folder, words)
        yield _holder(folder)


def _forget(folder: Path, words: str) -> None:
    """Drop the words that say who holds a folder, where they are still these."""
    # What went wrong before matters more than that they stay.
    with contextlib.suppress(OSError):
        if _holder(folder) == words:
            (folder / HOLDER).unlink()


@contextlib.contextmanager
def claimed(folder: Path, own: bool) -> Iterator[str]:
    """Hold a folder for a run, whose own it is or which begins there; drop what a death left half-written.

    Raises
    ------
    FolderError
        If another writer holds it.
    ValueError
        If it is not its own and holds a run.
    """
    with locked(folder) as holder:
        written = checkpoints.found(folder)
        there = written or [*folder.glob(logs.NAME)]
        if there and not own:
            way = f"go on with --resume {shlex.quote(str(folder))}, or name another" if written else "name another"
            raise ValueError(f"folder: {folder} holds {there[-1].name} of a run already; {way}")
        for left in [*folder.glob("step-*.tmp"), *folder.glob("log.tmp")]:
            left.unlink()
        yield holder


def save(folder: Path, holder: str, state: dict[str, Any]) -> None:
    """Write a checkpoint and the log into a folder that is held; where that fails, write both elsewhere.

    Raises
    ------
    FolderError
        If they are not in the folder; the message says where they are instead.
    """
    try:
        found = _holder(folder)
        if found != holder:
            raise FileNotFoundError(f"another stands in its place, held by {found}" if found else "it has gone")
        _write(folder, state)
    except OSError as error:
        raise FolderError(
            f"{folder}: not written after step {state['steps']}: {error}. {_elsewhere(folder, state)}"
        ) from error


def _holder(folder: Path) -> str:
    """Return who holds a folder, or nothing where nobody does."""
    try:
        return (folder / HOLDER).read_text(encoding="utf-8")
    except OSError:
        return ""


def _write(folder: Path, state: dict[str, Any]) -> None:
    checkpoints.write(folder, state["steps"], state)
    logs.write(folder, state["rows"])


def _elsewhere(folder: Path, state: dict[str, Any]) -> str:
    """Save a run beside its folder, among temporary files or at home, and say where."""
    for parent in (folder.absolute().parent, Path(tempfile.gettempdir()), Path.home()):
        with contextlib.suppress(OSError), contextlib.ExitStack() as undo:
            place = Path(tempfile.mkdtemp(prefix=f"{folder.name}-saved-", dir=parent))
            undo.callback(shutil.rmtree, place)
            _write(place, state)
            undo.pop_all()
            return f"The run is saved in {place}: go on with --resume {shlex.quote(str(place))}"
    last = checkpoints.found(folder)[-1:]
    return f"Nothing could be saved elsewhere; the last good checkpoint is {last[0] if last else 'none'}"
