"""Whole diagrams: the unit in three styles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from xml.sax.saxutils import escape

from lstm_ref.checks import Array, above_zero, one_of, printable
from lstm_ref.diagrams.alt_text import describe, order_in_words, values_in_words
from lstm_ref.diagrams.evaluate import trace_signals
from lstm_ref.diagrams.geometry import Layout
from lstm_ref.diagrams.layouts import LAYOUTS
from lstm_ref.diagrams.legend import symbol_legend
from lstm_ref.diagrams.nodes import NODES, lit_parts
from lstm_ref.diagrams.stylesheet import style_sheet
from lstm_ref.diagrams.unit_drawing import UnitDrawing
from lstm_ref.diagrams.values import column_limits
from lstm_ref.diagrams.wiring import Wiring, unit_wiring
from lstm_ref.sequence import Trace
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import Picture
from lstm_ref.weights import UnitWeights

QUOTES = {'"': "&quot;"}


class Diagram(Picture):
    """A diagram as SVG text, with its alternative text.

    Parameters
    ----------
    body : str
        The marks.
    size : tuple
        Width and height in the SVG's own units.
    title : str
        What it shows, in a few words.
    alt : str
        What it shows, in sentences: the alternative text.
    """

    @checked
    def __init__(self, body: str, size: tuple[int, int], title: str, alt: str) -> None:
        for name, text in (("body", body), ("title", title), ("alt", alt)):
            printable(name, text)
        # What the picture's class and ids begin with: no other picture on a page has it.
        own = "d" + hashlib.sha256(f"{title}{alt}{body}".encode()).hexdigest()[:6]
        width, height = size
        marks = (
            f'<defs><pattern id="{own}-below" width="4" height="4" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><path class="sign" d="M0,0 V4"/></pattern></defs>\n'
            f'<rect class="paper" width="{width}" height="{height}"/>\n{body}'
        )
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lstm-diagram {own}" role="img" '
            f'viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" aria-labelledby="{own}-title {own}-desc" '
            f'style="--below:url(#{own}-below)">\n'
            f'<title id="{own}-title">{escape(title, QUOTES)}</title>\n'
            f'<desc id="{own}-desc">{escape(alt, QUOTES)}</desc>\n'
            f"<style>\n{style_sheet(own, marks)}</style>\n{marks}\n</svg>\n"
        )
        # A notebook stores its pictures as JSON, where each double quote would become two characters.
        super().__init__(svg.replace('"', "'"), title)
        self.alt = alt


@checked
def draw(
    style: str = "pipe",
    wiring: Wiring | None = None,
    lit: str | None = None,
    order: bool = False,
    legend: bool = False,
    trace: Trace | None = None,
    t: int = 0,
    weights: UnitWeights | None = None,
    full: float | None = None,
) -> Diagram:
    """Draw the unit as a `Diagram`.

    Parameters
    ----------
    style : str
        "pipe", "cell", or "older": the cell with dashed and solid lines, which shows no values.
    wiring : Wiring, optional
        What is drawn: the unit of the `trace`, or the one that the article draws, unless given.
    lit : {"memory", "forget valve", "new memory", "joint", "output"}, optional
        The part that is lit; the rest is grey.
    order, legend : bool
        Write on each box, product and sum when it is computed (not together with a `trace`); put the legend under it.
    trace : lstm_ref.Trace, optional
        Of one sequence. Each wire then shows its value at step `t`: up to two elements as numbers, more as bars.
        Valves are drawn as open as they are, and water as high as the memory. The wires are those of its peephole.
    t : int
        The step of the trace; it may be negative, to count from the end.
    weights : lstm_ref.UnitWeights, optional
        Those of the trace: with them the boxes' sums and the biases are shown as well.
    full : float, optional
        The memory at which the pipe is full, above 0; the largest of the trace unless given.

    Raises
    ------
    TypeError, ValueError, IndexError
        If an argument is not as above, the trace is batched, has numbers that are not finite or has no step `t`, or
        the wiring or the weights are not those of the trace.
    """
    one_of("style", style, LAYOUTS)
    if order and trace is not None:
        raise ValueError("order: expected False beside a trace, whose values stand where the numbers would, got True")
    wiring = wiring or unit_wiring("full" if trace is None else trace.peephole)
    layout, shown = LAYOUTS[style], set(NODES) if lit is None else lit_parts(lit)
    title = f"{wiring.words}, {layout.words}" + (f"; lit: {lit}" if lit else "")
    if trace is None:
        return unit_diagram(layout, wiring, shown, title, {}, {}, order=order, legend=legend)
    values, limits = _step_values(layout, wiring, trace, t, weights, full)
    when = f" at step {t % len(trace)}"
    return unit_diagram(layout, wiring, shown, title, values, limits, when, legend=legend)


def unit_diagram(
    layout: Layout,
    wiring: Wiring,
    lit: set[str],
    title: str,
    values: Mapping[str, Array],
    limits: Mapping[str, float],
    when: str = "",
    order: bool = False,
    legend: bool = False,
) -> Diagram:
    """Return the diagram of a unit with its alternative text; `when` says of which step the values are."""
    body = UnitDrawing(layout, wiring, lit).svg(values, limits, order)
    alt = describe(title, wiring, layout, lit)
    if order:
        alt += f" The numbers say when: {order_in_words(wiring)}."
    if values:
        alt += f" Values{when}: {values_in_words(values)}."
    width, height = layout.size
    if legend:
        symbols, more = symbol_legend(layout, height)
        body, height, alt = body + symbols, height + more, f"{alt} The legend names the symbols."
    return Diagram(body, (width, height), title, alt)


def _step_values(
    layout: Layout, wiring: Wiring, trace: Trace, t: int, weights: UnitWeights | None, full: float | None
) -> tuple[dict[str, Array], dict[str, float]]:
    """Return the values of step t and the limits of their columns."""
    if trace.c_t.ndim != 2:
        raise ValueError(f"trace: expected one sequence, signals of shape (T, H), got {trace.c_t.shape}")
    if not layout.spots:
        raise ValueError("style: the older diagram shows no values")
    if full is not None:
        above_zero("full", full)
    if not -len(trace) <= t < len(trace):
        raise IndexError(f"t: expected one of {len(trace)} steps, got {t}")
    if set(wiring.wires) != set(unit_wiring(trace.peephole).wires):
        raise ValueError(f"wiring: expected that of the trace, with peephole {trace.peephole!r}, got another")
    every = trace_signals(trace, weights)
    values = {name: array[t] if array.ndim == 2 else array for name, array in every.items()}
    return values, column_limits(every, full)
