"""ONNX's LSTM node, and models made of nodes, for `lstm_ref.interop` and `lstm_ref.export`; needs the package onnx."""

import numpy as np
from onnx import helper, numpy_helper

# The oldest versions of ONNX that have this LSTM node: every runtime since 2022 reads them.
OPSET, IR_VERSION = 14, 8


def node(directions, inputs, outputs, mark=""):
    """Return one LSTM node, and the arrays that it reads, by name.

    Parameters
    ----------
    directions : sequence of (W, R, B, P)
        One unit, as `lstm_ref.interop.to_onnx` returns it, or two, of which the second runs backwards.
    inputs, outputs : iterable of str
        What x, h0 and c0 are called, and h, h_last and c_last.
    mark : str
        How the names of the node's own arrays end, which begin with W, R, B and P.
    """
    kinds = zip("WRBP", zip(*directions))
    arrays = {kind + mark: np.stack(parts) for kind, parts in kinds if parts[0] is not None}
    x, h0, c0 = inputs
    W, R, B, *P = arrays
    names = [x, W, R, B, "", h0, c0, *(P or [""])]
    direction = "forward" if len(directions) == 1 else "bidirectional"
    H = directions[0][1].shape[1]
    return helper.make_node("LSTM", names, list(outputs), hidden_size=H, direction=direction), arrays


def assemble(name, nodes, inputs, outputs, arrays, dtype):
    """Return an ``onnx.ModelProto``: inputs and outputs are dicts from name to shape, arrays one from name to array."""

    def values(shapes):
        kind = helper.np_dtype_to_tensor_dtype(dtype)
        return [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]

    initial = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, name, values(inputs), values(outputs), initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
