"""What plots and diagrams share: one colour, line and name for each signal, and pictures as SVG text."""

from lstm_ref.svg.palette import (
    FILLS,
    INK,
    MUTED,
    PAPER,
    RULE,
    SERIES,
    SHADE,
    SIGNALS,
    Colour,
    LineStyle,
    Signal,
    Stroke,
    colours,
)
from lstm_ref.svg.picture import WIDTH, Picture, drawn, figure, number
from lstm_ref.svg.rewrite import stylesheet

__all__ = [
    "FILLS",
    "INK",
    "MUTED",
    "PAPER",
    "RULE",
    "SERIES",
    "SHADE",
    "SIGNALS",
    "WIDTH",
    "Colour",
    "LineStyle",
    "Picture",
    "Signal",
    "Stroke",
    "colours",
    "drawn",
    "figure",
    "number",
    "stylesheet",
]
