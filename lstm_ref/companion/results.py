"""The results of chapter 9 as tables: what a paper did, what was done here, and how the runs came out."""

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lstm_ref import checks
from lstm_ref.data import load_protocols, load_results
from lstm_ref.signatures import checked
from lstm_ref.svg import number

SHOWN: dict[tuple[str, Any], str] = {("peephole", "none"): "without", ("held_open", "none"): "nothing"}
"""How a table shows a cell that would else say "none"."""

DASH = "\N{EN DASH}"


class Table:
    """Columns of texts under a header; a notebook shows it as a table."""

    @checked
    def __init__(self, header: Iterable[str], rows: Iterable[Iterable[object]]):
        self.header, self.rows = list(header), [[str(cell) for cell in row] for row in rows]

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in [self.header, *self.rows])
        return "\n".join(line.rstrip() for line in lines)

    def _repr_markdown_(self) -> str:
        # A short cell stays on one line, also on a phone.
        unbroken = {ord(" "): "\u00a0", ord(DASH): f"\u2060{DASH}\u2060"}
        cells = [[_escaped(cell.translate(unbroken) if len(cell) < 12 else cell) for cell in row] for row in self.rows]
        number_or_dash = re.compile(rf"[\d.,]+|{DASH}")
        marks = ["---:" if all(map(number_or_dash.fullmatch, column)) else "---" for column in zip(*self.rows)]
        rows = [[_escaped(cell) for cell in self.header], marks, *cells]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _escaped(cell: str) -> str:
    """Return a cell as Markdown that says the same and is neither a mark of the table, nor a link, nor HTML."""
    return " ".join(cell.translate({ord(mark): f"&#{ord(mark)};" for mark in "&<>|[]"}).split("\n"))


@checked
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
        The columns `by`; how many runs solved the task, of how many, with its `interval`; and the median and the range.
        A dash stands where no run is left to show.

    Raises
    ------
    ValueError
        If there is no such column, or no run is left.
    """
    table = []
    for kind, runs in _kinds(experiment, by, value, where).items():
        solved = [row for row in runs if row["solved"]]
        counted = [row[value] for row in (solved if value == "sequences" else runs)]
        middle, extent = DASH, DASH
        if counted:
            middle, extent = number(statistics.median(counted)), f"{number(min(counted))} to {number(max(counted))}"
        table.append([*kind, *_share(len(solved), len(runs)), middle, extent])
    return Table([*_words(by), "solved", "95%", f"median {value.replace('_', ' ')}", "from, to"], table)


@checked
def failures(experiment: str, by: Sequence[str], where: Mapping[str, Any] | None = None, digits: int = 3) -> Table:
    """Return the best score of every run that did not solve its task, a row for each kind of run that had such ones.

    The arguments are those of `summary`; `digits` is how many decimals of a score are shown.
    """
    checks.whole_number("digits", digits, 0, 17)
    table = []
    for kind, runs in _kinds(experiment, by, "best_score", where).items():
        scores = sorted(row["best_score"] for row in runs if not row["solved"])
        if scores:
            table.append([*kind, f"{len(scores)} of {len(runs)}", ", ".join(f"{score:.{digits}f}" for score in scores)])
    return Table([*_words(by), "failed", "their best scores"], table)


@checked
def passed(experiment: str, by: Sequence[str], column: str, where: Mapping[str, Any] | None = None) -> Table:
    """Return how many runs made no error, a row for each kind of run, and how many errors each run made, in order.

    The arguments are those of `summary`; `column` holds the numbers of errors.
    """
    table = []
    for kind, runs in _kinds(experiment, by, column, where, "column").items():
        errors = sorted(row[column] for row in runs if column in row)
        if len(errors) < len(runs):
            raise ValueError(f"column: expected one that all runs of {kind} have, got {column!r}")
        shown = "; ".join(f"{count:,}" for count in errors)
        table.append([*kind, *_share(errors.count(0), len(errors)), shown])
    return Table([*_words(by), "without error", "95%", "errors of each run"], table)


@checked
def interval(successes: int, runs: int) -> tuple[float, float]:
    """Return the exact 95% confidence interval of a probability, after so many successes in so many runs.

    Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26 (1934).
    """
    checks.whole_number("runs", runs, 1)
    checks.whole_number("successes", successes, 0, runs)
    quantile, failed = checks.package("scipy.special", "book").betaincinv, runs - successes
    low = quantile(successes, failed + 1, 0.025) if successes else 0.0
    high = quantile(successes + 1, failed, 0.975) if failed else 1.0
    return float(low), float(high)


def _share(successes: int, runs: int) -> tuple[str, str]:
    """Return how many of how many, and the interval in per cent, as a table shows them."""
    low, high = interval(successes, runs)
    return f"{successes} of {runs}", f"{100 * low:.0f}{DASH}{100 * high:.0f}%"


def _words(columns: Sequence[str]) -> list[str]:
    return [name.replace("_", " ") for name in columns]


def _kinds(
    experiment: str, by: Sequence[str], value: str, where: Mapping[str, Any] | None, argument: str = "value"
) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Return the runs of each kind, in the order of the file, by what a table shows of the kind."""
    rows = chosen(experiment, where)
    known = {column for row in rows for column in row}
    for name in by:
        checks.one_of("by", name, sorted(known))
    checks.one_of(argument, value, sorted(known))
    kinds: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        kind = tuple(SHOWN.get((name, row.get(name)), row.get(name, "")) for name in by)
        kinds.setdefault(kind, []).append(row)
    return kinds


@checked
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


@checked
def protocol(name: str) -> Table:
    """Return what the paper did and what was done here, side by side.

    Parameters
    ----------
    name : {"all", "continual-reber", "counting", "windows", "adding", "long-lag", "multiplication", "order", \
        "spikes", "delays"}
        An experiment, or "all" for what holds for every one of them.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    protocols = load_protocols()
    checks.one_of("name", name, protocols)
    return Table(["", "the papers", "here"], ([aspect, *texts] for aspect, texts in protocols[name].items()))
