"""The book's data: a shop's ledger, what ``make bench`` and ``make sweeps`` found last, and a trained model."""

import csv
from importlib import resources
from typing import NamedTuple

import numpy as np

from lstm_ref.weights import UnitWeights

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
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


class CharacterModel(NamedTuple):
    """A unit that has read Python, its read-out, (O, H) and (O,), and how it learnt, see `load_characters`."""

    weights: UnitWeights
    read_out: np.ndarray
    bias: np.ndarray
    characters: np.ndarray
    bits: np.ndarray


def load_characters():
    """Return a model of the characters of Python's standard library, trained as chapter 8 trains.

    Returns
    -------
    CharacterModel
        The unit's `UnitWeights` (H = 192) and its read-out, in float64; and, for each measure of the training, how many
        characters had been read by then, and the bits per character on modules held out.

    Notes
    -----
    The symbols are those of `lstm_ref.tasks.characters`. Source: ``python -m experiments.characters`` in the project's
    repository, which writes the file; the weights are kept in half precision.
    """
    with resources.files(__name__).joinpath("characters.npz").open("rb") as file, np.load(file) as arrays:
        found = {name: arrays[name].astype(np.int64 if name == "characters" else float) for name in arrays.files}
    rest = [found.pop(name) for name in ("weight", "bias", "characters", "bits")]
    return CharacterModel(UnitWeights.from_dict(found), *rest)


def load_results(name):
    """Return what an experiment of chapter 9 found, a row for each run, or a table of chapter 10.

    Parameters
    ----------
    name : {"forget", "counting", "adding", "spikes", "valves", "order", "units", "set_by_hand"}

    Returns
    -------
    list of dict
        By column: True or False, a whole number, a number or a text; what was not measured is left out.

    Notes
    -----
    Source: ``make sweeps`` in the project's repository, which writes the files; the experiments stand in
    ``benchmarks/experiments.py`` and ``benchmarks/units.py`` there.
    """
    with resources.files(__name__).joinpath("results", f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: _value(text) for key, text in row.items() if text} for row in csv.DictReader(file)]


def load_counter():
    """Return the unit of a model that learnt a^n b^n c^n, H = 10, which hears the start symbol, a, b or c.

    Notes
    -----
    Source: ``make sweeps``: of the runs trained on n up to 40 without a peephole, the one that counted furthest.
    """
    with resources.files(__name__).joinpath("results", "counter.npz").open("rb") as file, np.load(file) as arrays:
        return UnitWeights.from_dict({name: arrays[name].astype(float) for name in arrays.files})


def _value(text):
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
