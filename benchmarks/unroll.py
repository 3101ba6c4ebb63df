"""Time `unroll` against `torch.nn.LSTM`, forward only, one thread, in turns within one run.

    python benchmarks/unroll.py

Prints, for four sizes, how many times as long as nn.LSTM each kind of peephole takes (nn.LSTM has none): the median
over the rounds of the ratio within a round, since a machine's speed drifts.
"""

import platform
import statistics
import time

import numpy as np
import torch

from lstm_ref import UnitWeights, unroll
from lstm_ref.weights import PEEPHOLES

SIZES = {"M": (100, 32, 64, 128), "L": (200, 64, 128, 256), "S1": (50, 1, 16, 16), "S2": (50, 16, 16, 32)}
ROUNDS = 15


def seconds(call):
    """Return how long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ratios(T, B, I, H, rng):
    """Return, for each kind of peephole, the median ratio of `unroll` to nn.LSTM in float32."""
    x = rng.normal(size=(T, B, I)).astype(np.float32)
    lstm, tensor = torch.nn.LSTM(I, H), torch.from_numpy(x)
    units = {kind: UnitWeights.random(I, H, kind, rng=rng, dtype=np.float32) for kind in PEEPHOLES}
    rounds = {kind: [] for kind in PEEPHOLES}
    for _ in range(ROUNDS):
        theirs = seconds(lambda: lstm(tensor))
        for kind, unit in units.items():
            rounds[kind].append(seconds(lambda unit=unit: unroll(unit, x)) / theirs)
    return {kind: statistics.median(values[1:]) for kind, values in rounds.items()}


def main():
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, torch {torch.__version__}, {platform.machine()}"
    )
    print("NumPy's own threads follow OMP_NUM_THREADS; set it to 1.")
    print("size  " + "".join(f"{kind:>10}" for kind in PEEPHOLES))
    with torch.no_grad():
        for name, size in SIZES.items():
            found = ratios(*size, rng)
            print(f"{name:4}  " + "".join(f"{found[kind]:10.2f}" for kind in PEEPHOLES))


if __name__ == "__main__":
    main()
