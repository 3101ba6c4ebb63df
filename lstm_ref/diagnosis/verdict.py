"""What `lstm_ref.check_lstm` answers."""

import textwrap
from dataclasses import dataclass

from lstm_ref.diagnosis.mistakes import Mistake

__all__ = ["Mistake", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What `lstm_ref.check_lstm` found; ``print(verdict)`` says it in words.

    Attributes
    ----------
    first : str
        The first signal or gradient that differs, or "".
    step : int or None
        At which step; None for a gradient and for the last states.
    expected, got : float
        There, the number that differs most.
    guesses : tuple of Mistake
        The known mistakes that give exactly these numbers, the likeliest first; each has `words` and a public `thread`.
    faults : tuple of str
        What else is wrong: arguments that are changed, a state that is kept from call to call.
    agreed, unseen : tuple of str
        What is right, and what could not be looked at.
    """

    first: str = ""
    step: int | None = None
    expected: float = 0.0
    got: float = 0.0
    guesses: tuple[Mistake, ...] = ()
    faults: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether all that was looked at is as it should be."""
        return not self.first and not self.faults

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        lines = [f"Wrong: {fault}." for fault in self.faults]
        if self.right:
            lines = ["Everything that was checked agrees with an LSTM."]
        if self.first:
            at = "" if self.step is None else f" at step {self.step}"
            lines.append(f"The first to differ is {self.first}{at}: expected {self.expected:.4g}, got {self.got:.4g}.")
            lines += [f"{'Or' if k else 'Likely mistake'}: {_sentence(guess)}" for k, guess in enumerate(self.guesses)]
            if not self.guesses:
                lines.append("No known mistake gives these numbers, and no two of them do.")
        for words, names in (("Right", self.agreed), ("Not looked at", self.unseen)):
            if names:
                lines.append(f"{words}: {', '.join(names)}.")
        return "\n".join(map(_folded, lines))


def _folded(line: str) -> str:
    return textwrap.fill(line, 80, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _sentence(mistake: Mistake) -> str:
    repository, _, number = mistake.thread.partition("#")
    return f"{mistake.words}.{f' See https://github.com/{repository}/issues/{number}' if number else ''}"
