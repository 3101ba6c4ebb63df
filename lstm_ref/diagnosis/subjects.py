"""What is checked, behind one face: functions of arrays, functions of tensors, modules of PyTorch, ONNX models.

Each is called with the weights by their owner's names, x (T, B, I), h0 and c0 (B, H), and returns signals by our names.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagnosis.names import ONNX, TORCH, Names
from lstm_ref.diagnosis.variants import CLOSE, FLOW
from lstm_ref.interop.onnx import onnx_model_of

SIGNALS = (*FLOW, "h_last", "c_last")


class Misnamed(ValueError):
    """The words for a weight do not fit its shape."""


def called(function: Callable[..., Any], weights: Mapping[str, Any], *others: Any) -> Any:
    """Call what somebody else wrote; where it fails, say what it was given."""
    try:
        return function(weights, *others)
    except Misnamed:
        raise
    except Exception as error:
        shapes = {name: tuple(each.shape) for name, each in weights.items()}
        given = (
            f"it was given weights of the shapes {shapes} and x, h0, c0 of {[tuple(each.shape) for each in others[:3]]}"
        )
        wanted = (
            "what runs on (weights, x, h0, c0), and names that say what each of its weights holds, turned or not (.T)"
        )
        raise ValueError(f"lstm: expected {wanted}, got {type(error).__name__}: {error}; {given}") from error


class Subject:
    """A function ``forward(weights, x, h0, c0)`` of arrays, and a ``backward`` where there is one."""

    dtype = "float64"
    takes_state = True
    shapes: Mapping[str, tuple[int, ...]] = {}

    def __init__(self, forward: Callable[..., Any], backward: Callable[..., Any] | None = None) -> None:
        self.forward, self.backward = forward, backward

    def sizes(self, names: Names) -> dict[str, int]:
        """Return what the shapes say of I and H."""
        found: dict[str, int] = {}
        for name in self.shapes:
            if name in names.held:
                found |= names.held[name].sizes(self.shapes[name])
        return found

    def signals(self, weights: dict[str, Array], x: Array, h0: Array, c0: Array) -> dict[str, Array]:
        """Return what a forward pass hands out."""
        return {
            name: checks.numbers(name, each) for name, each in named(called(self.forward, weights, x, h0, c0)).items()
        }

    def gradients(
        self, weights: dict[str, Array], x: Array, h0: Array, c0: Array, d_h: Array
    ) -> dict[str, Array] | None:
        """Return gradients by the owner's names, and "x", "h0" and "c0"; None if there are none."""
        if self.backward is None:
            return None
        found = called(self.backward, weights, x, h0, c0, d_h)
        if not isinstance(found, Mapping):
            raise TypeError(f"backward: expected a dict from name to gradient, got {type(found).__name__}")
        return {name: checks.numbers(f"backward[{name!r}]", each) for name, each in found.items()}


class OfTensors(Subject):
    """A function of tensors, whose gradients are those of autograd."""

    def signals(self, weights: dict[str, Array], x: Array, h0: Array, c0: Array) -> dict[str, Array]:
        found = named(called(self.forward, *_leaves(weights, x, h0, c0)))
        return {name: each.detach().cpu().numpy() for name, each in found.items()}

    def gradients(
        self, weights: dict[str, Array], x: Array, h0: Array, c0: Array, d_h: Array
    ) -> dict[str, Array] | None:
        torch = checks.package("torch", "torch")
        # Whoever calls may have switched gradients off.
        with torch.inference_mode(False), torch.enable_grad():
            of_names, *others = _leaves(weights, x, h0, c0)
            h_t = named(called(self.forward, of_names, *others)).get("h_t")
            if h_t is None:
                return None
            leaves = {**of_names, **dict(zip(("x", "h0", "c0"), others))}
            if h_t.requires_grad:
                h_t.backward(torch.as_tensor(d_h), inputs=list(leaves.values()))
        return {name: (0 * leaf.detach() if leaf.grad is None else leaf.grad).numpy() for name, leaf in leaves.items()}


class OfModule(OfTensors):
    """A module, which is not changed: it is called with other weights than its own."""

    def __init__(self, module: Any, call: Callable[..., Any] | None) -> None:
        torch = checks.package("torch", "torch")
        # A copy, for a call may change what a module keeps.
        module = copy.deepcopy(module).cpu()
        self.shapes = {name: tuple(each.shape) for name, each in module.named_parameters()}
        self.dtype = next((str(each.dtype).removeprefix("torch.") for each in module.parameters()), "none")
        if self.dtype not in CLOSE:
            raise TypeError(f"lstm: expected parameters in float32 or float64, got {self.dtype}")

        class Called(torch.nn.Module):  # type: ignore[misc, name-defined]
            """What calls the module; so that a cell, which is called once a step, has the other weights too."""

            def __init__(self) -> None:
                super().__init__()
                self.module = module

            def forward(self, *given: Any) -> Any:
                return (call or like_torch)(self.module, *given)

        def forward(weights: dict[str, Any], *given: Any) -> Any:
            own = {f"module.{name}": fitting(name, each, self.shapes[name]) for name, each in weights.items()}
            return torch.func.functional_call(Called(), own, given)

        super().__init__(forward)


