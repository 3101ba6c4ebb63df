"""``lstm-ref train``: a task of the literature, or a text or a table of one's own; alone or under torchrun."""

import argparse
import contextlib
import shlex
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_ref import tasks
from lstm_ref.commands.arguments import folder
from lstm_ref.commands.verdict import conclude
from lstm_ref.weights import PEEPHOLES

if TYPE_CHECKING:
    from lstm_ref.training import Trainer

LOSSES = {"squared": "squared error", "symbol": "nats", "marks": "nats"}
"""What a loss is measured in, by `lstm_ref.tasks.Task.loss`; it is the mean over all steps that count."""

OWN = {
    "file": "a text of your own, or a table with a header, its cells apart by commas, semicolons or tabs",
    "column": "the column of the table to forecast",
    "horizon": "how many rows ahead (1)",
    "season": "after how many rows the column is alike (the horizon)",
    "further": "more columns to read: price,rain",
}
"""Options of the tasks text and table that have a name of their own."""

EXAMPLES = """\
examples:
  python -m lstm_ref train adding
  python -m lstm_ref train adding --set T=200 --peephole diagonal --seed 3
  python -m lstm_ref train continual-reber --held-open f      (the unit of 1997)
  python -m lstm_ref train characters --hidden-size 256 --steps 20000 --folder runs/big
  python -m lstm_ref train text --file notes.txt
  python -m lstm_ref train table --file sales.csv --column sales --horizon 12
  python -m lstm_ref train --resume runs/big
  python -m lstm_ref train --resume runs/big --steps 40000    (longer than it was to be)
  torchrun --nproc-per-node 2 -m lstm_ref train characters    (two processes, or GPUs)

Ctrl-C stops after the step at hand, saves, and says how to go on. FOLDER holds log.csv, a row for each measure, and
the last two checkpoints; after a table its forecasts and a plot of them too.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to a parser."""
    train = commands.add_parser(
        "train",
        help="train a model on a task",
        description="Train a layer and its read-out on a task of the literature, until the task is solved in\n"
        "the sense of its paper, or the steps are done; or on a text or a table of your own.\n"
        "Whatever you do not say has a sensible default for the task.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = train.add_argument
    add("task", nargs="?", choices=tasks.TASKS, metavar="TASK", help=f"one of {', '.join(tasks.TASKS)}")
    for name, words in OWN.items():
        add(f"--{name}", type=int if name in ("horizon", "season") else str, metavar=name.upper(), help=words)
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="an option of the task: T=200")
    add("--hidden-size", type=int, metavar="H", help="how many elements the memory has")
    add("--num-layers", type=int, metavar="N", help="layers above each other (1)")
    add("--dropout", type=float, metavar="P", help="share of elements dropped between layers (0)")
    add("--peephole", choices=PEEPHOLES, help="what the valves see of the memory (none)")
    add("--held-open", metavar="VALVES", help="valves that stand open and learn nothing: letters of f, i, o")
    known: Any = tasks.TASKS
    usual = ", ".join(f"{name} {known[name].defaults['steps']}" for name in ("text", "table"))
    add("--steps", type=int, metavar="N", help=f"how many batches at most, in all ({usual})")
    add("--learning-rate", type=float, metavar="RATE", help="of Adam, at its highest")
    add("--warm-up", type=float, metavar="SHARE", help="share of the steps over which the rate rises (0)")
    add("--clip", type=float, metavar="LENGTH", help="greatest length of a gradient (1)")
    add("--seed", type=int, metavar="N", help="where all that is random comes from (0)")
    add("--every", type=int, metavar="N", help="measure, and write a checkpoint, after so many steps (100)")
    add("--patience", type=int, metavar="N", help="stop after so many measures without a better one (never)")
    add("--device", metavar="NAME", default="auto", help="auto, cpu, cuda, cuda:1, mps (auto: the fastest there is)")
    add("--precision", choices=["auto", "float64", "float32", "bfloat16", "float16"], help="auto: 16 bits on a GPU")
    add("--folder", type=folder, help="where to write (runs/TASK)")
    add("--resume", type=folder, metavar="PATH", help="go on from a checkpoint, or from the last one of a folder")
    add("--quiet", action="store_true", help="no progress bar")
    train.set_defaults(run=train_command)


