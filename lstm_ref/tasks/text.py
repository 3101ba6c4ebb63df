"""A text of your own: predict the next character, whatever the language."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Integers
from lstm_ref.signatures import checked
from lstm_ref.tasks import own_file
from lstm_ref.tasks.characters import STREAMS, Streams, bits_per_character, encode
from lstm_ref.tasks.task import Answer

MOST_SYMBOLS = 255
"""How many different characters an alphabet may have; the rarer ones become one symbol."""

TRAINING = 0.9
"""Which share of the text is trained on; one half of the rest validates, the other tests."""

REST = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Text(Streams):
    """The next character of a text file of yours. Of its last tenth one half validates, the other tests.

    Parameters
    ----------
    file : str
        The name of a text file in UTF-8.
    T : int
        How many characters of each stream make a batch.
    batch_size : int
        How many streams run side by side through the text.
    alphabet : str
        The symbols; the last of them stands for what is no other. Unless given, the characters of the training text.
    checksum : str
        That of the file when a run began; a file that has changed since brings a warning.
    """

    file: str = ""
    T: int = 100
    batch_size: int = 32
    alphabet: str = ""
    checksum: str = ""

    compared_in: ClassVar[str] = "bits a character"
    kept: ClassVar[str] = "the last twentieth of the text, kept for the test"

    def __post_init__(self) -> None:
        for name in ("file", "alphabet", "checksum"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name}: expected a text, got {type(getattr(self, name)).__name__}")
        text = read(self.file)
        object.__setattr__(self, "checksum", own_file.checksum(self.file, self.checksum))
        object.__setattr__(self, "alphabet", self.alphabet or alphabet(text[: int(TRAINING * len(text))]))
        self._expect_streams()

    @property
    def options(self) -> dict[str, Any]:
        """What makes this task again, the alphabet included."""
        others = {name: getattr(self, name) for name in ("T", "batch_size", "alphabet", "checksum")}
        return {"file": str(Path(self.file).absolute()), **others}

    @property
    def symbols(self) -> str:
        """The alphabet."""
        return self.alphabet

    @property
    def texts(self) -> tuple[Integers, Integers, Integers]:
        """The texts for training, validation and test, as symbols."""
        symbols = _symbols(read(self.file), self.alphabet)
        begin, middle = int(TRAINING * len(symbols)), int((1 + TRAINING) / 2 * len(symbols))
        return symbols[:begin], symbols[begin:middle], symbols[middle:]

    @checked
    def compare(self, answer: Answer) -> dict[str, float]:
        """Return bits a character of the test text: the model's, and those of two tables made of the training text.

        One has how often each character occurs, the other how often each follows each; every count begins at 1.
        """
        training, _, test = self.texts
        size = self.input_size
        single, double = np.ones(size), np.ones((size, size))
        np.add.at(single, training, 1)
        np.add.at(double, (training[:-1], training[1:]), 1)
        before, after = test[:-1], test[1:]
        return {
            "the model": bits_per_character(answer, test, max(1, min(STREAMS, len(test) // 1000)), size),
            "what follows each character": -float(np.log2(double / double.sum(1, keepdims=True))[before, after].mean()),
            "how often each occurs": -float(np.log2(single / single.sum())[after].mean()),
        }


def alphabet(text: str) -> str:
    """Return the characters of a text in their order, the most frequent ones of many, and one for the rest."""
    counts = Counter(text)
    del counts[REST]
    return "".join(sorted(letter for letter, _ in counts.most_common(MOST_SYMBOLS))) + REST


def read(file: str) -> str:
    """Return a text; FileNotFoundError or ValueError, which say what to do, if a file is none."""
    return _read(file, own_file.changed(file, "a text file", "notes.txt"))


@functools.cache
def _read(file: str, changed: int) -> str:
    """Return the same, read once unless the file has changed."""
    text = own_file.text(file, "a text").replace("\r\n", "\n")
    if len(text) < 100:
        raise ValueError(f"file: expected a text of some thousand characters, got {len(text)} in {file!r}")
    return text


@functools.cache
def _symbols(text: str, alphabet: str) -> Integers:
    symbols = encode(text, alphabet)
    symbols.flags.writeable = False
    return symbols
