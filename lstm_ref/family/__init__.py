"""Gated units from the carousel of 1997 to Mamba and RWKV-7, each described by its wires.

>>> from lstm_ref import family
>>> gru = family.UNITS["gru"]
>>> weights = gru.random(input_size=3, hidden_size=4, rng=rng)
>>> family.unroll(gru, weights, x)["h_t"]
"""

from lstm_ref.family import exponential, greff, grus, lstms, matrices, scanned
from lstm_ref.family.drawing import draw
from lstm_ref.family.equations import read_equations
from lstm_ref.family.scans import matrix_reads, scan
from lstm_ref.family.sequence import all_at_once, first_memories, follow_all, gradients, unroll
from lstm_ref.family.unit import Unit, Weights

UNITS = {unit.name: unit for module in (lstms, greff, grus, scanned, exponential, matrices) for unit in module.UNITS}
"""Every unit by name, in the order of the chapter."""

__all__ = [
    "UNITS",
    "Unit",
    "Weights",
    "all_at_once",
    "draw",
    "first_memories",
    "follow_all",
    "gradients",
    "matrix_reads",
    "read_equations",
    "scan",
    "unroll",
]
