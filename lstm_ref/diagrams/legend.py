"""The legend of a diagram: every symbol that it has, with its name."""

from __future__ import annotations

from lstm_ref.diagrams.shapes import part, path, symbol
from lstm_ref.svg.palette import SIGNALS

_ROW, _LINE, _GAP = 38, 24, 30
_CIRCLES = {"inputs": ("x_t", "h_prev", "c_prev"), "outputs": ("c_t", "h_t")}
_NETWORKS = ("f_t", "i_t", "g_t", "o_t")
_SIGNS = {
    "networks": {"gate": "a whole network", "box": "sum of weighted inputs", "bias": "bias, with its number"},
    "nonlinearities": {"sigmoid": "sigmoid", "tanh": "hyperbolic tangent"},
    "vector operations": {"product": "element-wise product", "sum": "element-wise sum"},
    "memory": {"pipe": "pipe of the memory", "cell": "cell with the memory"},
}


def legend(layout, top):
    """Return the legend of a layout as SVG, and its height, from this height down."""
    kinds = {layout.kind(place) for place in layout.places} | ({"pipe"} if layout.pipes else set())
    columns = _signals(top + 18, layout.dashed), _signs(top + 18, kinds)
    marks = "".join(marks for marks, _ in columns)
    return f'<g class="plain">{marks}</g>' if layout.dashed else marks, max(low for _, low in columns) - top


def _signals(y, dashed):
    marks = ""
    for title, names in _CIRCLES.items():
        marks += _text(20, y, title, "title")
        for name in names:
            y += _ROW
            marks += part("input", 37, y - 6, symbol(SIGNALS[name].symbol, 13)) + _line(name, y, dashed)
        y += _GAP
    marks += _text(20, y, "from the networks", "title")
    for name in _NETWORKS:
        y += _LINE
        marks += _text(30, y - 2, symbol(SIGNALS[name].symbol, 13)) + _line(name, y, dashed)
    return marks, y + 12


def _signs(y, kinds):
    marks = ""
    for title, signs in _SIGNS.items():
        there = {kind: words for kind, words in signs.items() if kind in kinds}
        marks += _text(270, y, title, "title") if there else ""
        for kind, words in there.items():
            y += _ROW
            marks += _sign(kind, 290, y - 6) + _text(318, y - 2, words)
        y += _GAP * bool(there)
    return marks, y


def _sign(kind, x, y):
    if kind == "pipe":
        line = path([(x - 18, y), (x + 18, y)])
        return f'<path class="wall" d="{line}"/><path class="bore" d="{line}"/>'
    if kind in ("cell", "gate"):
        return f'<g class="sigmoid" transform="translate({x},{y}) scale(0.45)">{part(kind, 0, 0, "")}</g>'
    return part(kind, x, y, "0")


def _line(name, y, dashed):
    line, dashes = path([(58, y - 6), (100, y - 6)]), " dashed" if name in dashed else ""
    return f'<path class="wire {name}{dashes}" d="{line}"/>' + _text(110, y - 2, SIGNALS[name].words)


def _text(x, y, words, kind="words"):
    return f'<text class="{kind}" x="{x}" y="{y}">{words}</text>'
