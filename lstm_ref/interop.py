"""Weights in the forms that other libraries take: the same numbers, stacked in another order.

Sources: the documentation of ``torch.nn.LSTM`` and the LSTM operator of the ONNX specification.
"""

import numpy as np

# The oldest versions of ONNX that have this LSTM node: every runtime since 2022 reads them.
OPSET, IR_VERSION = 14, 8


def to_torch(weights):
    """Return the weights as the state of a one-layer ``torch.nn.LSTM``, as NumPy arrays by name.

    These are ``weight_ih_l0`` (4H, I), ``weight_hh_l0`` (4H, H), ``bias_ih_l0`` and ``bias_hh_l0`` (4H,).
    The networks stand in the order i, f, g, o. PyTorch adds two biases where one is enough: ours goes into
    ``bias_ih_l0``, and ``bias_hh_l0`` is zero.

    Raises
    ------
    ValueError
        If the unit has a peephole, which ``torch.nn.LSTM`` has not.
    """
    if weights.peephole != "none":
        raise ValueError(f"weights: expected peephole 'none', which torch.nn.LSTM has, got {weights.peephole!r}")
    bias = weights.stack("b", "ifgo")
    return {
        "weight_ih_l0": weights.stack("W", "ifgo"),
        "weight_hh_l0": weights.stack("R", "ifgo"),
        "bias_ih_l0": bias,
        "bias_hh_l0": np.zeros_like(bias),
    }


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


def onnx_model(weights):
    """Return the unit as an ``onnx.ModelProto`` of one LSTM node, ready for a runtime or a file.

    Its inputs are x (T, B, I), h0 and c0 (1, B, H), of the weights' dtype; its outputs h (T, 1, B, H), h_last and
    c_last (1, B, H). The axis of length 1 is ONNX's axis of directions.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    ValueError
        If the peephole is "full".
    """
    from onnx import helper, numpy_helper

    W, R, B, P = to_onnx(weights)
    arrays = {"W": W, "R": R, "B": B} | ({} if P is None else {"P": P})
    state = (1, "B", weights.hidden_size)
    inputs = {"x": ("T", "B", weights.input_size), "h0": state, "c0": state}
    outputs = {"h": ("T", *state), "h_last": state, "c_last": state}
    names = ["x", "W", "R", "B", "", "h0", "c0", "" if P is None else "P"]
    node = helper.make_node("LSTM", names, list(outputs), hidden_size=weights.hidden_size)

    def values(shapes):
        kind = helper.np_dtype_to_tensor_dtype(weights.dtype)
        return [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]

    initial = [numpy_helper.from_array(array[None], name) for name, array in arrays.items()]
    graph = helper.make_graph([node], "unit", values(inputs), values(outputs), initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
