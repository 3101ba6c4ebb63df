"""A diagram in words: its alternative text, said from the wiring."""

from __future__ import annotations

from lstm_ref.diagrams.wiring import NODES
from lstm_ref.svg.palette import SIGNALS
from lstm_ref.svg.picture import number
from lstm_ref.unit import VALVES

BOXES = {"f": 0, "i": 1, "g": 2, "o": 3}
"""The number of each net's box and bias."""

SYMBOLS = {
    **{name: signal.symbol for name, signal in SIGNALS.items()},
    **{f"{kind}_{net}": f"${kind}_{net}$" for kind in "zb" for net in BOXES},
    "kept": "$f_t C_{t-1}$",
    "let_in": "$i_t g_t$",
    "squashed": "$tanh C_t$",
}
"""The symbol of every signal on a wire."""


def plain(signal):
    """Return a signal's symbol in plain letters, such as ``C_t-1``."""
    if signal[:2] == "b_":
        return f"bias {BOXES[signal[2]]}"
    return SYMBOLS[signal].translate(str.maketrans("", "", "${}"))


def listed(words):
    """Return words as a list with commas and "and"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def describe(wiring, lit, layout):
    """Return what the wiring says of the parts that are lit, in sentences, as this layout draws them.

    Parameters
    ----------
    wiring : Wiring
    lit : set of str
    layout : Layout

    Returns
    -------
    str
    """
    return " ".join(filter(None, (_sentence(wiring, name, lit, layout) for name in NODES if name in lit)))


def in_order(wiring):
    """Return the signals that the unit makes in the order in which they can be computed, in words."""
    order = wiring.order()
    made = [(order[name], plain(node.gives)) for name, node in NODES.items() if node.gives in SIGNALS and order[name]]
    steps = [
        dict.fromkeys(signal for number, signal in made if number == step) for step in sorted({n for n, _ in made})
    ]
    return ", then ".join(listed(list(step)) for step in steps)


def told(values):
    """Return the values of the unit's nine signals in words."""
    return ", ".join(f"{plain(name)} {_several(value)}" for name, value in values.items() if name in SIGNALS)


def _several(value):
    """Return up to two numbers, or the range of more."""
    if len(value) <= 2:
        return listed([number(one) for one in value])
    return f"{number(min(value))} to {number(max(value))} in {len(value)} elements"


def _sentence(wiring, name, lit, layout):
    node = NODES[name]
    if node.kind == "output":
        return layout.leaving[name]
    grey = {start for start in wiring.into(name) if start not in lit}
    if not wiring.into(name):
        return ""
    brought = {plain(NODES[start].gives) + " (grey)" * (start in grey): start for start in wiring.into(name)}
    merged = layout.at(name) in BOXES
    if node.kind == "box":
        seen = [words for words, start in brought.items() if not (merged and NODES[start].kind == "bias")]
        return f"Circle {name[-1]}_t takes {listed(seen)}." if merged else f"Box {BOXES[name[-1]]} sums {listed(seen)}."
    if node.kind in ("sigmoid", "tanh"):
        start = wiring.into(name)[0]
        if start in grey:
            return ""
        of = f"box {BOXES[start[-1]]}" if start.startswith("box") else plain(NODES[start].gives)
        of = f"what circle {name[-1]}_t takes" if merged else of
        what = f", the {SIGNALS[node.gives].words}" if node.gives in SIGNALS else ""
        return f"A {node.kind} of {of} gives {plain(node.gives)}{what}."
    if node.kind == "product":
        valves = [words for words, start in brought.items() if NODES[start].gives in VALVES]
        rest = [words for words in brought if words not in valves]
        return f"The valve {listed(valves)} lets through {listed(rest)}."
    if node.kind == "sum":
        adder = "The cell" if layout.at(name) == "cell" else "A sum"
        return f"{adder} adds {listed(list(brought))} and gives C_t, the memory."
    return ""
