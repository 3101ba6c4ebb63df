"""Collect what chapter 8 reports of speed: ``python -m experiments.speed``, in some minutes, on a machine that is idle.

It measures this machine's processor, one thread of it, with three stages of ``make gpu``, and joins to that what ``make
gpu`` left of every card under ``benchmarks/gpu/results``. The column "machine" says which is which.
"""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.gpu.__main__ import FOLDER as CARDS
from experiments.sweeps import FOLDER
from lstm_ref.data import tables

HERE = Path(__file__).parents[1] / "build" / "speed"
STAGES = {"curves": "curves.csv", "timeline": "timeline.csv", "feeding": "feeding.csv"}
TABLES = {
    "curves.csv": "machine torch device sweep T B H row pass ms",
    "timeline.csv": "machine row where name began us",
    "feeding.csv": "machine row ms ratio",
    "precision.csv": "machine row ms state step bits",
}
MEAN = 10
"""Of so many steps of a loss curve the mean is kept."""


def measure() -> None:
    """Let ``make gpu`` measure the processor."""
    options = ["--device", "cpu", "--minutes", "8", "--out", str(HERE), "--again", "--stages", *STAGES]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "benchmarks.gpu", *options], check=True, env=environment)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of one machine's table, with its name and its PyTorch."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    facts = dict(fact.split(" ", 1) for fact in head.removeprefix("# ").split(", "))
    rows = csv.DictReader(lines)
    return [{"machine": facts["card"], "torch": facts["torch"]} | row for row in rows]


def means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a loss curve for each row name and machine with MEAN steps made into one."""
    found: dict[tuple[str, ...], list[float]] = {}
    for row in rows:
        key = row["machine"], row["row"], row["ms"], row["state"], str(int(row["step"]) // MEAN * MEAN)
        found.setdefault(key, []).append(float(row["bits"]))
    names = "machine", "row", "ms", "state", "step"
    return [dict(zip(names, key)) | {"bits": f"{sum(bits) / len(bits):.4f}"} for key, bits in found.items()]


def main() -> None:
    measure()
    folders = [HERE, *sorted(path for path in CARDS.glob("*") if path.is_dir())]
    for name, columns in TABLES.items():
        rows = [row for folder in folders if (folder / name).exists() for row in read(folder / name)]
        if name == "precision.csv":
            rows = means(rows)
        kept = [{column: row[column] for column in columns.split()} for row in rows]
        tables.write(FOLDER / name, kept, columns.split())


if __name__ == "__main__":
    main()
