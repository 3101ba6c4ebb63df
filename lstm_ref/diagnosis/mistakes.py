"""What a known mistake is, and how two of them are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from lstm_ref.diagnosis.variants import Backward, Forward


class Mistake(NamedTuple):
    """A mistake: in words, which parts of a right unit it exchanges for which, and a public thread about such a one.

    The thread is "owner/repository#number" on GitHub, or "" where we know of none.

    `common` ones are also tried two at a time.
    """

    words: str
    parts: Mapping[str, Any]
    thread: str = ""
    common: bool = True


def forward(mistake: Mistake) -> Forward:
    """Return a forward pass with this mistake."""
    return Forward(**_whole(Forward(), mistake))


def backward(mistake: Mistake) -> Backward:
    """Return a way back with this mistake."""
    return Backward(**_whole(Backward(), mistake))


def _whole(right: Forward | Backward, mistake: Mistake) -> dict[str, Any]:
    """Return the parts of a mistake; those that name networks have the right ones of the other networks too."""
    return {
        name: {**getattr(right, name), **part} if isinstance(part, Mapping) else part
        for name, part in mistake.parts.items()
    }


def pairs(mistakes: Sequence[Mistake]) -> Iterator[Mistake]:
    """Yield every two common mistakes that one unit can have, as one."""
    for one, other in combinations([each for each in mistakes if each.common], 2):
        both = _joined(one.parts, other.parts)
        if both is not None:
            yield Mistake(f"{one.words}; and {other.words}", both, one.thread or other.thread)


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the parts of both, or None where both exchange the same."""
    both = {**one, **other}
    for name in set(one) & set(other):
        first, then = one[name], other[name]
        if isinstance(first, Mapping) and not set(first) & set(then):
            both[name] = {**first, **then}
        elif name == "weights":
            both[name] = lambda drawn, first=first, then=then: then(first(drawn))
        else:
            return None
    return both
