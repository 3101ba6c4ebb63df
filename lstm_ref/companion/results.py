"""The results of chapter 9 as tables: what a paper did, what was done here, and how the runs came out."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lstm_ref.data import load_protocols, load_results
from lstm_ref.svg import number


class Table:
    """Columns of texts under a header; a notebook shows it as a table."""

    def __init__(self, header: Iterable[str], rows: Iterable[Iterable[object]]):
        self.header, self.rows = list(header), [[str(cell) for cell in row] for row in rows]

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in [self.header, *self.rows])
        return "\n".join(line.rstrip() for line in lines)

    def _repr_markdown_(self) -> str:
        rows = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def summary(
    experiment: str, by: Sequence[str], value: str = "sequences", where: Mapping[str, Any] | None = None
) -> Table:
    """Return how the runs of an experiment came out, a row for each kind of run.

    Parameters
    ----------
    experiment : str
        As for `lstm_ref.data.load_results`.
    by : sequence of str
        The columns that tell kinds of runs apart.
    value : str
        The column of which the median and the range are shown; of the runs that solved the task, where it is
        "sequences", and of all runs else.
    where : dict, optional
        Values of columns: only runs with these are counted.

    Returns
    -------
    Table
        The columns `by`; how many runs solved the task, of how many; the median and the range; and the median of a
        processor's seconds, over all runs.

    Raises
    ------
    ValueError
        If there is no such column, or no run is left.
    """
    rows = chosen(experiment, where)
    known = {column for row in rows for column in row}
    if unknown := [name for name in (*by, value) if name not in known]:
        raise ValueError(f"by, value: expected columns of {experiment!r}, {sorted(known)}, got {unknown[0]!r}")
    kinds: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        kinds.setdefault(tuple(row.get(name, "") for name in by), []).append(row)
    table = []
    for kind, runs in kinds.items():
        solved = [row for row in runs if row["solved"]]
        counted = [row[value] for row in (solved if value == "sequences" else runs)]
        middle, extent = "none", "none"
        if counted:
            middle, extent = number(statistics.median(counted)), f"{number(min(counted))} to {number(max(counted))}"
        seconds = number(statistics.median(row["seconds"] for row in runs))
        table.append([*kind, f"{len(solved)} of {len(runs)}", middle, extent, seconds])
    words = [name.replace("_", " ") for name in (*by, f"median {value}")]
    return Table([*words[:-1], "solved", words[-1], "from, to", "seconds"], table)


def chosen(experiment: str, where: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the rows of `load_results` in which the columns named in `where` have these values.

    Raises
    ------
    ValueError
        If there is none.
    """
    where = where or {}
    rows = [row for row in load_results(experiment) if all(row.get(key) == value for key, value in where.items())]
    if not rows:
        raise ValueError(f"where: expected values that some run of {experiment!r} has, got {where}")
    return rows


def protocol(name: str) -> Table:
    """Return what the paper did and what was done here, side by side.

    Parameters
    ----------
    name : {"continual-reber", "counting", "adding", "order", "spikes"}

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    protocols = load_protocols()
    if name not in protocols:
        raise ValueError(f"name: expected one of {tuple(protocols)}, got {name!r}")
    return Table(["", "the paper", "here"], ([aspect, *texts] for aspect, texts in protocols[name].items()))
