"""Random problems for the engines, and everything that one computes beside what another does."""

import numpy as np
import torch

from lstm_ref.peepholes import AXES

CLOSE = {"float64": 1e-12, "float32": 1e-5}
FORWARD = "nets", "h", "c"
BACKWARD = "d_x", "d_h0", "d_c0", "d_W", "d_R", "d_b", "d_P"


def problem(T, B, peephole, dtype="float64", I=3, H=5, memories=1):
    """Return what an engine's forward pass takes, and random gradients for its backward pass."""
    rng = np.random.default_rng(8)
    P = None if peephole == "none" else (3, *(H for _ in AXES[peephole]))
    shapes = (T, B, I), (B, H), (B, H), (4 * H, I), (4 * H, H), (4 * H,), P
    inputs = [None if shape is None else 0.6 * rng.normal(size=shape) for shape in shapes]
    d_h, d_c = rng.normal(size=(T, B, H)), rng.normal(size=(memories, B, H))
    return [None if array is None else array.astype(dtype) for array in (d_h, d_c, *inputs)]


def run(E, d_h, d_c, x, h0, c0, W, R, b, P, lengths=None):
    """Return everything an engine computes, by name, as arrays."""
    given = d_h, d_c, x, h0, c0, W, R, b, P, lengths
    if E.TENSORS:
        given = [None if array is None else torch.from_numpy(array) for array in given]
    d_h, d_c, x, h0, c0, W, R, b, P, lengths = given
    signals = E.forward(x, h0, c0, W, R, b, P, lengths)
    gradients = E.backward(d_h, d_c, x, W, R, P, *signals)
    found = zip(FORWARD + BACKWARD, (*signals, *gradients))
    return {name: None if array is None else np.asarray(array) for name, array in found}


def agree(found, want, bound):
    for name, expected in want.items():
        if expected is None:
            assert found[name] is None, name
        else:
            assert found[name].shape == expected.shape and found[name].dtype == expected.dtype, name
            difference = np.abs(found[name] - expected).max() / max(1, np.abs(expected).max())
            assert difference < bound, (name, difference)
