"""The legend of the unit's diagram: every symbol with its name."""

from __future__ import annotations

from lstm_ref.diagrams.shapes import part, path, symbol
from lstm_ref.palette import SIGNALS

HEIGHT = 288
_ROW = 38
_SIGNALS = {
    "inputs": ("x_t", "h_prev", "c_prev"),
    "outputs": ("c_t", "h_t"),
}
_SIGNS = {
    "nonlinearities": {"sigmoid": "sigmoid", "tanh": "hyperbolic tangent"},
    "bias": {"bias": "bias, with the box's number"},
    "vector operations": {"product": "element-wise product", "sum": "element-wise sum"},
}


def symbols(top):
    """Return the legend as SVG, its upper edge at this height."""
    return _signals(top + 18) + _signs(top + 18)


def _signals(y):
    marks = ""
    for title, names in _SIGNALS.items():
        marks += _text(20, y, title, "title")
        for name in names:
            y += _ROW
            marks += part("input", 37, y - 6, symbol(SIGNALS[name].symbol, 13))
            marks += f'<path class="wire {name}" d="{path([(58, y - 6), (100, y - 6)])}"/>'
            marks += _text(110, y - 2, SIGNALS[name].words)
        y += 30
    return marks


def _signs(y):
    marks = ""
    for title, signs in _SIGNS.items():
        marks += _text(270, y, title, "title")
        for kind, words in signs.items():
            y += _ROW
            marks += part(kind, 290, y - 6, "0")
            marks += _text(318, y - 2, words)
        y += 30
    return marks


def _text(x, y, words, kind="words"):
    return f'<text class="{kind}" x="{x}" y="{y}">{words}</text>'
