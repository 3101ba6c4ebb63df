"""An explorer of a random unit."""

import numpy as np

from lstm_ref import UnitWeights
from lstm_ref.explorer import Explorer


def some_unit(I, H, peephole="full", seed=0):
    """Return an explorer of a random unit."""
    rng = np.random.default_rng(seed)
    return Explorer(UnitWeights.random(I, H, peephole, rng=rng), rng.normal(size=I), rng.normal(size=H) / 3)
