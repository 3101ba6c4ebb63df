"""Files that are whole: written beside their place, and renamed when every byte has reached the disk."""

import contextlib
import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file in one act: whoever reads `path` finds the whole of it, or what was there before.

    Raises
    ------
    OSError
        If the disk is full, or the folder gone or read-only; it names the file, and nothing is left of the attempt.
    """
    temporary = path.with_suffix(".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Let the new name reach the disk, where the system can promise that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
