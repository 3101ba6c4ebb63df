"""The layer, and a step of a training, on a device that is no CPU: nothing in them creeps back to the CPU.

There is no such device to count on, so a dry run stands in for one: torch registers a backend that computes nothing,
and its fake tensors follow shapes and devices through every operation. An operation on tensors of two devices raises,
as it would on a GPU. The backend stays registered, so this is a program for a process of its own; it prints, as JSON,
the devices that each step came out on, or its error.
"""

import contextlib
import itertools
import json
import pathlib
import re
from unittest import mock

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from lstm_ref.engines import torch_engine
from lstm_ref.layer import LSTM
from lstm_ref.training import Settings, model, trainer
from lstm_ref.weights import PEEPHOLES

T, B, I, H = 3, 2, 3, 4
LENGTHS = 3, 1
CASES = [
    *("none, 1 layer, whole", "none, 2 layers, both ways, whole"),
    *(
        ", ".join(case)
        for case in itertools.product(
            ("diagonal", "full"), ("1 layer, no bias", "2 layers, both ways"), ("whole", "cut")
        )
    ),
]
# How the engine makes a tensor where its others are, and how it would look if that were forgotten.
FORGOTTEN = (
    (r"\w+\.new_(empty|zeros)\(", r"torch.\1("),
    (r"torch\.(empty|zeros)_like\((.*?)\)", r"torch.\1(\2.shape)"),
    (r", device=x\.device", ""),
)
SOURCE = pathlib.Path(torch_engine.__file__).read_text(encoding="utf-8")
MISTAKES = [
    (SOURCE[: found.start()] + found.expand(forgotten) + SOURCE[found.end() :], f"{found[0]} at {found.start()}")
    for pattern, forgotten in FORGOTTEN
    for found in re.finditer(pattern, SOURCE)
]

# A task for each kind of loss; how training makes a tensor where its others are, and
# how it would look if that were forgotten: the file, the task that would notice, the words and the forgotten ones.
TASKS = {"adding": {"T": 20}, "continual-reber": {"T": 4}, "spikes": {"every": 2}}
STEPS = ["adding, none", *map(", ".join, itertools.product(("continual-reber", "spikes"), PEEPHOLES))]
SLIPS = {
    "the model stays behind": (trainer, "spikes", ".to(self.device, self.dtype)", ".to(self.dtype)"),
    "the sum of losses stays behind": (trainer, "spikes", "dtype=self.dtype, device=self.device)", "dtype=self.dtype)"),
    "the batch stays behind": (model, "spikes", "else tensor.to(device)", "else tensor"),
    "symbols stay behind": (model, "continual-reber", "else tensor.to(device)", "else tensor"),
    "steps after an error": (trainer, "spikes", "zeros_like(wrong)", "zeros(wrong.shape, dtype=torch.bool)"),
    "rows of symbols": (
        model,
        "continual-reber",
        "torch.nn.functional.one_hot(x, self.input_size)",
        "torch.eye(self.input_size)[x]",
    ),
}


def mistaken(source):
    """Let the engine be what `source` says, for a while."""
    names = {}
    exec(source, names)
    return mock.patch.multiple(torch_engine, forward=names["forward"], backward=names["backward"])


def train(case, device):
    """Take one step of a training on a device, and return the devices on which anything came out."""
    peephole, kind, *_, form = case.split(", ")
    layers, bidirectional = int(kind[0]), "both ways" in case
    lstm = LSTM(I, H, layers, "no bias" not in case, bidirectional=bidirectional, peephole=peephole, device=device)
    optimiser = torch.optim.Adam(lstm.parameters())
    x, *hx = (
        torch.ones(shape, device=device, requires_grad=True)
        for shape in ((T, B, I), *2 * ((layers * (1 + bidirectional), B, H),))
    )
    # Packing needs real lengths, which a fake device has not; past that point they go the way of every packed batch.
    lengths = torch.tensor(LENGTHS) if form == "cut" else None
    y, (h, c) = lstm(x, hx) if lengths is None else lstm._layers(*lstm._start(x, hx), False, lengths)[:2]
    (y.sum() + h.sum() + c.sum() + lstm(x)[0].sum()).backward()
    torch.nn.utils.clip_grad_norm_(lstm.parameters(), 1.0)
    optimiser.step()
    found = [y, h, c, x.grad, *(state.grad for state in hx), *lstm.parameters()]
    return {each.device.type for each in [*found, *(weight.grad for weight in lstm.parameters())]}


def dry_run(case, source):
    try:
        with mistaken(source), FakeTensorMode():
            return sorted(train(case, torch.device("fakegpu")))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def training_step(case, device):
    """Take a step of a trainer on a device, two where the memory goes on; return where all that is left is."""
    name, peephole = case.split(", ")
    settings = Settings(name, TASKS[name], hidden_size=H, peephole=peephole, device=device, precision="float32")
    training = trainer.Trainer(settings)
    loss = [training.step() for _ in range(1 + training.task.continual)]
    weights = list(training.model.parameters())
    moments = [each[name] for each in training.optimiser.state.values() for name in ("exp_avg", "exp_avg_sq")]
    found = [*loss, training.loss, *weights, *(weight.grad for weight in weights), *moments, *(training.state or ())]
    assert len(moments) == 2 * len(weights) and (training.state is not None) == training.task.continual
    return {each.device.type for each in found}


def moved(module, *where):
    """Move a module as `torch.nn.Module.to` does, which cannot move one of fake weights."""
    for each in module.modules():
        for name, weight in list(each.named_parameters(recurse=False)):
            setattr(each, name, torch.nn.Parameter(weight.detach().to(*where)))
    return module


def slipped(slip):
    """Let the training forget a device, for a while."""
    module, _, words, forgotten = SLIPS[slip]
    source = pathlib.Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(words) == 1, words
    names = {"__name__": module.__name__}
    exec(source.replace(words, forgotten), names)
    changed = ("Trainer",) if module is trainer else ("Model", "to_tensor")
    return mock.patch.multiple(trainer, **{name: names[name] for name in changed})


def dry_step(case, slip=None):
    try:
        with (
            slipped(slip) if slip else contextlib.nullcontext(),
            mock.patch.object(torch.nn.Module, "to", moved),
            FakeTensorMode(allow_non_fake_inputs=True),
        ):
            return sorted(training_step(case, "fakegpu"))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    _setup_privateuseone_for_python_backend("fakegpu")
    found = {case: dry_run(case, SOURCE) for case in CASES}
    found |= {name: dry_run(CASES[-1], source) for source, name in MISTAKES}
    found |= {case: dry_step(case) for case in STEPS}
    print(json.dumps(found | {slip: dry_step(f"{SLIPS[slip][1]}, none", slip) for slip in SLIPS}))
