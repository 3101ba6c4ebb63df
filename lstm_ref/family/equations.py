"""A unit's wiring, read from its equations: each line is a part, each name on its right a wire into it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lstm_ref.diagrams.nodes import Node
from lstm_ref.diagrams.operations import KINDS
from lstm_ref.diagrams.wiring import Wire, Wiring
from lstm_ref.signatures import checked

_NAME = r"[A-Za-z]\w*"
_LINE = re.compile(rf"({_NAME})\s*=\s*(.+)")
_CALL = re.compile(r"(\w+)\(([^()]+)\)")
_TERM = re.compile(rf"{_NAME}( {_NAME})?")

SYMBOLS = {"c": "C", "A_log": "A", "delta": "\N{GREEK CAPITAL LETTER DELTA}", "beta": "\N{GREEK SMALL LETTER BETA}"}
"""How the letters of signals are written that are written otherwise."""


@checked
def read_equations(
    equations: str, words: str, axes: Mapping[str, str] | None = None, roles: Mapping[str, str] | None = None
) -> Wiring:
    """Return the wiring that some equations describe.

    Parameters
    ----------
    equations : str
        A line for each part, ``name = kind(signal, ...)``, with a kind of `KINDS`; ``scale(-8, signal)`` has a number
        first. A box is ``name = W_f x_t + R_f h_prev + b_f``, weights before signals. x_t comes in, h_t is the output;
        c_prev is what c_t was a step ago, and so on. Other names that no line has are weights.
    words : str
        What the unit is called.
    axes : dict, optional
        The axes of boxes, memories and weights that are not (H,): letters of H, I and K, or "1".
    roles : dict, optional
        By signal: the signal of the LSTM that it is drawn like.

    Raises
    ------
    ValueError
        If a line is no equation, a kind is unknown, a signal comes twice, or there is no h_t; else as for `Wiring`.
    """
    axes, roles = axes or {}, roles or {}
    lines = dict(_parts(equations))
    if "h_t" not in lines:
        raise ValueError(f"equations: expected a line for the output h_t, got lines for {', '.join(lines)}")
    nodes = _nodes(lines, axes)
    wires = [Wire(signal, name) for name, (_, _, terms) in lines.items() for signal in _signals(terms)]
    memories = [name.replace("_prev", "_t") for name in nodes if name.endswith("_prev")]
    for memory in memories:
        if memory not in lines:
            raise ValueError(f"equations: expected a line for {memory}, which becomes {memory.replace('_t', '_prev')}")
    for memory in memories:
        nodes[memory.replace("_t", "_out")] = Node("output", memory)
        wires.append(Wire(memory, memory.replace("_t", "_out")))
    nodes["h_up"] = Node("output", "h_t")
    symbols = {node.gives: _symbol(node.gives) for node in nodes.values()}
    shown = {signal: roles.get(signal, signal if signal in ("x_t", "h_t") else "") for signal in symbols}
    return Wiring((*wires, Wire("h_t", "h_up")), words, nodes, symbols, shown)


def _nodes(lines: Mapping[str, tuple[str, float, list[str]]], axes: Mapping[str, str]) -> dict[str, Node]:
    """Return the parts by name: those of the lines, the input, the memories and the weights that feed them."""
    nodes: dict[str, Node] = {"x_t": Node("input", "x_t", axes="I")}
    for name, (kind, factor, terms) in lines.items():
        own = axes.get(name, "H")
        of_box = {term.split()[-1]: term.split()[0] if " " in term else "" for term in terms} if kind == "box" else {}
        for signal in of_box or terms:
            if signal not in lines and signal not in nodes:
                is_memory, default = signal.endswith("_prev"), own if kind == "box" else "H"
                nodes[signal] = Node("input" if is_memory else "bias", signal, axes=axes.get(signal, default))
        nodes[name] = Node(kind, name, of_box, own, factor)
    if twice := {weights for node in nodes.values() for weights in node.weights.values()} & set(nodes):
        raise ValueError(f"equations: expected weights or signals, got {', '.join(sorted(twice))} as both")
    return nodes


def _parts(equations: str) -> list[tuple[str, tuple[str, float, list[str]]]]:
    """Return the name of each line's part, with its kind, its factor and its terms."""
    parts: list[tuple[str, tuple[str, float, list[str]]]] = []
    for line in filter(None, map(str.strip, equations.splitlines())):
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError(f"equations: expected lines such as 'f_t = sigmoid(z_f)', got {line!r}")
        name, right = match.groups()
        call = _CALL.fullmatch(right)
        kind = call[1] if call else "box"
        terms = [term.strip() for term in (call[2].split(",") if call else right.split("+"))]
        factor = _factor(terms.pop(0)) if kind == "scale" else 1.0
        if kind not in KINDS:
            raise ValueError(f"equations: expected a kind of {KINDS}, got {kind!r}")
        if not all(map(_TERM.fullmatch, terms)):
            raise ValueError(f"equations: expected lines such as 'f_t = sigmoid(z_f)', got {line!r}")
        if name in dict(parts):
            raise ValueError(f"equations: expected one line for {name}, got two")
        parts.append((name, (kind, factor, terms)))
    return parts


def _factor(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"equations: expected a number first in scale, got {text!r}") from None


def _signals(terms: list[str]) -> list[str]:
    return list(dict.fromkeys(term.split()[-1] for term in terms))


def _symbol(signal: str) -> str:
    """Return the symbol of a signal: of f_t and f_prev the letter with its step, of others the name as it is."""
    letter, _, rest = signal.partition("_")
    if signal in SYMBOLS:
        return SYMBOLS[signal]
    letter = SYMBOLS.get(letter, letter)
    if rest == "prev":
        return f"${letter}_{{t-1}}$"
    return f"${letter}_{rest}$" if rest else letter
