"""A nudge in a plain recurrent network, alive: step by step it dies or grows."""

from __future__ import annotations

import json

import numpy as np
from numpy.random import Generator
from traitlets import Bunch, Float, Unicode, validate

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams import Diagram
from lstm_ref.diagrams.step_chart import Row, step_chart
from lstm_ref.explorer.figure import Figure, script
from lstm_ref.signatures import checked
from lstm_ref.svg.picture import number

STEPS, HIDDEN = 48, 32
LARGEST = 2.0
DECADES = 4
"""How many powers of ten the chart reaches above 1, and below."""


class Nudge(Figure):
    """How much of a nudge is left after each step of a plain recurrent network, with a slider for its weights' scale.

    Parameters
    ----------
    scale : float
        By what the recurrent weights, drawn so that they keep the length of a typical nudge, are multiplied: from 0 to
        2. It can be set, and follows what is done in the figure.
    rng : numpy.random.Generator, optional
        Draws the network of 32 elements and its 48 inputs; the figure is the same each time unless given.

    Raises
    ------
    ValueError
        If the scale is not from 0 to 2.
    """

    _esm = script("unit", "marks", "controls", "nudge")
    scale = Float().tag(sync=True)
    network = Unicode(read_only=True).tag(sync=True)  # as JSON, which a notebook keeps on one line

    @checked
    def __init__(self, scale: float = 0.9, rng: Generator | None = None) -> None:
        super().__init__(scale=scale)
        rng = np.random.default_rng(0) if rng is None else rng
        self._R = (rng.normal(size=(HIDDEN, HIDDEN)) / np.sqrt(HIDDEN)).round(3)
        self._inputs = (0.1 * rng.normal(size=(STEPS, HIDDEN))).round(3)
        network = {"R": self._R.tolist(), "inputs": self._inputs.tolist()}
        self.set_trait("network", json.dumps(network, separators=(",", ":")))
        self.pictures = {"nudge": self._diagram().svg}

    @validate("scale")
    def _is_scale(self, proposal: Bunch) -> float:
        scale: float = proposal["value"]
        checks.within("scale", scale, 0, LARGEST)
        return scale

    @property
    def left(self) -> Array:
        """The length of the nudge after each step, (48,), if it is 1 at first and moves the first element alone."""
        R, h, nudge = self.scale * self._R, np.zeros(HIDDEN), np.eye(HIDDEN)[0]
        lengths = []
        for x_t in self._inputs:
            h = np.tanh(x_t + R @ h)
            nudge = (1 - h**2) * (R @ nudge)
            lengths.append(np.linalg.norm(nudge))
        return np.array(lengths)

    def __repr__(self) -> str:
        return f"Nudge(scale={self.scale:.3g})"

    def _diagram(self) -> Diagram:
        left = self.left
        with np.errstate(divide="ignore"):
            powers = np.clip(np.log10(left) + DECADES, 0, 2 * DECADES)
        ticks = {float(k): number(10.0 ** (k - DECADES)) for k in range(0, 2 * DECADES + 1, 2)}
        layers = {"nudge": powers, "level": [float(DECADES)]}
        row = Row("what is left of a nudge of 1", layers, 2 * DECADES, 160, ticks)
        labels = {k - 1: str(k) for k in (1, 12, 24, 36, STEPS)}
        marks, height = step_chart([row], 0, labels, STEPS, "steps")
        alt = (
            f"Columns on a scale of powers of ten, with a level line at 1: what is left of a nudge of 1 after 1 to "
            f"{STEPS} steps of a plain recurrent network whose weights have the scale {number(self.scale)}. After 12 "
            f"steps it is {number(left[11])}, after {STEPS} {number(left[-1])}."
        )
        return Diagram(marks, (520, height), "A nudge in a plain recurrent network", alt)
