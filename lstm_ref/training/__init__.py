"""A training loop to read in one sitting: `Settings` say what to train, `Trainer` takes steps, `fit` runs to the end.

>>> from lstm_ref.training import Settings, Trainer, fit
>>> rows = fit(Trainer(Settings("adding", steps=2000)))  # doctest: +SKIP

The same code runs on a CPU, on a GPU, and in several processes under torchrun; what differs stands in
`lstm_ref.training.devices`. Everything that a step depends on is in `Trainer.state_dict`: a run that is killed and
resumed ends, on a CPU, with the weights of one that was not, bit for bit. From the shell: ``python -m lstm_ref train``.
"""

from lstm_ref.checks import installed

with installed("torch"):
    from lstm_ref.training import checkpoints
    from lstm_ref.training.checkpoints import CheckpointError
    from lstm_ref.training.devices import autocast, choose_device
    from lstm_ref.training.fit import fit, resume
    from lstm_ref.training.folder import FolderError
    from lstm_ref.training.model import Model, as_function
    from lstm_ref.training.sampling import sample
    from lstm_ref.training.settings import Settings
    from lstm_ref.training.trainer import Trainer

__all__ = [
    "CheckpointError",
    "FolderError",
    "Model",
    "Settings",
    "Trainer",
    "as_function",
    "autocast",
    "checkpoints",
    "choose_device",
    "fit",
    "resume",
    "sample",
]
