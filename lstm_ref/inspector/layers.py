"""Every signal inside a trained layer, at every step: of ``torch.nn.LSTM``, of our own, and of an ONNX LSTM node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array, Integers
from lstm_ref.interop import from_onnx, units
from lstm_ref.interop.arrays import floats
from lstm_ref.sequence import Trace, reversal, unroll
from lstm_ref.signatures import checked
from lstm_ref.weights import UnitWeights

if TYPE_CHECKING:
    import torch
    from torch.nn.utils.rnn import PackedSequence

DIRECTIONS = {"forward": ("forward",), "reverse": ("reverse",), "bidirectional": ("forward", "reverse")}


def layer_traces(lstm: torch.nn.LSTM, x: torch.Tensor | PackedSequence, hx: Any = None) -> dict[str, Trace]:
    """Return the traces of one layer of PyTorch: see `lstm_ref.inspector.traces`."""
    by_name = units(lstm)
    if lstm.training and lstm.dropout and lstm.num_layers > 1:
        raise ValueError(f"lstm: expected evaluation, as after lstm.eval(), got training with dropout={lstm.dropout}")
    inputs, lengths = _time_first(x, lstm.batch_first)
    D = 1 + lstm.bidirectional
    h0, c0 = _states(hx, (len(by_name), *inputs.shape[1:-1], lstm.hidden_size), inputs.dtype)
    found: dict[str, Trace] = {}
    for k in range(0, len(by_name), D):
        layer = _layer(dict(list(by_name.items())[k : k + D]), inputs, h0[k : k + D], c0[k : k + D], lengths)
        outputs = [backwards(trace.h_t, lengths) if "reverse" in name else trace.h_t for name, trace in layer.items()]
        inputs, found = np.concatenate(outputs, axis=-1), found | layer
    return found


def onnx_traces(
    x: Any,
    W: Any,
    R: Any,
    B: Any = None,
    lengths: ArrayLike | None = None,
    h0: Any = None,
    c0: Any = None,
    P: Any = None,
    direction: str = "forward",
) -> dict[str, Trace]:
    """Run an ONNX LSTM node, and return all that happens in it.

    Parameters
    ----------
    x, W, R, B, lengths, h0, c0, P : array
        The node's inputs X, W, R, B, sequence_lens, initial_h, initial_c and P, in its order and its shapes, with an
        axis of D = 1 or 2 directions: (T, B, I), (D, 4H, I), (D, 4H, H), (D, 8H), (B,), twice (D, B, H), (D, 3H). The
        last six need not be given; a length is at least 1.
    direction : {"forward", "reverse", "bidirectional"}
        The node's attribute. The others are taken to be as they are unless set: the layout is 0, the bends are sigmoid
        and tanh, nothing is clipped, and input_forget is 0.

    Returns
    -------
    dict from str to Trace
        By "forward" and "reverse". The second begins with each sequence's last step: see `backwards`.

    Raises
    ------
    TypeError
        If an array is not of float32 or float64, or not of the others' dtype.
    ValueError
        If a shape does not fit, or the direction is unknown.
    """
    checks.one_of("direction", direction, DIRECTIONS)
    names = DIRECTIONS[direction]
    given: dict[str, Any] = {"W": W, "R": R, "B": B, "P": P, "h0": h0, "c0": c0}
    for name, array in given.items():
        if array is None and name in "WR":
            raise TypeError(f"{name}: expected an array, got None")
        given[name] = [None] * len(names) if array is None else floats(name, array)
        shape = np.shape(given[name])
        if shape[:1] != (len(names),):
            raise ValueError(f"{name}: expected {len(names)} in front, as direction {direction!r}, got {shape}")
    W, R, B, P, h0, c0 = given.values()
    by_name = {name: from_onnx(*arrays) for name, *arrays in zip(names, W, R, B, P)}
    return _layer(by_name, floats("x", x), h0, c0, lengths)


@checked
def backwards(array: Array, lengths: ArrayLike | None = None) -> Array:
    """Return a signal (T, ...) with time running backwards; twice is as before.

    With lengths (B,), whole numbers from 1 to T, the signal is that of a batch, (T, B, H) or (T, B, I): each sequence
    is reversed within its length, and what stands past its end stays. ValueError if the lengths do not fit.
    """
    if lengths is None:
        return array[::-1]
    if array.ndim != 3:
        raise ValueError(f"array: expected shape (T, B, ...) beside lengths, got {array.shape}")
    t, lengths = np.arange(len(array))[:, None], checks.integers("lengths", lengths, 1, len(array))
    checks.shape("lengths", lengths, array.shape[1:2], "(B,)")
    return np.take_along_axis(array, reversal(t, lengths)[..., None], axis=0)


def _time_first(x: torch.Tensor | PackedSequence, batch_first: bool) -> tuple[Array, Integers | None]:
    """Return what a layer is called with as (T, I) or (T, B, I), and the lengths of a packed batch."""
    from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

    if isinstance(x, PackedSequence):
        padded, lengths = pad_packed_sequence(x)
        return floats("x", padded), lengths.numpy()
    inputs = floats("x", x)
    return inputs.swapaxes(0, 1) if batch_first and inputs.ndim == 3 else inputs, None


def _states(hx: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Array]:
    """Return h0 and c0 of every layer and direction, zero where there is no hx."""
    if hx is None:
        return [np.zeros(shape, dtype)] * 2
    checks.pair("hx", hx, "h0 and c0")
    states = [np.zeros(shape, dtype) if state is None else floats(name, state) for name, state in zip(("h0", "c0"), hx)]
    meaning = "(layers * directions, B, H)" if len(shape) == 3 else "(layers * directions, H)"
    for name, state in zip(("h0", "c0"), states):
        checks.shape(name, state, shape, meaning)
    return states


def _layer(by_name: Mapping[str, UnitWeights], x: Array, h0: Any, c0: Any, lengths: Any) -> dict[str, Trace]:
    """Return the trace of each unit of a layer; the one whose name has "reverse" in it runs backwards."""
    return {
        name: unroll(weights, backwards(x, lengths) if "reverse" in name else x, h0[k], c0[k], lengths)
        for k, (name, weights) in enumerate(by_name.items())
    }
