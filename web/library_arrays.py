"""A Sphinx extension: the directive `library-arrays`, a table of the arrays in which libraries keep one unit's weights.

Names and shapes are those of what `lstm_ref.interop` makes, and the orders are those of `lstm_ref.gates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature

import numpy as np
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lstm_ref import UnitWeights, interop
from lstm_ref.checks import Array
from lstm_ref.gates import LOOKING, ORDERS

I, H = 3, 5  # no product of theirs is another's
LETTERS = {1: "1", I: "I", H: "H", 3 * H: "3H", 4 * H: "4H", 8 * H: "8H", I + H: "I + H"}
HEAD = "| library | order | of the input | of the last output | biases | peepholes |\n" + "| --- " * 6 + "|"


def rows() -> list[list[str]]:
    """Return the table, row by row: library, order, and what it keeps the weights in."""
    rng = np.random.default_rng(0)
    plain, looking = (UnitWeights.random(I, H, peephole, rng=rng) for peephole in ("none", "diagonal"))
    torch = interop.to_torch(plain)
    keras = dict(zip(signature(interop.from_keras).parameters, interop.to_keras(plain)))
    directions = zip(signature(interop.from_onnx).parameters, interop.to_onnx(looking))
    onnx = {name: array[None] for name, array in directions if array is not None}
    # Both kinds of weights in one matrix; what stands in the package is the order alone.
    tensorflow = {"kernel": np.empty((I + H, 4 * H)), "bias": np.empty(4 * H)}
    return [
        row("PyTorch", "torch", torch, ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0 bias_hh_l0", ""]),
        row("Keras", "keras", keras, ["kernel", "recurrent_kernel", "bias", ""]),
        row("ONNX", "onnx", onnx, ["W", "R", "B", "P"]),
        row("TensorFlow 1", "tensorflow1", tensorflow, ["kernel", "kernel", "bias", ""]),
    ]


def row(name: str, library: str, arrays: Mapping[str, Array], columns: list[str]) -> list[str]:
    """Return the row of one library; a column names the arrays it is for."""
    cells = ["<br>".join(f"`{one}` {shape(arrays[one])}" for one in names.split()) or "none" for names in columns]
    if columns[3]:
        cells[3] += f": {letters(LOOKING[library])}"
    return [name, letters(ORDERS[library]), *cells]


def letters(order: str) -> str:
    """Return an order as the page writes it."""
    return " ".join(f"${net}$" for net in order)


def shape(array: Array) -> str:
    """Return a shape in the letters of the book: (4H, I)."""
    axes = [LETTERS[size] for size in array.shape]
    return f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"


class LibraryArrays(SphinxDirective):
    """The table."""

    def run(self) -> list[nodes.Node]:
        table = nodes.container(classes=["library-arrays"])
        lines = [*HEAD.splitlines(), *(f"| {' | '.join(cells)} |" for cells in rows())]
        self.state.nested_parse(StringList(lines, source=self.get_source_info()[0]), self.content_offset, table)
        return [table]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_directive("library-arrays", LibraryArrays)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
