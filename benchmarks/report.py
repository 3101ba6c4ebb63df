"""The measured figures as Markdown: tables of ratios, the targets beside them, and how everything was measured."""

import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch

from benchmarks import targets
from benchmarks.measure import CALLS, SIZES, ratio, spread
from benchmarks.peers import PEERS, REFERENCE
from benchmarks.targets import ratio_text

PACKAGES = ("numpy", "torch", "numba", "scipy", "onnxruntime", "torchrecurrent")
HEADING = "# Speed and memory beside other implementations"
METHOD = """\
The reference is `torch.nn.LSTM`, which has no peepholes. Every other figure of time is a ratio to it: 2 means twice
as long. Smaller is better. `make bench` measures all this again and writes this file and the picture.

- One layer, one direction, single precision, one thread; T steps, B sequences, I inputs, H elements of memory.
- *Forward* is without gradients. *Forward and backward* ends with the gradients of x and of every weight.
- All rows of a table took turns within one run, in a new order each round; a figure is the median over the rounds of
  the ratio within a round. Nothing before the first round is counted, nor is compilation. Where a row makes several
  calls at its turn, the first is not counted, and the median of the others is.
- A peephole is *diagonal* (one weight per element) or *full* (a matrix). `torch.nn.LSTM` and a loop without peepholes
  do less than the rows with them.
- *unroll* is `lstm_ref.unroll`, on NumPy arrays, with every signal kept.
- *function* is `lstm_ref.engines.autograd.LSTMFunction` with one of the engines, *layer* is `lstm_ref.layer.LSTM`
  around it. Without a peephole the layer measured is `torch.nn.LSTM`, as "auto" has it.
- The loops are written in PyTorch and differentiated by it. The one of nn.Linear has one for each of the four
  networks, over what the network looks at, joined by `torch.cat`.
- A dash: `unroll` and onnxruntime only go forward here; anything else did not run, because a package is missing or,
  for `torch.jit`, because this version of torch cannot."""


def report(times, stages, memory, growth, picture=None):
    """Return the whole report; `times` and `stages` by size as of `measure`, the rest as of `memory.by_size`."""
    sizes = ", ".join(f"{name} ({', '.join(map(str, SIZES[name]))})" for name in times)
    rounds = ", ".join(f"{name} {len(found['both'][REFERENCE])}" for name, found in times.items())
    calls = ", ".join(f"{name} {CALLS[name]}" for name in times)
    widths = ", ".join(f"{name} {spread(found['both']):.0%}" for name, found in times.items())
    method = [
        METHOD,
        f"- Sizes (T, B, I, H): {sizes}. Rounds: {rounds}. Calls at a turn: {calls}.",
        f"- How steady: the middle half of the ratios of forward and backward is this wide, as a share of their median,"
        f" for the median row: {widths}.",
        *(f"- {line}" for line in machine()),
    ]
    parts = [HEADING, "\n".join(method)]
    if picture:
        parts.append(f"![{ALTERNATIVE}]({picture})")
    parts += ["## Forward and backward", by_peer(times, "both"), *aims(times, memory)]
    parts += ["## Forward", by_peer(times, "forward")]
    parts += ["## Forward and backward, processor time", CPU, by_peer(times, "both", column=1)]
    parts += ["## From the formulas to the engine", STAGES_WORDS, by_stage(stages)]
    if memory:
        parts += ["## Memory", MEMORY, by_memory(memory)]
    if growth:
        parts += [GROWTH, by_steps(growth)]
    return "\n\n".join(parts) + "\n"


