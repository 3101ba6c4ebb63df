"""Whole models with the layer of `lstm_ref.layer` in them as ONNX models, by PyTorch's own exporter.

The exporter knows PyTorch's operators and translates each; for ours it has to be told how. Sources: the LSTM operator
of the ONNX specification, and the documentation of ``torch.onnx.export``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_ref import checks
from lstm_ref.gates import LOOKING, ORDERS

NAMED = "lstm_ref.layer"
"""By which name a node carries that of its layer and direction: the exporter names nodes itself."""


def translation_table() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return what ``torch.onnx.export`` needs in order to write models that have an `lstm_ref.layer.LSTM` in them.

    It is handed over by name: ``torch.onnx.export(model.eval(), (x,), dynamo=True,
    custom_translation_table=translation_table())``. Each layer and direction becomes one LSTM node, with its peepholes;
    the rest of the model PyTorch translates itself. ``dynamic_shapes`` leaves T and B to whoever runs the model.

    Returns
    -------
    dict
        From our operator to the function that writes its node.

    Raises
    ------
    ImportError
        If PyTorch or the package onnxscript is not installed.
    ValueError
        While the exporter runs, wrapped in an error of its own: if a peephole is "full", or the model asks for
        ``memories``, neither of which ONNX's node has.

    Notes
    -----
    Needs PyTorch 2.6 or newer. Export a model that is in evaluation: dropout between the layers would be written too.
    Sequences of unlike lengths that are packed are not exported: pad them.
    """
    checks.package("onnxscript", "book")
    torch = checks.package("torch", "torch")
    checks.package("lstm_ref.layer", "torch")
    return {torch.ops.lstm_ref.forward.default: _node}


def _node(
    x: Any, h0: Any, c0: Any, W: Any, R: Any, b: Any, P: Any, lengths: Any, engine: str, memories: bool
) -> tuple[Any, ...]:
    """Write one LSTM node; return what `lstm_ref.engines.operators.forward` does, as far as a model reads it."""
    op: Any = checks.package("onnxscript", "book").opset18
    if lengths is not None:
        raise ValueError("lengths: expected None, got some: the sequences of an exported model are all as long as x")
    if memories:
        raise ValueError("memories: expected False, got True: ONNX's LSTM node hands out the last memory alone")
    if P is not None and len(P.shape) != 2:
        raise ValueError("peephole: expected 'none' or 'diagonal', which ONNX has, got 'full'")
    H, name = R.shape[1], W.name
    W, R = _turned(op, W, 4), _turned(op, R, 4)
    if b is not None:
        b = op.Pad(_turned(op, b, 4), op.Constant(value_ints=[0, 0, 0, 4 * H]))  # the node's second bias
    if P is not None:
        P = op.Reshape(_turned(op, P, 3), op.Constant(value_ints=[1, -1]))
    front = op.Constant(value_ints=[0])
    starts = op.Unsqueeze(h0, front), op.Unsqueeze(c0, front)
    h, h_last, c_last = op.LSTM(x, W, R, b, None, *starts, P, hidden_size=H)
    if "weight_ih_" in name:
        h_last.producer().metadata_props[NAMED] = name.removeprefix("p_").replace("weight_ih_", "")
    h = op.Squeeze(h, op.Constant(value_ints=[1]))
    # The exporter wants something in place of what only the backward pass reads, each of its own name.
    unread = [op.Identity(h) for _ in range(4)]
    return *unread[:3], h, h_last, c_last, unread[3]


def _turned(op: Any, stack: Any, networks: int) -> Any:
    """Bring the networks of a stack, one under the other in PyTorch's order, into ONNX's, with one axis in front."""
    orders = ORDERS if networks == 4 else LOOKING
    others = list(stack.shape[1:])
    apart = op.Reshape(stack, op.Constant(value_ints=[networks, -1, *others]))
    turned = op.Gather(apart, op.Constant(value_ints=[orders["torch"].index(net) for net in orders["onnx"]]), axis=0)
    return op.Reshape(turned, op.Constant(value_ints=[1, -1, *others]))
