"""One cell with and without peepholes and an output tanh, on two tasks: ``python -m experiments.one_cell``.

The tasks are of Gers, Schraudolph and Schmidhuber (2002): timed spikes, and delays of F steps or F + 1. The cells of
that paper had peepholes and no tanh before the output, and no engine of this package computes such a cell. Here many
are trained side by side in double precision, on the same data, each with weights of its own. It takes ten minutes.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from experiments.sweeps import FOLDER
from lstm_ref.data import tables
from lstm_ref.tasks import Batch, Delays, Spikes
from lstm_ref.training.trainer import until_error

KINDS = [(peephole, tanh) for peephole in ("none", "diagonal") for tanh in (True, False)]
NAMES = "W_f W_i W_g W_o R_f R_i R_g R_o b_f b_i b_g b_o P_f P_i P_o V v".split()  # noqa: SIM905
BOUNDS = {"R": 0.5, "P": 0.1, "V": 5.0, "v": 5.0}
SEEDS, STEPS, RATE = 20, 5000, 0.03
TASKS = Spikes(10), Delays(10), Delays(49)


def begin(biases: dict[str, float]) -> Tensor:
    """Return the 17 weights (17, N, 1) of N cells, SEEDS of each of KINDS, in the order of NAMES; V, v: the read-out.

    A seed begins alike in every kind. All are drawn uniformly, to 1 or to BOUNDS, save the biases given.
    """
    drawn = [np.random.default_rng(seed).uniform(-1, 1, len(NAMES)) for seed in range(SEEDS)]
    weights = np.array(drawn).T * np.array([[BOUNDS.get(name[0], 1.0)] for name in NAMES])
    for name in biases.keys() & {*NAMES}:
        weights[NAMES.index(name)] = biases[name]
    return torch.tensor(np.tile(weights, len(KINDS))[..., None])


def kinds() -> tuple[Tensor, Tensor]:
    """Return which of the N cells have peepholes, and which an output tanh, both (N, 1)."""
    found = [(peephole == "diagonal", tanh) for peephole, tanh in KINDS for _ in range(SEEDS)]
    peephole, tanh = torch.tensor(found).T[..., None]
    return peephole, tanh


def unroll(weights: Tensor, x: Tensor, peephole: Tensor, tanh: Tensor) -> Tensor:
    """Return the logits (T, N, B) of N cells that read x (T, B); `peephole` and `tanh` are (N, 1), True or False."""
    W_f, W_i, W_g, W_o, R_f, R_i, R_g, R_o, b_f, b_i, b_g, b_o, *looks, V, v = weights.unbind()
    P_f, P_i, P_o = (torch.where(peephole, P, 0.0) for P in looks)
    c_t = h_t = torch.zeros(len(peephole), x.shape[1], dtype=torch.float64)
    logits = []
    for x_t in x:
        f_t = torch.sigmoid(W_f * x_t + R_f * h_t + P_f * c_t + b_f)
        i_t = torch.sigmoid(W_i * x_t + R_i * h_t + P_i * c_t + b_i)
        g_t = torch.tanh(W_g * x_t + R_g * h_t + b_g)
        c_t = f_t * c_t + i_t * g_t
        o_t = torch.sigmoid(W_o * x_t + R_o * h_t + P_o * c_t + b_o)
        h_t = o_t * torch.where(tanh, torch.tanh(c_t), c_t)
        logits.append(V * h_t + v)
    return torch.stack(logits)


def tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return x (T, B), the target (T, 1, B) and the weight (T, 1, B) of a batch, in double precision."""
    x, target, weight = (torch.tensor(array, dtype=torch.float64) for array in batch)
    return x[..., 0], target[..., 0][:, None], weight[:, None]


def test(task: Spikes | Delays, long: bool) -> Batch:
    """Return what a cell must get right: 100,000 steps of spikes or 1,000 delays; or a tenth or less, unless `long`."""
    if isinstance(task, Delays):
        return task.draw(np.random.default_rng(1), 1000 if long else 100, 1)
    T = 100_000 if long else 1000
    return Batch(np.zeros((T, 1, 1)), task.target(T)[:, None, None], np.ones((T, 1)))


def right(task: Spikes | Delays, weights: Tensor, peephole: Tensor, tanh: Tensor, long: bool) -> Tensor:
    """Return which answers of a test each cell gets right, (answers, N): those with an error under 0.49."""
    x, target, weight = tensors(test(task, long))
    with torch.no_grad():
        logits = unroll(weights, x, peephole, tanh)
    return ((logits.sigmoid() - target).abs() < 0.49)[weight[:, 0, 0] == 1, :, 0]


def learn(task: Spikes | Delays, steps: int = STEPS) -> Iterator[dict[str, Any]]:
    """Train all cells on a task, and yield a row for each: Adam, a cosine, gradients clipped cell by cell."""
    weights, (peephole, tanh) = begin({"b_o": 0.0} | task.start).requires_grad_(), kinds()
    optimiser, rng, began = torch.optim.Adam([weights], RATE), np.random.default_rng(0), time.process_time()
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    best, solved = np.zeros(len(tanh)), np.zeros(len(tanh), int)
    for step in range(1, steps + 1):
        x, target, weight = tensors(task.batch(rng)[0])
        total = weight.sum()
        logits = unroll(weights, x, peephole, tanh)
        if task.after_error is not None:
            weight = until_error(logits, target, task.after_error)[..., None]
        wrong = torch.nn.functional.binary_cross_entropy_with_logits(logits, target.expand_as(logits), reduction="none")
        optimiser.zero_grad()
        ((weight * wrong).sum() / total).backward()
        weights.grad /= weights.grad.norm(dim=0).clamp(min=1)
        optimiser.step()
        schedule.step()
        if step % 250 == 0:
            found = right(task, weights, peephole, tanh, long=False).double()
            score = (found if isinstance(task, Delays) else found.cumprod(0)).mean(0).numpy()
            best = np.maximum(best, score)
            tried = np.flatnonzero((score == 1) & (solved == 0))
            if tried.size:
                passed = right(task, weights[:, tried], peephole[tried], tanh[tried], long=True).all(0).numpy()
                solved[tried[passed]] = step
    seconds = (time.process_time() - began) / len(tanh)
    for n, (kind, seed) in enumerate((kind, seed) for kind in KINDS for seed in range(SEEDS)):
        yield {
            "task": type(task).__name__.lower(),
            "every": task.every,
            "peephole": kind[0],
            "output_tanh": kind[1],
            "seed": seed,
            "solved": bool(solved[n]),
            "steps": int(solved[n]) or steps,
            "sequences": (int(solved[n]) or steps) * task.batch_size,
            "best_score": round(float(best[n]), 4),
            "weights": len(NAMES) - 3 * (kind[0] == "none"),
            "seconds": round(seconds, 1),
        }


def main() -> None:
    """Write ``one_cell.csv``, a row for each cell and task."""
    torch.set_num_threads(1)
    rows = [row for task in TASKS for row in learn(task)]
    tables.write(FOLDER / "one_cell.csv", rows, list(rows[0]))


if __name__ == "__main__":
    main()
