"""Weights in the forms that other libraries take: the same numbers, stacked in another order.

What is read may be float32 or float64, in arrays or in tensors of any device. A state or a node with two biases is
read as their sum, and no bias as zero; what is written and read again is the same to the last bit.

Sources: the documentation of ``torch.nn.LSTM`` and of Keras, and the LSTM operator of the ONNX specification.
"""

from collections.abc import Mapping

import numpy as np

from lstm_ref import checks
from lstm_ref.weights import UnitWeights


def to_torch(weights, suffix="_l0"):
    """Return the weights as the state of a one-layer ``torch.nn.LSTM``, as NumPy arrays by name.

    These are ``weight_ih_l0`` (4H, I), ``weight_hh_l0`` (4H, H), ``bias_ih_l0`` and ``bias_hh_l0`` (4H,).
    The networks stand in the order i, f, g, o. PyTorch adds two biases where one is enough: ours goes into
    ``bias_ih_l0``, and ``bias_hh_l0`` is zero.

    Parameters
    ----------
    weights : UnitWeights
    suffix : str
        How the names end: "" for ``torch.nn.LSTMCell``, "_l1_reverse" for the second layer's way back.

    Raises
    ------
    ValueError
        If the unit has a peephole, which ``torch.nn.LSTM`` has not; `to_layer` takes it.
    """
    if weights.peephole != "none":
        raise ValueError(f"weights: expected peephole 'none', which torch.nn.LSTM has, got {weights.peephole!r}")
    bias = weights.stack("b", "ifgo")
    return {
        "weight_ih" + suffix: weights.stack("W", "ifgo"),
        "weight_hh" + suffix: weights.stack("R", "ifgo"),
        "bias_ih" + suffix: bias,
        "bias_hh" + suffix: np.zeros_like(bias),
    }


def to_layer(weights, suffix="_l0"):
    """Return the weights as the state of `lstm_ref.layer.LSTM`: that of `to_torch`, and the peephole.

    The peephole is ``weight_ch_l0``, (3, H) or (3, H, H), in the order i, f, o; a unit without one has no such array.
    """
    state = to_torch(weights.replace(P_f=None, P_i=None, P_o=None), suffix)
    if weights.peephole != "none":
        state["weight_ch" + suffix] = np.stack([weights.P_i, weights.P_f, weights.P_o])
    return state


