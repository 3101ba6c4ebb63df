"""Kinds of questions, and answers computed by the package: which valve is open when, what waits for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np

from lstm_ref import unit
from lstm_ref.companion import ledger
from lstm_ref.companion.exercises.ch06_two_diagrams import planted
from lstm_ref.data import MONTHS, load_souvenirs
from lstm_ref.diagrams import unit_wiring
from lstm_ref.diagrams.nodes import NODES, SYMBOLS
from lstm_ref.gates import ORDERS
from lstm_ref.weights import UnitWeights

Names: TypeAlias = Mapping[str, Any]
"""What a cell of the notebook defined."""

WHOLE = 0.01
NETS = {"box_f": "f_t", "box_i": "i_t", "box_g": "g_t", "box_o": "o_t"}
INPUTS = {"x_t": "x_t", "h_prev": "h_{t-1}", "c_prev": "C_{t-1}", "plus": "C_t"}


@dataclass(frozen=True)
class Number:
    """A number to type: right if it is within about the tolerance of what `of` makes of the solution."""

    label: str
    of: Callable[[Names], float]
    tolerance: float = WHOLE


@dataclass(frozen=True)
class Choice:
    """Options to tick: label, and whether it is right; `ticked` are so from the start, `wires` are in the drawing."""

    label: str
    of: Callable[[Names], dict[str, bool]]
    ticked: frozenset[str] = frozenset()
    wires: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """Things to put in order: as they stand at first, and the pairs of which the first must stand above the second."""

    label: str
    items: tuple[str, ...]
    of: Callable[[Names], set[tuple[str, str]]]


@dataclass(frozen=True)
class Question:
    """What is asked of an exercise, and a hint for a wrong answer."""

    exercise: str
    asks: str
    fields: tuple[Number | Choice | Order, ...]
    hint: str


def months(openings: Any, is_open: bool) -> dict[str, bool]:
    """Return for each month whether a valve, whose openings are given for twelve months, is open or shut."""
    return {name: bool((opening > 0.5) == is_open) for name, opening in zip(MONTHS, openings[:12])}


def opened(valve: Callable[..., Any], element: int, hidden: int = 2, **changes: Any) -> Any:
    """Return how far a valve of the ledger's unit, with other weights, is open in every month."""
    weights = ledger.weights() if hidden == 2 else UnitWeights.zeros(ledger.INPUT_SIZE, hidden)
    zero = np.zeros((84, hidden))
    return valve(ledger.inputs(*load_souvenirs()), zero, zero, weights.replace(**changes))[:, element]


def reported(names: Names) -> dict[str, bool]:
    """Return which element the output valve of exercise 4.3 reports in May."""
    drive = np.full(12, -ledger.DRIVE)
    openings = [opened(unit.output_valve, k, 12, W_o=names["W_o"], b_o=drive)[4] for k in range(12)]
    return months(np.array(openings), True)


def blocks(_: Names) -> set[tuple[str, str]]:
    """Return which block of ONNX stands above which."""
    order = [f"${letter}$" for letter in ORDERS["onnx"]]
    return set(combinations(order, 2))


def waits(_: Names) -> set[tuple[str, str]]:
    """Return which signal of the unit must be there before which, by its wires."""
    number = {f"${signal}$": name for name, signal in (*NETS.items(), ("plus", "C_t"), ("times_o", "h_t"))}
    wiring = unit_wiring()
    needs: dict[str, set[str]] = {}
    for name in wiring.sorted():
        needs[name] = set(wiring.into(name)).union(*(needs[start] for start in wiring.into(name)))
    return {(one, other) for one in number for other in number if number[one] in needs[number[other]]}


def line(start: str, end: str) -> str:
    """Return what a line into a network is called."""
    return f"${INPUTS[start]}$ into ${NETS[end]}$"


LINES = {line(start, end): (start, end) for end in NETS for start in INPUTS}
ENDS = {"times_f": "the forget valve", "tanh_c": "the tanh", "c_out": "the next step"}
ENDS |= {box: f"the network of ${signal}$" for box, signal in NETS.items()}
MEMORY = {f"{SYMBOLS[NODES[a].gives]} to {ENDS[b]}": (a, b) for a, b in unit_wiring().wires if a in ("c_prev", "plus")}


def drawn() -> frozenset[str]:
    """Return the lines into networks in the drawing of exercise 6.1."""
    return frozenset(name for name, wire in LINES.items() if wire in set(planted().wires))
