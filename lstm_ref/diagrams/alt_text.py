"""A diagram in words: its alternative text, from the wiring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lstm_ref.checks import Array
from lstm_ref.diagrams.geometry import Layout
from lstm_ref.diagrams.nodes import NODES, SYMBOLS
from lstm_ref.diagrams.wiring import Part, Wiring
from lstm_ref.gates import ORDERS
from lstm_ref.svg.palette import SIGNALS
from lstm_ref.svg.picture import number
from lstm_ref.unit import VALVES

WORDS = {
    "box": "the weighted sum of ",
    "scale": "",
    "sum": "the sum of ",
    "product": "the product of ",
    "sigmoid": "the sigmoid of ",
    "tanh": "the hyperbolic tangent of ",
    "exp": "the exponential of ",
    "softplus": "the softplus of ",
    "log_sigmoid": "the logarithm of the sigmoid of ",
    "one_minus": "1 less ",
    "absolute": "the size of ",
    "square": "the square of ",
    "root": "the square root of ",
    "norm": "the normalised ",
    "unit": "to length 1 the vector ",
    "shrink": "divided by the root of its length, ",
    "difference": "the difference of ",
    "quotient": "the quotient of ",
    "larger": "the larger of ",
    "outer": "the outer product of ",
    "read": "the product of the transposed first and the second of ",
}
"""What each kind of part makes, in words before its inputs."""


def describe(title: str, wiring: Wiring, layout: Layout, lit: set[str]) -> str:
    """Return what the wiring says of the parts that are lit, in sentences, as this layout draws them.

    Parameters
    ----------
    title : str
        What the text begins with.
    wiring : Wiring
    layout : Layout
    lit : set of str

    Returns
    -------
    str
    """
    if wiring.nodes is NODES:
        sentences = [_sentence(wiring, layout, lit, name) for name in wiring.nodes if name in lit]
    else:
        sentences = [_equation(wiring, layout, part) for part in wiring.parts if part.name in lit]
    text = f"{title}. {layout.scene} {' '.join(sentence for sentence in sentences if sentence)}"
    return text if lit == set(wiring.nodes) else f"{text} The rest is grey."


def order_in_words(wiring: Wiring) -> str:
    """Return the signals that the unit makes in the order in which they can be computed, in words."""
    order = wiring.order()
    steps: dict[int, list[str]] = {}
    for name, node in wiring.nodes.items():
        if node.gives in SIGNALS and order[name] > 0:
            signals = steps.setdefault(order[name], [])
            if _letters(node.gives) not in signals:
                signals.append(_letters(node.gives))
    return ", then ".join(_join(steps[step]) for step in sorted(steps))


def values_in_words(values: Mapping[str, Array]) -> str:
    """Return the values of the unit's nine signals in words: up to two numbers each, or the range of more."""
    words = []
    for name, value in values.items():
        if name in SIGNALS and len(value) <= 2:
            words.append(f"{_letters(name)} {_join([number(element) for element in value])}")
        elif name in SIGNALS:
            low, high = number(min(value)), number(max(value))
            words.append(f"{_letters(name)} {low} to {high} in {len(value)} elements")
    return ", ".join(words)


def _equation(wiring: Wiring, layout: Layout, part: Part) -> str:
    """Return what one part of any unit does, as an equation in words."""
    if part.kind == "output":
        return layout.outputs[part.name]
    if not part.takes:
        return ""
    of = _join([_plain(wiring, signal) for signal in part.takes])
    factor = f"{number(part.factor)} times " if part.kind == "scale" else ""
    return f"{_plain(wiring, part.gives)} is {WORDS[part.kind]}{factor}{of}."


def _sentence(wiring: Wiring, layout: Layout, lit: set[str], name: str) -> str:
    """Return a sentence on one part, or nothing if there is nothing to say."""
    kind, gives, *_ = wiring.nodes[name]
    if kind == "output":
        return layout.outputs[name]
    brought = {start: _letters(wiring.nodes[start].gives) for start in wiring.into(name)}
    seen = {start: words if start in lit else f"{words} (grey)" for start, words in brought.items()}
    if not brought:
        return ""
    is_whole_network = layout.at(name) in ORDERS["article"]
    if kind == "box" and is_whole_network:
        outside = [words for start, words in seen.items() if wiring.nodes[start].kind != "bias"]
        return f"Circle {name[-1]}_t takes {_join(outside)}."
    if kind == "box":
        return f"The box with b_{name[-1]} sums {_join(list(seen.values()))}."
    if kind == "product":
        valves = [words for start, words in seen.items() if wiring.nodes[start].gives in VALVES]
        rest = [words for words in seen.values() if words not in valves]
        return f"The valve {_join(valves)} lets through {_join(rest)}."
    if kind == "sum":
        adder = "The cell" if layout.at(name) == "cell" else "A sum"
        return f"{adder} adds {_join(list(seen.values()))} and gives C_t, the memory."
    start = wiring.into(name)[0]
    if start not in lit:
        return ""
    source = f"the box with b_{start[-1]}" if wiring.nodes[start].kind == "box" else brought[start]
    source = f"what circle {name[-1]}_t takes" if is_whole_network else source
    meaning = f", the {SIGNALS[gives].words}" if gives in SIGNALS else ""
    return f"A {kind} of {source} gives {_letters(gives)}{meaning}."


def _letters(signal: str) -> str:
    """Return the symbol of one of the LSTM's signals in plain letters, such as ``C_t-1``."""
    return _without_marks(SYMBOLS[signal])


def _plain(wiring: Wiring, signal: str) -> str:
    return _without_marks(wiring.symbols[signal])


def _without_marks(symbol: str) -> str:
    return symbol.translate(str.maketrans("", "", "${}"))


def _join(words: Sequence[str]) -> str:
    """Return words as a list with commas and "and"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
