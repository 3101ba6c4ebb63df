"""Two tanks whose valves look at the memory, alive: a diagonal peephole beside a full one."""

from __future__ import annotations

import numpy as np
from traitlets import Bunch, Enum, Float, validate

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams import Diagram
from lstm_ref.diagrams.shapes import arrow, part, path, symbol
from lstm_ref.diagrams.values import columns, numbers, valve_handles
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import number
from lstm_ref.unit import forget_valve
from lstm_ref.weights import UnitWeights

DRIVE, FULL = 100.0, 2.0
"""The bias of both valves, and the level at which a pipe is full."""
PEEPHOLES = {"diagonal": ((-DRIVE, 0.0), (0.0, -DRIVE)), "full": ((0.0, -DRIVE), (0.0, 0.0))}
"""Each valve looks at its own tank, or the first valve at the second tank; at a level of 1 the valve shuts."""
_FLOORS = (62, 178)


class Tanks(Figure):
    """Two elements of memory and their forget valves, which see the memory through a diagonal or a full peephole.

    Parameters
    ----------
    peephole : {"diagonal", "full"}
        This and the levels can be set, and follow what is done in the figure. With the diagonal kind each tank empties
        itself above a level of 1; with the full kind the first empties as soon as the second is above 1.
    first, second : float
        The levels of the tanks, from 0 to 2.

    Raises
    ------
    ValueError
        If a level is not from 0 to 2.
    """

    _esm = script("unit", "marks", "controls", "tanks")
    peephole = Enum(tuple(PEEPHOLES), "full").tag(sync=True)
    first = Float().tag(sync=True)
    second = Float().tag(sync=True)

    @checked
    def __init__(self, peephole: str = "full", first: float = 0.8, second: float = 0.5) -> None:
        checks.one_of("peephole", peephole, PEEPHOLES)
        super().__init__(peephole=peephole, first=first, second=second)
        self.pictures = {"tanks": self._diagram().svg}

    @validate("first", "second")
    def _is_level(self, proposal: Bunch) -> float:
        level = float(proposal["value"])
        checks.within(proposal["trait"].name, level, 0, FULL)
        return level

    @property
    def f_t(self) -> Array:
        """How far the two valves are open."""
        P_f = np.array(PEEPHOLES[self.peephole])
        weights = UnitWeights.zeros(1, 2, "full").replace(b_f=np.full(2, DRIVE), P_f=P_f)
        return forget_valve(np.zeros(1), np.zeros(2), np.array([self.first, self.second]), weights)

    def __repr__(self) -> str:
        return f"Tanks({self.peephole!r}, first={self.first:.3g}, second={self.second:.3g})"

    def _diagram(self) -> Diagram:
        c_prev, f_t = np.array([self.first, self.second]), self.f_t
        kept = f_t * c_prev
        marks = "".join(_tank(k, y, c_prev[k], f_t[k], kept[k]) for k, y in enumerate(_FLOORS))
        top, bottom = _FLOORS
        looks = {
            "diagonal": [[(120, y + 16), (120, y + 48), (260, y + 48), (260, y + 13)] for y in _FLOORS],
            "full": [[(120, bottom - 16), (120, top + 48), (260, top + 48), (260, top + 13)]],
        }
        for kind, wires in looks.items():
            hidden = "" if kind == self.peephole else ' display="none"'
            lines = (
                f'<path class="wire c_prev" d="{path(w)}"/><path class="head c_prev" d="{arrow(w)}"/>' for w in wires
            )
            marks += f'<g data-kind="{kind}"{hidden}>{"".join(lines)}</g>'
        alt = (
            f"Two pipes, each with a valve, and wires that look at the old memory: a {self.peephole} peephole. "
            + " ".join(
                f"Of {number(c_prev[k])} the {name} valve, {number(f_t[k])} open, lets {number(kept[k])} pass."
                for k, name in enumerate(("first", "second"))
            )
        )
        return Diagram(marks, (520, 236), "Two tanks and what their valves see", alt)


def _tank(k: int, y: int, level: float, opening: float, kept: float) -> str:
    """Return one tank's pipe, water, valve and numbers; its marks are those of element k."""
    line = f"M39,{y} H481"
    marks = f'<path class="wall" d="{line}"/><path class="bore" d="{line}"/>'
    for signal, value, left, right in (("c_prev", level, 40, 248), ("kept", kept, 272, 480)):
        water = columns(signal, [value], FULL, left, right, y + 14, 28)
        marks += (water + numbers(signal, [value], left + 94, y - 24, "start")).replace(
            'data-element="0"', f'data-element="{k}"'
        )
    handle = valve_handles("f_t", [opening], 260, y, 0) + numbers("f_t", [opening], 276, y - 24, "start")
    marks += part("product", 260, y) + handle.replace('data-element="0"', f'data-element="{k}"')
    names = symbol("C_{t-1}", 13), symbol("C_t", 13)
    return marks + part("input", 22, y, names[0]) + part("output", 498, y, names[1])
