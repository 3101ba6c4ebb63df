"""The unit over a whole sequence: `unroll` carries it through every step and keeps every signal.

The same arithmetic as `lstm_ref.unit.step`, arranged to be fast: the input's share of all steps is one matrix product,
the four networks stand side by side in one buffer, and every buffer is made once.
"""

from dataclasses import dataclass

import numpy as np

from lstm_ref import checks
from lstm_ref.unit import Step, check_weights

# The networks side by side in one buffer: the three valves together, and the two that look at c_prev together.
ORDER = "oifg"


@dataclass(frozen=True, eq=False)
class Trace:
    """Every signal at every step: x_t is (T, I) or (T, B, I), every other one (T, H) or (T, B, H); read-only.

    `peephole` is that of the unit that made it.

    ``len(trace)`` is T and ``trace[t]`` is that step's `lstm_ref.unit.Step`. The whole number t may be negative,
    to count from the end; a slice raises TypeError.
    """

    x_t: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    f_t: np.ndarray
    i_t: np.ndarray
    g_t: np.ndarray
    o_t: np.ndarray
    c_t: np.ndarray
    h_t: np.ndarray
    peephole: str = "none"

    def __post_init__(self):
        for name in Step._fields:
            array = getattr(self, name).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self):
        return len(self.x_t)

    def __getitem__(self, t):
        if not isinstance(t, (int, np.integer)):
            raise TypeError(f"t: expected a whole number, got {type(t).__name__}")
        return Step(*(getattr(self, name)[t] for name in Step._fields))


def unroll(weights, x, h0=None, c0=None):
    """Carry the unit through a sequence.

    Parameters
    ----------
    weights : UnitWeights
    x : array (T, I) or (T, B, I)
        The input of every step, of the weights' dtype; T at least 1. NaN and infinity pass through as NumPy has it.
    h0, c0 : array (H,) or (B, H), optional
        The output and the memory before the first step; zero unless given.

    Returns
    -------
    Trace

    Raises
    ------
    TypeError
        If the dtype of x, h0 or c0 is not that of the weights.
    ValueError
        If a shape or rank does not fit, or there is no step.
    """
    check_weights(weights)
    x = checks.floats("x", x, weights.dtype).copy()
    if x.ndim not in (2, 3) or x.shape[-1] != weights.input_size or 0 in x.shape:
        expected = f"(T, I) or (T, B, I) with I = {weights.input_size}, T and B at least 1"
        raise ValueError(f"x: expected {expected}, got {x.shape}")
    H, dtype = weights.hidden_size, weights.dtype
    T, B = x.shape[0], (x.shape[1] if x.ndim == 3 else 1)
    h, c = np.zeros((T + 1, B, H), dtype), np.zeros((T + 1, B, H), dtype)
    for name, start, buffer in (("h0", h0, h), ("c0", c0, c)):
        if start is not None:
            start = checks.floats(name, start, dtype)
            checks.shape(name, start, x.shape[1:-1] + (H,), "(B, H)" if x.ndim == 3 else "(H,)")
            buffer[0] = start

    W, b = _halved(weights.stack("W", ORDER), H), _halved(weights.stack("b", ORDER), H)
    nets = (x.reshape(T * B, -1) @ W.T + b).reshape(T, B, 4, H)
    _run(weights, nets, h, c)
    o, i, f, g = (nets[:, :, k] for k in range(4))
    signals = (h[:-1], c[:-1], f, i, g, o, c[1:], h[1:])
    if x.ndim == 2:
        signals = (signal[:, 0] for signal in signals)
    return Trace(x, *signals, weights.peephole)


def _halved(stacked, H):
    """Halve the rows of the three valves: sigmoid(z) is tanh(z / 2) / 2 + 1 / 2, so that one tanh serves all four."""
    stacked[: 3 * H] *= 0.5
    return stacked


def _run(weights, nets, h, c):
    """Fill h and c (T + 1, B, H) step by step, and turn `nets` (T, B, 4, H) into o_t, i_t, f_t, g_t in place."""
    T, B, _, H = nets.shape
    nets = nets.reshape(T, B, 4 * H)
    R = np.ascontiguousarray(_halved(weights.stack("R", ORDER), H).T)
    look_back, look_now = _peepholes(weights, B)
    recurrent, scratch = np.empty((B, 4 * H), weights.dtype), np.empty((B, H), weights.dtype)
    for t in range(T):
        net, c_prev, c_t, h_t = nets[t], c[t], c[t + 1], h[t + 1]
        o_t, i_t, f_t, g_t = (net[:, k * H : (k + 1) * H] for k in range(4))
        net += np.matmul(h[t], R, out=recurrent)
        if look_back is None:
            _settle(net, net[:, : 3 * H])
        else:
            both = net[:, H : 3 * H]
            both += look_back(c_prev)
            _settle(net[:, H:], both)
        np.multiply(f_t, c_prev, out=c_t)
        c_t += np.multiply(i_t, g_t, out=scratch)
        if look_now is not None:
            o_t += look_now(c_t)
            _settle(o_t, o_t)
        np.tanh(c_t, out=h_t)
        h_t *= o_t


def _settle(nets, valves):
    """Apply the nonlinearities in place: tanh over `nets`; the `valves` among them then move to between 0 and 1."""
    np.tanh(nets, out=nets)
    valves *= 0.5
    valves += 0.5


def _peepholes(weights, B):
    """Return what i and f see of c_prev (B, 2H) and what o sees of c_t (B, H), as functions; None without peephole."""
    if weights.peephole == "none":
        return None, None
    H, dtype = weights.hidden_size, weights.dtype
    P_if, P_o = _halved(weights.stack("P", "if"), H), 0.5 * weights.P_o
    both, one = np.empty((B, 2 * H), dtype), np.empty((B, H), dtype)
    if weights.peephole == "full":
        return (lambda c: np.matmul(c, P_if.T, out=both)), (lambda c: np.matmul(c, P_o.T, out=one))
    pairs, P_if = both.reshape(B, 2, H), P_if.reshape(2, H)

    def look_back(c):
        np.multiply(c[:, None], P_if, out=pairs)
        return both

    return look_back, (lambda c: np.multiply(c, P_o, out=one))
