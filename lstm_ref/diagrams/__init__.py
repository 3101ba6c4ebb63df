"""Diagrams of the unit, all drawn from one description of its wiring.

>>> from lstm_ref import diagrams
>>> diagrams.draw("cell", lit="forget valve").save("forget.svg")
"""

from lstm_ref.diagrams.draw import Diagram, draw
from lstm_ref.diagrams.evaluate import follow
from lstm_ref.diagrams.joint import joint
from lstm_ref.diagrams.nodes import PARTS
from lstm_ref.diagrams.single_valve import valve
from lstm_ref.diagrams.three_units import chain
from lstm_ref.diagrams.wiring import Wire, Wiring, unit_wiring

__all__ = ["PARTS", "Diagram", "Wire", "Wiring", "chain", "draw", "follow", "joint", "unit_wiring", "valve"]
