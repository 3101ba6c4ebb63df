"""One valve on a pipe, alive."""

from __future__ import annotations

from traitlets import Bunch, Float, Int, validate

from lstm_ref import checks
from lstm_ref.diagrams import Diagram, valve
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.signatures import checked


class Valve(Figure):
    """One valve to turn, and what is left of an old memory of 1 after many steps.

    Parameters
    ----------
    opening : float
        How far the valve is open, from 0 to 1; it can be set, and follows what is done in the figure.
    steps : int
        How many steps are shown, at least 1.

    Raises
    ------
    ValueError
        If `opening` is not from 0 to 1, or there is no step.
    """

    _esm = script("marks", "controls", "valve")
    opening = Float().tag(sync=True)
    steps = Int(read_only=True).tag(sync=True)

    @checked
    def __init__(self, opening: float = 0.9, steps: int = 24) -> None:
        drawing = valve(opening, steps)
        super().__init__(opening=opening)
        self.set_trait("steps", steps)
        self.pictures = {"valve": drawing.svg}

    @validate("opening")
    def _is_opening(self, proposal: Bunch) -> float:
        opening: float = proposal["value"]
        checks.within("opening", opening, 0, 1)
        return opening

    def __repr__(self) -> str:
        return f"Valve(opening={self.opening:.3g}, steps={self.steps})"

    def _diagram(self) -> Diagram:
        return valve(self.opening, self.steps)
