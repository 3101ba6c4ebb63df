"""Find out what can be read off the memories of the character models: ``python -m experiments.told``.

For each model and layer and each property: one element, five, twenty, all of them, and a control. Probes are fitted on
the modules for validation, and everything is reported on those for test, which no model and no probe has seen. Chapter
10 reads the tables, in ``lstm_ref/data/results``. It takes some minutes.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from experiments.units import write
from lstm_ref import UnitWeights
from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.companion import probes, probing
from lstm_ref.data import CharacterModel, load_characters
from lstm_ref.tasks.characters import ALPHABET, TEST, VALIDATION, decode, encode, source

MODELS = "small-0", "small-1", "small-2", "large"
COUNTS = 1, 5, 20
STRENGTHS = 1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0
ROTATIONS = 20


class Text(NamedTuple):
    """Whole modules, which one each place belongs to, what is true there, and the numbers that regression asks for."""

    modules: tuple[str, ...]
    text: str
    module: Integers
    labels: dict[str, Truths]
    numbers: dict[str, Array]


class Memory(NamedTuple):
    """A text and the memory of one layer after each of its characters, (N, H)."""

    text: Text
    memory: Array


def read(modules: tuple[str, ...]) -> Text:
    """Read modules and their properties."""
    texts = [decode(source((name,))) + "\n" for name in modules]
    labels = [probing.properties(text) for text in texts]
    whole = "".join(texts)
    together = {name: np.concatenate([each[name] for each in labels]) for name in probing.PROPERTIES}
    depth = np.concatenate([probing.depth(text) for text in texts])
    column = np.concatenate([np.arange(len(row) + 1) for row in whole.split("\n")])[: len(whole)]
    numbers = {"depth of brackets": depth, "column": column, "blanks at the line's beginning": blanks(whole)}
    module = np.repeat(np.arange(len(modules)), [len(text) for text in texts])
    return Text(modules, whole, module, together, {name: each.astype(float) for name, each in numbers.items()})


def blanks(text: str) -> Integers:
    """Return by how many blanks the line of each character has begun so far."""
    counts, found = [], 0
    beginning = True
    for letter in text:
        beginning = beginning and letter == " "
        found += beginning
        counts.append(found)
        if letter == "\n":
            found, beginning = 0, True
    return np.array(counts)


def strength(memory: Array, target: Array, module: Integers) -> float:
    """Choose a probe's price: the one that predicts each module best from the others."""
    # Sums of products by module: those of all but one are the whole less that one's.
    scaled = ((memory - memory.mean(axis=0)) / memory.std(axis=0)).astype(float)
    wanted, H = target - target.mean(), memory.shape[1]
    parts = [(scaled[module == k], wanted[module == k]) for k in range(module.max() + 1)]
    squares, products = (sum(part) for part in zip(*((x.T @ x, x.T @ y) for x, y in parts)))
    errors = dict.fromkeys(STRENGTHS, 0.0)
    for price in STRENGTHS:
        for x, y in parts:
            weights = np.linalg.solve(squares - x.T @ x + price * np.eye(H), products - x.T @ y)
            errors[price] += float(((x @ weights - y) ** 2).sum())
    return min(errors, key=errors.__getitem__)


def area(value: Array, label: Truths) -> float:
    return float(probing.auc(probing.ranks(value), label))


def properties(name: str, layer: int, chosen: Memory, held: Memory) -> Iterator[dict[str, Any]]:
    """Yield a row for each property: few elements, all of them, and the control."""
    rng, memory = np.random.default_rng(12), chosen.memory
    symbols = np.concatenate([encode(chosen.text.text), encode(held.text.text)])
    for label, here in chosen.text.labels.items():
        there = held.text.labels[label]
        row: dict[str, Any] = {"model": name, "layer": layer, "property": label}
        best = probes.best_elements(memory, here, max(COUNTS))
        for count in COUNTS:
            probe = probes.fit(memory, here, elements=best[:count])
            row[f"of_{count}"] = area(probe(held.memory), there)
        price = strength(memory, here.astype(float), chosen.text.module)
        value = probes.fit(memory, here, price)(held.memory)
        row |= {"of_all": area(value, there), "strength": price}
        row["from"], row["to"] = probes.interval(value, there, rng)
        lots = probes.controls(symbols, float(here.mean()), rng)
        row["control"] = by_lot(memory, held.memory, lots, price)
        yield row


