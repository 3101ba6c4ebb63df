"""A layer and its read-out: the model that `lstm_ref.training` trains on a task."""

from typing import Any

import numpy as np
import torch

from lstm_ref import checks
from lstm_ref.checks import Array, Integers
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.layer import LSTM
from lstm_ref.signatures import checked
from lstm_ref.tasks import Answer, Task

HELD_OPEN = 1000.0
"""A bias so large that the valve is open to the last bit, whatever its network computes; its gradient is then 0."""


class Model(torch.nn.Module):
    """The input goes through `lstm_ref.layer.LSTM`, and its output through one linear layer, the read-out.

    Parameters
    ----------
    task : a task of `lstm_ref.tasks`
        Its sizes, and how the weights begin.
    hidden_size, num_layers, dropout, peephole
        As for `lstm_ref.layer.LSTM`.
    held_open : str
        The valves that stand open and learn nothing, some of the letters f, i and o: "f" is the unit of 1997, which had
        no forget valve.
    start : dict, optional
        How the weights begin: the biases by name, "b_f" and so on, and bounds within which "R", "P" and "read_out" are
        drawn, as in a task's own ``start``, which it is unless given.
    generator : torch.Generator
        Where the weights come from; on the CPU, so that they are the same whatever the device.

    Raises
    ------
    ValueError
        If `held_open` has other letters; else as for `lstm_ref.layer.LSTM`.
    """

    @checked
    def __init__(
        self,
        task: Task,
        hidden_size: int,
        num_layers: int = 1,
        dropout: float = 0.0,
        peephole: str = "none",
        held_open: str = "",
        *,
        start: dict[str, float] | None = None,
        generator: torch.Generator,
    ):
        super().__init__()
        if not all(hasattr(task, name) for name in ("input_size", "output_size", "start")):
            raise TypeError(f"task: expected one of lstm_ref.tasks, got {type(task).__name__}")
        checks.whole_number("hidden_size", hidden_size, 1)
        # Four networks over the output in each layer, in single precision.
        checks.memory("hidden_size", 4 * 4 * hidden_size**2 * num_layers)
        checks.letters("held_open", held_open, LOOKING["article"])
        self.input_size = task.input_size
        with torch.random.fork_rng(devices=()):
            self.lstm = LSTM(task.input_size, hidden_size, num_layers, dropout=dropout, peephole=peephole)
            self.read_out = torch.nn.Linear(hidden_size, task.output_size)
        with torch.no_grad():
            self._begin(task.start if start is None else start, hidden_size, generator)
            for valve in held_open:
                self._set_bias(valve, HELD_OPEN)

    def forward(self, x: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Return the outputs, (T, B, O), and the state after the last step.

        x is (T, B, I), or (T, B) whole numbers, of which each stands for a 1 among zeros.
        """
        if not x.dtype.is_floating_point:
            x = torch.nn.functional.one_hot(x, self.input_size).to(self.read_out.weight.dtype)
        h, state = self.lstm(x, state)
        return self.read_out(h), state

    def _begin(self, start: dict[str, float], H: int, generator: torch.Generator) -> None:
        """Draw every weight, uniformly to H**-0.5 or to what `start` names for its kind; set the biases named there."""
        bound = {"weight_hh": start.get("R"), "weight_ch": start.get("P"), "read_out": start.get("read_out")}
        for name, weight in self.named_parameters():
            kind = next((kind for kind in bound if kind in name), "")
            torch.nn.init.uniform_(weight, -1, 1, generator=generator).mul_(bound.get(kind) or H**-0.5)
        for name, value in start.items():
            if name.startswith("b_"):
                self._set_bias(name[-1], value)

    def _set_bias(self, net: str, value: float) -> None:
        """Let the biases of one network, in every layer, add up to a value."""
        H, k = self.lstm.hidden_size, ORDERS["torch"].index(net)
        for name, bias in self.lstm.named_parameters():
            if name.startswith("bias"):
                bias[k * H : (k + 1) * H] = value if "ih" in name else 0


@checked
def as_function(model: Model, dtype: torch.dtype, device: torch.device) -> Answer:
    """Return a model as the function ``answer(x, state=None)`` of arrays that `lstm_ref.tasks` measure."""

    def answer(x: Array | Integers, state: Any = None) -> tuple[Array, Any]:
        training = model.training
        model.eval()
        with torch.no_grad():
            outputs, state = model(to_tensor(x, dtype, device), state)
        model.train(training)
        return outputs.cpu().numpy(), state

    return answer


def to_tensor(array: Array | Integers, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Return an array as a tensor on a device: symbols as they are, numbers in the model's `dtype`."""
    tensor = torch.from_numpy(np.array(array))
    tensor = tensor.to(dtype if tensor.dtype.is_floating_point else torch.int64)
    # From pinned memory a GPU fetches by itself, and Python need not wait.
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)
