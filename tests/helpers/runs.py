"""Small runs, and what they leave behind."""

import torch

from lstm_ref.training import Settings, Trainer, checkpoints, fit


def trainer(**settings):
    """Return a trainer of the adding problem, of 12 steps and a measure after every second."""
    settings = {"hidden_size": 3, "steps": 12, "every": 2, "device": "cpu"} | settings
    return Trainer(Settings("adding", {"T": 20, "batch_size": 4}, **settings))


def run(folder=None, **settings):
    """Run such a training to its end, and return its trainer."""
    training = trainer(**settings)
    fit(training, folder)
    return training


def same(one, other):
    """Return whether two states are equal, bit for bit."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def state(folder):
    """Return what the last checkpoint of a folder holds."""
    return checkpoints.read(folder)


def text(folder):
    """Return the log of a folder."""
    return (folder / "log.csv").read_bytes()
