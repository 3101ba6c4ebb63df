"""How much memory one training step takes at its peak, in a process of its own for each peer (on Linux).

    python -m benchmarks.memory FAMILY PEEPHOLE T B I H

prints it in MiB. The peak is the kernel's own count for the process, set back before the step. (What `getrusage`
gives cannot be set back, and begins with the peak of the process that started this one.) A step of two time steps
at the same sizes goes first, so that what a library sets up once is not counted.
"""

import subprocess
import sys
from pathlib import Path

import torch

from benchmarks import measure, peers

ROOT = Path(__file__).resolve().parents[1]
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
MEASURED = [peers.REFERENCE, *(peer for peer in peers.PEERS if peer[0].startswith("function"))]
SIZES = ("M", "L")
LONGER = (200, 400)


def extra(peer, size):
    """Return the peak in MiB above what the process held before one training step, in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.memory", *peer, *map(str, size)]
    return float(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)


def by_size(names, there):
    """Return MiB by size and peer for those of `names` in SIZES, and by T and peer for M's other sizes.

    `there` are the peers that run here. Both are empty where the system does not count as Linux does.
    """
    if not RESET.exists():
        return {}, {}
    measured = [peer for peer in MEASURED if peer in there]
    found = {name: {peer: extra(peer, measure.SIZES[name]) for peer in measured} for name in SIZES if name in names}
    if "M" not in names:
        return found, {}
    T, *others = measure.SIZES["M"]
    few = [peer for peer in measured if peer == peers.REFERENCE or peer[1] == "diagonal"]
    first = {T: {peer: found["M"][peer] for peer in few}}
    return found, first | {T: {peer: extra(peer, (T, *others)) for peer in few} for T in LONGER}


def main(family, peephole, *size):
    torch.set_num_threads(1)
    T, *others = map(int, size)
    given = measure.problem(T, *others)
    peer = peers.build((family, peephole), given.weights[peephole])
    tiny = measure.problem(2, *others)
    measure.both(peer, tiny)
    measure.clear(peer, tiny)
    RESET.write_text("5")
    before = _kib("VmRSS")
    measure.both(peer, given)
    print((_kib("VmHWM") - before) / 1024)


def _kib(name):
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
