"""The known mistakes with weights on their way into a unit, and with what peepholes see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.names import Drawn, Names
from lstm_ref.diagnosis.variants import Look, Seen
from lstm_ref.diagnosis.wrong_formulas import NETS
from lstm_ref.gates import ORDERS
from lstm_ref.peepholes import look


def moved(names: Names) -> list[Mistake]:
    """Return the known mistakes with arrays of these names."""
    found = [
        Mistake(
            "every bias is added twice", {"weights": each("b", lambda b: 2 * b)}, "lisa-lab/DeepLearningTutorials#81"
        ),
        Mistake("the biases are left out", {"weights": each("b", lambda b: 0 * b)}),
        Mistake(
            "1 is added to the forget gate's bias on the way",
            {"weights": each("b", lambda b: b + 1, "f")},
            "apple/coremltools#309",
        ),
        Mistake(
            "R is turned: h @ R stands for h @ R.T, or h @ R.T for h @ R",
            {"weights": each("R", lambda R: R.T)},
            "huggingface/transformers#10712",
        ),
        *(Mistake(f"R of {NETS[net]} is turned", {"weights": each("R", lambda R: R.T, net)}) for net in NETS),
    ]
    found += _copied("WRbP" if names.peepholes else "WRb")
    if names.biases == 2:
        found += [
            Mistake(
                f"of two biases only the {which} is added",
                {"weights": lambda drawn, k=k: _one_bias(drawn, k)},
                "keras-team/keras#8307",
            )
            for k, which in enumerate(("first", "second"))
        ]
    joined = next((held.kinds for held in names.held.values() if len(held.kinds) == 2 and held.kinds != "bb"), "")
    if joined:
        first, then = ("h_{t-1}", "x_t") if joined == "RW" else ("x_t", "h_{t-1}")
        words = f"[{then}, {first}] is joined where the names say [{first}, {then}]"
        found.append(Mistake(words, {"weights": lambda drawn: _other_join(drawn, joined)}))
    if names.stacked:
        found += _stacks(names.stacked)
    if names.peepholes:
        found += [*PEEPHOLES, *_orders(names.looking, "P")]
    return found


def _copied(kinds: str) -> Iterator[Mistake]:
    """Yield what comes of a line that was copied from one network to another, with a name left as it was."""
    for net, other in permutations(ORDERS["article"], 2):
        for letters in (*kinds, "WR", "WRb"):
            if "P" in letters and "g" in net + other:
                continue
            words = f"{NETS[net]} has {', '.join(letters)} of {NETS[other]}"

            def do(drawn: Drawn, net: str = net, other: str = other, letters: str = letters) -> Drawn:
                named = drawn.weights.to_dict()
                return _with(drawn, {f"{kind}_{net}": named[f"{kind}_{other}"] for kind in letters})

            yield Mistake(
                words, {"weights": do}, "ddbourgin/numpy-ml#42" if letters == "b" else "stanfordnlp/stanza#88", False
            )


def _stacks(order: str) -> list[Mistake]:
    """Return what comes of taking a stack of four networks apart wrongly."""

    def by_batch(sums: dict[str, Array]) -> dict[str, Array]:
        z = np.concatenate([sums[net] for net in order], axis=1)
        return dict(zip(order, z.reshape(4, *sums["f"].shape)))

    return [
        *(
            Mistake(f"{kind} is reshaped where it should be transposed", {"weights": _reshaped(kind, order)})
            for kind in "WR"
        ),
        Mistake(
            "the four networks are taken apart as (H, 4), every fourth row, not as (4, H), one block after the other",
            {"weights": lambda drawn: _interleaved(drawn, order)},
        ),
        Mistake(
            "the sums (B, 4H) are reshaped to (4, B, H), which mixes the batch with the networks", {"sums": by_batch}
        ),
    ]


Seeing: TypeAlias = Callable[[Any, Seen], Any]


def sees(nets: str, what: Seeing) -> dict[str, Any]:
    """Return the part in which the sums of these networks see something else."""

    def of(net: str) -> Look:
        return lambda w, seen: what(getattr(w, f"P_{net}"), seen)

    return {"sees": {net: of(net) for net in nets}}


def shared(P: Array, c: Array) -> Array:
    """One number for all elements, the product of a diagonal peephole and the memory; of a full one what it sees."""
    return c @ P.T if P.ndim == 2 else (c @ P)[..., None]


LOOKS: dict[str, Seeing] = {
    "nothing: its peephole is left out": lambda P, s: 0,
    "the last output, not at the cell state": lambda P, s: look(P, s.h_prev),
    "tanh of the cell state": lambda P, s: look(P, np.tanh(s.c_prev)),
    "one number for all elements, the sum of P times C": lambda P, s: shared(P, s.c_prev),
}
"""By words: what a gate's sum may see in place of its product with c_prev."""


def _after_the_step(see: Seeing) -> Seeing:
    return lambda P, s: see(P, s._replace(c_prev=s.c_t))


AT_ONCE = {"f": NETS["f"], "i": NETS["i"], "fi": "each of the forget and input gate"}

