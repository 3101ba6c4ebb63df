"""A gated unit as a diagram, in the style of the LSTM's pipe."""

from collections.abc import Mapping
from dataclasses import replace

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams import Diagram
from lstm_ref.diagrams.alt_text import describe
from lstm_ref.diagrams.geometry import Layout
from lstm_ref.diagrams.labels import roomy_spots
from lstm_ref.diagrams.unit_drawing import UnitDrawing
from lstm_ref.diagrams.values import LINE_HEIGHT, MOST_NUMBERS
from lstm_ref.family.unit import Unit
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import number

RAISED = 18
"""How much higher the frame is where values stand above the uppermost pipe."""


@checked
def draw(unit: Unit, lit: str = "new", values: Mapping[str, Array] | None = None) -> Diagram:
    """Draw a unit.

    Parameters
    ----------
    unit : Unit
    lit : {"new", "all"}
        What is not grey: what is new in the unit beside the one before it in the book, or all of it.
    values : mapping, optional
        Of signals by name, one number or two each, (1,) or (2,): those that have a symbol in the drawing, and memories
        that come in through a pipe, are written beside it.

    Returns
    -------
    lstm_ref.diagrams.Diagram

    Raises
    ------
    ValueError
        If there is no such `lit`, or values are not of the unit's signals, or not one or two finite numbers each.
    """
    checks.one_of("lit", lit, ("new", "all"))
    wiring, shown = unit.wiring, set(unit.wiring.nodes)
    if lit == "new":
        shown = set(unit.new.split())
        shown |= {name for part in shown for name in wiring.into(part) if wiring.nodes[name].kind in ("input", "bias")}
    layout, values = unit.layout, _checked(unit, values or {})
    if values:
        layout = _with_room(layout, unit, values)
    title = f"{unit.words}, {layout.words}" + ("; lit: what is new" if lit == "new" else "")
    body = UnitDrawing(layout, wiring, shown).svg(values, dict.fromkeys(values, 1.0), order=False)
    alt = describe(title, wiring, layout, shown) + _in_words(unit, layout, values)
    return Diagram(body, layout.size, title, alt)


def _checked(unit: Unit, values: Mapping[str, Array]) -> Mapping[str, Array]:
    for name, value in values.items():
        if name not in unit.wiring.symbols:
            raise ValueError(f"values: expected signals of {unit.name}, got {name!r}")
        if value.ndim != 1 or not 1 <= len(value) <= MOST_NUMBERS:
            raise ValueError(f"values[{name!r}]: expected shape (1,) or (2,), got {value.shape}")
        checks.finite(f"values[{name!r}]", value)
    return values


def _in_words(unit: Unit, layout: Layout, values: Mapping[str, Array]) -> str:
    """Return the values of what comes in and of what has a symbol, for the alternative text."""
    said = dict.fromkeys(name for name in ("x_t", *unit.memories, *layout.spots) if name in values)
    plain = {name: unit.wiring.symbols[name].translate(str.maketrans("", "", "${}")) for name in said}
    words = ", ".join(f"{plain[name]} {' and '.join(map(number, values[name]))}" for name in said)
    return f" Values: {words}." if words else ""


def _with_room(layout: Layout, unit: Unit, values: Mapping[str, Array]) -> Layout:
    """Return the layout with spots for values: of what has a symbol, and of memories that have a place."""
    named = [name for name in (*unit.memories, *layout.spots) if name in values and name in layout.places]
    lines = max((len(values[name]) for name in named), default=1)
    spots = layout.spots | roomy_spots(layout, unit.wiring, named, lines)
    more = []
    if "h_t" in named:
        # Its symbol is taken to stand in a circle, beside the values; here it stands above them, as others do.
        spot, below = spots["h_t"], LINE_HEIGHT * lines + 1
        more = [("h_t", spot._replace(y=spot.y - below if spot.up else spot.y, up=False))]
        spots["h_t"] = spot._replace(y=spot.y if spot.up else spot.y + LINE_HEIGHT + 1)
    x, y, width, height = layout.frame or (0, 0, *layout.size)
    always = tuple(name for name in layout.always_named if name != "h_t" or not more)
    return replace(
        layout,
        spots=spots,
        more_symbols=tuple(more),
        always_named=always,
        frame=(x, y - RAISED, width, height + RAISED),
    )
