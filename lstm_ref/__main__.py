"""The command ``lstm-ref``, or ``python -m lstm_ref``: train, sample and inspect from the shell."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lstm_ref import __version__
from lstm_ref.commands import inspect, sample, train


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    name = "lstm-ref" if Path(sys.argv[0]).stem == "lstm-ref" else "python -m lstm_ref"
    top = argparse.ArgumentParser(prog=name, description="The LSTM as the article draws it.")
    top.add_argument("--version", action="version", version=f"lstm_ref {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for each in (train, sample, inspect):
        each.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status.

    It is 0 at the end of a run, 1 if the loss is not finite, 2 if something in the command does not fit, 74 if a file
    cannot be read or written, and 128 and the number of the signal by which a run was stopped.
    """
    given = parser().parse_args(arguments)
    try:
        status: int = given.run(given)
        return status
    except (FloatingPointError, OSError, ValueError, TypeError, ImportError, MemoryError) as error:
        print(f"lstm_ref: {error}", file=sys.stderr)
        return 1 if isinstance(error, FloatingPointError) else 74 if isinstance(error, OSError) else 2


def command() -> None:
    """Run the command line of this process, and end it."""
    # Until a run can save, Ctrl-C ends the process at once, without a traceback of half an import.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main())


if __name__ == "__main__":
    command()
