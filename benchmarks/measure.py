"""Time the peers in turns: each has one in every round, so that all meet the same moments of the machine."""

import sys
import time
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.peers import PEERS, REFERENCE, build
from benchmarks.stages import STAGES
from lstm_ref.engines import choosing
from lstm_ref.weights import PEEPHOLES, UnitWeights

# T, B, I, H; how many rounds, so that their median is steady; and how many calls a peer makes at its turn.
SIZES = {"M": (100, 32, 64, 128), "L": (200, 64, 128, 256), "S1": (50, 1, 16, 16), "S2": (50, 16, 16, 32)}
ROUNDS = {"M": 7, "L": 5, "S1": 21, "S2": 15}
CALLS = {"M": 2, "L": 1, "S1": 4, "S2": 4}
WARM_UP = 1


class Problem(NamedTuple):
    """Weights by peephole, x (T, B, I), the start (h0, c0), each (1, B, H), and the gradient of h, all ones."""

    weights: dict
    x: torch.Tensor
    start: tuple
    d_h: torch.Tensor


def problem(T, B, I, H, seed=0):
    """Draw a problem in single precision; x asks for a gradient."""
    rng = np.random.default_rng(seed)
    weights = {peephole: UnitWeights.random(I, H, peephole, rng=rng, dtype=np.float32) for peephole in PEEPHOLES}
    x, h0, c0 = (torch.tensor(rng.normal(size=s), dtype=torch.float32) for s in ((T, B, I), (1, B, H), (1, B, H)))
    return Problem(weights, x.requires_grad_(), (h0, c0), torch.ones(T, B, H))


def forward(peer, given):
    """Go forward, without keeping anything for a way back."""
    with torch.no_grad():
        peer(given.x, given.start)


def both(peer, given):
    """Go forward and back; the gradients are left in x and in the parameters."""
    peer(given.x, given.start)[0].backward(given.d_h)


def learns(peer):
    """Say whether a peer has a backward pass."""
    return bool(list(peer.named_parameters()))


def clear(peer, given):
    """Forget the gradients, as a training does between its steps."""
    given.x.grad = None
    for _, parameter in peer.named_parameters():
        parameter.grad = None


def times(size, rounds, calls, seed=0):
    """Return seconds by pass and by peer, each (rounds, 2): on the clock, and of the processor.

    A peer that does not run here, most often because its package is not installed, is left out; so is one without a
    backward pass from "both".
    """
    given, few_steps, ready = problem(*size, seed), problem(4, *size[1:], seed), {}
    for peer in PEERS:
        try:
            made = build(peer, given.weights[peer[1]])
            # torch.jit takes several calls to settle.
            for _ in range(4):
                (both if learns(made) else forward)(made, few_steps)
            ready[peer] = made
        except (ImportError, RuntimeError) as error:
            print(f"{', '.join(peer)}: left out: {error}", file=sys.stderr)
    learners = {peer: made for peer, made in ready.items() if learns(made)}
    order = np.random.default_rng(seed)
    return {
        which: _rounds(
            {peer: (partial(call, made, given), partial(clear, made, given)) for peer, made in those.items()},
            rounds,
            calls,
            order,
        )
        for which, call, those in (("forward", forward, ready), ("both", both, learners))
    }


def stage_times(size, rounds, calls, seed=0):
    """Return seconds of the stages (`benchmarks.stages`) and of the reference, going forward and back, as `times`."""
    given, order = problem(*size, seed), np.random.default_rng(seed)
    arrays = given.weights["diagonal"], given.x.detach().numpy(), given.d_h.numpy()
    reference = build(REFERENCE, given.weights["none"])
    stages = {name: stage for name, stage in STAGES.items() if name != "compiled engine" or choosing.NUMBA}
    turns = {(name, "diagonal"): (partial(stage, *arrays), list) for name, stage in stages.items()}
    turns[REFERENCE] = partial(both, reference, given), partial(clear, reference, given)
    return _rounds(turns, rounds, calls, order)


def _turn(call, prepare, calls):
    """Prepare and call, `calls` times; return the median of the calls' seconds, on the clock and of the processor.

    The first of several calls is not counted: it finds the processor's caches full of what another peer left there.
    """
    seconds = []
    for _ in range(calls):
        prepare()
        clock, processor = time.perf_counter(), time.process_time()
        call()
        seconds.append((time.perf_counter() - clock, time.process_time() - processor))
    return np.median(seconds[1:] or seconds, axis=0)


def _rounds(turns, rounds, calls, order):
    """Give everybody a turn in every round; `turns` has, by peer, what to call and what to call before."""
    seconds = {peer: np.empty((WARM_UP + rounds, 2)) for peer in turns}
    for n in range(WARM_UP + rounds):
        for k in order.permutation(len(turns)):
            peer, (call, prepare) = list(turns.items())[k]
            seconds[peer][n] = _turn(call, prepare, calls)
    return {peer: found[WARM_UP:] for peer, found in seconds.items()}


def ratio(found, peer, column=0, reference=REFERENCE):
    """Return the median over the rounds of how many times as long as the reference a peer took within the round."""
    return float(np.median(found[peer][:, column] / found[reference][:, column]))


def spread(found):
    """Return how wide the middle half of a peer's ratios is, as a share of their median: the median of the peers."""
    widths = []
    for peer in found.keys() - {REFERENCE}:
        low, middle, high = np.percentile(found[peer][:, 0] / found[REFERENCE][:, 0], (25, 50, 75))
        widths.append((high - low) / middle)
    return float(np.median(widths))
