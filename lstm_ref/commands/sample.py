"""``lstm-ref sample``: let a model that was trained on a text write."""

import argparse
from types import SimpleNamespace
from typing import Any

import numpy as np

from lstm_ref.commands.arguments import folder
from lstm_ref.tasks import ALPHABET, Answer

EXAMPLES = """\
examples:
  python -m lstm_ref sample runs/text
  python -m lstm_ref sample runs/text --text "Dear reader, " --length 500 --temperature 0.7
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to a parser."""
    sample = commands.add_parser(
        "sample",
        help="let a model of characters write",
        description="Let a model that was trained on a text, or on characters, read a beginning and go on with it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = sample.add_argument
    option("path", type=folder, metavar="PATH", help="a checkpoint, or the folder of a run")
    option("--text", default="\n", help="what the model reads first (a line end)")
    option("--length", type=int, default=300, metavar="N", help="how many characters to write (300)")
    option("--temperature", type=float, default=1.0, metavar="X", help="below 1 likely characters come oftener (1)")
    option("--seed", type=int, default=0, metavar="N", help="another one writes another text (0)")
    sample.set_defaults(run=sample_command)


def sample_command(given: argparse.Namespace) -> int:
    """Write, and return the exit status."""
    from lstm_ref.training import checkpoints, sample

    answer, alphabet = writer(checkpoints.read(given.path))
    rng = np.random.default_rng(given.seed)
    print(given.text + sample(answer, given.text, given.length, rng, given.temperature, alphabet))
    return 0


def writer(state: dict[str, Any]) -> tuple[Answer, str]:
    """Return the best model of a run, as a function, and its alphabet; the text need not be there any more."""
    import torch

    from lstm_ref.training import Model, as_function

    settings = state["settings"]
    if settings["task"] not in ("text", "characters"):
        raise ValueError(f"path: expected a run of text or characters, got one of {settings['task']!r}")
    alphabet = settings["options"].get("alphabet", ALPHABET)
    sizes: Any = SimpleNamespace(input_size=len(alphabet), output_size=len(alphabet), start={})
    names = ("hidden_size", "num_layers", "dropout", "peephole", "held_open")
    model = Model(sizes, **{name: settings[name] for name in names}, generator=torch.Generator())
    weights = (state["best"] or {"weights": state["model"]})["weights"]
    dtype = next(iter(weights.values())).dtype
    model.to(dtype).load_state_dict(weights)
    return as_function(model, dtype, torch.device("cpu")), alphabet
