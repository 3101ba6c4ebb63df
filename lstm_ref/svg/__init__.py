"""What plots and diagrams share: one colour, line and name for each signal, and pictures as SVG text."""

from lstm_ref.svg.palette import FILLS, INK, MUTED, PAPER, RULE, SERIES, SHADE, SIGNALS, Colour, Signal, Stroke, colours
from lstm_ref.svg.picture import Picture, drawn, figure, number

__all__ = [
    "FILLS",
    "INK",
    "MUTED",
    "PAPER",
    "RULE",
    "SERIES",
    "SHADE",
    "SIGNALS",
    "Colour",
    "Picture",
    "Signal",
    "Stroke",
    "colours",
    "drawn",
    "figure",
    "number",
]
