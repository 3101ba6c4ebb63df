"""Trained layers as ONNX models, for runtimes that do not have PyTorch.

Sources: the documentation of ``torch.nn.LSTM``, and the LSTM operator of the ONNX specification.
"""

import numpy as np

from lstm_ref.interop import to_onnx
from lstm_ref.torch_layers import units


def onnx_model(lstm):
    """Return a layer as an ``onnx.ModelProto``, with the weights that it has now.

    Parameters
    ----------
    lstm : torch.nn.LSTM
        Or `lstm_ref.layer.LSTM` with the peephole "none" or "diagonal"; of any number of layers, in one direction or
        two, with biases or without, batch first or not.

    Returns
    -------
    onnx.ModelProto
        Its inputs are x, (T, B, I) or, batch first, (B, T, I), and h0 and c0 (layers * directions, B, H), all of the
        weights' dtype. Its outputs are h, like x with directions * H in place of I, and h_last and c_last, like h0.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    TypeError
        If `lstm` is no ``torch.nn.LSTM``, or its numbers are not float32 or float64.
    ValueError
        If it has projections, or its peephole is "full", which ONNX has not.

    Notes
    -----
    The model computes what the layer does in evaluation: dropout between layers is not in it. onnxruntime 1.32 runs the
    LSTM node in float32 alone; ``onnx.reference.ReferenceEvaluator`` runs it in float64 too.
    """
    from onnx import helper

    from lstm_ref.onnx_nodes import assemble, node

    layers = list(units(lstm).values())
    if layers[0].peephole == "full":
        raise ValueError("lstm: expected peephole 'none' or 'diagonal', which ONNX has, got 'full'")
    L, D, H = lstm.num_layers, 1 + lstm.bidirectional, lstm.hidden_size
    heard, nodes = "x", []
    arrays = {"rows": np.full(L, D, np.int64), "joined": np.array([0, 0, D * H], np.int64)}
    if lstm.batch_first:
        heard = "x_by_time"
        nodes.append(helper.make_node("Transpose", ["x"], [heard], perm=[1, 0, 2]))
    starts = {name: [f"{name}_{k}" for k in range(L)] for name in ("h0", "c0")}
    ends = {name: [f"{name}_{k}" for k in range(L)] for name in ("h_last", "c_last")}
    nodes += [helper.make_node("Split", [name, "rows"], parts, axis=0) for name, parts in starts.items()]
    for k, (h0, c0, h_last, c_last) in enumerate(zip(*starts.values(), *ends.values())):
        # ONNX says (T, D, B, H); the next layer hears, and the last one says, both directions side by side.
        last = k == L - 1
        said, turned, h = f"said_{k}", f"turned_{k}", "h" if last else f"heard_{k + 1}"
        perm = [2, 0, 1, 3] if last and lstm.batch_first else [0, 2, 1, 3]
        unit, more = node(
            [*map(to_onnx, layers[k * D : (k + 1) * D])], (heard, h0, c0), (said, h_last, c_last), f"_{k}"
        )
        nodes += [
            unit,
            helper.make_node("Transpose", [said], [turned], perm=perm),
            helper.make_node("Reshape", [turned, "joined"], [h]),
        ]
        heard, arrays = h, arrays | more
    nodes += [helper.make_node("Concat", parts, [name], axis=0) for name, parts in ends.items()]
    axes, state = ("B", "T") if lstm.batch_first else ("T", "B"), (L * D, "B", H)
    inputs = {"x": (*axes, lstm.input_size), "h0": state, "c0": state}
    outputs = {"h": (*axes, D * H), "h_last": state, "c_last": state}
    return assemble("lstm", nodes, inputs, outputs, arrays, layers[0].dtype)
