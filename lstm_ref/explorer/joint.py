"""The T-joint, alive."""

from __future__ import annotations

from traitlets import Bunch, Float, validate

from lstm_ref import checks
from lstm_ref.diagrams import Diagram, joint
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.signatures import checked


class Joint(Figure):
    """The T-joint of the pipe, with a slider for each valve and for the new memory.

    Parameters
    ----------
    f_t, i_t : float
        How far the forget valve and the new-memory valve are open, from 0 to 1. They and `g_t` can be set, and follow
        what is done in the figure.
    c_prev, g_t : float
        The old memory and the new memory, which is from -1 to 1.

    Raises
    ------
    ValueError
        If a number is not in its range.
    """

    _esm = script("unit", "marks", "controls", "joint")
    f_t = Float().tag(sync=True)
    i_t = Float().tag(sync=True)
    g_t = Float().tag(sync=True)
    c_prev = Float(read_only=True).tag(sync=True)

    @checked
    def __init__(self, f_t: float = 0.5, c_prev: float = 0.8, i_t: float = 0.75, g_t: float = 0.4) -> None:
        super().__init__(f_t=f_t, i_t=i_t, g_t=g_t)
        self.set_trait("c_prev", checks.number("c_prev", c_prev))
        self.pictures = {"joint": self._diagram().svg}

    @validate("f_t", "i_t", "g_t")
    def _is_in_range(self, proposal: Bunch) -> float:
        name, value = proposal["trait"].name, float(proposal["value"])
        checks.within(name, value, -1 if name == "g_t" else 0, 1)
        return value

    def __repr__(self) -> str:
        return f"Joint(f_t={self.f_t:.3g}, c_prev={self.c_prev:.3g}, i_t={self.i_t:.3g}, g_t={self.g_t:.3g})"

    def _diagram(self) -> Diagram:
        return joint(self.f_t, self.c_prev, self.i_t, self.g_t)
