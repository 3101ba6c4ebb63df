"""What a result was measured with, and by which code."""

import csv
import hashlib
import os
import platform
import re
import subprocess
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.report import processor

ROOT = Path(__file__).resolve().parents[2]


def facts(device: str, tiny: bool) -> dict[str, Any]:
    """Return card, versions, code and date, by name."""
    cuda = torch.device(device).type == "cuda"
    card = torch.cuda.get_device_properties(device) if cuda else None
    return {
        "card": card.name if card else processor(),
        "memory GiB": round(card.total_memory / 2**30, 1) if card else None,
        "capability": f"{card.major}.{card.minor}" if card else None,
        "torch": torch.__version__,
        "CUDA": torch.version.cuda,
        "cuDNN": torch.backends.cudnn.version() if cuda else None,
        "Triton": next(filter(None, map(_version, ("triton", "pytorch-triton"))), None),
        "driver": _output("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader") if cuda else None,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "threads": f"{torch.get_num_threads()} of {os.cpu_count()}",
        "commit": _output("git", "-C", str(ROOT), "rev-parse", "HEAD"),
        "sources": sources(),
        "tiny": tiny,
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two machines are one, and their code too: all but the date."""
    return {**one, "date": None} == {**other, "date": None}


def sources() -> str:
    """Return a mark of the code that is measured and measures, which a copy without git has too."""
    paths = [*(ROOT / "lstm_ref").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    data = b"".join(path.read_bytes() for path in sorted(paths))
    return hashlib.sha256(data).hexdigest()[:12]


def folder_name(machine: dict[str, Any]) -> str:
    """Return the card's name in letters, digits, dots, underscores and hyphens."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", machine["card"]).strip("-") or "unknown"


def lines(machine: dict[str, Any]) -> str:
    """Return the facts in one line, as the first of a table is to hold them."""
    return ", ".join(f"{name} {fact}" for name, fact in machine.items() if fact is not None)


def write_table(path: Path, machine: dict[str, Any], columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write a table whose first line says what it was measured with; what is in no column is left out."""
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {lines(machine)}\n")
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _output(*command: str) -> str | None:
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return found.strip().splitlines()[0] if found.strip() else None
