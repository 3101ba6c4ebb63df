"""The book's data: a shop's ledger, what ``make bench`` and ``make sweeps`` found last, and a trained model."""

import tomllib
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_ref.checks import Array, Integers
from lstm_ref.data import tables
from lstm_ref.weights import UnitWeights

__all__ = [
    "MONTHS",
    "CharacterModel",
    "Souvenirs",
    "load_characters",
    "load_protocols",
    "load_results",
    "load_souvenirs",
    "load_unit",
]

MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
"""The names of the months, January first."""

_FILES = resources.files(__name__)
_UNITS = "counter", "stream"
_COLUMNS = {
    int: "T batches distractors early_errors element elements errors every hidden_size largest_n least letters most"
    " paper_errors places reach seed sequences steps stretches updates weights",
    bool: "calendar high inside output_tanh solved",
    str: "forget_valve held_open marks network peephole property scale start task until",
}
_KINDS = {name: kind for kind, names in _COLUMNS.items() for name in names.split()}


class Souvenirs(NamedTuple):
    """A month and its sales, 84 of each."""

    months: NDArray[np.datetime64]
    sales: Array


def load_souvenirs() -> Souvenirs:
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
    rows = tables.read(_FILES / "souvenirs.csv", {"month": str})
    months = np.array([row["month"] for row in rows], "datetime64[M]")
    return Souvenirs(months, np.array([row["sales"] for row in rows]))


class CharacterModel(NamedTuple):
    """A unit that has read Python, its read-out, (O, H) and (O,), and how it learnt, see `load_characters`."""

    weights: UnitWeights
    read_out: Array
    bias: Array
    characters: Integers
    bits: Array


def load_characters() -> CharacterModel:
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
    arrays = _arrays("characters.npz")
    read_out, bias, characters, bits = (arrays.pop(name) for name in ("weight", "bias", "characters", "bits"))
    return CharacterModel(UnitWeights.from_dict(arrays), read_out, bias, characters.astype(np.int64), bits)


def load_results(name: str) -> list[dict[str, Any]]:
    """Return what an experiment of chapter 9 found, a row for each run, or a table of chapter 7 or 10.

    Parameters
    ----------
    name : {"forecast", "forget", "counting", "windows", "adding", "multiplication", "spikes", "delays", "one_cell", \
        "valves", "order", "long_lag", "units", "set_by_hand"}

    Returns
    -------
    list of dict
        By column: True or False, a whole number, a number or a text; what was not measured is left out.

    Notes
    -----
    Source: ``make sweeps`` in the project's repository, which writes the files; the experiments stand in
    ``experiments/cases.py``, ``experiments/forecast.py``, ``experiments/one_cell.py`` and ``experiments/units.py``
    there.
    """
    return tables.read(_FILES / "results" / f"{name}.csv", _KINDS)


def load_protocols() -> dict[str, dict[str, list[str]]]:
    """Return what each paper did and what chapter 9 did: by experiment and aspect, two texts, the paper's first.

    Under "all" is what holds for every experiment.
    """
    return tomllib.loads((_FILES / "protocols.toml").read_text(encoding="utf-8"))


def load_unit(name: str) -> UnitWeights:
    """Return the unit of a model that was trained for chapter 9.

    Parameters
    ----------
    name : {"counter", "stream"}
        "counter" learnt a^n b^n c^n, H = 10, and reads the start symbol, a, b or c: of the runs trained on n up to 40
        without a peephole, the one that counted furthest. "stream" learnt the Reber stream, H = 8, and reads one of
        `lstm_ref.tasks.reber.SYMBOLS`: one of ten runs, in which an element plainly keeps a string's second letter.

    Raises
    ------
    ValueError
        If the name is unknown.

    Notes
    -----
    Source: ``make sweeps``.
    """
    if name not in _UNITS:
        raise ValueError(f"name: expected one of {_UNITS}, got {name!r}")
    return UnitWeights.from_dict(_arrays(f"results/{name}.npz"))


def _arrays(name: str) -> dict[str, Array]:
    """Return the arrays of a file in double precision."""
    with (_FILES / name).open("rb") as file, np.load(file) as arrays:
        return {key: arrays[key].astype(float) for key in arrays.files}
