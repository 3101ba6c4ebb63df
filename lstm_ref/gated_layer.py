"""A gated unit as a PyTorch module, to be trained: its wires are followed with tensors, and PyTorch finds the way back.

A unit whose valves do not look back is computed for all steps at once; of the others, only what has to wait for the
last step is computed step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import torch

from lstm_ref.checks import Array
from lstm_ref.diagrams.nodes import Node
from lstm_ref.diagrams.walk import forward
from lstm_ref.diagrams.wiring import Wire, Wiring
from lstm_ref.family import Unit, first_memories
from lstm_ref.family.sequence import scanned
from lstm_ref.signatures import checked

__all__ = ["GatedLayer"]

TORCH = SimpleNamespace(
    abs=torch.abs,
    at_least=lambda z, low: z.clamp(min=low),
    cummax=lambda z: torch.cummax(z, 0).values,
    cumsum=torch.cumsum,
    exp=torch.exp,
    join=torch.cat,
    log=torch.log,
    look=lambda W, z: z * W if W.ndim == 1 else torch.nn.functional.linear(z, W),
    lower=lambda L, k, like: torch.ones(L, L, dtype=torch.bool, device=like.device).tril(k),
    maximum=torch.maximum,
    moveaxis=torch.movedim,
    sigmoid=torch.sigmoid,
    softplus=torch.nn.functional.softplus,
    solve=lambda below, right: torch.linalg.solve_triangular(below, right, upper=False, unitriangular=True),
    sqrt=torch.sqrt,
    stack=torch.stack,
    swap=lambda z: z.transpose(-1, -2),
    tanh=torch.tanh,
    where=torch.where,
)
"""What `lstm_ref.diagrams.operations.NUMPY` has of NumPy."""


class GatedLayer(torch.nn.Module):
    """A layer of a gated unit.

    Parameters
    ----------
    unit : Unit
    weights : mapping
        Of arrays by name, as `Unit.random` returns them: what the parameters begin at.
    """

    @checked
    def __init__(self, unit: Unit, weights: Mapping[str, Array]) -> None:
        super().__init__()
        self.unit, self.hidden_size = unit, unit.sizes(weights)["H"]
        self.weights = torch.nn.ParameterDict(
            {
                name: torch.tensor(np.asarray(weight), dtype=torch.get_default_dtype())
                for name, weight in weights.items()
            }
        )
        self._wiring = unit.wiring if unit.scans else _early_apart(unit)

    def forward(
        self, x: torch.Tensor, state: tuple[torch.Tensor, ...] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """Return the outputs, (T, B, H), of an input (T, B, I), and the memories after the last step.

        `state` are the memories before the first step, in the order of `Unit.memories`.
        """
        if state is None:
            named = {name: weight.detach().cpu().numpy() for name, weight in self.weights.items()}
            first = first_memories(self.unit, named, tuple(x.shape[1:-1]))
            state = tuple(torch.as_tensor(memory, dtype=x.dtype, device=x.device) for memory in first.values())
        memories, weights = dict(zip(self.unit.memories, state)), dict(self.weights.items())
        if self.unit.scans:
            values = scanned(self.unit, weights, x, memories, TORCH)
            return values["h_t"], tuple(values[name.replace("_prev", "_t")][-1] for name in memories)
        early = forward(self._wiring, weights, {"x_t": x}, TORCH)
        moving, outputs = self._wiring.reached("x_t"), []
        fixed = {name: value for name, value in early.items() if name not in moving}
        # Cut once: the way back of an index would fill a whole sequence with zeros at every step.
        steps = {name: value.unbind() for name, value in early.items() if name in moving}
        for t in range(len(x)):
            known = fixed | {name: values[t] for name, values in steps.items()} | memories
            values = forward(self._wiring, weights, known, TORCH)
            memories = {name: values[name.replace("_prev", "_t")] for name in memories}
            outputs.append(values["h_t"])
        return torch.stack(outputs), tuple(memories.values())


def _early_apart(unit: Unit) -> Wiring:
    """Return the unit's wiring with each box that looks back as two: what it sees early is summed for all steps first.

    Early is what does not have to wait for the last step: the input, what comes of it, and the bias.
    """
    wiring, late = unit.wiring, unit.wiring.reached(*unit.memories)
    moving, nodes, wires = wiring.reached("x_t") - late, dict(wiring.nodes), list(wiring.wires)
    for name in unit.looks_back:
        node, early = nodes[name], f"{name}_early"
        ahead = [start for start in wiring.into(name) if nodes[start].gives not in late]
        if moving & set(ahead):
            nodes[early] = Node(
                "box", early, {nodes[start].gives: node.weights[nodes[start].gives] for start in ahead}, node.axes
            )
            nodes[name] = node._replace(weights={**node.weights, early: ""})
            wires = [Wire(start, early) if end == name and start in ahead else Wire(start, end) for start, end in wires]
            wires.append(Wire(early, name))
    return replace(wiring, wires=tuple(wires), nodes=nodes)
