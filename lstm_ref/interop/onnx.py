"""Weights of an ONNX LSTM node, and units and whole layers as ONNX models, for runtimes that do not have PyTorch.

Sources: the LSTM operator of the ONNX specification, and the documentation of ``torch.nn.LSTM``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.interop.arrays import fitting, unit_of_stacks
from lstm_ref.interop.torch import units
from lstm_ref.signatures import checked
from lstm_ref.weights import UnitWeights

if TYPE_CHECKING:
    import onnx
    import torch

ORDER = ORDERS["onnx"]
PEEPHOLES = "none", "diagonal"

# The oldest versions of ONNX that have this LSTM node: every runtime since 2022 reads them.
OPSET, IR_VERSION = 14, 8

Shapes: TypeAlias = Mapping[str, tuple[int | str, ...]]
"""By the name of an input or output: its axes, those that a caller chooses as letters."""

Direction: TypeAlias = tuple[Array, Array, Array, Array | None]
"""W, R, B and P of one unit, as `to_onnx` returns them."""


@checked
def to_onnx(weights: UnitWeights) -> Direction:
    """Return W (4H, I), R (4H, H), B (8H,) and P (3H,) or None: one direction of an ONNX LSTM node.

    The networks stand in the order i, o, f, c (c is the new memory g), the peepholes in the order i, o, f. B holds two
    biases one after the other, of which the second is zero. The node wants one more axis in front: ``W[None]``.

    Raises
    ------
    ValueError
        If the peephole is "full": ONNX has one weight per element.
    """
    if weights.peephole not in PEEPHOLES:
        raise ValueError(f"weights: expected peephole 'none' or 'diagonal', which ONNX has, got {weights.peephole!r}")
    bias = weights.stack("b", ORDER)
    P = None if weights.peephole == "none" else weights.stack("P", LOOKING["onnx"])
    return weights.stack("W", ORDER), weights.stack("R", ORDER), np.concatenate([bias, np.zeros_like(bias)]), P


def from_onnx(W: Any, R: Any, B: Any = None, P: Any = None) -> UnitWeights:
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
    R, W, *others = fitting(*given[:2], *(each for each in given[2:] if each[1] is not None))
    P = others.pop().reshape(3, -1) if P is not None else ()
    b = others[0].reshape(2, -1).sum(axis=0) if others else np.zeros(len(R), R.dtype)
    return unit_of_stacks(ORDER, W, R, b, P)


def onnx_model_of(given: Any, name: str) -> onnx.ModelProto:
    """Return an ``onnx.ModelProto``, or the one in a file; TypeError or ValueError, naming the argument, if none is."""
    package = checks.package("onnx", "book")
    if isinstance(given, package.ModelProto):
        return given
    if not isinstance(given, (str, PathLike)):
        raise TypeError(f"{name}: expected an ONNX model or the path of one, got {type(given).__name__}")
    if not Path(given).is_file():
        raise FileNotFoundError(f"{name}: expected an ONNX file, got {str(given)!r}, and there is no such file")
    try:
        return package.load(given)
    except OSError:
        raise
    except Exception as error:
        others = "lstm_ref.inspector.load_layers reads files of PyTorch and safetensors"
        raise ValueError(f"{name}: expected an ONNX file, got {str(given)!r}, which is none; {others}") from error


@checked
def onnx_model(weights: UnitWeights) -> onnx.ModelProto:
    """Return the unit as an ``onnx.ModelProto`` of one LSTM node, ready for a runtime or a file.

    Its inputs are x (T, B, I), h0 and c0 (1, B, H), of the weights' dtype; its outputs h (T, 1, B, H), h_last and
    c_last (1, B, H). The axis of length 1 is ONNX's axis of directions. `export_onnx` does the same for whole
    layers.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    ValueError
        If the peephole is "full".
    """
    state = (1, "B", weights.hidden_size)
    inputs: Shapes = {"x": ("T", "B", weights.input_size), "h0": state, "c0": state}
    outputs: Shapes = {"h": ("T", *state), "h_last": state, "c_last": state}
    lstm, arrays = node([to_onnx(weights)], inputs, outputs)
    return assemble("unit", [lstm], inputs, outputs, arrays, weights.dtype)


def export_onnx(lstm: torch.nn.LSTM) -> onnx.ModelProto:
    """Return a layer as an ``onnx.ModelProto``, with the weights that it has now; a whole model: `translation_table`.

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
    helper = checks.package("onnx", "book").helper
    weights = list(units(lstm).values())
    if weights[0].peephole not in PEEPHOLES:
        raise ValueError(f"lstm: expected peephole 'none' or 'diagonal', which ONNX has, got {weights[0].peephole!r}")
    L, D, H = lstm.num_layers, 1 + lstm.bidirectional, lstm.hidden_size
    arrays: dict[str, Any] = {"rows": np.full(L, D, np.int64), "joined": np.array([0, 0, D * H], np.int64)}
    states = {name: [f"{name}_{k}" for k in range(L)] for name in ("h0", "c0", "h_last", "c_last")}
    nodes = [helper.make_node("Split", [name, "rows"], states[name], axis=0) for name in ("h0", "c0")]
    x = "x_by_time" if lstm.batch_first else "x"
    if lstm.batch_first:
        nodes.append(helper.make_node("Transpose", ["x"], [x], perm=[1, 0, 2]))
    for k, of_layer in enumerate(zip(*states.values())):
        h = "h" if k == L - 1 else f"h_{k}"
        by_batch = k == L - 1 and lstm.batch_first
        more, named = _layer([*map(to_onnx, weights[k * D : (k + 1) * D])], x, h, of_layer, f"_{k}", by_batch)
        x, nodes, arrays = h, nodes + more, arrays | named
    nodes += [helper.make_node("Concat", states[name], [name], axis=0) for name in ("h_last", "c_last")]
    axes, state = ("B", "T") if lstm.batch_first else ("T", "B"), (L * D, "B", H)
    inputs: Shapes = {"x": (*axes, lstm.input_size), "h0": state, "c0": state}
    outputs: Shapes = {"h": (*axes, D * H), "h_last": state, "c_last": state}
    return assemble("lstm", nodes, inputs, outputs, arrays, weights[0].dtype)


