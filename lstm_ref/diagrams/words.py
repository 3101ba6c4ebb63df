"""A diagram in words: its alternative text, said from the wiring."""

from __future__ import annotations

from lstm_ref.diagrams.wiring import NODES, VALVES
from lstm_ref.palette import SIGNALS
from lstm_ref.picture import number

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


def describe(wiring, lit=None):
    """Return what the wiring says, in sentences; of the parts `lit` alone, if they are given.

    Parameters
    ----------
    wiring : Wiring
    lit : set of str, optional

    Returns
    -------
    str
    """
    shown = set(NODES) if lit is None else lit
    return " ".join(filter(None, (_sentence(wiring, name, shown) for name in NODES if name in shown)))


def in_order(wiring):
    """Return the signals that the unit makes in the order in which they can be computed, in words."""
    order = wiring.order()
    made = [(order[name], plain(node.gives)) for name, node in NODES.items() if node.gives in SIGNALS and order[name]]
    steps = [
        dict.fromkeys(signal for number, signal in made if number == step) for step in sorted({n for n, _ in made})
    ]
    return ", then ".join(listed(list(step)) for step in steps)


def told(values):
    """Return the values of the unit's own signals in words, those of up to two elements."""
    short = {name: value for name, value in values.items() if name in SIGNALS and len(value) <= 2}
    return ", ".join(f"{plain(name)} {listed([number(one) for one in value])}" for name, value in short.items())


def _sentence(wiring, name, shown):
    node = NODES[name]
    brought = [plain(NODES[start].gives) for start in wiring.into(name) if start in shown]
    if not brought:
        return ""
    if node.kind == "box":
        return f"Box {BOXES[name[-1]]} sums {listed(brought)}."
    if node.kind in ("sigmoid", "tanh"):
        bend = "A sigmoid" if node.kind == "sigmoid" else "A tanh"
        what = f", the {SIGNALS[node.gives].words}" if node.gives in SIGNALS else ""
        start = wiring.into(name)[0]
        of = f"box {BOXES[start[-1]]}" if start.startswith("box") else plain(NODES[start].gives)
        return f"{bend} of {of} gives {plain(node.gives)}{what}."
    if node.kind == "product":
        valve = [signal for signal in brought if signal in VALVES]
        rest = [signal for signal in brought if signal not in VALVES]
        return f"The valve {valve[0]} lets through {listed(rest)}." if valve else f"A product takes {listed(rest)}."
    if node.kind == "sum":
        return f"A sum adds {listed(brought)} and gives C_t, the memory."
    return {
        "c_out": "C_t goes on to the next step.",
        "h_out": "h_t goes on to the next step.",
        "h_up": "h_t goes up, as the output.",
    }[name]
