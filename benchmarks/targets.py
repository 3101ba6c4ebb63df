"""What the project set itself, and what of it is reached: rows of tables, from the figures that were measured.

A target of time is for `lstm_ref.layer.LSTM`, or, without a peephole, where the layer is `torch.nn.LSTM` itself, for
the function that it calls otherwise (`lstm_ref.engines.autograd.LSTMFunction`).
"""

from benchmarks.measure import ratio
from benchmarks.peers import LOOP, REFERENCE
from lstm_ref.engines import choosing

# By engine and peephole, then by size: forward and backward, at most so many times as long as the reference.
TIME = {
    ("numpy", "diagonal"): {"M": 1.9, "L": 1.2, "S1": 3.2, "S2": 3.6},
    ("numpy", "full"): {"M": 2.3, "L": 1.5, "S1": 2.8, "S2": 3.4},
    ("compiled", "none"): {"M": 1.05, "L": 0.9, "S1": 0.4, "S2": 0.7},
    ("compiled", "diagonal"): {"M": 1.15, "L": 0.9, "S1": 0.45, "S2": 0.75},
    ("compiled", "full"): {"M": 1.75, "L": 1.35, "S1": 0.55, "S2": 1.05},
}
# Forward alone, of the layer with the compiled engine and diagonal peepholes: at most so many times as long as these.
FORWARD = {
    REFERENCE: {"S1": 1, "S2": 1},
    ("onnxruntime", "diagonal"): {"M": 1.3, "L": 1.3, "S1": 1.3, "S2": 1.3},
}
# By size: at least so many times as fast as the loop of nn.Linear with the same peephole.
FASTER_THAN_LOOP = {"M": 1.6, "S1": 7}
# By size: at most so many times the reference's peak of memory, whatever the peephole.
MEMORY = {"M": 1.5, "L": 1.5}


def ratio_text(value):
    """Return a ratio as text, and so as it is compared with its target."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}"


def judged(engine, peephole):
    """Return the peer that the targets of this engine and peephole are for."""
    return (f"{'function' if peephole == 'none' else 'layer'}, {engine}", peephole)


def time_rows(times):
    """Return rows of size, peer, peephole, target, ratio, and whether reached."""
    rows = []
    for name, found in times.items():
        for which, targets in TIME.items():
            if (peer := judged(*which)) in found["both"]:
                rows.append(at_most(name, peer, targets[name], ratio(found["both"], peer)))
    return rows


def forward_rows(times):
    """Return rows of size, peer, peephole, whose time, target, ratio, and whether reached."""
    peer, rows = judged("compiled", "diagonal"), []
    for name, found in times.items():
        for other, targets in FORWARD.items():
            if name in targets and {peer, other} <= found["forward"].keys():
                row = at_most(name, peer, targets[name], ratio(found["forward"], peer, reference=other))
                rows.append((*row[:3], other[0], *row[3:]))
    return rows


def loop_rows(times):
    """Return rows of size, peer, peephole, target, how many times as fast as the loop, and whether reached."""
    rows = []
    for name, target in FASTER_THAN_LOOP.items():
        for which in TIME:
            peer = judged(*which)
            if name in times and peer in times[name]["both"]:
                got = ratio_text(ratio(times[name]["both"], (LOOP, which[1]), reference=peer))
                rows.append((name, *peer, f"{target}", got, reached(float(got) >= target)))
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


def at_most(name, peer, target, value):
    """Return the row of a target that a figure may not pass."""
    got = ratio_text(value)
    return name, *peer, f"{target}", got, reached(float(got) <= target)


def reached(is_it):
    """Return the word for it."""
    return "yes" if is_it else "no"