def _layer(
    directions: Sequence[Direction], x: str, h: str, states: Sequence[str], mark: str, by_batch: bool
) -> tuple[list[onnx.NodeProto], dict[str, Array]]:
    """Return the nodes of one layer that reads `x` and writes `h`, and the arrays that they read.

    ONNX's node writes (T, D, B, H); a layer of PyTorch has both directions side by side, (T, B, D * H).
    """
    helper = checks.package("onnx", "book").helper
    h0, c0, h_last, c_last = states
    apart, turned = f"apart{mark}", f"turned{mark}"
    lstm, arrays = node(directions, (x, h0, c0), (apart, h_last, c_last), mark)
    turn = helper.make_node("Transpose", [apart], [turned], perm=[2, 0, 1, 3] if by_batch else [0, 2, 1, 3])
    return [lstm, turn, helper.make_node("Reshape", [turned, "joined"], [h])], arrays


def node(
    directions: Sequence[Direction],
    inputs: Iterable[str],
    outputs: Iterable[str],
    mark: str = "",
) -> tuple[onnx.NodeProto, dict[str, Array]]:
    """Return one LSTM node, and the arrays that it reads, by name.

    Parameters
    ----------
    directions : sequence of (W, R, B, P)
        One unit, as `to_onnx` returns it, or two, of which the second runs backwards.
    inputs, outputs : iterable of str
        What x, h0 and c0 are called, and h, h_last and c_last.
    mark : str
        How the names of the node's own arrays end, which begin with W, R, B and P.
    """
    helper = checks.package("onnx", "book").helper
    kinds = zip("WRBP", zip(*directions))
    arrays = {kind + mark: np.stack(parts) for kind, parts in kinds if parts[0] is not None}
    x, h0, c0 = inputs
    W, R, B, *P = arrays
    names = [x, W, R, B, "", h0, c0, *(P or [""])]
    direction = "forward" if len(directions) == 1 else "bidirectional"
    H = directions[0][1].shape[1]
    return helper.make_node("LSTM", names, list(outputs), hidden_size=H, direction=direction), arrays


def assemble(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    inputs: Shapes,
    outputs: Shapes,
    arrays: Mapping[str, NDArray[Any]],
    dtype: np.dtype[Any],
) -> onnx.ModelProto:
    """Return an ``onnx.ModelProto``: inputs and outputs are dicts from name to shape, arrays one from name to array."""
    package = checks.package("onnx", "book")
    helper, numpy_helper = package.helper, package.numpy_helper

    def values(shapes: Shapes) -> list[onnx.ValueInfoProto]:
        kind = helper.np_dtype_to_tensor_dtype(dtype)
        return [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]

    initial = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, name, values(inputs), values(outputs), initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
