"""What a stage of the script for a GPU is given when it is tried on a CPU."""

import time

from benchmarks.gpu import machine
from benchmarks.gpu.given import Given

TINY = "--tiny", "--device", "cpu"


def means(folder, stage="planted", seconds=60.0, **others):
    """Return it, for a stage that leaves its results in a folder."""
    parts = {
        "stage": stage,
        "device": "cpu",
        "tiny": True,
        "folder": str(folder),
        "until": time.time() + seconds,
        "peephole": "none",
        "precision": "auto",
        "machine": machine.facts("cpu", True),
    }
    return Given(**parts | others)
