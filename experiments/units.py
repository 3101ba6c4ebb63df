"""Find out what each element of the small character model's memory tells: ``python -m experiments.units``.

Chapter 10 reads the table, in ``lstm_ref/data/results``. Elements are picked on the modules for validation, and
everything is reported on those for test. It takes some minutes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref import UnitWeights
from lstm_ref.checks import Array, Truths
from lstm_ref.companion import marks, probes, probing
from lstm_ref.data import CharacterModel, load_characters, tables
from lstm_ref.sequence import Trace
from lstm_ref.tasks.characters import ALPHABET, TEST, VALIDATION, decode, encode, source

ROUNDS, UNTRAINED = 200, 2


class Reading(NamedTuple):
    """Whole modules one after the other, what is true at each place, what the model did, and its memories' ranks."""

    text: str
    labels: dict[str, Truths]
    trace: Trace
    order: Array


def read(model: CharacterModel, modules: Iterable[str]) -> Reading:
    """Let the model read modules, without a break."""
    texts = [decode(source((name,))) + "\n" for name in modules]
    labels = [probing.properties(text) for text in texts]
    text = "".join(texts)
    together = {name: np.concatenate([each[name] for each in labels]) for name in probing.PROPERTIES}
    trace = probing.read(model, text)
    return Reading(text, together, trace, probing.ranks(trace.c_t))


def oriented(area: float, high: bool) -> float:
    """Return an area as seen by the side on which the picked element was."""
    return area if high else 1 - area


def pick(choosing: Array, held_out: Array, label: Truths, other: Truths) -> tuple[int, bool, float, float]:
    """Pick a column by its ranks on one text; return it, whether it is high where the label is true, and both areas."""
    element, area = probing.pick(choosing, label)
    high = area > 0.5
    return element, high, oriented(area, high), oriented(float(probing.auc(held_out[:, element], other)), high)


def by_last_three(choosing: Reading, held_out: Reading, name: str) -> float:
    """Return the area of a score that knows the last three characters: how often the property is true after them."""
    symbols, others = encode(choosing.text), encode(held_out.text)
    label = choosing.labels[name].astype(float)
    share, there = np.full(len(symbols), label.mean()), np.full(len(others), label.mean())
    for length in (1, 2, 3):
        # What was not seen after so many characters is what it is after one less.
        both = np.concatenate([marks.runs(np.pad(text, (length - 1, 0)), length) for text in (symbols, others)])
        _, kind = np.unique(both, return_inverse=True)
        here, other = kind[: len(symbols)], kind[len(symbols) :]
        true, count = (np.bincount(here, weights, kind.max() + 1) for weights in (label, None))
        share, there = (true[here] + share) / (count[here] + 1), (true[other] + there) / (count[other] + 1)
    return float(probing.auc(probing.ranks(there), held_out.labels[name]))


def probe(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each property: which element shows it best, how well, and what chance gives."""
    rng, H = np.random.default_rng(10), model.weights.hidden_size
    start = [UnitWeights.random(len(ALPHABET), H, rng=rng) for _ in range(UNTRAINED)]
    untrained = [
        [probing.ranks(probing.read(model._replace(layers=(weights,)), each.text).c_t) for each in (choosing, held_out)]
        for weights in start
    ]
    for name in probing.PROPERTIES:
        label, other = choosing.labels[name], held_out.labels[name]
        element, high, chosen, found = pick(choosing.order, held_out.order, label, other)
        side = 1 if high else -1
        yield {
            "property": name,
            "element": element,
            "high": high,
            "chosen": chosen,
            "held_out": found,
            "chance": probing.chance_level(held_out.order, other, rng, ROUNDS).max(),
            "own_chance": probing.chance_level(held_out.order[:, [element]], other, rng, ROUNDS).max(),
            **dict(zip(("from", "to"), probes.interval(side * held_out.trace.c_t[:, element], other, rng))),
            "untrained": max(pick(*pair, label, other)[-1] for pair in untrained),
            "three": by_last_three(choosing, held_out, name),
            "share": other.mean(),
            "stretches": int(other[0]) + int((np.diff(other.astype(int)) > 0).sum()),
            "places": len(other),
        } | {
            f"of_{name}": float(probing.auc(held_out.order[:, element], truth))
            for name, truth in held_out.labels.items()
        }


def against(choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield how often the element picked for a property is larger at places of one kind than at those of another."""
    true = held_out.labels
    prose, deep, one = true["string"] | true["comment"], true["deep"], true["brackets"] & ~true["nested"]
    for name, words, these, those in (
        ("string", "strings, against comments", true["string"], true["comment"] & ~true["string"]),
        ("brackets", "two brackets or more, against one", true["nested"], one),
        ("deep", "in deep lines: prose, against code", prose & deep, ~prose & deep),
        ("deep", "in other lines: prose, against code", prose & ~deep, ~prose & ~deep),
    ):
        element, _ = probing.pick(choosing.order, choosing.labels[name])
        both = these | those
        order = probing.ranks(held_out.trace.c_t[both][:, element])
        area = float(probing.auc(order, these[both]))
        yield {"property": name, "element": element, "kind": words, "places": int(both.sum()), "area": area}


def write(name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write a table with four decimals."""
    rows = [{key: f"{value:.4f}" if isinstance(value, float) else value for key, value in row.items()} for row in rows]
    tables.write(FOLDER / f"{name}.csv", rows, list(rows[0]))


def main() -> None:
    model = load_characters()
    choosing, held_out = read(model, VALIDATION), read(model, TEST)
    FOLDER.mkdir(exist_ok=True)
    write("units", probe(model, choosing, held_out))
    write("against", against(choosing, held_out))


if __name__ == "__main__":
    main()
