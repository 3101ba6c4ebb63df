"""Measure and report: ``python -m benchmarks [SIZE ...]``, with one thread for each library's BLAS.

With sizes, of M, L, S1 and S2, the report of those is printed. Without, all are measured, and the report and its
picture are written beside this file.
"""

import sys
from pathlib import Path

import torch

from benchmarks import measure, memory, picture
from benchmarks.report import report

FOLDER = Path(__file__).parent
REPORT, PICTURE = FOLDER / "RESULTS.md", FOLDER / "results.svg"


def main(*names):
    if unknown := set(names) - measure.SIZES.keys():
        sys.exit(f"sizes: expected some of {', '.join(measure.SIZES)}, got {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    times, stages = {}, {}
    for name in names or measure.SIZES:
        print(f"{name}: T, B, I, H = {measure.SIZES[name]}", file=sys.stderr)
        how = measure.SIZES[name], measure.ROUNDS[name], measure.CALLS[name]
        times[name] = measure.times(*how)
        stages[name] = measure.stage_times(*how)
    print("memory", file=sys.stderr)
    peaks = memory.by_size(times, next(iter(times.values()))["both"])
    if names:
        print(report(times, stages, *peaks))
    else:
        picture.ratios(times).save(PICTURE)
        REPORT.write_text(report(times, stages, *peaks, picture=PICTURE.name), encoding="utf-8")
        print(f"written: {REPORT.name} and {PICTURE.name} in {FOLDER.name}/")


if __name__ == "__main__":
    main(*sys.argv[1:])
