"""The legend of a diagram: every symbol that it has, with its name."""

from __future__ import annotations

from lstm_ref.diagrams.geometry import Layout
from lstm_ref.diagrams.shapes import outline, part, path, symbol
from lstm_ref.svg.palette import SIGNALS

_ROW, _LINE, _GAP = 38, 24, 30
_CIRCLES = {"inputs": ("x_t", "h_prev", "c_prev"), "outputs": ("c_t", "h_t")}
_NETWORKS = ("f_t", "i_t", "g_t", "o_t")
_SIGNS = {
    "networks": {"gate": "a whole network", "box": "sum of weighted inputs", "bias": "bias of a network"},
    "nonlinearities": {"sigmoid": "sigmoid", "tanh": "hyperbolic tangent"},
    "vector operations": {"product": "element-wise product", "sum": "element-wise sum"},
    "memory": {"pipe": "pipe of the memory", "cell": "cell with the memory"},
}


def symbol_legend(layout: Layout, top: int) -> tuple[str, int]:
    """Return the legend of a layout as SVG, and its height, from this height down."""
    kinds = {layout.kind(place) for place in layout.places} | ({"pipe"} if layout.pipes else set())
    signals, signals_end = _signals(top + 18, layout.dashed)
    signs, signs_end = _signs(top + 18, kinds)
    marks = f'<g class="plain">{signals}{signs}</g>' if layout.dashed else signals + signs
    return marks, max(signals_end, signs_end) - top


def _signals(y: int, dashed: tuple[str, ...]) -> tuple[str, int]:
    """Return the column of signals from the height y down, and the height where it ends."""
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


def _signs(y: int, kinds: set[str]) -> tuple[str, int]:
    """Return the column of signs of these kinds from the height y down, and the height where it ends."""
    marks = ""
    for title, signs in _SIGNS.items():
        shown = {kind: words for kind, words in signs.items() if kind in kinds}
        if not shown:
            continue
        marks += _text(270, y, title, "title")
        for kind, words in shown.items():
            y += _ROW
            marks += _sign(kind, 290, y - 6) + _text(318, y - 2, words)
        y += _GAP
    return marks, y


def _sign(kind: str, x: int, y: int) -> str:
    if kind == "pipe":
        line = path([(x - 18, y), (x + 18, y)])
        return f'<path class="wall" d="{line}"/><path class="bore" d="{line}"/>'
    if kind in ("cell", "gate"):
        return f'<g class="sigmoid" transform="translate({x},{y}) scale(0.45)">{outline(kind, 0, 0)}</g>'
    return part(kind, x, y, "b")


def _line(name: str, y: int, dashed: tuple[str, ...]) -> str:
    classes = f"wire {name} dashed" if name in dashed else f"wire {name}"
    return f'<path class="{classes}" d="{path([(58, y - 6), (100, y - 6)])}"/>' + _text(110, y - 2, SIGNALS[name].words)


def _text(x: int, y: int, words: str, kind: str = "words") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{words}</text>'