ALTERNATIVE = (
    "For each size and implementation a dot for the time of forward and backward and a ring for that of forward, as "
    "ratios to torch.nn.LSTM on a logarithmic axis. The tables hold the same figures."
)
AIMS = """\
## Targets

The project set itself these for the layer, all of its own Python included. Without a peephole, where the layer is
`torch.nn.LSTM` itself, they are for the function that it calls otherwise."""
CPU = """\
User and system time of the process, as ratios to `torch.nn.LSTM` in the same round. It leaves out waiting for the
processor, and counts every thread."""
STAGES_WORDS = """\
Forward and backward of a unit with diagonal peepholes on NumPy arrays, without PyTorch around it, as ratios to
`torch.nn.LSTM`; each row is one of the functions of `benchmarks/stages.py`."""
MEMORY = """\
The peak of one forward and backward pass above what the process held before it, each in a process of its own, after a
pass of two steps; `torch.nn.LSTM` in MiB, the rest as ratios to it."""
GROWTH = "With the number of steps T, at M's other sizes, in MiB:"


def table(head, rows):
    """Return a table in Markdown; text is set left, numbers right."""
    kinds = ["---:" if re.fullmatch(r"[\d.]+( m?s| MiB)?|-", cell) else "---" for cell in rows[-1]]
    lines = [head, kinds, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def by_peer(times, which, column=0):
    """Return the table of one pass: a row for each peer, a column for each size."""
    rows = []
    for peer in PEERS:
        cells = []
        for found in (found[which] for found in times.values()):
            if peer == REFERENCE:
                cells.append(f"{np.median(found[peer][:, column]) * 1e3:.3g} ms")
            else:
                cells.append(ratio_text(ratio(found, peer, column)) if peer in found else "-")
        rows.append((*peer, *cells))
    return table(("implementation", "peephole", *times), rows)


def by_stage(stages):
    """Return the table of the stages: a row for each, a column for each size."""
    names = [name for name in next(iter(stages.values())) if name != REFERENCE]
    return table(
        ("stage", *stages), [(n[0], *(ratio_text(ratio(found, n)) for found in stages.values())) for n in names]
    )


def aims(times, memory):
    """Return the part on targets: a table for each kind that was measured."""
    kinds = [
        ("Forward and backward, in times that of `torch.nn.LSTM`:", targets.time_rows(times), ("at most",)),
        ("Forward alone, in times that of another:", targets.forward_rows(times), ("of", "at most")),
        (
            "Speed, in times that of the loop of four nn.Linear with the same peephole:",
            targets.loop_rows(times),
            ("at least",),
        ),
    ]
    parts = [AIMS]
    for words, rows, head in kinds:
        if rows:
            parts += [words, table(("size", "implementation", "peephole", *head, "measured", "reached"), rows)]
    if rows := targets.memory_rows(memory):
        words = "Memory, in times that of `torch.nn.LSTM`, the largest of the three peepholes:"
        parts += [words, table(("size", "engine", "at most", "function", "reached"), rows)]
    return parts


def by_memory(memory):
    """Return the table of peaks: a row for each peer, a column for each size."""
    rows = []
    for peer in next(iter(memory.values())):
        share = [
            f"{found[peer]:.1f} MiB" if peer == REFERENCE else ratio_text(found[peer] / found[REFERENCE])
            for found in memory.values()
        ]
        rows.append((*peer, *share))
    return table(("implementation", "peephole", *memory), rows)


def by_steps(growth):
    """Return the table of peaks by T."""
    rows = [(*peer, *(f"{found[peer]:.1f}" for found in growth.values())) for peer in next(iter(growth.values()))]
    return table(("implementation", "peephole", *(f"T = {T}" for T in growth)), rows)


def machine():
    """Return lines on what it was measured with: versions, BLAS, processor."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    of_torch = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    return [
        f"With {', '.join(found)}.",
        f"BLAS: of NumPy {blas['name']} {blas['version']}, of torch {of_torch[1] if of_torch else 'unknown'}.",
        f"Processor: {processor()}, {platform.system()}, {platform.machine()}; torch uses"
        f" {torch.backends.cpu.get_cpu_capability()}. {torch.get_num_threads()} thread.",
    ]


def processor():
    """Return the processor's name."""
    listed = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", listed.read_text(), re.MULTILINE) if listed.exists() else []
    return names[0] if names else platform.processor() or "unknown"
