"""Checkpoints that survive a kill at any moment, and say so when they do not.

A checkpoint appears under its name when it is whole: see `lstm_ref.files`. The last two are kept; later ones, of a way
that was not gone on, are dropped. They are read with ``weights_only=True``: nothing in them is run.
"""

import io
import pickle
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from lstm_ref import checks, files
from lstm_ref.signatures import checked
from lstm_ref.training.devices import choose_device

VERSION = 2
"""Of what a checkpoint holds. A later version is refused by name, and so is version 1, which held no log."""
KEPT = 2

KINDS: dict[str, Any] = {
    **dict.fromkeys(("settings", "model", "optimiser", "schedule", "scaler", "rng"), dict),
    **dict.fromkeys(("steps", "sequences", "losses", "measures_since_best"), int),
    "loss": torch.Tensor,
    "rows": list,
    "state": (tuple, type(None)),
    "best": (dict, type(None)),
    "carry": object,
}
"""By name: of what type each part of a state is. The whole numbers are at least 0, the tensors finite."""


class CheckpointError(ValueError):
    """A file that cannot be resumed from; the message says why, and names the last good one where there is one."""


@checked
def write(folder: str | Path, step: int, state: dict[str, Any]) -> Path:
    """Write the state of a run after `step` steps into a folder, as ``step-00000400.pt``; return its path.

    Parameters
    ----------
    folder : path
    step : int
    state : dict
        As `lstm_ref.training.Trainer.state_dict` returns it.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is still there.
    """
    checks.whole_number("step", step, 0)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"step-{step:08d}.pt"
    # By way of memory: where the disk is full, torch.save does not say so.
    data = io.BytesIO()
    torch.save({"format": f"lstm_ref checkpoint {VERSION}", **state}, data)
    files.write(path, data.getvalue())
    kept = [each for each in found(folder) if each.name <= path.name][-KEPT:]
    for other in set(found(folder)) - set(kept):
        other.unlink()
    return path


@checked
def read(path: str | Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Return the state that a checkpoint holds, its tensors on a device.

    Parameters
    ----------
    path : path
        A checkpoint, or a folder with checkpoints, of which the last is read.

    Raises
    ------
    CheckpointError
        If there is none, or it is cut short, damaged, of another version or of something else.
    """
    path, device = last(path), choose_device(str(device))
    try:
        return _read(path, device)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}{good_before(path)}") from error.__cause__


def last(path: str | Path) -> Path:
    """Return a checkpoint, or the last one of a folder; CheckpointError if there is none."""
    path = Path(path)
    if path.is_dir():
        every = found(path)
        if not every:
            raise CheckpointError(f"{path}: expected a folder with checkpoints, step-*.pt, and found none")
        path = every[-1]
    if not path.is_file():
        raise CheckpointError(f"{path}: expected a checkpoint, and there is no such file")
    return path


@checked
def found(folder: str | Path) -> list[Path]:
    """Return the checkpoints of a folder, the oldest first."""
    return sorted(Path(folder).glob("step-*.pt"))


def good_before(path: Path) -> str:
    """Return words that offer the last good checkpoint before a refused one, or nothing where there is none."""
    for other in reversed([other for other in found(path.parent) if other.name < path.name]):
        try:
            _read(other, "cpu")
        except CheckpointError:
            continue
        return f"\nThe last good one before it: {other}"
    return ""


def _read(path: Path, device: str | torch.device) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        state: Any = None if damaged else torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError("holds more than numbers and texts; nothing of it was run") from error
    except Exception as error:
        raise CheckpointError(f"cut short or damaged: {error}") from error
    if damaged:
        raise CheckpointError(f"damaged at {damaged}")
    version = re.fullmatch(r"lstm_ref checkpoint (\d+)", str(isinstance(state, dict) and state.pop("format", "")))
    if version is None:
        raise CheckpointError("expected a checkpoint of lstm_ref, and it does not say that it is one")
    if int(version[1]) != VERSION:
        raise CheckpointError(f"expected version {VERSION}, got {version[1]}, of another version of lstm_ref")
    _expect_state(state)
    return state


def _expect_state(state: dict[str, Any]) -> None:
    """Raise CheckpointError unless a state has all its parts, each of its kind."""
    for name, kind in KINDS.items():
        if name not in state:
            raise CheckpointError(f"expected the whole state of a run, and {name} is missing")
        if not isinstance(state[name], kind) or isinstance(state[name], bool):
            names = " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))
            raise CheckpointError(f"{name}: expected {names}, got {type(state[name]).__name__}")
        if kind is int and state[name] < 0:
            raise CheckpointError(f"{name}: expected a whole number, at least 0, got {state[name]}")
    for name, tensor in _tensors(state):
        if not tensor.isfinite().all():
            raise CheckpointError(f"{name}: expected finite numbers, got NaN or infinity")


def _tensors(part: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the tensors inside dicts, lists and tuples, with the way to each."""
    if isinstance(part, torch.Tensor):
        yield name, part
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, (list, tuple)) else ()
    for key, value in inner:
        yield from _tensors(value, f"{name}.{key}" if name else str(key))
