"""The book's data: the ledger of a souvenir shop, and what ``make bench`` measured last."""

import csv
from importlib import resources
from typing import NamedTuple

import numpy as np

MONTHS = "January February March April May June July August September October November December".split()
"""The names of the months, January first."""


class Souvenirs(NamedTuple):
    """A month and its sales, 84 of each."""

    months: np.ndarray
    sales: np.ndarray


def load_souvenirs():
    """Return the monthly sales of a souvenir shop, January 1987 to December 1993.

    The shop stood on the wharf at a beach resort town in Queensland, Australia. Its sales rise from year to year and
    peak each December.

    Returns
    -------
    Souvenirs
        ``months`` (84,) datetime64[M], and ``sales`` (84,) float64, in the ledger's own unit of money.

    Notes
    -----
    Source: Makridakis, Wheelwright and Hyndman, "Forecasting: Methods and Applications", 3rd edition (1998); the data
    set ``souvenirs`` of the R package fpp3 (Hyndman and Athanasopoulos, 2021).
    """
    with resources.files(__name__).joinpath("souvenirs.csv").open(encoding="utf-8") as file:
        rows = np.loadtxt(file, delimiter=",", skiprows=1, dtype=str)
    return Souvenirs(rows[:, 0].astype("datetime64[M]"), rows[:, 1].astype(float))


def load_benchmark():
    """Return how long implementations of the unit take, forward and backward, as ratios to ``torch.nn.LSTM``.

    Returns
    -------
    dict
        From (implementation, peephole) to a dict from the size, "M", "L", "S1" or "S2", to the ratio.

    Notes
    -----
    Source: ``make bench`` in the project's repository, which writes the file; the sizes, the processor and the versions
    stand in ``benchmarks/RESULTS.md`` there.
    """
    found = {}
    with resources.files(__name__).joinpath("benchmark.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["implementation"], row["peephole"]), {})[row["size"]] = float(row["ratio"])
    return found
