"""A random unit, a batch for it, and a gradient for each of its outputs."""

import numpy as np

from lstm_ref import UnitWeights

T, B, I, H = 7, 3, 4, 5


def problem(T=T, B=B, I=I, H=H, peephole="full", seed=0, dtype=np.float64):
    """Return the weights; x, h0 and c0; and a gradient of h_t, of the last h_t and of the last c_t."""
    rng = np.random.default_rng(seed)
    weights = UnitWeights.random(I, H, peephole, rng=rng)
    named = {name: (2 * array).astype(dtype) for name, array in weights.to_dict().items()}
    inputs = [rng.normal(size=shape).astype(dtype) for shape in ((T, B, I), (B, H), (B, H))]
    return UnitWeights.from_dict(named), inputs, [rng.normal(size=s).astype(dtype) for s in ((T, B, H), (B, H), (B, H))]


def cast(weights, dtype):
    """Return the same weights in another precision."""
    return UnitWeights.from_dict({name: array.astype(dtype) for name, array in weights.to_dict().items()})