def from_torch(state, suffix="_l0"):
    """Return the weights of one layer and direction of a ``torch.nn.LSTM`` or `lstm_ref.layer.LSTM`, or of a cell.

    Parameters
    ----------
    state : dict from name to array or tensor
        As ``lstm.state_dict()`` returns it; names that do not end in the suffix are not looked at.
    suffix : str
        As for `to_torch`.

    Returns
    -------
    UnitWeights
        With a peephole if the state has ``weight_ch_l0``.

    Raises
    ------
    TypeError
        If `state` is no dict, or an array is not of float32 or float64, or not of the others' dtype.
    ValueError
        If an array is missing or its shape does not fit, or the layer has projections (``weight_hr_l0``).
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"state: expected a dict from name to array, as state_dict(), got {type(state).__name__}")
    if "weight_hr" + suffix in state:
        raise ValueError(f"state: expected a layer without projections, got weight_hr{suffix}")
    wanted = {"weight_hh": "4H H", "weight_ih": "4H I"}
    if "bias_ih" + suffix in state or "bias_hh" + suffix in state:
        wanted |= {"bias_ih": "4H", "bias_hh": "4H"}
    if "weight_ch" + suffix in state:
        wanted["weight_ch"] = "3 H H" if np.ndim(state["weight_ch" + suffix]) == 3 else "3 H"
    for name in wanted:
        if name + suffix not in state:
            raise ValueError(f"state: expected {name + suffix}, got the names {sorted(state)}")
    R, W, *others = _fitting(*((name + suffix, state[name + suffix], axes) for name, axes in wanted.items()))
    P = others.pop() if "weight_ch" in wanted else ()
    return _unit("ifgo", W, R, sum(others, np.zeros(len(R), R.dtype)), "ifo", P)


def to_onnx(weights):
    """Return W (4H, I), R (4H, H), B (8H,) and P (3H,) or None: one direction of an ONNX LSTM node.

    The networks stand in the order i, o, f, c (c is the new memory g), the peepholes in the order i, o, f. B holds two
    biases one after the other, of which the second is zero. The node wants one more axis in front: ``W[None]``.

    Raises
    ------
    ValueError
        If the peephole is "full": ONNX has one weight per element.
    """
    if weights.peephole == "full":
        raise ValueError("weights: expected peephole 'none' or 'diagonal', which ONNX has, got 'full'")
    bias = weights.stack("b", "iofg")
    P = None if weights.peephole == "none" else weights.stack("P", "iof")
    return weights.stack("W", "iofg"), weights.stack("R", "iofg"), np.concatenate([bias, np.zeros_like(bias)]), P


def from_onnx(W, R, B=None, P=None):
    """Return the weights of one direction of an ONNX LSTM node, from arrays without its axis of directions.

    Parameters
    ----------
    W : array (4H, I)
    R : array (4H, H)
    B : array (8H,), optional
    P : array (3H,), optional
        In the orders of `to_onnx`.

    Returns
    -------
    UnitWeights

    Raises
    ------
    TypeError, ValueError
        If an array's dtype or shape does not fit, as for `from_torch`.
    """
    given = ("R", R, "4H H"), ("W", W, "4H I"), ("B", B, "8H"), ("P", P, "3H")
    R, W, *others = _fitting(*(each for each in given if each[1] is not None))
    P = others.pop().reshape(3, -1) if P is not None else ()
    b = others[0].reshape(2, -1).sum(axis=0) if others else np.zeros(len(R), R.dtype)
    return _unit("iofg", W, R, b, "iof", P)


def to_keras(weights):
    """Return kernel (I, 4H), recurrent_kernel (H, 4H) and bias (4H,), for ``set_weights`` of a ``keras.layers.LSTM``.

    The networks stand side by side in the order i, f, c, o (c is the new memory g).

    Raises
    ------
    ValueError
        If the unit has a peephole, which Keras has not.
    """
    if weights.peephole != "none":
        raise ValueError(f"weights: expected peephole 'none', which Keras has, got {weights.peephole!r}")
    return weights.stack("W", "ifgo").T, weights.stack("R", "ifgo").T, weights.stack("b", "ifgo")


def from_keras(kernel, recurrent_kernel, bias=None):
    """Return the weights of a ``keras.layers.LSTM``, from what its ``get_weights`` returns.

    Parameters
    ----------
    kernel : array (I, 4H)
    recurrent_kernel : array (H, 4H)
    bias : array (4H,), optional
        In the order of `to_keras`.

    Returns
    -------
    UnitWeights

    Raises
    ------
    TypeError, ValueError
        If an array's dtype or shape does not fit, as for `from_torch`.
    """
    given = ("recurrent_kernel", recurrent_kernel, "H 4H"), ("kernel", kernel, "I 4H"), ("bias", bias, "4H")
    R, W, *b = _fitting(*(each for each in given if each[1] is not None))
    return _unit("ifgo", W.T, R.T, b[0] if b else np.zeros(R.shape[1], R.dtype))


def onnx_model(weights):
    """Return the unit as an ``onnx.ModelProto`` of one LSTM node, ready for a runtime or a file.

    Its inputs are x (T, B, I), h0 and c0 (1, B, H), of the weights' dtype; its outputs h (T, 1, B, H), h_last and
    c_last (1, B, H). The axis of length 1 is ONNX's axis of directions. `lstm_ref.export.onnx_model` does the same for
    whole layers.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    ValueError
        If the peephole is "full".
    """
    from lstm_ref.onnx_nodes import assemble, node

    state = (1, "B", weights.hidden_size)
    inputs = {"x": ("T", "B", weights.input_size), "h0": state, "c0": state}
    outputs = {"h": ("T", *state), "h_last": state, "c_last": state}
    lstm, arrays = node([to_onnx(weights)], inputs, outputs)
    return assemble("unit", [lstm], inputs, outputs, arrays, weights.dtype)


def floats(name, value):
    """Return an array or a tensor as an array; TypeError unless it holds float32 or float64."""
    value = value.detach().cpu() if hasattr(value, "detach") else checks.floats(name, value)
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in ("float32", "float64"):
        raise TypeError(f"{name}: expected float32 or float64, got {dtype}")
    return np.asarray(value)


def _fitting(*wanted):
    """Return arrays of one dtype whose shapes fit together.

    Each of `wanted` is a name, a value and its axes, as in ("R", R, "4H H"); the first says what H is.
    """
    arrays, sizes = [], {"3": 3}
    for name, value, axes in wanted:
        array, axes = floats(name, value), axes.split()
        meaning = f"({', '.join(axes)}{',' * (len(axes) == 1)})"
        if array.ndim != len(axes) or 0 in array.shape:
            raise ValueError(f"{name}: expected shape {meaning}, all at least 1, got {array.shape}")
        sizes = {axis: size for axis, size in zip(axes, array.shape) if axis in ("H", "I")} | sizes
        expected = tuple(sizes[axis] if axis in sizes else int(axis[0]) * sizes["H"] for axis in axes)
        checks.shape(name, array, expected, meaning)
        arrays.append(array)
        if array.dtype != arrays[0].dtype:
            raise TypeError(f"{name}: expected {arrays[0].dtype} like {wanted[0][0]}, got {array.dtype}")
    return arrays


def _unit(order, W, R, b, looking="", P=()):
    """Return the unit whose networks stand one under the other, in this order, and its peepholes in the other."""
    stacks = (("W", W), ("R", R), ("b", b))
    named = {f"{kind}_{net}": part for kind, stack in stacks for net, part in zip(order, np.split(stack, 4))}
    return UnitWeights(**named, **{f"P_{net}": part for net, part in zip(looking, P)})
