"""One step of training: draw a batch, forward, compare, backward, clip, move the weights."""

import copy
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from lstm_ref import checks, tasks
from lstm_ref.signatures import checked
from lstm_ref.tasks import Answer, Measure
from lstm_ref.training.devices import (
    DTYPES,
    autocast,
    choose_device,
    choose_precision,
    gathered,
    mean_of_all,
    rank_and_world,
    seeded,
)
from lstm_ref.training.model import Model, as_function, to_tensor
from lstm_ref.training.settings import Settings

LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "squared": lambda outputs, target: (outputs - target).square().sum(-1),
    "symbol": lambda logits, target: functional.cross_entropy(logits.movedim(-1, 1), target, reduction="none"),
    "marks": lambda logits, target: functional.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(
        -1
    ),
}
"""The loss of every step, (T, B): of numbers; of one symbol out of O; of O marks that are there or not."""


class Trainer:
    """A model, its optimiser and its data, ready for the next step.

    Parameters
    ----------
    settings : Settings
    model : Model, optional
        What is trained; one of an LSTM, as the settings have it, unless given.

    Attributes
    ----------
    rows : list of dict
        What `report` has found, a row for each: see `lstm_ref.training.logs.COLUMNS`.
    folder : Path or None
        Where `lstm_ref.training.fit` wrote the run last, or `lstm_ref.training.resume` found it.
    stopped_by : int or None
        The signal that ended the last `lstm_ref.training.fit` before its time.

    Raises
    ------
    ValueError
        If an option does not fit, or the batch cannot be shared out evenly to the processes.
    """

    @checked
    def __init__(self, settings: Settings, model: Model | None = None):
        self.settings, self.task = settings, tasks.make(settings.task, **settings.options)
        self.device = choose_device(settings.device)
        self.precision = choose_precision(settings.precision, self.device, settings.peephole)
        self.dtype = DTYPES[self.precision]
        self.rank, self.world = rank_and_world()
        if self.task.batch_size % self.world:
            raise ValueError(f"batch_size: expected a multiple of {self.world} processes, got {self.task.batch_size}")
        generator = torch.Generator().manual_seed(settings.seed)
        sizes = (settings.hidden_size, settings.num_layers, settings.dropout, settings.peephole, settings.held_open)
        model = model or Model(self.task, *sizes, start=settings.start, generator=generator)
        self.model = model.to(self.device, self.dtype)
        self.parallel = DistributedDataParallel(self.model) if self.world > 1 else self.model
        # The fused one asks the device itself whether a scaled gradient has overflowed; Python need not wait.
        fused = self.device.type == "cuda" or None
        self.optimiser = torch.optim.Adam(self.model.parameters(), settings.learning_rate, fused=fused)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._rate_factor)
        # In float16 small gradients would become 0: the loss is multiplied, and the gradients divided again.
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "float16")
        self.rng = np.random.default_rng(settings.seed)
        self.steps, self.sequences = 0, 0
        self.carry: Any = None
        self.state: tuple[torch.Tensor, ...] | None = None
        self.loss, self.losses = torch.zeros((), dtype=self.dtype, device=self.device), 0
        self.best: dict[str, Any] | None = None
        self.measures_since_best = 0
        self.rows: list[dict[str, Any]] = []
        self.folder: Path | None = None
        self.stopped_by: int | None = None

    def step(self) -> torch.Tensor:
        """Draw a batch and learn from it; return the loss, a tensor on the device that is this process's share."""
        batch, self.carry = self.task.batch(self.rng, self.carry)
        own = (array[:, self.rank :: self.world] for array in batch)
        x, target, weight = (to_tensor(array, self.dtype, self.device) for array in own)
        total = float(batch.weight.sum()) / self.world
        noise = seeded(self.device, self.settings.seed, self.steps, self.rank)
        with noise if self.settings.dropout else nullcontext(), autocast(self.device, self.precision):
            outputs, state = self.parallel(x, self.state)
        outputs = outputs.to(self.dtype)
        if self.task.after_error is not None:
            weight = weight * until_error(outputs, target, self.task.after_error)
        loss = (weight * LOSSES[self.task.loss](outputs, target)).sum() / total
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
        self.scaler.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.step()
        if self.task.continual:
            self.state = tuple(part.detach() for part in state)
        self.loss += loss.detach()
        self.losses += 1
        self.steps += 1
        self.sequences += self.task.batch_size
        return loss.detach()

    def expect_finite(self) -> None:
        """Raise FloatingPointError if a loss since the last report, or a weight, is NaN or infinite."""
        finite = [self.loss.isfinite(), *(each.isfinite().all() for each in self.model.parameters())]
        if not torch.stack(finite).all():
            what = "the weights are" if finite[0] else "the loss is"
            raise FloatingPointError(f"after step {self.steps} {what} not finite; a lower learning rate may help")

    @property
    def due(self) -> bool:
        """Whether it is time to report."""
        return self.steps % self.settings.every == 0 or self.steps == self.settings.steps

    def report(self) -> dict[str, Any]:
        """Measure, and return the row that stands in `rows` from now on."""
        rate, found = self.schedule.get_last_lr()[0], self.measure()
        counts = {"steps": self.steps, "sequences": self.sequences}
        self.rows.append(counts | {"loss": self.mean_loss(), "learning_rate": rate} | found._asdict())
        return self.rows[-1]

    def mean_loss(self) -> float:
        """Return the mean of the losses since this was last called, over all processes."""
        mean = mean_of_all(self.loss / max(1, self.losses)).item()
        self.loss, self.losses = torch.zeros_like(self.loss), 0
        return mean

    @property
    def answer(self) -> Answer:
        """The model as a function of arrays, as `lstm_ref.tasks` measure it."""
        return as_function(self.model, self.dtype, self.device)

    def measure(self) -> Measure:
        """Return the `lstm_ref.tasks.Measure` of the model as it is, on the same fresh data each time."""
        rng = np.random.default_rng((self.settings.seed, 1))
        found = self.task.measure(self.answer, rng)
        if self.world > 1:  # they stop together, so they have to agree
            together = torch.tensor([found.score, found.solved], dtype=torch.float64, device=self.device)
            score, solved = mean_of_all(together).tolist()
            found = Measure(score, solved == 1)
        if self.best is None or found.score > self.best["score"] or math.isnan(self.best["score"]):
            weights = {name: weight.detach().clone() for name, weight in self.model.state_dict().items()}
            self.best = {"score": found.score, "solved": found.solved, "steps": self.steps, "weights": weights}
            self.measures_since_best = 0
        else:
            self.measures_since_best += 1
        return found

    @property
    def finished(self) -> bool:
        """Whether all steps are taken, the task is solved, or no measure was better for long enough."""
        solved = self.best is not None and self.best["solved"]
        return self.steps >= self.settings.steps or self.out_of_patience or solved

    @property
    def out_of_patience(self) -> bool:
        """Whether no measure was better for as many in turn as the settings allow."""
        return self.settings.patience is not None and self.measures_since_best >= self.settings.patience

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the next step depends on; in every process, the same."""
        return {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": self.scaler.state_dict(),
            "rng": self.rng.bit_generator.state,
            "steps": self.steps,
            "sequences": self.sequences,
            "loss": mean_of_all(self.loss.clone()),
            "losses": self.losses,
            "carry": self.carry,
            "state": gathered(self.state),
            "best": self.best,
            "measures_since_best": self.measures_since_best,
            "rows": list(self.rows),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where `state_dict` was taken.

        Raises
        ------
        KeyError, TypeError, ValueError, RuntimeError
            If the state is not that of such a model, or its parts do not fit together.
        """
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        if state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        self.rng.bit_generator.state = state["rng"]
        self.loss = state["loss"].to(self.device)
        for name in ("steps", "sequences", "losses", "carry", "best", "measures_since_best"):
            setattr(self, name, state[name])
        self.rows = list(state["rows"])
        if state["state"] is not None:
            own = (part[:, self.rank :: self.world] for part in state["state"])
            self.state = tuple(part.to(self.device).contiguous() for part in own)
        self._expect_fitting()

    def _expect_fitting(self) -> None:
        """Raise unless what a checkpoint held fits the model and the task."""
        if not self.steps <= self.settings.steps:
            raise ValueError(f"steps: expected at most {self.settings.steps}, got {self.steps}")
        for weight, moments in self.optimiser.state.items():
            for name in ("exp_avg", "exp_avg_sq"):
                checks.shape(f"optimiser.{name}", moments[name], weight.shape, "that of its weights")
        shape = self.settings.num_layers, self.task.batch_size // self.world, self.settings.hidden_size
        for part in self.state or ():
            checks.shape("state", part, shape, "(layers, B, H)")
        self.task.batch(copy.deepcopy(self.rng), self.carry)

    def _rate_factor(self, step: int) -> float:
        """Return by what the learning rate is multiplied after so many steps."""
        warm = self.settings.warm_up * self.settings.steps
        if step < warm:
            return (step + 1) / (warm + 1)
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.settings.steps - warm)))


def until_error(logits: torch.Tensor, target: torch.Tensor, steps: int) -> torch.Tensor:
    """Return (T, B): 1 up to so many steps after the first answer that is wrong by 0.49 or more, and 0 after that."""
    wrong = ((logits.sigmoid() - target).abs() >= 0.49).any(-1)
    late = torch.zeros_like(wrong)
    late[steps + 1 :] = wrong.cummax(0).values[: -steps - 1]
    return (~late).to(logits.dtype)