def train_command(given: argparse.Namespace) -> int:
    """Train, and return the exit status."""
    from lstm_ref.training import checkpoints
    from lstm_ref.training.devices import choose_device, process_group, rank_and_world
    from lstm_ref.training.folder import claimed, locked

    if given.task is None and given.resume is None:
        raise ValueError(f"TASK: expected one of {', '.join(tasks.TASKS)}, or --resume PATH, got nothing")
    with contextlib.ExitStack() as run:
        run.enter_context(process_group(choose_device(given.device)))
        folder, first = given.folder or Path("runs") / str(given.task), rank_and_world()[0] == 0
        if given.resume is not None:
            own = checkpoints.last(given.resume).parent
            folder = given.folder or own
            # Before the checkpoint is read: another run might drop it meanwhile.
            if first and folder == own:
                run.enter_context(locked(folder))
        trainer = trainer_for(given)
        if first:
            run.enter_context(claimed(folder, trainer.folder == folder.resolve()))
        return _run(trainer, folder, given)


def trainer_for(given: argparse.Namespace) -> "Trainer":
    """Return the trainer that the command line asks for, new or resumed."""
    from lstm_ref.training import Settings, Trainer, resume

    names = {each.name for each in fields(Settings)} - {"task", "device"}
    chosen = {name: value for name, value in vars(given).items() if name in names and value is not None}
    if given.resume is None:
        return Trainer(Settings(given.task, options(given), device=given.device, **chosen))
    steps = chosen.pop("steps", None)
    if chosen or given.task or options(given):
        raise ValueError("--resume: expected no other setting than --steps beside it: the checkpoint has them all")
    return resume(given.resume, given.device, steps)


def options(given: argparse.Namespace) -> dict[str, int | str]:
    """Return the task's own options."""
    named = {name: value for name in OWN if (value := getattr(given, name)) is not None}
    return dict(map(_option, given.set)) | named


def _option(text: str) -> tuple[str, int | str]:
    """Return the name and the value, a number where it is one, of "NAME=VALUE"."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set: expected NAME=VALUE, got {text!r}")
    return name, int(value) if value.isdecimal() else value


def _run(trainer: "Trainer", folder: Path, given: argparse.Namespace) -> int:
    """Train to the end, say how it went, and return the exit status."""
    from lstm_ref.training import fit

    first = trainer.rank == 0
    if first:
        settings, weights = trainer.settings, sum(each.numel() for each in trainer.model.parameters())
        print(
            f"{settings.task}: {weights:,} weights, peephole {settings.peephole}, on {trainer.device} in "
            f"{trainer.precision}, {trainer.world} process(es); into {folder}"
        )
        if trainer.steps:
            print(f"goes on after step {trainer.steps} of {settings.steps}")
    rows = fit(trainer, folder, bar=not given.quiet)
    if first:
        _say_how_it_went(trainer, rows, folder)
    return 128 + trainer.stopped_by if trainer.stopped_by and not trainer.finished else 0


def _say_how_it_went(trainer: "Trainer", rows: list[dict[str, Any]], folder: Path) -> None:
    task = trainer.task
    if rows:
        last = rows[-1]
        loss_is = getattr(task, "loss_is", LOSSES[task.loss])
        score_is = getattr(task, "score_is", "the larger the better")
        print(f"after {last['steps']} steps: loss {last['loss']:.4g} ({loss_is}), ", end="")
        print(f"score {last['score']:.6g} ({score_is})")
    if trainer.out_of_patience and trainer.steps < trainer.settings.steps:
        longer = "goes on with --resume and --steps"
        print(f"Ended early: no better score in {trainer.measures_since_best} measures (--patience); {longer}.")
    if not hasattr(task, "compare"):
        print("solved" if trainer.best and trainer.best["solved"] else "not solved")
    if not trainer.finished:
        start = "python" if trainer.world == 1 else f"torchrun --nproc-per-node {trainer.world}"
        go_on = f"{start} -m lstm_ref train --resume {shlex.quote(str(folder))}"
        print(f"Stopped after step {trainer.steps}. Go on with: {go_on}")
    elif hasattr(task, "compare"):
        conclude(trainer, folder)
