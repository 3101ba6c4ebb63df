"""The results of chapter 9 as tables: what a paper did, what was done here, and how the runs came out."""

import statistics

from lstm_ref.data import load_results


class Table:
    """Columns of texts under a header; a notebook shows it as a table."""

    def __init__(self, header, rows):
        self.header, self.rows = list(header), [[str(cell) for cell in row] for row in rows]

    def __repr__(self):
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in [self.header, *self.rows])
        return "\n".join(line.rstrip() for line in lines)

    def _repr_markdown_(self):
        rows = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def summary(experiment, by, value="sequences", where=None):
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
    kinds = {}
    for row in rows:
        kinds.setdefault(tuple(row.get(name, "") for name in by), []).append(row)
    table = []
    for kind, runs in kinds.items():
        solved = [row for row in runs if row["solved"]]
        counted = [row[value] for row in (solved if value == "sequences" else runs)]
        spread = ["none", "none"]
        if counted:
            spread = [number(statistics.median(counted)), f"{number(min(counted))} to {number(max(counted))}"]
        seconds = number(statistics.median(row["seconds"] for row in runs))
        table.append([*kind, f"{len(solved)} of {len(runs)}", *spread, seconds])
    words = [name.replace("_", " ") for name in (*by, f"median {value}")]
    return Table([*words[:-1], "solved", words[-1], "from, to", "seconds"], table)


def chosen(experiment, where=None):
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


def number(value):
    """Return a number as tables write it: whole where it is large, three digits where it is small."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def protocol(name):
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
    if name not in PROTOCOLS:
        raise ValueError(f"name: expected one of {tuple(PROTOCOLS)}, got {name!r}")
    return Table(["", "the paper", "here"], PROTOCOLS[name])


ADAM = "Adam, gradients clipped to length 1, rate falling along a cosine"
DESCENT = "gradient descent after every step, gradients cut short at the unit's border"
PROTOCOLS = {
    "continual-reber": [
        ["source", "Gers, Schmidhuber and Cummins, 2000", ""],
        ["stream", "one stream, started anew after an error", "16 streams side by side, never started anew"],
        ["network", "4 blocks of 2 cells", "8 elements and a read-out with one output a symbol"],
        ["training", DESCENT, f"{ADAM}; 50 symbols of each stream a batch, at most 4,000 batches"],
        ["solved", "10 streams of 1,000,000 symbols predicted", "1 stream of 100,000 symbols, its first 100 uncounted"],
        ["right", "every symbol that may come, and no other, is announced", "ranked above every other"],
        ["reported", "without the forget valve no run; with it a part, or most, of the runs", "below"],
    ],
    "counting": [
        ["source", "Gers and Schmidhuber, 2001", ""],
        ["strings", "n up to 10, and up to 40 or more in others", "n up to 10 and up to 40, 8 strings a batch"],
        ["network", "1 cell, and 2 for three letters, with peepholes", "10 elements, with and without peepholes"],
        ["training", DESCENT, f"{ADAM}; 4,000 batches, to the last"],
        ["right", "at each step all that may come is announced, and nothing else", "the same"],
        ["reported", "commonly quoted: trained to 10, two letters to 1,000 at best and 118 on average, "
         "three letters to 52; trained to 40, three letters to 500", "below"],
    ],
    "adding": [
        ["source", "Hochreiter and Schmidhuber, 1997, experiment 4", ""],
        ["sequences", "T to 1.1 T steps, one at a time", "the same, 32 of one length a batch"],
        ["network", "2 blocks of 2 cells, no forget valve, 93 weights", "32 elements, 4,641 weights"],
        ["start", "new-memory valves shut by biases of -3 and -6", "both valves so that a memory lasts for T steps"],
        ["training", DESCENT, f"{ADAM}; at most 4,000 batches"],
        ["solved", "2,000 training sequences in a row within 0.04, mean error below 0.01",
         "2,000 test sequences within 0.04, mean error below 0.01; asked after every 100 batches"],
        ["reported", "commonly quoted: T = 100 after 74,000 sequences, 500 after 209,000, 1000 after 853,000", "below"],
    ],
    "order": [
        ["source", "Hochreiter and Schmidhuber, 1997, experiment 6a", ""],
        ["sequences", "100 to 110 steps, one at a time", "the same, 32 of one length a batch"],
        ["network", "2 blocks of 2 cells, 156 weights", "16 elements, 1,732 weights"],
        ["start", "new-memory valves shut by their biases", "both valves so that a memory lasts for 100 steps"],
        ["training", DESCENT, f"{ADAM}; at most 4,000 batches"],
        ["solved", "2,000 training sequences in a row with every output within 0.3", "2,000 test sequences, the same"],
        ["reported", "commonly quoted: after 31,390 sequences", "below"],
    ],
    "spikes": [
        ["source", "Gers, Schraudolph and Schmidhuber, 2002", ""],
        ["network", "1 cell, 17 weights with its 3 peepholes", "1, 2 or 4 elements and a read-out, in float32"],
        ["start", "not known to us in full", "biases 2 for the output valve, -2 for the forget valve, 0 for the "
         "new-memory valve; R to 0.5, P to 0.1, read-out to 5"],
        ["training", f"{DESCENT}; streams that stop at an error", f"{ADAM}; 5 spikes, the loss stops 3 steps after the "
         "first error; at most 5,000 batches"],
        ["solved", "streams without error", "100,000 steps without error"],
        ["reported", "not solved without peepholes", "below"],
    ],
}  # fmt: skip
