"""The known mistakes on the way back: what each exchanges in a right one, in words, and who has made it."""

import re
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.names import Names
from lstm_ref.diagnosis.variants import BACK, Signals
from lstm_ref.diagnosis.wrong_formulas import NETS
from lstm_ref.gates import ORDERS

VALVE = {
    "left out": "1",
    "v, not v * (1 - v)": "v",
    "1 - v, not v * (1 - v)": "(1 - v)",
    "that of a tanh, 1 - v**2": "(1 - v**2)",
    "taken at v, which is the sigmoid's value already: s(v) * (1 - s(v))": "sigmoid(v) * (1 - sigmoid(v))",
}
NEW_MEMORY = {
    "left out": "1",
    "1 - g, not 1 - g**2": "(1 - v)",
    "that of a sigmoid, g * (1 - g)": "v * (1 - v)",
    "(1 - g)**2, not 1 - g**2": "(1 - v)**2",
    "taken at g, which is the tanh's value already: 1 - tanh(g)**2": "(1 - tanh(v)**2)",
}
MEMORY = {
    "left out": "1",
    "1 - c**2, not 1 - tanh(c)**2": "(1 - v**2)",
    "1 - tanh(c), not 1 - tanh(c)**2": "(1 - tanh(v))",
    "(1 - tanh(c))**2, not 1 - tanh(c)**2": "(1 - tanh(v))**2",
    "taken at tanh(c), the value already: 1 - tanh(tanh(c))**2": "(1 - tanh(tanh(v))**2)",
    "that of a sigmoid": "sigmoid(v) * (1 - sigmoid(v))",
}


def sloped(nets: str, slope: str) -> dict[str, Any]:
    """Return the part in which the lines of these networks have another slope, written in v, the network's value."""
    lines = {}
    for net in nets:
        right = "(1 - g_t**2)" if net == "g" else f"{net}_t * (1 - {net}_t)"
        lines[f"d{net}"] = BACK[f"d{net}"].replace(right, re.sub(r"\bv\b", f"{net}_t", slope))
    return {"lines": lines}


SLOPES = (
    Mistake(
        "the gradient from later cell states is added before the slope of tanh, not after it: "
        "dc = (dc + dh * o) * (1 - tanh(c)**2)",
        {"lines": {"dc": "(dc_next + dh * o_t) * (1 - tanh(c_t)**2)"}},
    ),
    Mistake(
        "the output gate is missing on the way from h_t to the cell state: dc = dc + dh * (1 - tanh(c)**2)",
        {"lines": {"dc": "dc_next + dh * (1 - tanh(c_t)**2)"}},
    ),
    *(
        Mistake(
            f"the slope of {NETS.get(nets, 'every gate')} is {how}",
            sloped(nets, slope),
            "nicklashansen/rnn_lstm_from_scratch#1" * (how == "left out"),
        )
        for nets in ("fio", *"fio")
        for how, slope in VALVE.items()
    ),
    *(Mistake(f"the slope of the candidate is {how}", sloped("g", slope)) for how, slope in NEW_MEMORY.items()),
    *(
        Mistake(
            f"the slope of tanh at the output is {how}",
            {"lines": {"dc": "dc_next + dh * o_t * " + re.sub(r"\bv\b", "c_t", slope)}},
        )
        for how, slope in MEMORY.items()
    ),
)

WAYS_BACK = {
    "x_t and h_{t-1}": ("through_R", "through_W"),
    "h_{t-1}": ("through_R",),
    "x_t": ("through_W",),
}
"""Where the gradient of a sum goes, and the parts that take it there."""

FACTORS = (
    Mistake(
        "the factors g_t and i_t are exchanged",
        {"lines": {"di": "dc * i_t * i_t * (1 - i_t)", "dg": "dc * g_t * (1 - g_t**2)"}},
    ),
    Mistake(
        "the gradient of R has h_t in it where h_prev belongs",
        {"R_saw": lambda s: s.h_t},
        "VikParuchuri/zero_to_gpt#9",
    ),
    Mistake("R is turned on the way back: dz @ R.T stands for dz @ R", {"R_back": lambda R: R.T}, "hanbt/learn_dl#34"),
    *(
        Mistake(
            f"the share of {NETS[net]} is missing in what goes back to {where}",
            {part: {net: ""} for part in parts},
        )
        for net in NETS
        for where, parts in WAYS_BACK.items()
    ),
)


