"""The numbers that a unit is tried with, and those that should come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lstm_ref.checks import Array, Truths
from lstm_ref.diagnosis import mistakes as known
from lstm_ref.diagnosis.mistakes import Mistake, pairs
from lstm_ref.diagnosis.names import Drawn, Names
from lstm_ref.diagnosis.slips import backward_slips, forward_slips
from lstm_ref.diagnosis.variants import CLOSE, FLOW, Signals, run, run_back
from lstm_ref.diagnosis.wrong_formulas import FORMULAS, STATES
from lstm_ref.diagnosis.wrong_gradients import backward_mistakes
from lstm_ref.diagnosis.wrong_outputs import HANDED_OUT
from lstm_ref.diagnosis.wrong_weights import moved, orders
from lstm_ref.gradients import backward
from lstm_ref.sequence import Trace, unroll

T, B, I, H = 5, 2, 4, 3
"""All different, so that exchanged axes show; a module or a model has I and H of its own."""

ACROSS = "feed", "hand_out"
"""The parts of a forward pass that see all steps at once."""


@dataclass(frozen=True)
class Trial:
    """Drawn weights, an input, a state before it, and a gradient of every output."""

    names: Names
    drawn: Drawn
    x: Array
    h0: Array
    c0: Array
    d_h: Array

    @classmethod
    def draw(cls, names: Names, sizes: Mapping[str, int], peephole: str, dtype: str, state: bool, seed: int) -> Trial:
        """Draw all of it; without a `state` h0 and c0 are zero."""
        rng = np.random.default_rng(seed)
        sizes = {"T": T, "B": B, "I": I, "H": H, **sizes}
        drawn = names.draw(sizes["I"], sizes["H"], peephole, dtype, rng)
        shapes = ([sizes[axis] for axis in axes] for axes in ("TBI", "BH", "BH", "TBH"))
        x, h0, c0, d_h = (rng.normal(size=shape).astype(dtype) for shape in shapes)
        return cls(names, drawn, x, h0 * state, c0 * state, d_h)

    @property
    def given(self) -> tuple[dict[str, Array], Array, Array, Array]:
        """The weights by their owner's names, x, h0 and c0: copies, which may be changed."""
        return self.names.arrays(self.drawn), self.x.copy(), self.h0.copy(), self.c0.copy()

    @property
    def trace(self) -> Trace:
        """What a right unit does."""
        return unroll(self.drawn.weights, self.x, self.h0, self.c0)

    def signals(self) -> Signals:
        """Return what a right forward pass hands out, in the order in which it is made."""
        trace = self.trace
        return {name: getattr(trace, name) for name in FLOW} | {"h_last": trace.h_t[-1], "c_last": trace.c_t[-1]}

    def gradients(self) -> Signals:
        """Return the right gradients, by the owner's names and x, h0 and c0."""
        found = backward(self.trace, self.d_h)
        return self.names.gradients(found.weights) | {"x": found.x, "h0": found.h0, "c0": found.c0}

    def close(self, found: Array, expected: Array) -> Truths:
        """Return where two arrays of one shape are the same, to rounding."""
        closeness = max(CLOSE.get(str(each.dtype), 0.0) for each in (found, expected))
        return (np.abs(found - expected) <= closeness * (1 + np.abs(expected))) | (np.isnan(found) & np.isnan(expected))

    def forward_guesses(self, found: Signals) -> list[Mistake]:
        """Return the mistakes that give what a forward pass handed out, or else every two that together do."""
        others = [*FORMULAS, *STATES, *moved(self.names), *HANDED_OUT]
        single = [*orders(self.names), *others] if self.names.stacked else [*others, *orders(self.names)]

        def same(mistake: Mistake) -> bool:
            unit = known.forward(mistake)
            # Most mistakes show in the first step, and what is handed out of a step is not made of later ones.
            start = (
                {} if set(mistake.parts) & set(ACROSS) else {name: found[name][:1] for name in FLOW if name in found}
            )
            return self._agree(start, lambda: run(unit, self.drawn, self.x[:1], self.h0, self.c0)) and self._agree(
                found, lambda: run(unit, self.drawn, self.x, self.h0, self.c0)
            )

        return _named((single, forward_slips(self.names, set(found)), pairs(single)), same)

    def backward_guesses(self, found: Signals) -> list[Mistake]:
        """Return the mistakes that give these gradients, in the same way."""
        trace = self.trace
        steps = [trace[t] for t in range(len(trace))]
        single = backward_mistakes(self.names, batch=self.x.shape[1])

        def outcome(mistake: Mistake) -> Signals:
            named = run_back(known.backward(mistake), steps, self.drawn.weights, self.d_h)
            return self.names.gradients(named) | {name: named[name] for name in ("x", "h0", "c0")}

        def same(mistake: Mistake) -> bool:
            return self._agree(found, lambda: outcome(mistake))

        return _named((single, backward_slips(self.names), pairs(single)), same)

    def _agree(self, found: Signals, outcome: Callable[[], Signals]) -> bool:
        """Return whether an outcome is what was found; where nothing was, without asking for the outcome."""
        if not found:
            return True
        with np.errstate(all="ignore"):
            wrong = outcome()
            return all(self.close(found[name], wrong[name]).all() for name in found)


def _named(ranks: Iterable[Iterable[Mistake]], same: Callable[[Mistake], bool]) -> list[Mistake]:
    """Return the first three mistakes with the same outcome, all of the first rank that has one."""
    return next(filter(None, (list(islice(filter(same, rank), 3)) for rank in ranks)), [])
