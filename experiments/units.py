"""Find out what each memory of the character model shows, and set it by hand: ``python -m experiments.units``.

Chapter 10 reads the two tables, in ``lstm_ref/data/results``. Elements are picked on CHOOSING, and everything is
reported on the modules held out from the training. It takes some minutes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref import UnitWeights
from lstm_ref.checks import Array, Truths
from lstm_ref.companion import probing
from lstm_ref.data import CharacterModel, load_characters, tables
from lstm_ref.sequence import Trace
from lstm_ref.tasks.characters import ALPHABET, HELD_OUT, decode, encode, source
from lstm_ref.unit import Step, step

CHOOSING = "calendar", "gzip", "contextlib", "sched"
ROUNDS, UNTRAINED, CONTROLS = 200, 2, 20
ELEMENTS = 1, 5, 20
EVERY = 20
WATCHED = {
    "string": (" ", "="),
    "comment": (" ", "="),
    "brackets": ("", ")]}"),
    "deep": ("    ", " "),
    "late": ("", "\n"),
}
"""By property: what the model reads after its memory was set, and the characters whose probability is watched then."""
AT_LINE_ENDS = "deep"
"""The property for which the memory is set at line ends; for the others at every EVERY-th place of the text."""


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


def by_character(choosing: Reading, held_out: Reading, name: str) -> float:
    """Return the area of a score that knows the last character alone: how often the property is true after it."""
    symbols, label = encode(choosing.text), choosing.labels[name].astype(float)
    counts = np.bincount(symbols, minlength=len(ALPHABET))
    share = (np.bincount(symbols, label, len(ALPHABET)) + label.mean()) / (counts + 1)
    return float(probing.auc(probing.ranks(share[encode(held_out.text)]), held_out.labels[name]))


def probe(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each property: which element shows it best, how well, and what chance gives."""
    rng, H = np.random.default_rng(10), model.weights.hidden_size
    start = [UnitWeights.random(len(ALPHABET), H, rng=rng) for _ in range(UNTRAINED)]
    untrained = [
        [probing.ranks(probing.read(model._replace(weights=weights), each.text).c_t) for each in (choosing, held_out)]
        for weights in start
    ]
    for name in probing.PROPERTIES:
        label, other = choosing.labels[name], held_out.labels[name]
        element, high, chosen, found = pick(choosing.order, held_out.order, label, other)
        yield {
            "property": name,
            "element": element,
            "high": high,
            "chosen": chosen,
            "held_out": found,
            "chance": probing.chance_level(held_out.order, other, rng, ROUNDS).max(),
            "untrained": max(pick(*pair, label, other)[-1] for pair in untrained),
            "character": by_character(choosing, held_out, name),
            "share": other.mean(),
            "stretches": int(other[0]) + int((np.diff(other.astype(int)) > 0).sum()),
            "places": len(other),
        } | {
            f"of_{name}": float(probing.auc(held_out.order[:, element], truth))
            for name, truth in held_out.labels.items()
        }


def watched(model: CharacterModel, now: Step, h: Array, c: Array, name: str) -> float:
    """Return the probability of the watched characters, the mean over all places."""
    then, symbols = WATCHED[name]
    for letter in then:
        x = np.broadcast_to(np.eye(len(ALPHABET))[ALPHABET.index(letter)], now.x_t.shape)
        after = step(x, h, c, model.weights)
        h, c = after.h_t, after.c_t
    return probing.predict(model, h)[:, [ALPHABET.index(symbol) for symbol in symbols]].sum(axis=-1).mean()


def set_by_hand(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each property, side and number of elements: the watched probability before and after.

    The control moves as many other elements, drawn at random, by as many of their standard deviations as those moved.
    """
    rng, trace = np.random.default_rng(11), held_out.trace
    spread = choosing.trace.c_t.std(axis=0)
    line_ends = np.array([letter == "\n" for letter in held_out.text])
    thinned = np.arange(len(line_ends)) % EVERY == 0
    for name in WATCHED:
        label = choosing.labels[name]
        best = np.argsort(-np.abs(probing.auc(choosing.order, label) - 0.5))
        for inside in (True, False):
            places = held_out.labels[name] == inside
            places &= line_ends if name == AT_LINE_ENDS else thinned
            now = Step(*(getattr(trace, field)[places] for field in Step._fields))
            typical = np.median(choosing.trace.c_t[label != inside], axis=0)
            for count in ELEMENTS:
                elements = best[:count]
                moved = np.abs(typical[elements] - now.c_t[:, elements]) / spread[elements]
                controls = []
                for _ in range(CONTROLS):
                    others = rng.choice(best[max(ELEMENTS) :], count, replace=False)
                    away = moved * spread[others] * rng.choice([-1, 1], count)
                    h, c = probing.set_memory(now, others, now.c_t[:, others] + away)
                    controls.append(watched(model, now, h, c, name))
                h, c = probing.set_memory(now, elements, typical[elements])
                yield {
                    "property": name,
                    "inside": inside,
                    "elements": count,
                    "before": watched(model, now, now.h_t, now.c_t, name),
                    "after": watched(model, now, h, c, name),
                    "control_least": min(controls),
                    "control_most": max(controls),
                    "places": int(places.sum()),
                }


def write(name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write a table with four decimals."""
    rows = [{key: f"{value:.4f}" if isinstance(value, float) else value for key, value in row.items()} for row in rows]
    tables.write(FOLDER / f"{name}.csv", rows, list(rows[0]))


def main() -> None:
    model = load_characters()
    choosing, held_out = read(model, CHOOSING), read(model, HELD_OUT)
    FOLDER.mkdir(exist_ok=True)
    write("units", probe(model, choosing, held_out))
    write("set_by_hand", set_by_hand(model, choosing, held_out))


if __name__ == "__main__":
    main()
