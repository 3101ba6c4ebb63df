"""One colour, line style, marker and name for each signal, in light and in dark.

The hues follow the article's drawings (old memory light blue, memory olive, previous
output orange, output red, input dark); the three valves and the new memory, which is green,
have their own. Grey belongs to no signal: in a diagram it is what is not lit.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

# As matplotlib takes it: a name, or where in a row of dashes and gaps a line begins, and their lengths.
LineStyle: TypeAlias = str | tuple[float, tuple[float, ...]]


class Colour(NamedTuple):
    """One role's colour on light and on dark paper, each as ``#rrggbb``."""

    light: str
    dark: str


class Stroke(NamedTuple):
    """How a line is drawn, so that colour is never the only sign."""

    colour: Colour
    line: LineStyle
    marker: str


class Signal(NamedTuple):
    """One signal of the unit: its symbol, its name in words, and how it is drawn."""

    symbol: str
    words: str
    stroke: Stroke


PAPER = Colour("#ffffff", "#121212")
INK = Colour("#22262b", "#e3e6ea")
MUTED = Colour("#5d646c", "#a3abb5")
RULE = Colour("#e4e7ea", "#2d343d")
SHADE = Colour("#5597c5", "#3b6b92")

_DASH_DOT_DOT = (0, (6, 1.5, 1, 1.5, 1, 1.5))
_LONG = (0, (9, 2.5))
_SHORT = (0, (2.5, 1.5))
_LONG_SHORT = (0, (8, 2, 2.5, 2))
_SPARSE = (0, (1, 2.5))

SIGNALS = {
    "x_t": Signal("$x_t$", "input", Stroke(Colour("#392e28", "#f6e5dc"), _SHORT, "x")),
    "h_prev": Signal("$h_{t-1}$", "last output", Stroke(Colour("#cc7b10", "#fc9f36"), _LONG_SHORT, "<")),
    "c_prev": Signal("$C_{t-1}$", "old memory", Stroke(Colour("#4095b9", "#66e7fd"), _LONG, "v")),
    "f_t": Signal("$f_t$", "forget valve", Stroke(Colour("#1c346b", "#337bf3"), "--", "s")),
    "i_t": Signal("$i_t$", "new-memory valve", Stroke(Colour("#9c4bc3", "#b05ab9"), "-.", "^")),
    "g_t": Signal("$g_t$", "new memory", Stroke(Colour("#62985a", "#40963e"), _SPARSE, "P")),
    "o_t": Signal("$o_t$", "output valve", Stroke(Colour("#00665b", "#5abd9b"), _DASH_DOT_DOT, "D")),
    "c_t": Signal("$C_t$", "memory", Stroke(Colour("#53651c", "#acbd78"), "-", "o")),
    "h_t": Signal("$h_t$", "output", Stroke(Colour("#e04843", "#ee4c3b"), ":", ">")),
}

# What the parts of the unit are filled with in the diagrams. The last two are for what is not lit: its lines and its
# ground.
FILLS = {
    "unit": Colour("#eff6fb", "#16202a"),
    "frame": Colour("#a3c3d9", "#34536b"),
    "input": Colour("#ffffff", "#121212"),
    "box": Colour("#d9ecf2", "#20414d"),
    "sigmoid": Colour("#f4e69b", "#54491a"),
    "tanh": Colour("#cfe8c4", "#2c4a2a"),
    "bias": Colour("#ffd3d5", "#5c2a2d"),
    "product": Colour("#c8e3fa", "#1f3d59"),
    "grey": Colour("#c3c8cd", "#4a525b"),
    "unlit": Colour("#f3f5f6", "#1b1f24"),
}

# For lines and bars that are no signal of the unit.
SERIES = (
    Stroke(Colour("#005629", "#558462"), "-", "o"),
    Stroke(Colour("#0094e2", "#40baff"), "--", "s"),
    Stroke(Colour("#5e114e", "#cd41a7"), "-.", "^"),
    Stroke(Colour("#b17d22", "#ddae52"), ":", "D"),
    Stroke(Colour("#868e96", "#ddeaf2"), _LONG_SHORT, "v"),
)


def colours() -> list[Colour]:
    """Every colour that a picture may use; their light values are all different."""
    strokes = [signal.stroke for signal in SIGNALS.values()] + list(SERIES)
    return [PAPER, INK, MUTED, RULE, SHADE] + [stroke.colour for stroke in strokes]