class OfOnnx(Subject):
    """An ONNX model whose initialisers have the owner's names; its inputs are x and, where it has them, h0 and c0."""

    dtype = "float32"

    def __init__(self, model: Any) -> None:
        self.onnx = checks.package("onnx", "book")
        self.model = onnx_model_of(model, "lstm")
        self.shapes = {each.name: tuple(each.dims) for each in self.model.graph.initializer}
        self.inputs = [each.name for each in self.model.graph.input if each.name not in self.shapes]
        self.takes_state = len(self.inputs) == 3
        super().__init__(self._run)

    def _run(self, weights: dict[str, Array], x: Array, h0: Array, c0: Array) -> dict[str, Array]:
        model = type(self.model)()
        model.CopyFrom(self.model)
        for each in model.graph.initializer:
            if each.name in weights:
                own = fitting(each.name, weights[each.name], self.shapes[each.name])
                each.CopyFrom(self.onnx.numpy_helper.from_array(own, each.name))
        evaluator = checks.package("onnx.reference", "book").ReferenceEvaluator(model)
        h, *last = evaluator.run(None, dict(zip(self.inputs, (x, h0[None], c0[None]))))
        states = {name: state.reshape(h0.shape) for name, state in zip(("h_last", "c_last"), last)}
        return {"h_t": h.reshape(*x.shape[:2], -1), **states}


def subject(
    lstm: Any,
    names: Mapping[str, str] | None,
    *,
    backward: Callable[..., Any] | None,
    call: Callable[..., Any] | None,
    autograd: bool,
) -> tuple[Subject, Mapping[str, str]]:
    """Return what is checked, and what its names say."""
    if hasattr(lstm, "named_parameters"):
        module = OfModule(lstm, call)
        return module, _expect_names(
            names or {name: TORCH.get(name, TORCH.get(f"{name}_l0", "?")) for name in module.shapes}, module
        )
    if isinstance(lstm, (str, Path)) or hasattr(lstm, "graph"):
        model = OfOnnx(lstm)
        return model, names or {name: ONNX[name] for name in model.shapes if name in ONNX}
    if not callable(lstm):
        raise TypeError(f"lstm: expected a function, a torch.nn.Module or an ONNX model, got {type(lstm).__name__}")
    if names is None:
        raise ValueError('names: expected what each weight holds, as {"weight_ih": "W ifgo"}, got None')
    return OfTensors(lstm) if autograd else Subject(lstm, backward), names


def named(answer: Any) -> dict[str, Any]:
    """Return what a forward pass returned as a dict: h_t alone, (h_t, (h_last, c_last)), or signals by name."""
    if isinstance(answer, Mapping):
        if not answer or set(answer) - set(SIGNALS):
            raise ValueError(f"lstm: expected signals by some of the names {SIGNALS}, got {sorted(answer)}")
        return dict(answer)
    if not isinstance(answer, (tuple, list)):
        return {"h_t": answer}
    if len(answer) != 2 or not isinstance(answer[1], (tuple, list)) or len(answer[1]) != 2:
        got = f"({', '.join(type(each).__name__ for each in answer)})"
        raise TypeError(f"lstm: expected h_t, (h_t, (h_last, c_last)) or a dict of signals, got {got}")
    return {"h_t": answer[0], "h_last": answer[1][0], "c_last": answer[1][1]}


def fitting(name: str, weight: Any, shape: tuple[int, ...]) -> Any:
    """Return an array or a tensor in the shape that its owner has, which may split its first axis or have others."""
    alike = weight.ndim == 1 or weight.shape[-1:] == shape[-1:]
    if not alike or math.prod(weight.shape) != math.prod(shape):
        raise Misnamed(f"names[{name!r}]: expected words for an array of shape {shape}, got {tuple(weight.shape)}")
    return weight.reshape(shape)


def like_torch(module: Any, x: Any, h0: Any, c0: Any) -> Any:
    """Call a module as ``torch.nn.LSTM`` is called."""
    turn = getattr(module, "batch_first", False)
    h, (h_last, c_last) = module(x.swapaxes(0, 1) if turn else x, (h0[None], c0[None]))
    return h.swapaxes(0, 1) if turn else h, (h_last.reshape(h0.shape), c_last.reshape(c0.shape))


def _array(name: str, signal: Any) -> Array:
    """Return a tensor, or a list of them step by step, as an array."""
    torch = checks.package("torch", "torch")
    if isinstance(signal, (list, tuple)) and signal and all(isinstance(each, torch.Tensor) for each in signal):
        signal = torch.stack(list(signal))
    if not isinstance(signal, torch.Tensor) or str(signal.dtype).removeprefix("torch.") not in CLOSE:
        kind = signal.dtype if isinstance(signal, torch.Tensor) else type(signal).__name__
        raise TypeError(f"lstm: expected {name} as a tensor of float32 or float64, got {kind}")
    array: Array = signal.detach().cpu().numpy()
    return array


def _leaves(weights: dict[str, Array], *others: Array) -> tuple[Any, ...]:
    """Return all that a function of tensors is given, each a leaf for autograd."""
    torch = checks.package("torch", "torch")

    def leaf(array: Array) -> Any:
        return torch.tensor(array, requires_grad=True)

    return {name: leaf(array) for name, array in weights.items()}, *map(leaf, others)


def _expect_names(names: Mapping[str, str], module: OfModule) -> Mapping[str, str]:
    """Raise ValueError unless the names are those of a module's parameters."""
    if set(names) != set(module.shapes):
        raise ValueError(f"names: expected what each of {sorted(module.shapes)} holds, got {sorted(names)}")
    return names
