"""Tables of results as comma-separated values: a row is a dict, its cells numbers, texts, True or False."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from lstm_ref import files


def read(path: Path | Traversable, kinds: Mapping[str, type]) -> list[dict[str, Any]]:
    """Return the rows of a table. Empty cells are left out, and so is a last row that was cut short.

    Parameters
    ----------
    path : path
    kinds : dict
        From columns to int, bool or str; every other column holds floating-point numbers.
    """
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [
        {name: _value(cell, kinds.get(name, float)) for name, cell in row.items() if cell}
        for row in csv.DictReader(lines)
    ]


def write(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write a table, in one act: see `lstm_ref.files.write`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write(path, text.getvalue().encode())


def _value(cell: str, kind: type) -> Any:
    return cell == "True" if kind is bool else kind(cell)
