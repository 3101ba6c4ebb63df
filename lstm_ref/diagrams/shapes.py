"""The shapes of the parts, and how a wire meets them. Lengths are the SVG's own units."""

from __future__ import annotations

import math
import re

HALF = {
    "box": (20, 16),
    "sum": (16, 14),
    "sigmoid": (14, 17),
    "tanh": (18, 15),
    "cell": (34, 36),
}
"""Half the width and height of the parts that are no circles."""

RADIUS = {"input": 17, "output": 17, "bias": 8, "product": 13, "gate": 24}
"""The radius of the parts that are circles."""

LETTERS = {"sigmoid": ("\N{GREEK SMALL LETTER SIGMA}", 8), "tanh": ("tanh", 9), "cell": ("Cell", -22)}
"""What stands in a part whose letters are always the same, and how far below its middle."""


def rounded(value):
    """Return a length as SVG writes it, to a tenth."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def edge(kind, centre, inside, outside):
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


def outline(kind, x, y):
    """Return the outline of a part."""
    if kind in RADIUS:
        return f'<circle class="{kind}" cx="{x}" cy="{y}" r="{RADIUS[kind]}"/>'
    width, height = HALF[kind]
    if kind == "sigmoid":
        path = f"M{x},{y - 17} C{x + 5},{y - 10} {x + 14},{y - 6} {x + 14},{y + 2} a14,14 0 0 1 -28,0 "
        return f'<path class="sigmoid" d="{path}C{x - 14},{y - 6} {x - 5},{y - 10} {x},{y - 17} z"/>'
    if kind == "tanh":
        return f'<path class="tanh" d="M{x},{y - 15} L{x + 18},{y - 5} V{y + 15} H{x - 18} V{y - 5} z"/>'
    corner = f'x="{x - width}" y="{y - height}" width="{2 * width}" height="{2 * height}"'
    return f'<rect class="{kind}" {corner} rx="{8 if kind == "sum" else 6}"/>'


def part(kind, x, y, words=""):
    """Return a part with its sign or its letters; `words` is SVG text for those that have letters of their own."""
    if kind == "product":
        sign = f'<path class="sign" d="M{x - 9},{y - 9} l18,18 M{x - 9},{y + 9} l18,-18"/>'
    elif kind in ("box", "sum"):
        sign = f'<path class="sign" d="M{x - 7},{y} h14 M{x},{y - 7} v14"/>'
    else:
        words, down = LETTERS.get(kind, (words, 4.5))
        sign = f'<text x="{x}" y="{y + down}" text-anchor="middle">{words}</text>'
    return f"<g>{outline(kind, x, y)}{sign}</g>"


def arrow(points):
    """Return the path of an arrow's head at the end of a line."""
    (x0, y0), (x, y) = points[-2:]
    length = math.hypot(x - x0, y - y0)
    ux, uy = (x - x0) / length, (y - y0) / length
    back = x - 8 * ux, y - 8 * uy
    corners = ((x, y), (back[0] - 4 * uy, back[1] + 4 * ux), (back[0] + 4 * uy, back[1] - 4 * ux))
    return "M" + " L".join(f"{rounded(a)},{rounded(b)}" for a, b in corners) + " z"


def path(points):
    """Return the path of a line through these points."""
    words = [f"M{rounded(points[0][0])},{rounded(points[0][1])}"]
    for (x0, y0), (x, y) in zip(points, points[1:]):
        words.append(f"V{rounded(y)}" if x == x0 else f"H{rounded(x)}" if y == y0 else f"L{rounded(x)},{rounded(y)}")
    return " ".join(words)


def partings(lines):
    """Return the points where lines that begin together part."""
    found = set()
    for number, one in enumerate(lines):
        for other in lines[:number]:
            if one[0] == other[0]:
                shared = _shared(one, other)
                if shared != one[0]:
                    found.add(shared)
    return sorted(found)


def _shared(one, other):
    """Return the last point that two lines with a common beginning share."""
    for k in range(1, min(len(one), len(other))):
        if one[k] != other[k]:
            (x, y), ends = one[k - 1], (one[k], other[k])
            ways = [(end[0] - x, end[1] - y) for end in ends]
            along = ways[0][0] * ways[1][0] + ways[0][1] * ways[1][1]
            across = ways[0][0] * ways[1][1] - ways[0][1] * ways[1][0]
            if across == 0 and along > 0:
                return min(ends, key=lambda end: math.hypot(end[0] - x, end[1] - y))
            return one[k - 1]
    return one[0]


def symbol(text, size):
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
