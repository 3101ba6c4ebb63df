"""The book's data: a shop's ledger, what ``make sweeps`` found last, and trained models."""

import tomllib
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_ref.checks import Array, Integers, integers, one_of
from lstm_ref.data import tables
from lstm_ref.sequence import Trace, unroll
from lstm_ref.signatures import checked
from lstm_ref.weights import UnitWeights

__all__ = [
    "MONTHS",
    "RESULTS",
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
RESULTS = sorted(each.name.removesuffix(".csv") for each in (_FILES / "results").iterdir() if ".csv" in each.name)
"""The names of the tables that `load_results` reads."""

_UNITS = "counter", "stream"
_MODELS = "small-0", "small-1", "small-2", "large"
_COLUMNS = {
    int: "B H T batches characters context distractors early_errors element elements errors every hidden_size largest_n"
    " later layer least letters most paper_errors places reach seed sequences step steps stretches updates weights",
    bool: "calendar high inside output_tanh solved",
    str: "basis device forget_valve heard held_open how kind machine mark marks model module name network number part"
    " pass peephole property row scale start state sweep task torch unit until where",
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
    """Units that have read Python, each above the one before it, and their read-out, (O, H) and (O,)."""

    layers: tuple[UnitWeights, ...]
    read_out: Array
    bias: Array

    @property
    def weights(self) -> UnitWeights:
        """The unit of a model that has one."""
        [only] = self.layers
        return only

    @checked
    def read(self, x: Integers, state: Any = None) -> list[Trace]:
        """Return what each layer does while the model reads symbols x, (T,) or (T, B)."""
        integers("x", x, 0, self.read_out.shape[0] - 1)
        signal: Array = np.eye(self.read_out.shape[0], dtype=self.read_out.dtype)[x]
        traces: list[Trace] = []
        for layer, start in zip(self.layers, state or [()] * len(self.layers)):
            traces.append(unroll(layer, signal, *start))
            signal = traces[-1].h_t
        return traces

    @checked
    def answer(self, x: Integers, state: Any = None) -> tuple[Array, list[tuple[Array, Array]]]:
        """Return the logits (T, B, O) after symbols x (T, B), and the state to go on from, as `lstm_ref.tasks` ask."""
        traces = self.read(x, state)
        return traces[-1].h_t @ self.read_out.T + self.bias, [(trace.h_t[-1], trace.c_t[-1]) for trace in traces]


@checked
def load_characters(name: str = "small-0") -> CharacterModel:
    """Return a model of the characters of Python's standard library, trained as chapter 8 trains.

    Parameters
    ----------
    name : {"small-0", "small-1", "small-2", "large"}
        One unit of 192 elements, from three seeds; or two of 384, one above the other.

    Returns
    -------
    CharacterModel
        The `UnitWeights` of each layer and the read-out, in double precision.

    Raises
    ------
    ValueError
        If the name is unknown.

    Notes
    -----
    The symbols are those of `lstm_ref.tasks.characters`. Source: ``python -m experiments.characters`` in the project's
    repository, which writes the files; the weights are kept in half precision. How each model learnt is
    ``load_results("learning")``.
    """
    one_of("name", name, _MODELS)
    arrays = _arrays(f"models/{name}.npz")
    read_out, bias = (arrays.pop(f"read_out.{part}") for part in ("weight", "bias"))
    layers = 1 + max(int(key.partition(".")[0]) for key in arrays)
    units = [{key[2:]: array for key, array in arrays.items() if key.startswith(f"{n}.")} for n in range(layers)]
    return CharacterModel(tuple(map(UnitWeights.from_dict, units)), read_out, bias)


@checked
def load_results(name: str) -> list[dict[str, Any]]:
    """Return what an experiment of chapter 9 found, a row for each run, or a table of chapter 7, 8 or 10.

    Parameters
    ----------
    name : str
        Of a file in ``lstm_ref/data/results``, without its ``.csv``, such as "forecast" or "units".

    Returns
    -------
    list of dict
        By column: True or False, a whole number, a number or a text; what was not measured is left out.

    Raises
    ------
    ValueError
        If there is no such table.

    Notes
    -----
    Source: ``make sweeps`` in the project's repository writes the files, and ``python -m experiments.speed`` those of
    speed; the experiments stand in ``experiments`` there.
    """
    one_of("name", name, RESULTS)
    return tables.read(_FILES / "results" / f"{name}.csv", _KINDS)


def load_protocols() -> dict[str, dict[str, list[str]]]:
    """Return what each paper did and what chapter 9 did: by experiment and aspect, two texts, the paper's first.

    Under "all" is what holds for every experiment.
    """
    return tomllib.loads((_FILES / "protocols.toml").read_text(encoding="utf-8"))


@checked
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
    one_of("name", name, _UNITS)
    return UnitWeights.from_dict(_arrays(f"results/{name}.npz"))


def _arrays(name: str) -> dict[str, Array]:
    """Return the arrays of a file in double precision."""
    with (_FILES / name).open("rb") as file, np.load(file) as arrays:
        return {key: arrays[key].astype(float) for key in arrays.files}
