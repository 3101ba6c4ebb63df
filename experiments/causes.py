"""Find out what a memory does: set it by hand, exchange it, hold it still: ``python -m experiments.causes``.

Chapter 10 reads the tables, in ``lstm_ref/data/results``. Elements and probes come from the modules for validation, and
everything is reported on those for test. It takes some minutes.

Written down on 27 November 2026, before any exchange or holding still was tried:

1. Exchanging one element changes the prediction more than five times as much as a random element does, for brackets,
   deep lines and strings; late in a line it does not, because the element is saturated there.
2. Exchanging along the probe's direction changes it more than exchanging one element.
3. Exchanging all of the memory changes it more than either; one element is a tenth to a half of that.
4. Exchanging with a place of the same kind changes it less than half as much as with a place of the other kind.
5. For brackets the change fades within six characters, for deep lines it does not.
6. Holding the brackets' element at its mean costs more bits inside brackets than outside, and less than 0.02 in all.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.units import Reading, read, write
from lstm_ref.checks import Array, Integers
from lstm_ref.companion import interventions, probes, probing
from lstm_ref.data import CharacterModel, load_characters
from lstm_ref.tasks.characters import ALPHABET, TEST, VALIDATION, encode
from lstm_ref.unit import Step, step

CONTROLS, PAIRS, STEPS, STREAMS = 20, 400, 6, 32
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


def exchanged(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each property, part of the memory and step: by how many bits the prediction moves, the mean."""
    rng, symbols = np.random.default_rng(14), encode(held_out.text)
    early = np.arange(len(symbols)) < len(symbols) - STEPS - 1
    for name in WATCHED:
        label, memory = choosing.labels[name], choosing.trace.c_t
        best = probes.best_elements(memory, label, max(ELEMENTS))
        rest = np.setdiff1d(np.arange(model.weights.hidden_size), best)
        parts: dict[str, list[Any]] = {"one element": [best[:1]], "twenty elements": [best]}
        parts |= {"direction": [probes.fit(memory, label)], "memory": [None]}
        parts["random element"] = list(rng.choice(rest, (CONTROLS, 1)))
        places = interventions.matched(symbols, held_out.labels[name] & early, rng, PAIRS)
        now, *others = (interventions.at(held_out.trace, each) for each in places)
        coming = symbols[places[0] + 1 + np.arange(STEPS)[:, None]]
        before = interventions.follow(model, now.h_t, now.c_t, coming)
        for part, what in parts.items():
            for kind, other in zip(("other", "same"), others):
                moved = np.mean([_moved(model, before, now, other, each, coming) for each in what], axis=0)
                for later, bits in enumerate(moved):
                    yield {"property": name, "part": part, "kind": kind, "later": later, "bits": float(bits)}


def _moved(model: CharacterModel, before: Array, now: Step, other: Step, what: Any, coming: Integers) -> Array:
    """Return by how many bits predictions move, (STEPS + 1,), if a part of the memory is exchanged."""
    after = interventions.follow(model, *interventions.exchange(now, other, what), coming)
    return interventions.divergence(before, after).mean(axis=1)


def held_still(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each property: what it costs to hold its element at its mean, in bits per character."""
    symbols, mean = encode(held_out.text), choosing.trace.c_t.mean(axis=0)
    before = _costs(model, symbols, None, 0.0)
    rng = np.random.default_rng(15)
    elements = {name: int(probes.best_elements(choosing.trace.c_t, choosing.labels[name], 1)[0]) for name in WATCHED}
    for name, element in elements.items():
        more = _costs(model, symbols, element, mean[element]) - before
        lots = rng.choice(model.weights.hidden_size, 5, replace=False)
        random = np.mean([(_costs(model, symbols, k, mean[k]) - before).mean() for k in lots])
        inside = held_out.labels[name][: len(more)]
        yield {
            "property": name,
            "element": element,
            "all": float(more.mean()),
            "inside": float(more[inside].mean()),
            "outside": float(more[~inside].mean()),
            "random": float(random),
        }


def _costs(model: CharacterModel, symbols: Integers, element: int | None, value: float) -> Array:
    """Return the bits that each next character costs, (N - 1,), with an element held at a value at every step."""
    length = (len(symbols) - 1) // STREAMS
    streams = symbols[: length * STREAMS].reshape(STREAMS, length)
    one_hot, H = np.eye(len(ALPHABET)), model.weights.hidden_size
    h, c, said = np.zeros((STREAMS, H)), np.zeros((STREAMS, H)), []
    for symbol in streams.T:
        now = step(one_hot[symbol], h, c, model.weights)
        h, c = now.h_t, now.c_t
        if element is not None:
            h, c = probing.set_memory(now, element, value)
        said.append(probing.predict(model, h))
    chances = np.array(said).swapaxes(0, 1).reshape(length * STREAMS, -1)
    return np.asarray(-np.log2(chances[np.arange(len(chances)), symbols[1 : len(chances) + 1]]))


def main() -> None:
    model = load_characters()
    choosing, held_out = read(model, VALIDATION), read(model, TEST)
    write("set_by_hand", set_by_hand(model, choosing, held_out))
    write("exchanged", exchanged(model, choosing, held_out))
    write("held_still", held_still(model, choosing, held_out))


if __name__ == "__main__":
    main()
