"""Diagrams of the unit, all drawn from one description of its wiring.

>>> from lstm_ref import diagrams
>>> diagrams.draw("cell", lit="forget valve").save("forget.svg")
"""

from lstm_ref.diagrams.draw import Diagram, chain, draw
from lstm_ref.diagrams.flow import follow
from lstm_ref.diagrams.one_valve import valve
from lstm_ref.diagrams.wiring import PARTS, Wire, Wiring, planted, unit

__all__ = ["draw", "chain", "valve", "Diagram", "PARTS", "Wire", "Wiring", "unit", "planted", "follow"]
