"""The known mistakes with what a unit hands out, after everything was computed rightly."""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations, product
from typing import Any

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.variants import FLOW, Signals


def alone(name: str, change: Callable[[Array], Array]) -> dict[str, Any]:
    """Return the part that hands out one signal changed."""
    return {"hand_out": lambda signals, h0, c0: signals | {name: change(signals[name])}}


def taken(name: str, other: str, steps: int | slice) -> dict[str, Any]:
    """Return the part that hands out another signal, or a step of it, by this name."""
    return {"hand_out": lambda signals, h0, c0: signals | {name: signals[other][steps]}}


def exchanged(one: str, other: str) -> dict[str, Any]:
    """Return the part that hands out two signals by each other's names."""
    return {"hand_out": lambda signals, h0, c0: signals | {one: signals[other], other: signals[one]}}


def last_everywhere(*names: str) -> dict[str, Any]:
    """Return the part that hands out the last step's numbers at every step."""

    def hand_out(signals: Signals, h0: Array, c0: Array) -> Signals:
        return signals | {name: np.broadcast_to(signals[name][-1:], signals[name].shape) for name in names}

    return {"hand_out": hand_out}


HANDED_OUT = (
    Mistake(
        "every step shows the last one's output: one array is kept and changed in place",
        last_everywhere("h_t"),
        "pytorch/pytorch#142303",
    ),
    Mistake(
        "every step shows the last one's output and cell state: one array is kept and changed in place",
        last_everywhere("h_t", "c_t"),
        "pytorch/pytorch#142303",
    ),
    Mistake(
        "every step shows the last one's cell state: one array is kept and changed in place", last_everywhere("c_t")
    ),
    Mistake("what is handed out as c_t is tanh(c_t)", alone("c_t", np.tanh)),
    Mistake("what is handed out as h_t is the cell state", {"hand_out": lambda s, h0, c0: s | {"h_t": s["c_t"]}}),
    *(
        Mistake(f"{one} and {other} are exchanged as they are handed out", exchanged(one, other))
        for one, other in [*combinations(FLOW, 2), ("h_last", "c_last")]
    ),
    Mistake(
        "each output is handed out before its step: h_t is h_prev",
        {"hand_out": lambda s, h0, c0: s | {"h_t": np.concatenate([h0[None], s["h_t"][:-1]])}},
    ),
    Mistake(
        "each cell state is handed out before its step: c_t is c_prev",
        {"hand_out": lambda s, h0, c0: s | {"c_t": np.concatenate([c0[None], s["c_t"][:-1]])}},
    ),
    Mistake(
        "h0 and c0 are handed out as the last output and cell state",
        {"hand_out": lambda s, h0, c0: s | {"h_last": h0, "c_last": c0}},
    ),
    Mistake(
        "h_t comes from (B, T, H) by a reshape, not by a transpose",
        alone("h_t", lambda h: h.swapaxes(0, 1).reshape(h.shape)),
        "Stable-Baselines-Team/stable-baselines3-contrib#111",
    ),
    Mistake(
        "h_t becomes (B, T, H) by a reshape, not by a transpose",
        alone("h_t", lambda h: h.reshape(h.shape[1], h.shape[0], -1).swapaxes(0, 1)),
    ),
)


def handed_out_slips() -> Iterator[Mistake]:
    """Yield what else may be handed out by the name of a signal."""
    for one, other in permutations(FLOW, 2):
        yield Mistake(f"what is handed out as {one} is {other}", taken(one, other, slice(None)), common=False)
    for last, other, (words, t) in product(("h_last", "c_last"), FLOW, {"first": 0, "last": -1}.items()):
        if (last[0], t) != (other[0], -1) or other not in ("h_t", "c_t"):
            words = f"what is handed out as {last} is {other} of the {words} step"
            yield Mistake(words, taken(last, other, t), common=False)
    for name in ("f_t", "i_t", "g_t", "o_t"):
        part = alone(name, np.arctanh if name == "g_t" else _logit)
        yield Mistake(f"what is handed out as {name} is the sum before its activation", part, common=False)


def _logit(v: Array) -> Array:
    return np.log(v / (1 - v))
