"""Tables of the reader's own: columns of numbers from a CSV file, with errors that say what to do."""

from __future__ import annotations

import csv
import functools
import io
import math

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.tasks import own_file

DELIMITERS = ",;\t"


def read(file: str, column: str, argument: str = "column") -> Array:
    """Return a column of a table, (N,); `argument` is where its name came from.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is empty, has no such column, or the column has a cell that is no finite number; the message says which.
    """
    header, rows = cells(file)
    if column not in header:
        raise ValueError(f"{argument}: expected one of {', '.join(map(repr, header))}, got {column!r}")
    place = header.index(column)
    return _numbers(file, column, tuple(row[place] if place < len(row) else "" for row in rows))


def labels(file: str) -> list[str]:
    """Return the first cell of each row: where it is a date, what a row is called."""
    return [row[0] if row else "" for row in cells(file)[1]]


def cells(file: str) -> tuple[list[str], list[list[str]]]:
    """Return the header of a table, and its rows."""
    return _cells(file, own_file.changed(file, "a CSV file", "sales.csv"))


@functools.cache
def _cells(file: str, changed: int) -> tuple[list[str], list[list[str]]]:
    """Return the same, read once unless the file has changed."""
    text = own_file.text(file, "a CSV file")
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise ValueError(f"file: expected a CSV file, got {file!r}: {error}") from error
    lines = [[cell.strip() for cell in row] for row in rows]
    if len(lines) < 2:
        raise ValueError(f"file: expected a header and rows of numbers, got {len(lines)} line(s) in {file!r}")
    return lines[0], lines[1:]


@functools.cache
def _numbers(file: str, column: str, texts: tuple[str, ...]) -> Array:
    values = np.empty(len(texts))
    for k, text in enumerate(texts):
        try:
            values[k] = float(text)
        except ValueError:
            values[k] = math.nan
        if not math.isfinite(values[k]):
            commas = text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()
            mend = "write it without commas, with a decimal point" if commas else "fill it, with the value before, say"
            where = f"in row {k + 1} below the header of {file!r}; {mend}"
            raise ValueError(f"column: expected a number in every row of {column!r}, got {text!r} {where}")
    values.flags.writeable = False
    return values
