"""A file of the user's own as text, with errors that say what to do."""

import warnings
import zlib
from pathlib import Path


def changed(file: str, kind: str, example: str) -> int:
    """Return when a file was changed last, in nanoseconds, by which what is read of it may be kept.

    `kind` says what it should be, as "a text file", and `example` how to name it.
    """
    if not file:
        raise ValueError(f"file: expected the name of {kind}, as in --file {example}, got ''")
    if not Path(file).is_file():
        raise FileNotFoundError(f"file: expected {kind}, got {file!r}, and there is no such file")
    return Path(file).stat().st_mtime_ns


def text(file: str, kind: str) -> str:
    """Return what a file in UTF-8 holds."""
    data = Path(file).read_bytes()
    if b"\0" in data[:4096]:
        raise ValueError(f"file: expected {kind} in UTF-8, got {file!r} with zero bytes in it")
    return data.decode("utf-8-sig", errors="replace")


def checksum(file: str, known: str) -> str:
    """Return a checksum of a file, or the one that is known; warn where the file has another by now."""
    found = f"{zlib.crc32(Path(file).read_bytes()):08x}"
    if known and found != known:
        warnings.warn(f"file: {file!r} is not what it was when the run began; the two do not compare", stacklevel=4)
    return known or found