THROUGH_TIME = (
    Mistake(
        "no gradient goes from step to step: output and cell state are detached after each",
        {"arrive": lambda d_h, d_c: (0 * d_h, 0 * d_c)},
        "CaptainE/RNN-LSTM-in-numpy#1",
    ),
    Mistake(
        "no gradient goes back through the output: h_t is detached after each step, or dh not passed on",
        {"arrive": lambda d_h, d_c: (0 * d_h, d_c)},
        "CaptainE/RNN-LSTM-in-numpy#1",
    ),
    Mistake(
        "no gradient goes back through the cell state: c_t is detached after each step, or dc not passed on",
        {"arrive": lambda d_h, d_c: (d_h, 0 * d_c)},
        "CaptainE/RNN-LSTM-in-numpy#1",
    ),
    Mistake(
        "no gradient goes to h_prev and c_prev, not even in the first step: both are detached",
        {"lines": {"dc_prev": "0 * dc"}, "to_output": lambda d_h, later: 0 * d_h, "early": False},
    ),
    Mistake(
        "no gradient goes to h_prev, not even in the first step: it is detached",
        {"to_output": lambda d_h, later: 0 * d_h},
    ),
    Mistake(
        "no gradient goes to c_prev, not even in the first step: it is detached",
        {"lines": {"dc_prev": "0 * dc"}, "early": False},
    ),
    Mistake(
        "no gradient goes through the forget gate's product to c_prev: it is detached there",
        {"lines": {"dc_prev": "0 * dc"}},
    ),
    Mistake(
        "the gradient of the cell state goes back past the forget gate, not multiplied by it",
        {"lines": {"dc_prev": "dc"}},
    ),
    Mistake(
        "the gradient of the cell state goes back multiplied by the forget gate of the step before",
        {"lines": {"dc_prev": "dc * f_before"}},
    ),
    Mistake(
        "the gradient of the cell state goes back multiplied by the input gate",
        {"lines": {"dc_prev": "dc * i_t"}},
    ),
    Mistake(
        "dh is added up over the steps where each should replace the last",
        {"to_output": lambda d_h, later: d_h + later},
    ),
    Mistake(
        "dc is added up over the steps where each should replace the last",
        {"lines": {"dc_prev": "dc * f_t + dc_next"}},
    ),
    Mistake("the first step is left out on the way back", {"skips_first": True}),
)

PEEPHOLES = (
    Mistake(
        "no gradient goes back through the peepholes, which was the rule in 2000 (Gers and Schmidhuber)",
        {"early": False, "late": False},
    ),
    Mistake("no gradient goes back through the output gate's peephole", {"late": False}),
    Mistake("no gradient goes back through the peepholes of the forget and input gate", {"early": False}),
    Mistake(
        "the gradient of the output gate's peephole has c_prev in it where c_t belongs",
        {"late_saw": lambda s: s.c_prev},
    ),
)


def kinds_of(letters: str, change: Callable[[list[Array]], Any]) -> dict[str, Any]:
    """Return the part that adds up the gradients of some kinds of weights otherwise."""
    return {"sum_up": lambda name, of: change(of) if name[0] in letters else sum(of)}


def sums(batch: int) -> Iterator[Mistake]:
    """Yield what may go wrong as the gradients of steps and of sequences are added up."""
    ways: dict[str, Callable[[list[Array]], Any]] = {
        "overwritten at each step: only the first step's is left": lambda of: of[-1],
        "the last step's alone": lambda of: of[0],
        "the mean over the steps, not their sum": lambda of: sum(of) / len(of),
    }
    if batch > 1:
        ways["the mean over the batch, not its sum"] = lambda of: sum(of) / batch
    for letters, which in {"WRPb": "all weights", "WRP": "W, R and P", "b": "the biases", "R": "R", "W": "W"}.items():
        for how, change in ways.items():
            yield Mistake(
                f"the gradient of {which} is {how}",
                kinds_of(letters, change),
                "hanbt/learn_dl#30" * ("overwritten" in how),
            )


def of_start(names: str, words: str) -> Mistake:
    """Return the mistake that some of x, h0 and c0 get no gradient."""
    return Mistake(words, {"hand_out": lambda found: found | {name: 0 * found[name] for name in names.split()}})


ENDS = (
    of_start("h0 c0", "h0 and c0 get no gradient: they are detached"),
    of_start("h0", "h0 gets no gradient"),
    of_start("c0", "c0 gets no gradient"),
    of_start("x", "x gets no gradient"),
    Mistake("h0 and c0 have each other's gradient", {"hand_out": lambda d: d | {"h0": d["c0"], "c0": d["h0"]}}),
    Mistake("all gradients have the wrong sign", {"hand_out": lambda found: {name: -d for name, d in found.items()}}),
)


def backward_mistakes(names: Names, batch: int) -> list[Mistake]:
    """Return every known mistake on the way back that arrays of these names allow, the likeliest first."""
    of_peepholes = PEEPHOLES if names.peepholes else ()
    return [*SLOPES, *THROUGH_TIME, *FACTORS, *sums(batch), *ENDS, *of_peepholes, *_orders(names)]


def _orders(names: Names) -> Iterator[Mistake]:
    """Yield what comes of gradients stacked in another order than their weights."""
    asked = names.stacked or ORDERS["article"]
    for given in map("".join, permutations(asked)):
        if given != asked:
            words = f"the gradients are stacked in the order {', '.join(given)}, where the names say {', '.join(asked)}"
            yield Mistake(words, {"hand_out": _stacked(asked, given)}, common=False)


def _stacked(asked: str, given: str) -> Callable[[Signals], Signals]:
    places = dict(zip(asked, given))

    def hand_out(found: Signals) -> Signals:
        return found | {f"{kind}_{net}": found[f"{kind}_{other}"] for kind in "WRb" for net, other in places.items()}

    return hand_out