PEEPHOLES = (
    Mistake(
        "the output gate looks at the cell state before the step, not after it",
        sees("o", lambda P, s: look(P, s.c_prev)),
        "KimUyen/ConvLSTM-Pytorch#1",
    ),
    *(Mistake(f"{AT_ONCE[nets]} looks at {what}", sees(nets, see)) for nets in AT_ONCE for what, see in LOOKS.items()),
    *(Mistake(f"the output gate looks at {what}", sees("o", _after_the_step(see))) for what, see in LOOKS.items()),
    *(Mistake(f"every gate looks at {what}", sees("fio", see)) for what, see in [*LOOKS.items()][:2]),
    *(
        Mistake(
            f"the candidate looks at the cell state too, with the weights of {NETS[net]}",
            {"sees": {"g": lambda w, s, net=net: look(getattr(w, f"P_{net}"), s.c_prev)}},
        )
        for net in "fio"
    ),
)


LIBRARIES = {
    "article": "the book's equations",
    "torch": "PyTorch's layers",
    "keras": "Keras's",
    "onnx": "ONNX's nodes",
    "tensorflow1": "the cells of TensorFlow 1",
}
THREADS = {"iofg": "CrispStrobe/CrispASR#106", "igfo": "tensorflow/tensorflow#29308", "figo": "NX-AI/xlstm#98"}
"""By the order in which networks were read: a public thread."""


def orders(names: Names) -> Iterator[Mistake]:
    """Yield what comes of reading the four networks in another order than they are stacked in."""
    written = names.stacked or ORDERS["article"]
    for kinds in ("WRb", "W", "R", "b"):
        yield from _orders(written, kinds)


def _orders(written: str, kinds: str) -> Iterator[Mistake]:
    for read in map("".join, permutations(written)):
        if read == written:
            continue
        of = {"WRb": "the gates are", "P": "the peepholes are"}.get(kinds, f"{kinds} alone is")
        words = f"{of} read in the order {', '.join(read)}, where the names say {', '.join(written)}"
        known = [LIBRARIES[name] for name, order in ORDERS.items() if order == read]
        words += f" ({' and '.join(known)} have this order)" if known else ""
        common = kinds in ("P", "WRb")
        thread = "opencv/opencv#29931" if kinds == "P" else THREADS.get(read, "apple/coremltools#93")
        yield Mistake(words, {"weights": _read(written, read, kinds)}, thread, common)


def each(kind: str, change: Callable[[Array], Array], nets: str = ORDERS["article"]) -> Callable[[Drawn], Drawn]:
    """Return what changes the weights of one kind, in some networks."""

    def do(drawn: Drawn) -> Drawn:
        named = drawn.weights.to_dict()
        return _with(drawn, {f"{kind}_{net}": change(named[f"{kind}_{net}"]) for net in nets})

    return do


def _with(drawn: Drawn, named: dict[str, Array]) -> Drawn:
    # A copy, for `replace` would check every array, and hundreds of mistakes are tried.
    weights = copy(drawn.weights)
    for name, array in named.items():
        object.__setattr__(weights, name, array)
    return drawn._replace(weights=weights)


def _one_bias(drawn: Drawn, k: int) -> Drawn:
    return _with(drawn, {f"b_{net}": parts[k] for net, parts in drawn.parts.items()})


def _other_join(drawn: Drawn, joined: str) -> Drawn:
    """Return W and R as they are for whoever joins the input and the last output the other way round."""
    first, then = joined[0], joined[1]
    named, changed = drawn.weights.to_dict(), {}
    for net in ORDERS["article"]:
        both = np.concatenate([named[f"{kind}_{net}"] for kind in joined], axis=1)
        changed[f"{then}_{net}"], changed[f"{first}_{net}"] = np.split(both, [named[f"{then}_{net}"].shape[1]], axis=1)
    return _with(drawn, changed)


def _interleaved(drawn: Drawn, order: str) -> Drawn:
    stacks = {kind: drawn.weights.stack(kind, order) for kind in "WRb"}
    return _with(drawn, {f"{kind}_{net}": stacks[kind][k::4] for kind in stacks for k, net in enumerate(order)})


def _reshaped(kind: str, order: str) -> Callable[[Drawn], Drawn]:
    def do(drawn: Drawn) -> Drawn:
        stack = drawn.weights.stack(kind, order)
        blocks = np.split(stack.reshape(stack.shape[::-1]).T, 4)
        return _with(drawn, {f"{kind}_{net}": block for net, block in zip(order, blocks)})

    return do


def _read(written: str, read: str, kinds: str) -> Callable[[Drawn], Drawn]:
    """Return what gives each network the weights of the one that stands in its place."""

    def do(drawn: Drawn) -> Drawn:
        named = drawn.weights.to_dict()
        places = {net: written[read.index(net)] for net in read}
        return _with(
            drawn, {f"{kind}_{net}": named[f"{kind}_{other}"] for kind in kinds for net, other in places.items()}
        )

    return do
