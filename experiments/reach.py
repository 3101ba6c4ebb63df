"""Find out how far back a character model's memory reaches: ``python -m experiments.reach``, in some minutes a model.

Each character of the test text is predicted from the last 1, 2, ... characters alone, by a model that begins empty so
many characters before it; and once from everything before it. Chapter 8 reads the tables, in ``lstm_ref/data/results``.
"""

import re
from typing import Any

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref import UnitWeights
from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.companion import marks, probing
from lstm_ref.data import CharacterModel, load_characters, tables
from lstm_ref.tasks.characters import TEST, TRAINING, decode, source
from lstm_ref.tasks.task import log_softmax
from lstm_ref.unit import step

MODELS = "small-2", "large"
TABLES = 5
HEARD = 1, 2, 3, 4, 5, 10, 20, 40, 80, 128
"""From how many last characters a model predicts."""
SIDE_BY_SIDE = 2048
LETTERS = 3
"""A name is asked for from the letter after these on, when it may be known by its beginning."""


def single(model: CharacterModel) -> CharacterModel:
    """Return the model in single precision, which is twice as fast."""
    layers = [
        UnitWeights.from_dict({name: array.astype(np.float32) for name, array in layer.to_dict().items()})
        for layer in model.layers
    ]
    return CharacterModel(tuple(layers), model.read_out.astype(np.float32), model.bias.astype(np.float32))


def costs(model: CharacterModel, symbols: Integers) -> Array:
    """Return the bits that each character costs after the last so many, (len(HEARD), N); NaN where there are fewer.

    A model that begins empty at one place has, after k characters, heard the last k of the place that comes then. So
    one reading from each place gives every k.
    """
    one_hot, found = np.eye(marks.SYMBOLS, dtype=np.float32), np.full((len(HEARD), len(symbols)), np.nan)
    for first in range(0, len(symbols) - 1, SIDE_BY_SIDE):
        begins = np.arange(first, min(first + SIDE_BY_SIDE, len(symbols) - 1))
        empty = [np.zeros((len(begins), layer.hidden_size), np.float32) for layer in model.layers]
        state = [(each, each) for each in empty]
        for k in range(1, max(HEARD) + 1):
            # At the end of the text the last symbol is heard again and again, and what is said then is not looked at.
            signal: Array = one_hot[symbols[np.minimum(begins + k - 1, len(symbols) - 1)]]
            for n, layer in enumerate(model.layers):
                now = step(signal, *state[n], layer)
                state[n], signal = (now.h_t, now.c_t), now.h_t
            if k in HEARD:
                inside = begins + k < len(symbols)
                found[HEARD.index(k), begins[inside] + k] = _bits(model, signal[inside], symbols[begins[inside] + k])
    return found


def from_everything(model: CharacterModel, symbols: Integers) -> Array:
    """Return the bits that each character costs after all before it, (N,); the first is NaN."""
    logits, _ = model.answer(symbols[:-1, None])
    said = log_softmax(logits[:, 0])[np.arange(len(symbols) - 1), symbols[1:]]
    return np.concatenate([[np.nan], -said / np.log(2)])


def _bits(model: CharacterModel, h: Array, symbols: Integers) -> Array:
    said = log_softmax(h @ model.read_out.T + model.bias)
    return np.asarray(-said[np.arange(len(symbols)), symbols] / np.log(2))


def kinds(text: str, training: str) -> dict[str, Truths]:
    """Return kinds of characters, by name: where in the text they stand, (N,)."""
    true, known = probing.properties(text), set(re.findall(r"\w+", training))
    found = {
        "all characters": np.ones(len(text), bool),
        "a bracket that closes": np.array([letter in ")]}" for letter in text]),
        "a string's or a comment's inside": true["string"] | true["comment"],
    }
    for word in ("how a line begins", "a new name, the first time", "a new name, once more"):
        found[word] = np.zeros(len(text), bool)
    for match in re.finditer("(?m)^ +", text):
        found["how a line begins"][match.start() + 1 : match.end() + 1] = True
    seen: set[str] = set()
    for match in re.finditer(r"\w+", text):
        name = match[0]
        if name not in known and true["name"][match.start()]:
            word = "a new name, once more" if name in seen else "a new name, the first time"
            found[word][match.start() + LETTERS : match.end()] = True
        seen.add(name)
    return found


def main() -> None:
    training, symbols = source(tuple(TRAINING)), source(tuple(TEST))
    by_table = np.full((TABLES + 1, len(symbols)), np.nan)
    by_table[:, TABLES:] = marks.table_costs(training, symbols, TABLES)
    remembered: dict[str, dict[Any, Array]] = {"tables": dict(enumerate(by_table))}
    for name in MODELS:
        model = load_characters(name)
        heard = dict(zip(HEARD, costs(single(model), symbols)))
        remembered[name] = heard | {"all": from_everything(model, symbols)}
        print(name, flush=True)
    late = np.arange(len(symbols)) >= max(HEARD)
    places = {kind: where & late for kind, where in kinds(decode(symbols), decode(training)).items()}
    rows = [
        {"mark": name, "kind": kind, "heard": k, "places": int(where.sum()), "bits": f"{bits[where].mean():.4f}"}
        for name, each in remembered.items()
        for kind, where in places.items()
        for k, bits in each.items()
    ]
    tables.write(FOLDER / "reach.csv", rows, list(rows[0]))


if __name__ == "__main__":
    main()
