"""The shapes of the parts, and how a wire meets them. Lengths are the SVG's own units."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import combinations, pairwise

from lstm_ref.diagrams.geometry import Point

HALF = {
    "box": (20, 16),
    "sum": (16, 14),
    "sigmoid": (14, 17),
    "tanh": (18, 15),
    "cell": (34, 36),
}
"""Half the width and height of the parts that are no circles."""

RADIUS = {"input": 17, "output": 17, "bias": 12, "product": 13, "gate": 24, "terminal": 13}
"""The radius of the parts that are circles."""

FUNCTIONS = {
    "exp": "exp",
    "softplus": "softplus",
    "log_sigmoid": "ln \N{GREEK SMALL LETTER SIGMA}",
    "one_minus": "1 \N{MINUS SIGN}",
    "absolute": "| |",
    "square": "( )\N{SUPERSCRIPT TWO}",
    "root": "\N{SQUARE ROOT}",
    "norm": "norm",
    "unit": "k / |k|",
    "shrink": "1/\N{SQUARE ROOT}K",
    "scale": "",
}
"""What stands in the parts that are functions of one signal, beside sigmoid and tanh."""

JOINS = {
    "difference": "\N{MINUS SIGN}",
    "quotient": "\N{DIVISION SIGN}",
    "larger": "max",
    "outer": "\N{CIRCLED TIMES}",
    "read": "read",
}
"""What stands in the parts that join two signals, beside the product and the sum."""

HALF |= dict.fromkeys(FUNCTIONS, (26, 13))
RADIUS |= dict.fromkeys(JOINS, 15)

LETTERS = {"sigmoid": ("\N{GREEK SMALL LETTER SIGMA}", 8), "tanh": ("tanh", 9), "cell": ("Cell", -22)}
"""What stands in a part whose letters are always the same, and how far below its middle."""


def rounded(value: float) -> str:
    """Return a length as SVG writes it, to a tenth."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def edge_point(kind: str, centre: Point, inside: Point, outside: Point) -> Point:
    """Return where the line from a point inside a part to one outside leaves the part."""
    (x, y), (dx, dy) = inside, (outside[0] - inside[0], outside[1] - inside[1])
    x, y = x - centre[0], y - centre[1]
    if kind in RADIUS:
        a, b, c = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - RADIUS[kind] ** 2
        share = (-b + math.sqrt(b * b - a * c)) / a if c < 0 else 0.0
    else:
        width, height = HALF[kind]
        shares = [
            (math.copysign(half, step) - start) / step
            for half, start, step in ((width, x, dx), (height, y, dy))
            if step
        ]
        share = max(0.0, min(shares)) if abs(x) <= width and abs(y) <= height else 0.0
    return inside[0] + share * dx, inside[1] + share * dy


def outline(kind: str, x: float, y: float) -> str:
    """Return the outline of a part."""
    if kind in RADIUS:
        drawn_like = "product" if kind in JOINS else "input" if kind == "terminal" else kind
        return f'<circle class="{drawn_like}" cx="{x}" cy="{y}" r="{RADIUS[kind]}"/>'
    width, height = HALF[kind]
    if kind in FUNCTIONS:
        corner = f'x="{x - width}" y="{y - height}" width="{2 * width}" height="{2 * height}"'
        return f'<rect class="tanh" {corner} rx="{height}"/>'
    if kind == "sigmoid":
        path = f"M{x},{y - 17} C{x + 5},{y - 10} {x + 14},{y - 6} {x + 14},{y + 2} a14,14 0 0 1 -28,0 "
        return f'<path class="sigmoid" d="{path}C{x - 14},{y - 6} {x - 5},{y - 10} {x},{y - 17} z"/>'
    if kind == "tanh":
        return f'<path class="tanh" d="M{x},{y - 15} L{x + 18},{y - 5} V{y + 15} H{x - 18} V{y - 5} z"/>'
    corner = f'x="{x - width}" y="{y - height}" width="{2 * width}" height="{2 * height}"'
    return f'<rect class="{kind}" {corner} rx="{8 if kind == "sum" else 6}"/>'


def part(kind: str, x: float, y: float, words: str = "") -> str:
    """Return a part with its sign or its letters; `words` is SVG text for those that have letters of their own."""
    if kind == "product":
        sign = f'<path class="sign" d="M{x - 9},{y - 9} l18,18 M{x - 9},{y + 9} l18,-18"/>'
    elif kind in ("box", "sum"):
        sign = f'<path class="sign" d="M{x - 7},{y} h14 M{x},{y - 7} v14"/>'
    elif kind in FUNCTIONS or kind in JOINS or kind == "terminal":
        words = words if kind in ("scale", "terminal") else FUNCTIONS.get(kind) or JOINS[kind]
        sign = f'<text class="small" x="{x}" y="{y + 4}" text-anchor="middle">{words}</text>'
    else:
        words, down = LETTERS.get(kind, (words, 4.5))
        sign = f'<text x="{x}" y="{y + down}" text-anchor="middle">{words}</text>'
    return f"<g>{outline(kind, x, y)}{sign}</g>"


def arrow(points: Sequence[Point]) -> str:
    """Return the path of an arrow's head at the end of a line."""
    (x0, y0), (x, y) = points[-2:]
    length = math.hypot(x - x0, y - y0)
    ux, uy = (x - x0) / length, (y - y0) / length
    back = x - 8 * ux, y - 8 * uy
    corners = ((x, y), (back[0] - 4 * uy, back[1] + 4 * ux), (back[0] + 4 * uy, back[1] - 4 * ux))
    return "M" + " L".join(f"{rounded(a)},{rounded(b)}" for a, b in corners) + " z"


def path(points: Sequence[Point]) -> str:
    """Return the path of a line through these points."""
    words = [f"M{rounded(points[0][0])},{rounded(points[0][1])}"]
    for (x0, y0), (x, y) in pairwise(points):
        if x == x0:
            words.append(f"V{rounded(y)}")
        elif y == y0:
            words.append(f"H{rounded(x)}")
        else:
            words.append(f"L{rounded(x)},{rounded(y)}")
    return " ".join(words)


def branch_points(lines: Sequence[Sequence[Point]]) -> list[Point]:
    """Return the points where lines that begin together part."""
    pairs = [(one, other) for one, other in combinations(lines, 2) if one[0] == other[0]]
    return sorted({_last_shared(*pair) for pair in pairs} - {line[0] for line in lines})


def _last_shared(one: Sequence[Point], other: Sequence[Point]) -> Point:
    """Return the last point that two lines with a common beginning share."""
    for start, end, other_end in zip(one, one[1:], other[1:]):
        if end != other_end:
            dx, dy = end[0] - start[0], end[1] - start[1]
            other_dx, other_dy = other_end[0] - start[0], other_end[1] - start[1]
            if dx * other_dy == dy * other_dx and dx * other_dx + dy * other_dy > 0:  # they go on the same way
                return min(end, other_end, key=lambda point: math.dist(point, start))
            return start
    return one[0]


def symbol(text: str, size: float) -> str:
    """Return a symbol such as ``$C_{t-1}$`` as the inside of an SVG text, its indices lowered."""
    drop, lowered, marks = round(0.28 * size, 1), False, []
    for long, short, plain in re.findall(r"_\{([^}]*)\}|_(\w)|([^_$]+)", text):
        if plain:
            marks.append(f'<tspan dy="-{drop}">{plain}</tspan>' if lowered else plain)
        else:
            index = (long or short).replace("-", "\N{MINUS SIGN}")
            marks.append(f'<tspan dy="{drop}" class="index">{index}</tspan>')
        lowered = not plain
    return "".join(marks)
