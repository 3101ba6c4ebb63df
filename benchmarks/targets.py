"""What the project set itself, and what of it is reached: rows of tables, from the figures that were measured.

All targets are for forward and backward of the function (`lstm_ref.engines.autograd.LSTMFunction`), in times the
reference's.
"""

from benchmarks.measure import ratio
from benchmarks.peers import LOOP, REFERENCE
from lstm_ref.engines import choosing

# By engine and peephole, then by size: at most so many times as long as the reference.
TIME = {
    ("numpy", "diagonal"): {"M": 1.9, "L": 1.2, "S1": 3.2, "S2": 3.6},
    ("numpy", "full"): {"M": 2.3, "L": 1.5, "S1": 2.8, "S2": 3.4},
    ("compiled", "diagonal"): {"M": 1.4, "L": 1.2, "S1": 0.45, "S2": 0.75},
    ("compiled", "full"): {"M": 2.0, "L": 1.5, "S1": 0.65, "S2": 1.05},
}
# By size: at least so many times as fast as the loop of nn.Linear with the same peephole.
FASTER_THAN_LOOP = {"M": 1.6, "S1": 7}
# By size: at most so many times the reference's peak of memory, whatever the peephole.
MEMORY = {"M": 1.5, "L": 1.5}


def ratio_text(value):
    """Return a ratio as text, and so as it is compared with its target."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}"


def time_rows(times):
    """Return rows of size, engine, peephole, target, the function's ratio, whether reached, and the layer's ratio."""
    rows = []
    for name, found in times.items():
        for (engine, peephole), targets in TIME.items():
            own, around = (f"function, {engine}", peephole), (f"layer, {engine}", peephole)
            if own in found["both"]:
                got, layer = (ratio_text(ratio(found["both"], peer)) for peer in (own, around))
                rows.append(
                    (name, engine, peephole, f"{targets[name]}", got, reached(float(got) <= targets[name]), layer)
                )
    return rows


def loop_rows(times):
    """Return rows of size, engine, peephole, target, how many times as fast as the loop, and whether reached."""
    rows = []
    for name, target in FASTER_THAN_LOOP.items():
        for engine, peephole in TIME:
            own = (f"function, {engine}", peephole)
            if name in times and own in times[name]["both"]:
                got = ratio_text(ratio(times[name]["both"], (LOOP, peephole), reference=own))
                rows.append((name, engine, peephole, f"{target}", got, reached(float(got) >= target)))
    return rows


def memory_rows(memory):
    """Return rows of size, engine, target, the largest ratio of the three peepholes, and whether reached."""
    rows = []
    for name, found in memory.items():
        for engine in choosing.ON_A_CPU:
            ratios = [mib / found[REFERENCE] for (family, _), mib in found.items() if family == f"function, {engine}"]
            if ratios:
                got = ratio_text(max(ratios))
                rows.append((name, engine, f"{MEMORY[name]}", got, reached(float(got) <= MEMORY[name])))
    return rows


def reached(is_it):
    """Return the word for it."""
    return "yes" if is_it else "no"
