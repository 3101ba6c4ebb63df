"""A gated unit as a diagram, in the style of the LSTM's pipe."""

from lstm_ref.checks import one_of
from lstm_ref.diagrams import Diagram
from lstm_ref.diagrams.draw import unit_diagram
from lstm_ref.family.unit import Unit
from lstm_ref.signatures import checked


@checked
def draw(unit: Unit, lit: str = "new") -> Diagram:
    """Draw a unit.

    Parameters
    ----------
    unit : Unit
    lit : {"new", "all"}
        What is not grey: what is new in the unit beside the one before it in the book, or all of it.

    Returns
    -------
    lstm_ref.diagrams.Diagram
    """
    one_of("lit", lit, ("new", "all"))
    wiring, shown = unit.wiring, set(unit.wiring.nodes)
    if lit == "new":
        shown = set(unit.new.split())
        shown |= {name for part in shown for name in wiring.into(part) if wiring.nodes[name].kind in ("input", "bias")}
    layout = unit.layout
    title = f"{unit.words}, {layout.words}" + ("; lit: what is new" if lit == "new" else "")
    return unit_diagram(layout, wiring, shown, title, {}, {})
