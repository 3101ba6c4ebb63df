"""Measure what the character models have to beat, and the models: ``python -m experiments.marks``, in some minutes.

Each mark is in bits per character, on the text for validation and on that for test.
"""

from typing import Any

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref.companion import marks, probing
from lstm_ref.data import load_characters, tables
from lstm_ref.tasks.characters import TEST, TRAINING, VALIDATION, bits_per_character, decode, source
from lstm_ref.tasks.task import log_softmax

MOST = 5
MODELS = "small-0", "small-1", "small-2"


def rows() -> list[dict[str, Any]]:
    """Return a row for each mark; of a table "context" says how many characters it remembers."""
    heard = source(tuple(TRAINING))
    by_text = []
    for modules in (VALIDATION, TEST):
        text = source(tuple(modules))
        found = {"uniform": float(np.log2(marks.SYMBOLS))}
        tables_bits = marks.table_costs(heard, text, MOST).mean(axis=1)
        found |= {_remembered(n): float(bits) for n, bits in enumerate(tables_bits)}
        found |= marks.packed_bits(heard, text)
        found |= {name: bits_per_character(load_characters(name).answer, text) for name in MODELS}
        by_text.append(found)
    validation, test = by_text
    contexts = {_remembered(n): n for n in range(MOST + 1)}
    return [
        {
            "mark": name,
            "context": contexts.get(name, ""),
            "validation": f"{validation[name]:.4f}",
            "test": f"{test[name]:.4f}",
        }
        for name in test
    ]


def _remembered(n: int) -> str:
    return f"{n} character{'s' * (n != 1)}"


KINDS = {
    "all characters": lambda text, at, true: np.ones(len(at), bool),
    "a bracket that closes": lambda text, at, true: np.array([text[k] in ")]}" for k in at]),
    "how a line begins": lambda text, at, true: np.array([text[:k].rpartition("\n")[2].isspace() for k in at]),
    "a string's or a comment's inside": lambda text, at, true: (true["string"] | true["comment"])[at],
    "a name, from its fourth letter on": lambda text, at, true: [all(true["name"][k - 3 : k + 1]) for k in at],
}
"""Kinds of characters in the test text, for which it is counted what each costs."""


def kinds() -> list[dict[str, Any]]:
    """Return what characters of each kind cost tables of three and of five, and a small model, in bits."""
    symbols = source(tuple(TEST))
    text = decode(symbols)
    true = probing.properties(text)
    at = np.arange(MOST, len(text))
    costs = marks.table_costs(source(tuple(TRAINING)), symbols, MOST)
    logits, _ = load_characters("small-2").answer(symbols[:-1, None])
    model = -log_softmax(logits[:, 0])[np.arange(len(symbols) - 1), symbols[1:]][MOST - 1 :] / np.log(2)
    rows = []
    for kind, of in KINDS.items():
        places = np.asarray(of(text, at, true))
        found = {"share": places.mean(), "of_3": costs[3][places].mean(), "of_5": costs[5][places].mean()}
        found |= {"of_model": model[places].mean()}
        rows.append({"kind": kind} | {name: f"{value:.4f}" for name, value in found.items()})
    return rows


def main() -> None:
    tables.write(FOLDER / "kinds.csv", kinds(), ["kind", "share", "of_3", "of_5", "of_model"])
    tables.write(FOLDER / "marks.csv", rows(), ["mark", "context", "validation", "test"])


if __name__ == "__main__":
    main()
