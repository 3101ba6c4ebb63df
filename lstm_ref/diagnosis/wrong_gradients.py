"""The known mistakes on the way back: what each exchanges in a right one, in words, and who has made it."""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.names import Names
from lstm_ref.diagnosis.variants import Signals
from lstm_ref.diagnosis.wrong_formulas import NETS
from lstm_ref.gates import ORDERS
from lstm_ref.unit import sigmoid

VALVE = {
    "left out": np.ones_like,
    "v, not v * (1 - v)": lambda v: v,
    "1 - v, not v * (1 - v)": lambda v: 1 - v,
    "that of a tanh, 1 - v**2": lambda v: 1 - v**2,
    "taken at v, which is the sigmoid's value already: s(v) * (1 - s(v))": lambda v: sigmoid(v) * (1 - sigmoid(v)),
}
NEW_MEMORY = {
    "left out": np.ones_like,
    "1 - g, not 1 - g**2": lambda g: 1 - g,
    "that of a sigmoid, g * (1 - g)": lambda g: g * (1 - g),
    "taken at g, which is the tanh's value already: 1 - tanh(g)**2": lambda g: 1 - np.tanh(g) ** 2,
}
MEMORY = {
    "left out": np.ones_like,
    "1 - c**2, not 1 - tanh(c)**2": lambda c: 1 - c**2,
    "1 - tanh(c), not 1 - tanh(c)**2": lambda c: 1 - np.tanh(c),
    "taken at tanh(c), the value already: 1 - tanh(tanh(c))**2": lambda c: 1 - np.tanh(np.tanh(c)) ** 2,
    "that of a sigmoid": lambda c: sigmoid(c) * (1 - sigmoid(c)),
}

SLOPES = (
    Mistake(
        "the gradient from later cell states is added before the slope of tanh, not after it: "
        "dc = (dc + dh * o) * (1 - tanh(c)**2)",
        {"at_memory": lambda later, direct, slope: (later + direct) * slope},
    ),
    Mistake(
        "the output gate is missing on the way from h_t to the cell state: dc = dc + dh * (1 - tanh(c)**2)",
        {"valve_at_memory": lambda s: np.ones_like(s.o_t)},
    ),
    *(
        Mistake(
            f"the slope of every gate is {how}",
            {"slopes": dict.fromkeys("fio", do)},
            "nicklashansen/rnn_lstm_from_scratch#1" * (how == "left out"),
        )
        for how, do in VALVE.items()
    ),
    *(
        Mistake(
            f"the slope of {NETS[net]} is {how}",
            {"slopes": {net: do}},
            "nicklashansen/rnn_lstm_from_scratch#1" * (how == "left out"),
        )
        for net in "fio"
        for how, do in VALVE.items()
    ),
    *(Mistake(f"the slope of the candidate is {how}", {"slopes": {"g": do}}) for how, do in NEW_MEMORY.items()),
    *(Mistake(f"the slope of tanh at the output is {how}", {"memory_slope": do}) for how, do in MEMORY.items()),
)

FACTORS = (
    Mistake("the forget gate's gradient meets c_t where c_prev belongs", {"f_met": lambda s: s.c_t}),
    Mistake("the forget gate's gradient meets h_prev where c_prev belongs", {"f_met": lambda s: s.h_prev}),
    Mistake("the output gate's gradient meets c_t where tanh(c_t) belongs", {"o_met": lambda s: s.c_t}),
    Mistake(
        "the output gate's gradient meets tanh(c_prev) where tanh(c_t) belongs",
        {"o_met": lambda s: np.tanh(s.c_prev)},
    ),
    Mistake("the output gate's gradient meets h_t where tanh(c_t) belongs", {"o_met": lambda s: s.h_t}),
    Mistake("the factors g_t and i_t are exchanged", {"i_met": lambda s: s.i_t, "g_met": lambda s: s.g_t}),
    Mistake("the input gate's gradient meets c_prev where g_t belongs", {"i_met": lambda s: s.c_prev}),
    Mistake("the candidate's gradient meets f_t where i_t belongs", {"g_met": lambda s: s.f_t}),
    Mistake(
        "the gradient of R has h_t in it where h_prev belongs",
        {"R_saw": lambda s: s.h_t},
        "VikParuchuri/zero_to_gpt#9",
    ),
    Mistake("R is turned on the way back: dz @ R.T stands for dz @ R", {"R_back": lambda R: R.T}, "hanbt/learn_dl#34"),
    *(
        Mistake(
            f"the share of {NETS[net]} is missing in what goes back to {where}",
            {part: "fiog".replace(net, "") for part in parts},
        )
        for net in NETS
        for where, parts in {
            "x_t and h_prev": ("back_to_h", "back_to_x"),
            "h_{t-1}": ("back_to_h",),
            "x_t": ("back_to_x",),
        }.items()
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
        {"to_memory": lambda d_c, s, before, later: 0 * d_c, "to_output": lambda d_h, later: 0 * d_h, "early": False},
    ),
    Mistake(
        "no gradient goes to h_prev, not even in the first step: it is detached",
        {"to_output": lambda d_h, later: 0 * d_h},
    ),
    Mistake(
        "no gradient goes to c_prev, not even in the first step: it is detached",
        {"to_memory": lambda d_c, s, before, later: 0 * d_c, "early": False},
    ),
    Mistake(
        "no gradient goes through the forget gate's product to c_prev: it is detached there",
        {"to_memory": lambda d_c, s, before, later: 0 * d_c},
    ),
    Mistake(
        "the gradient of the cell state goes back past the forget gate, not multiplied by it",
        {"to_memory": lambda d_c, s, before, later: d_c},
    ),
    Mistake(
        "the gradient of the cell state goes back multiplied by the forget gate of the step before",
        {"to_memory": lambda d_c, s, before, later: d_c * before.f_t},
    ),
    Mistake(
        "the gradient of the cell state goes back multiplied by the input gate",
        {"to_memory": lambda d_c, s, before, later: d_c * s.i_t},
    ),
    Mistake(
        "dh is added up over the steps where each should replace the last",
        {"to_output": lambda d_h, later: d_h + later},
    ),
    Mistake(
        "dc is added up over the steps where each should replace the last",
        {"to_memory": lambda d_c, s, before, later: d_c * s.f_t + later},
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
