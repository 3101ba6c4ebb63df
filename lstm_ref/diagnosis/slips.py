"""Slips of the pen, made one by one: a name for another in a line, a bracket moved, a factor or a term lost.

They are tried after the mistakes that are known from others, which have better words.
"""

import re
from collections.abc import Callable, Iterator, Set
from itertools import chain, permutations, product
from typing import Any

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.names import Names
from lstm_ref.diagnosis.variants import AHEAD, BACK, SEES, Look, Seen, Signals
from lstm_ref.diagnosis.wrong_formulas import NETS
from lstm_ref.diagnosis.wrong_gradients import WAYS_BACK
from lstm_ref.diagnosis.wrong_outputs import handed_out_slips
from lstm_ref.diagnosis.wrong_weights import each
from lstm_ref.peepholes import look
from lstm_ref.weights import UnitWeights

NAMES = re.compile(r"\b(?:[a-z]_t|d?[ch]_\w+|d[ch])\b"), re.compile(r"tanh\(\w+\)")
BEFORE = ("f_t", "i_t", "g_t", "c_prev", "h_prev", "tanh(c_prev)")
ALL = (*BEFORE, "o_t", "c_t", "tanh(c_t)", "h_t")
IN_SCOPE = {
    "c_t": BEFORE,
    "h_t": ALL[:-1],
    "do": (*ALL, "dc_next", "d_h"),
    "dc": (*ALL, "d_h"),
    **dict.fromkeys(("df", "di", "dg", "dc_prev"), (*ALL, "dh", "dc_next", "d_h")),
}
"""By line: the names that a writer may take for another there."""

BRACKETS = {
    "c_t": (
        "f_t * (c_prev + i_t * g_t)",
        "i_t * (f_t * c_prev + g_t)",
        "(f_t * c_prev + i_t) * g_t",
        "f_t * (c_prev + i_t) * g_t",
        "(1 - i_t) * c_prev + i_t * g_t",
        "(1 - f_t) * c_prev + f_t * g_t",
        "(1 - f_t) * c_prev + i_t * g_t",
        "f_t * c_prev + i_t * tanh(g_t)",
        "sigmoid(z_f * c_prev) + i_t * g_t",
        "f_t * c_prev + sigmoid(z_i * g_t)",
        "f_t * c_prev + tanh(i_t * z_g)",
        "tanh(f_t * c_prev) + i_t * g_t",
        "f_t * c_prev + tanh(i_t * g_t)",
    ),
    "h_t": (
        "tanh(o_t) * tanh(c_t)",
        "(1 - o_t) * tanh(c_t)",
        "o_t * tanh(tanh(c_t))",
        "tanh(o_t * tanh(c_t))",
        "sigmoid(z_o * tanh(c_t))",
    ),
    "dc": (
        "(dc_next + dh) * o_t * (1 - tanh(c_t)**2)",
        "dc_next * (1 - tanh(c_t)**2) + dh * o_t",
        "dc_next * o_t + dh * (1 - tanh(c_t)**2)",
        "dh * o_t * (1 - tanh(c_t)**2)",
        "dh * o_t * (1 - tanh(c_t)**2) - dc_next",
    ),
    "dc_prev": ("dc * (1 - f_t)", "dc * f_t * (1 - f_t)", "dc * f_t + dh", "-dc * f_t"),
}

SIGNS = {" + ": (" - ", " * "), " - ": (" + ",), " * ": (" + ",), "tanh(": ("(", "sigmoid(")}
"""By a sign or a function: what may stand there by mistake."""


def _lines(right: dict[str, str], where: str) -> Iterator[Mistake]:
    """Yield every slip in one of these lines."""
    for name, line in right.items():
        wrong = [*BRACKETS.get(name, ())]
        for found in chain.from_iterable(form.finditer(line) for form in NAMES):
            others = ["1", *(other for other in IN_SCOPE[name] if other != found[0])]
            wrong += [line[: found.start()] + other + line[found.end() :] for other in others]
        for sign, changed in SIGNS.items():
            places = [found.start() for found in re.finditer(re.escape(sign), line)]
            wrong += [line[:at] + other + line[at + len(sign) :] for at in places for other in changed]
        for plain in dict.fromkeys(re.sub(r"(?<![a-z])\((\w+)\)", r"\1", other) for other in wrong):
            yield _slip(f"{where}{name} = {plain}, where {line} belongs", lines={name: plain})


