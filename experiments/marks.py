"""Measure what the character models have to beat, and the models: ``python -m experiments.marks``, in some minutes.

Each mark is in bits per character, on the text for validation and on that for test.
"""

from typing import Any

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref.companion import marks
from lstm_ref.data import load_characters, tables
from lstm_ref.tasks.characters import TEST, TRAINING, VALIDATION, bits_per_character, source

MOST = 5
MODELS = "small-0", "small-1", "small-2", "large"


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


def main() -> None:
    tables.write(FOLDER / "marks.csv", rows(), ["mark", "context", "validation", "test"])


if __name__ == "__main__":
    main()
