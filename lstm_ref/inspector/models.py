"""Every signal inside the LSTMs of a whole model, of PyTorch or in a file of ONNX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lstm_ref import checks
from lstm_ref.inspector.layers import layer_traces, onnx_traces
from lstm_ref.interop.exporter import NAMED
from lstm_ref.interop.onnx import onnx_model_of
from lstm_ref.sequence import Trace

if TYPE_CHECKING:
    import onnx
    import torch


def traces(model: torch.nn.Module, x: Any, hx: Any = None) -> dict[str, Trace]:
    """Run a layer of PyTorch, or a model with such layers, and return all that happens in them. Nothing is changed.

    Parameters
    ----------
    model : torch.nn.LSTM, lstm_ref.layer.LSTM or another torch.nn.Module
        A layer of any number of layers, in one direction or two, with any peephole, with biases or without, batch first
        or not; or a model that has such layers. A model is called once, ``model(x)``, as it is: call ``eval()`` first.
    x : tensor or torch.nn.utils.rnn.PackedSequence
        What a layer is called with: (T, I), or (T, B, I), batch first (B, T, I), or a batch packed. What a model is
        called with: whatever it takes.
    hx : tuple of two tensors, optional
        Of a layer: h0 and c0, (layers * directions, H) or (layers * directions, B, H); zero unless given.

    Returns
    -------
    dict from str to Trace
        By "l0", "l0_reverse", "l1" and so on, the ends of PyTorch's names: every layer and direction with its weights.
        Of a model each name begins with the layer's own, as "encoder.l0"; where a layer is called more than once, "call
        2" and so on stand behind it. Time comes first, whatever the layer's layout. Of a packed batch the traces have
        its `lengths`, and the sequences stand as before packing. A direction that runs backwards begins with each
        sequence's last step: see `backwards`.

    Raises
    ------
    TypeError
        If `model` is no module, a layer's numbers are not float32 or float64, or x or hx has another dtype.
    ValueError
        If there is no ``torch.nn.LSTM`` in the model, a layer has projections, or would drop units at random; or a
        shape does not fit.
    """
    torch = checks.package("torch", "torch")
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, got {type(model).__name__}")
    if getattr(model, "mode", None) == "LSTM":
        return layer_traces(cast(Any, model), x, hx)
    if hx is not None:
        raise ValueError("hx: expected None beside a whole model, which makes its own states")
    found: dict[str, Trace] = {}
    for name, layer, given in _calls(torch, model, x):
        found |= {f"{name}.{key}": trace for key, trace in layer_traces(layer, *given).items()}
    return found


def _calls(torch: Any, model: torch.nn.Module, x: Any) -> Iterator[tuple[str, torch.nn.LSTM, tuple[Any, ...]]]:
    """Run a model; yield the name of each LSTM in it, the layer, and what it was called with, call by call."""
    layers = {name: each for name, each in model.named_modules() if getattr(each, "mode", None) == "LSTM"}
    if not layers:
        raise ValueError(f"model: expected a torch.nn.LSTM in it, got {type(model).__name__} without one")
    calls: dict[str, list[tuple[Any, ...]]] = {name: [] for name in layers}

    def listening(name: str) -> Any:
        def listen(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            given = dict(zip(("input", "hx"), args)) | kwargs
            calls[name].append((given["input"], given.get("hx")))

        return listen

    hooks = [layer.register_forward_pre_hook(listening(name), with_kwargs=True) for name, layer in layers.items()]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for hook in hooks:
            hook.remove()
    for name, layer in layers.items():
        for k, given in enumerate(calls[name], 1):
            yield name if k == 1 else f"{name} call {k}", layer, given


def model_file_traces(model: onnx.ModelProto | str | PathLike[str], x: Any) -> dict[str, Trace]:
    """Run an ONNX model, by onnx's reference evaluator, and return all that happens in its LSTM nodes.

    Parameters
    ----------
    model : onnx.ModelProto or path
    x : array or dict
        The model's first input, or several by name. Those that are not given, such as h0 and c0, are zero.

    Returns
    -------
    dict from str to Trace
        By the name of the node and the direction, as "lstm forward"; where `lstm_ref.interop.translation_table` helped
        to write the model, by that of the layer's weights, as "encoder_l0_reverse". See `onnx_traces`.

    Raises
    ------
    ValueError
        If there is no LSTM node, or one has another layout, other activations or a clip.
    """
    loaded = onnx_model_of(model, "model")
    nodes = [node for node in loaded.graph.node if node.op_type == "LSTM"]
    if not nodes:
        raise ValueError("model: expected an LSTM node in it, got none")
    onnx = checks.package("onnx", "book")
    values = _values(onnx, loaded, nodes, x)
    found: dict[str, Trace] = {}
    for k, node in enumerate(nodes):
        given = dict(zip(("x", "W", "R", "B", "lengths", "h0", "c0", "P"), map(values.get, node.input)))
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        usual = [b"Sigmoid", b"Tanh", b"Tanh"]
        if attributes.get("activations") in (usual, 2 * usual):
            del attributes["activations"]
        unusual = set(attributes) & {"activations", "clip", "input_forget", "layout"}
        if any(attributes[name] for name in unusual):
            raise ValueError(f"model: expected an LSTM node without {sorted(unusual)}, got {attributes}")
        direction = attributes.get("direction", b"forward").decode()
        ours = [each.value for each in node.metadata_props if each.key == NAMED]
        for way, trace in onnx_traces(**given, direction=direction).items():
            name = ours[0] if ours else f"{node.name or f'LSTM {k}'} {way}"
            found[f"{name} node {k}" if name in found else name] = trace
    return found


def _values(onnx: Any, model: onnx.ModelProto, nodes: Any, x: Any) -> Mapping[str, Any]:
    """Return what every input of these nodes is when a model reads x, by name; None by the name of none."""
    wanted = {name for node in nodes for name in node.input if name}
    known = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in known]
    given = dict(x) if isinstance(x, Mapping) else {inputs[0].name: x}
    for name, array in given.items():
        given[name] = checks.plain("x", array, "an array, or a dict of them by input")
        if given[name].dtype.kind not in "fiub":
            raise TypeError(f"x: expected an array, or a dict of them by input, got {type(array).__name__}")
    for each in inputs:
        if each.name not in given:
            given[each.name] = _zeros(each, inputs[0], given.get(inputs[0].name, np.zeros(())))
    copy = type(model)()
    copy.CopyFrom(model)
    inner = sorted(wanted - set(known) - set(given))
    copy.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in inner)
    evaluator = checks.package("onnx.reference", "book").ReferenceEvaluator(copy)
    return {**known, **given, **dict(zip(inner, evaluator.run(inner, given)))}


def _zeros(wanted: Any, first: Any, x: Any) -> Any:
    """Return zeros for an input; where it has axes of the first input, by name, it has their lengths in x."""
    lengths = {axis.dim_param: size for axis, size in zip(first.type.tensor_type.shape.dim, x.shape) if axis.dim_param}
    axes = wanted.type.tensor_type.shape.dim
    unknown = [axis.dim_param for axis in axes if axis.dim_param not in lengths and not axis.dim_value]
    if unknown:
        raise ValueError(
            f"x: expected a dict with {wanted.name} in it, or an input that says {unknown}, got shape {x.shape}"
        )
    return np.zeros([lengths.get(axis.dim_param, axis.dim_value) for axis in axes], x.dtype)