def forward_slips(names: Names, shown: Set[str]) -> Iterator[Mistake]:
    """Yield every slip in a forward pass with weights of these names that hands out these signals."""
    yield from _lines(AHEAD, "")
    yield from _sums("RbP" if names.peepholes else "Rb")
    yield from _states((False, True) if shown & {"h_last", "c_last"} else (False,))
    yield from handed_out_slips()


TERMS: dict[str, Callable[[UnitWeights, str, Seen], Any]] = {
    "R": lambda w, net, s: s.h_prev @ getattr(w, f"R_{net}").T,
    "b": lambda w, net, s: getattr(w, f"b_{net}"),
    "P": lambda w, net, s: SEES[net](w, s),
}


def _sums(kinds: str) -> Iterator[Mistake]:
    """Yield what may go wrong in the sum of one network."""
    for net, words in NETS.items():
        for kind in "WRb":
            yield _slip(f"{kind} of {words} is left out", weights=each(kind, lambda array: 0 * array, net))
        yield _slip(f"b of {words} is added twice", weights=each("b", lambda b: 2 * b, net))
        yield _slip(f"1 is added to b of {words}", weights=each("b", lambda b: b + 1, net))
        for what in ("h0", "c_prev", "c_t") if net == "o" else ("h0", "c_prev"):
            yield _slip(f"R of {words} meets {what} where h_prev belongs", sees={net: _meeting(net, what)})
        looking = [kind for kind in kinds if kind != "P" or net != "g"]
        for kind in looking:
            inside, beside = _beside(net, kind)
            yield _slip(f"{kind} of {words} is added outside its activation", sees=inside, beside=beside)
        if "P" in looking:
            yield _slip(f"{words} looks at c0 at every step", sees={net: _looking_at_start(net)})
            yield _slip(f"P of {words} multiplies R h_prev too", sees={net: _too_much_seen(net)})


def _meeting(net: str, what: str) -> Look:
    return lambda w, s: SEES[net](w, s) + (getattr(s, what) - s.h_prev) @ getattr(w, f"R_{net}").T


def _looking_at_start(net: str) -> Look:
    return lambda w, s: look(getattr(w, f"P_{net}"), s.c0)


def _too_much_seen(net: str) -> Look:
    def see(w: UnitWeights, s: Seen) -> Any:
        of_h = TERMS["R"](w, net, s)
        return look(getattr(w, f"P_{net}"), of_h + (s.c_t if net == "o" else s.c_prev)) - of_h

    return see


def _beside(net: str, kind: str) -> tuple[dict[str, Look], dict[str, Look]]:
    """Return the parts in which a term is taken out of a sum, and is added after the activation."""
    term = TERMS[kind]
    return {net: lambda w, s: SEES[net](w, s) - term(w, net, s)}, {net: lambda w, s: term(w, net, s)}


def _states(lasts: tuple[bool, ...]) -> Iterator[Mistake]:
    """Yield what may go wrong with the states, handed out at the end or not, and with the order of the inputs."""
    starts = {"h0": lambda h, c: h, "c0": lambda h, c: c, "zeros": lambda h, c: 0 * h}
    for one, other in [pair for pair in product(starts, repeat=2) if pair != ("h0", "c0")]:
        yield _slip(
            f"the unit begins with {one} as the output and {other} as the cell state",
            start=lambda h, c, one=one, other=other: (starts[one](h, c), starts[other](h, c)),
        )
    carried: dict[str, Callable[..., Array]] = {
        "h_t": lambda h, c, h0, c0: h,
        "c_t": lambda h, c, h0, c0: c,
        "h0": lambda h, c, h0, c0: h0,
        "c0": lambda h, c, h0, c0: c0,
        "zeros": lambda h, c, h0, c0: 0 * h,
        "tanh(c_t)": lambda h, c, h0, c0: np.tanh(c),
    }
    for one, other, last in product(carried, carried, lasts):
        if (one, other) == ("h_t", "c_t"):
            continue
        yield _slip(
            f"the next step {'and the caller get' if last else 'gets'} {one} as output and {other} as cell state",
            carry=lambda *states, one=one, other=other: (carried[one](*states), carried[other](*states)),
            last_is_carried=last,
        )
    feeds: dict[str, Callable[[Array], Array]] = {
        "before, the first that of the last": lambda x: np.roll(x, 1, axis=0),
        "before, the first zeros": lambda x: np.concatenate([0 * x[:1], x[:-1]]),
        "after, the last that of the first": lambda x: np.roll(x, -1, axis=0),
        "after, the last zeros": lambda x: np.concatenate([x[1:], 0 * x[:1]]),
    }
    for words, feed in feeds.items():
        yield _slip(f"every step reads the input of the step {words}", feed=feed)