def by_lot(memory: Array, other: Array, lots: Truths, price: float) -> float:
    """Return the area that probes reach for labels drawn by lot, the median."""
    # As `probes.fit` does it, for all draws at once.
    middle, spread = memory.mean(axis=0), memory.std(axis=0) + 1e-12
    here, there = ((each - middle) / spread for each in (memory, other))
    mine, theirs = lots[: len(memory)], lots[len(memory) :]
    squares = here.T @ here + price * np.eye(here.shape[1], dtype=here.dtype)
    read = there @ np.linalg.solve(squares, here.T @ (mine - mine.mean(axis=0)))
    return float(np.median([area(read[:, k], theirs[:, k]) for k in range(lots.shape[1])]))


def numbers(name: str, layer: int, chosen: Memory, held: Memory) -> Iterator[dict[str, Any]]:
    """Yield a row for each number: what share of its variance one element explains, and all."""
    memory = chosen.memory
    for target, here in chosen.text.numbers.items():
        there = held.text.numbers[target]
        best = int(np.argmax(np.abs(np.corrcoef(memory.T, here)[-1, :-1])))
        one = probes.fit(memory, here, elements=[best])(held.memory)
        whole = probes.fit(memory, here, strength(memory, here, chosen.text.module))(held.memory)
        yield {
            "model": name,
            "layer": layer,
            "number": target,
            "element": best,
            "of_1": probes.explained(one, there),
            "of_all": probes.explained(whole, there),
            "off_by": float(np.median(np.abs(whole - there))),
            "guess_off_by": float(np.median(np.abs(np.median(here) - there))),
        }


def turned(name: str, chosen: Memory, held: Memory) -> Iterator[dict[str, Any]]:
    """Yield what the best axis tells in the unit's own basis, and in bases that are turned by lot."""
    rng, H = np.random.default_rng(13), chosen.memory.shape[1]
    spread = chosen.memory.std(axis=0)
    for k in range(ROTATIONS + 1):
        basis = np.linalg.qr(rng.normal(size=(H, H)))[0] if k else np.eye(H)
        order, found = (probing.ranks(each.memory / spread @ basis) for each in (chosen, held))
        for label, here in chosen.text.labels.items():
            axis, picked = probing.pick(order, here)
            there = float(probing.auc(found[:, axis], held.text.labels[label]))
            kind = "turned" if k else "own"
            yield {"model": name, "property": label, "basis": kind, "area": there if picked > 0.5 else 1 - there}


def by_module(chosen: Memory, held: Memory) -> Iterator[dict[str, Any]]:
    """Yield what one element and all of them tell in each module by itself."""
    for label, here in chosen.text.labels.items():
        price = strength(chosen.memory, here.astype(float), chosen.text.module)
        best = probes.best_elements(chosen.memory, here, 1)
        one, whole = (probes.fit(chosen.memory, here, price, elements) for elements in (best, None))
        for k, module in enumerate(held.text.modules):
            inside = held.text.module == k
            there, values = held.text.labels[label][inside], held.memory[inside]
            if 0 < there.sum() < len(there):
                found = {
                    "places": int(there.sum()),
                    "of_1": area(one(values), there),
                    "of_all": area(whole(values), there),
                }
                yield {"property": label, "module": module} | found


def untrained(model: CharacterModel) -> CharacterModel:
    """Return a model whose weights were drawn and never trained."""
    rng = np.random.default_rng(10)
    return model._replace(layers=(UnitWeights.random(len(ALPHABET), model.weights.hidden_size, rng=rng),))


def main() -> None:
    texts = [read(tuple(modules)) for modules in (VALIDATION, TEST)]
    told, counted, axes = [], [], []
    models = {name: load_characters(name) for name in MODELS}
    models["untrained"] = untrained(models["small-0"])
    for name, model in models.items():
        for layer, pair in enumerate(zip(*(probes.memories(model, text.text) for text in texts))):
            chosen, held = (Memory(text, memory) for text, memory in zip(texts, pair))
            told += properties(name, layer, chosen, held)
            counted += numbers(name, layer, chosen, held)
            if name in ("small-0", "untrained"):
                axes += turned(name, chosen, held)
            if name == "small-0":
                write("modules", by_module(chosen, held))
            print(name, layer, flush=True)
    write("turned", axes)
    write("told", told)
    write("counted", counted)


if __name__ == "__main__":
    main()
