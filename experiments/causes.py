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

Written down later that day, when 1 to 6 had been looked at, before any prediction was compared with the other place's:

7. One element brings the prediction a tenth to a half of the way to the other place's, for brackets, deep lines,
   strings and comments; for lateness nothing.
8. Moving the memory along the probe's weights brings it nearer than one element does, for all five; a random direction,
   as far, takes it away from there.
9. For lateness, along the weights, it is less than a tenth of the way at once and more six characters later.

The tables are of a second run, with 1,000 pairs. In the first, with 400, one element moved the prediction four times as
far as a random one for deep lines, so that 1 did not hold there; in the second it is eight times.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.units import Reading, read, write
from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.companion import patching, probes, probing
from lstm_ref.data import CharacterModel, load_characters, load_results
from lstm_ref.tasks.characters import ALPHABET, TEST, VALIDATION, encode
from lstm_ref.unit import Step, step

CONTROLS, PAIRS, STEPS, STREAMS = 20, 1000, 6, 32
LOUD = 0.1
"""The spread of tanh(C) from which on an element is heard; a control that sets unheard ones would be no control."""
MOST = 16_000
"""How many characters are read with each element held still."""
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
    loud = np.tanh(choosing.trace.c_t).std(axis=0) > LOUD
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
                    rest = best[max(ELEMENTS) :]
                    others = rng.choice(rest[loud[rest]], count, replace=False)
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


def _parts(memory: Array, label: Truths, price: float) -> dict[str, list[Any]]:
    """Return what is exchanged, by name: parts of a memory, several where they are drawn by lot."""
    H, draws = memory.shape[1], np.random.default_rng(14)
    best = probes.best_elements(memory, label, max(ELEMENTS))
    heard = np.flatnonzero(np.tanh(memory).std(axis=0) > LOUD)
    rest = np.setdiff1d(heard, best)
    probe, of_heard = (probes.fit(memory, label, price, elements) for elements in (None, heard))
    return {
        "one element": [best[:1]],
        "twenty elements": [best],
        "memory": [None],
        "weights": [patching.Along(probe, probe.direction(H))],
        "weights, of those heard": [patching.Along(of_heard, of_heard.direction(H))],
        "pattern": [patching.Along(probe, probes.pattern(probe, memory))],
        "random element": list(draws.choice(rest, (CONTROLS, 1))),
        "random twenty": [draws.choice(rest, len(best), replace=False) for _ in range(CONTROLS)],
    }


def exchanged(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each property, part of the memory and step: how far the prediction moves, in bits, and where to.

    "way" is the share of the way to what is predicted at the other place, after the same characters: by how much the
    mean divergence from there becomes less. "from" and "to" are its 95 % interval.
    """
    prices = {row["property"]: row["strength"] for row in load_results("told") if row["model"] == "small-0"}
    rng, symbols, memory = np.random.default_rng(17), encode(held_out.text), choosing.trace.c_t
    early = np.arange(len(symbols)) < len(symbols) - STEPS - 1
    for name in WATCHED:
        parts = _parts(memory, choosing.labels[name], prices[name])
        places = patching.matched(symbols, held_out.labels[name] & early, rng, PAIRS)
        now, *others = (patching.at(held_out.trace, each) for each in places)
        coming = symbols[places[0] + 1 + np.arange(STEPS)[:, None]]
        before = patching.follow(model, now.h_t, now.c_t, coming)
        for kind, other in zip(("other", "same"), others):
            aim = patching.follow(model, other.h_t, other.c_t, coming)
            whole = patching.divergence(aim, before)
            states = {part: [patching.exchange(now, other, each) for each in what] for part, what in parts.items()}
            [(_, c)] = states["weights"]
            states["as far as weights"] = [_as_far(now, c, memory.std(axis=0), rng) for _ in range(CONTROLS)]
            for part, each in states.items():
                after = [patching.follow(model, *state, coming) for state in each]
                moved = np.mean([patching.divergence(before, said) for said in after], axis=(0, 2))
                left = np.mean([patching.divergence(aim, said) for said in after], axis=0)
                for later in range(STEPS + 1):
                    row = {"property": name, "part": part, "kind": kind, "later": later, "bits": float(moved[later])}
                    yield row | _way(left[later], whole[later], rng)


def _way(left: Array, whole: Array, rng: np.random.Generator) -> dict[str, float]:
    """Return the share of the way, and its interval: pairs are drawn anew."""
    drawn = rng.integers(0, len(left), (1000, len(left)))
    ways = 1 - left[drawn].mean(axis=1) / whole[drawn].mean(axis=1)
    low, high = np.percentile(ways, (2.5, 97.5))
    return {"way": float(1 - left.mean() / whole.mean()), "from": float(low), "to": float(high)}


def _as_far(now: Step, c: Array, spread: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return h and C with the memory moved as far as to c, by the elements' spread, in a direction drawn by lot."""
    away = rng.normal(size=now.c_t.shape[-1])
    far = np.linalg.norm((c - now.c_t) / spread, axis=-1, keepdims=True)
    c = now.c_t + far * away * spread / np.linalg.norm(away)
    return now.o_t * np.tanh(c), c


def held_still(model: CharacterModel, choosing: Reading, held_out: Reading) -> Iterator[dict[str, Any]]:
    """Yield a row for each picked element, and CONTROLS others: what it costs to hold it at its mean, in bits.

    Of a picked one it also says what it costs where its property is true, and where it is not.
    """
    symbols, mean = encode(held_out.text)[:MOST], choosing.trace.c_t.mean(axis=0)
    before = _costs(model, symbols, None, 0.0)
    picked = {}
    for name in WATCHED:
        picked.setdefault(int(probes.best_elements(choosing.trace.c_t, choosing.labels[name], 1)[0]), name)
    rest = np.setdiff1d(np.flatnonzero(np.tanh(choosing.trace.c_t).std(axis=0) > LOUD), [*picked])
    for element in (*picked, *np.random.default_rng(15).choice(rest, CONTROLS, replace=False).tolist()):
        more = _costs(model, symbols, element, mean[element]) - before
        row = {"element": element, "all": float(more.mean())}
        name = picked.get(element)
        inside = held_out.labels[name][: len(more)] if name else np.zeros(len(more), bool)
        within, beyond = (float(more[inside == truth].mean()) if name else "" for truth in (True, False))
        yield row | {"property": name or "", "within": within, "beyond": beyond}


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
