"""Checkpoints that survive a kill at any moment, and say so when they do not.

A checkpoint is written to a temporary file beside its place and then renamed, so that what bears its name is whole.
The last two are kept; later ones, of a way that was not gone on, are dropped. They are read with
``weights_only=True``: nothing in them is run.
"""

import contextlib
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

FORMAT = "lstm_ref checkpoint 1"
KEPT = 2


class CheckpointError(ValueError):
    """A file that cannot be resumed from; the message says why, and names the one before it where there is one."""


def write(folder: str | Path, step: int, state: dict[str, Any]) -> Path:
    """Write the state of a run after `step` steps into a folder, as ``step-00000400.pt``; return its path.

    Parameters
    ----------
    folder : path
    step : int
    state : dict
        Of tensors, numbers, texts, lists and dicts.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"step-{step:08d}.pt"
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        torch.save({"format": FORMAT, "step": step, **state}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(folder)
    kept = [each for each in found(folder) if each.name <= path.name][-KEPT:]
    for other in set(found(folder)) - set(kept):
        other.unlink()
    return path


def read(path: str | Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Return the state that a checkpoint holds, its tensors on a device.

    Parameters
    ----------
    path : path
        A checkpoint, or a folder with checkpoints, of which the last is read.

    Raises
    ------
    CheckpointError
        If there is none, or it is cut short, damaged or of something else.
    """
    path = Path(path)
    if path.is_dir():
        every = found(path)
        if not every:
            raise CheckpointError(f"{path}: expected a folder with checkpoints, step-*.pt, and found none")
        path = every[-1]
    if not path.is_file():
        raise CheckpointError(f"{path}: expected a checkpoint, and there is no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        state = None if damaged else torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: holds more than numbers and texts; nothing of it was run{_older(path)}"
        ) from error
    except Exception as error:
        raise CheckpointError(f"{path}: cut short or damaged: {error}{_older(path)}") from error
    if damaged:
        raise CheckpointError(f"{path}: damaged at {damaged}{_older(path)}")
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"{path}: expected a file that says {FORMAT!r}, and it does not{_older(path)}")
    return state


def found(folder: str | Path) -> list[Path]:
    """Return the checkpoints of a folder, the oldest first."""
    return sorted(Path(folder).glob("step-*.pt"))


def _older(path: Path) -> str:
    """Return words that offer the newest older checkpoint beside a refused one."""
    older = [other for other in found(path.parent) if other.name < path.name]
    return f"\nThe one before it: {older[-1]}" if older else ""


def _sync(folder: Path) -> None:
    """Let the new name reach the disk, where the system can promise that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
