"""``python -m benchmarks.gpu``: check, measure, profile and train on a GPU within some minutes; see `supervise`.

In the folder of results: ``results.json`` has everything by stage, ``summary.txt`` the table that is printed at the
end, ``curves.csv`` and ``train.csv`` what is drawn, ``model.npz`` the trained weights, ``trace.json.gz`` a profile.
"""

import argparse
import signal
import sys
from pathlib import Path

import torch

from benchmarks.gpu import machine, summary
from benchmarks.gpu.given import Given, read
from benchmarks.gpu.supervise import STAGES, run
from lstm_ref.weights import PEEPHOLES

FOLDER = Path(__file__).parent / "results"


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options; without a GPU, only if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=12, help="how long it may take (12)")
    parser.add_argument("--out", type=Path, help="folder of results (benchmarks/gpu/results/CARD)")
    parser.add_argument("--stages", nargs="+", default=[*STAGES], metavar="STAGE", help=f"of {', '.join(STAGES)}")
    parser.add_argument("--again", action="store_true", help="measure also what is done already")
    parser.add_argument("--tiny", action="store_true", help="next to nothing of everything, to try the script")
    parser.add_argument("--device", help="cuda, or cpu to try the script")
    parser.add_argument("--peephole", choices=PEEPHOLES, default="none", help="of the training (none)")
    parser.add_argument("--precision", choices=("auto", "bfloat16", "float32"), default="auto", help="of the training")
    options = parser.parse_args(arguments)
    if unknown := set(options.stages) - STAGES.keys():
        parser.error(f"--stages: expected some of {', '.join(STAGES)}, got {', '.join(sorted(unknown))}")
    if options.device is None:
        options.device = "cuda" if torch.cuda.is_available() else "cpu" if options.tiny else None
    if options.device is None:
        sys.exit("No GPU: torch.cuda.is_available() is false here. To try the script: --tiny --device cpu")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run, print the table and return 0 if nothing failed and everything was right."""
    options = parsed(arguments)
    found = machine.facts(options.device, options.tiny)
    folder = (options.out or FOLDER / machine.folder_name(found)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    means = options.device, options.tiny, str(folder), 0.0, options.peephole, options.precision, found
    names = [name for name in STAGES if name in options.stages]
    states = run(Given("", *means), names, options.minutes, options.again)
    for left in folder.glob("*.tmp"):  # by a process that was ended while it wrote
        left.unlink()
    results = read(folder)
    text = summary.text(results, states, found, str(folder))
    (folder / "summary.txt").write_text(text, encoding="utf-8")
    print(f"\n{text}", end="", flush=True)
    return int(bool(summary.wrong(results)) or any(state.startswith("failed") for state in states.values()))


def stop(*_: object) -> None:
    """Let a request to end be what Ctrl-C is: the table is still printed."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    sys.exit(main())
