"""What a diagram's SVG holds: its wires with their corners, and how far each of its marks reaches."""

import itertools
import math
import re
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

from lstm_ref.diagrams.shapes import HALF

SVG = "{http://www.w3.org/2000/svg}"


def read(picture):
    return ElementTree.fromstring(picture.svg)


class Line(NamedTuple):
    """A wire as it is drawn."""

    start: str
    end: str
    carries: str
    corners: list
    is_pipe: bool


def lines(root):
    """The wires of a picture."""
    return [
        Line(
            path.get("data-from"),
            path.get("data-to"),
            path.get("data-carries"),
            corners(path.get("d")),
            path.get("class").startswith("bore"),
        )
        for path in root.iter(f"{SVG}path")
        if path.get("data-from")
    ]


def corners(path):
    """The points at which the pieces of a path begin and end."""
    points, x, y = [], 0.0, 0.0
    for letter, numbers in re.findall(r"([MLHVClhva])([^A-Za-z]+)", path):
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        across = {"V": [0], "H": [values[0]]}.get(letter.upper(), values[-2:-1])[0]
        down = {"V": [values[0]], "H": [0]}.get(letter.upper(), values[-1:])[0]
        x = x + across if letter.islower() or letter == "V" else across
        y = y + down if letter.islower() or letter == "H" else down
        points.append((x, y))
    return points


def along(points, step=1.0):
    """Points at least so close together on the way through some corners."""
    way = []
    for (x0, y0), (x, y) in itertools.pairwise(points):
        pieces = max(1, math.ceil(math.dist((x0, y0), (x, y)) / step))
        way += [(x0 + (x - x0) * k / pieces, y0 + (y - y0) * k / pieces) for k in range(pieces + 1)]
    return way


class Extent(NamedTuple):
    """How far a mark reaches."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self):
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def gap(self, point):
        """How far a point lies outside."""
        x, y = point
        return math.hypot(max(self.left - x, 0, x - self.right), max(self.top - y, 0, y - self.bottom))

    def overlaps(self, other):
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def marks(node, x=0.0, y=0.0, scale=1.0):
    """Every text and shape below a node, with its extent, moved as its groups are."""
    turned = re.fullmatch(r"translate\(([-\d.]+),([-\d.]+)\) rotate\(90\) scale\(([\d.]+)\)", node.get("transform", ""))
    if turned:
        across, down, size = map(float, turned.groups())
        for child in node:
            for mark, (left, right, top, bottom) in marks(child):
                yield (
                    mark,
                    Extent(
                        x + scale * (across - size * bottom),
                        x + scale * (across - size * top),
                        y + scale * (down + size * left),
                        y + scale * (down + size * right),
                    ),
                )
        return
    moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\) scale\(([\d.]+)\)", node.get("transform", ""))
    if moved:
        across, down, size = map(float, moved.groups())
        x, y, scale = x + scale * across, y + scale * down, scale * size
    if node.tag.removeprefix(SVG) in _REACH:
        left, right, top, bottom = _REACH[node.tag.removeprefix(SVG)](node)
        yield node, Extent(x + scale * left, x + scale * right, y + scale * top, y + scale * bottom)
    for child in node:
        if child.tag != f"{SVG}defs":
            yield from marks(child, x, y, scale)


def places(root):
    """The extent of each part's outline, by the name of its place."""
    found, extents = {}, dict(marks(root))
    turned = "rotate(90)" in root.get("transform", "")
    for group in (node for node in root.iter() if node.get("data-place")):
        node = next(node for node in group.iter() if node in extents and node.get("class") != "sign")
        left, right, top, _ = extents[node]
        # The corners of a sigmoid's path leave out its round foot.
        foot = Extent(left, right, top, top + 2 * HALF["sigmoid"][1])
        found[group.get("data-place")] = foot if node.get("class") == "sigmoid" and not turned else extents[node]
    return found


def _of_text(node):
    x, y = float(node.get("x")), float(node.get("y"))
    size = {"small": 11.5, "value": 12}.get(node.get("class"), 13)
    low, letters = "".join(index.text or "" for index in node if index.get("class")), "".join(node.itertext())
    width = 0.55 * (size * (len(letters) - len(low)) + 9.5 * len(low))
    if node.get("class") == "value":
        width = 0.62 * size * len("-0.123")
    left = x - width * {None: 0, "start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor")]
    return left, left + width, y - 0.75 * size, y


def _of_circle(node):
    x, y, radius = (float(node.get(name)) for name in ("cx", "cy", "r"))
    return x - radius, x + radius, y - radius, y + radius


def _of_rect(node):
    x, y, width, height = (float(node.get(name, 0)) for name in ("x", "y", "width", "height"))
    return x, x + width, y, y + height


def _of_path(node):
    across, down = zip(*corners(node.get("d")))
    return min(across), max(across), min(down), max(down)


_REACH = {"text": _of_text, "circle": _of_circle, "rect": _of_rect, "path": _of_path}