def backward_slips(names: Names) -> Iterator[Mistake]:
    """Yield every slip on the way back."""
    yield from _lines(BACK, "on the way back ")
    for net, other in permutations(NETS, 2):
        for where, parts in WAYS_BACK.items():
            words = f"the gradient of {NETS[net]} goes back to {where} through the weights of {NETS[other]}"
            yield _slip(words, **{part: {net: other} for part in parts})
        for kinds in ("WRb", "W", "R", "b"):
            words = f"the gradient of {', '.join(kinds)} of {NETS[net]} is that of {NETS[other]}"
            yield _slip(words, hand_out=_copied(kinds, net, other))
    for net, kind in product(NETS, "WRbP" if names.peepholes else "WRb"):
        if net + kind == "gP":
            continue
        yield _slip(f"the gradient of {kind} of {NETS[net]} is missing", hand_out=_scaled(f"{kind}_{net}", 0))
        yield _slip(f"the gradient of {kind} of {NETS[net]} has the wrong sign", hand_out=_scaled(f"{kind}_{net}", -1))
    yield from _ends()


def _ends() -> Iterator[Mistake]:
    """Yield what may go wrong at the first and the last step, and with the gradients that come in."""
    yield _slip("c0 gets dc of the first step, not multiplied by its forget gate", ends=lambda h, c, dh, dc: (h, dc))
    yield _slip("h0 gets dh of the first step", ends=lambda h, c, dh, dc: (dh, c))
    of_next = "dc = dc_next * f_t + dh * o_t * (1 - tanh(c_t)**2)"
    yield _slip(
        f"what the next step hands back meets this step's forget gate, not its own: {of_next}",
        lines={"dc": of_next.removeprefix("dc = "), "dc_prev": "dc"},
    )
    yield _slip("c0 is taken for zero on the way back", start=lambda s: s._replace(c_prev=0 * s.c_prev))
    yield _slip("h0 is taken for zero on the way back", start=lambda s: s._replace(h_prev=0 * s.h_prev))
    yield _slip(
        "h0 and c0 are taken for zero on the way back",
        start=lambda s: s._replace(c_prev=0 * s.c_prev, h_prev=0 * s.h_prev),
    )
    yield _slip("the gradients of x stand from the last step to the first", hand_out=lambda d: d | {"x": d["x"][::-1]})
    yield _slip("R saw c_prev where h_prev belongs", R_saw=lambda s: s.c_prev)
    yield _slip("the gradient of [h_{t-1}, x_t] is taken apart as [x_t, h_{t-1}]", share_out=_other_halves)
    yield _slip(
        "the gradient of [x_t, h_{t-1}] is taken apart as [h_{t-1}, x_t]",
        share_out=lambda to_h, to_x: _other_halves(to_x, to_h)[::-1],
    )
    hears: dict[str, Callable[[Array], Array]] = {
        "d_h is read from the first step to the last on the way back": lambda d_h: d_h[::-1],
        "d_h of the step before is read": lambda d_h: np.roll(d_h, 1, axis=0),
        "d_h of the step after is read": lambda d_h: np.roll(d_h, -1, axis=0),
        "d_h of the last step alone counts": lambda d_h: np.concatenate([0 * d_h[:-1], d_h[-1:]]),
        "d_h of the last step does not count": lambda d_h: np.concatenate([d_h[:-1], 0 * d_h[-1:]]),
    }
    for words, hear in hears.items():
        yield _slip(words, hears=hear)


def _other_halves(first: Array, then: Array) -> tuple[Array, Array]:
    """Return two arrays that were joined and then cut as though they stood the other way round."""
    both = np.concatenate([first, then], axis=1)
    size = then.shape[1]
    return both[:, size:], both[:, :size]


def _copied(kinds: str, net: str, other: str) -> Callable[[Signals], Signals]:
    return lambda found: found | {f"{kind}_{net}": found[f"{kind}_{other}"] for kind in kinds}


def _scaled(name: str, factor: float) -> Callable[[Signals], Signals]:
    return lambda found: found | {name: factor * found[name]}


def _slip(words: str, **parts: Any) -> Mistake:
    return Mistake(words, parts, common=False)
