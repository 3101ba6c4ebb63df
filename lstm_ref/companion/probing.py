"""What a memory knows: properties of program text, a test with its chance level, and a memory set by hand.

A model here is what `lstm_ref.data.load_characters` returns, if it has one layer: the weights of a unit that reads the
symbols of `lstm_ref.tasks.characters`, and its linear read-out. All is computed in NumPy, in the weights' own dtype.

Sources: Karpathy, Johnson and Fei-Fei (2015), who found such memories by looking; the area under the curve is the
statistic of Mann and Whitney (1947).
"""

from __future__ import annotations

import io
import tokenize

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.data import CharacterModel
from lstm_ref.sequence import Trace, unroll
from lstm_ref.signatures import checked
from lstm_ref.tasks.characters import ALPHABET, decode, encode
from lstm_ref.tasks.task import softmax
from lstm_ref.unit import Step, step

PROPERTIES = {
    "string": "inside a string",
    "comment": "inside a comment",
    "brackets": "inside brackets",
    "nested": "inside two pairs of brackets or more",
    "indented": "in a line that begins with 4 blanks or more",
    "deep": "in a line that begins with 8 blanks or more",
    "name": "inside a name or a keyword",
    "late": "past column 40 of its line",
}
"""What can be true of a place in program text, by name."""
_OPENING, _CLOSING = ("FSTRING_START", "TSTRING_START"), ("FSTRING_END", "TSTRING_END")


@checked
def properties(text: str) -> dict[str, Truths]:
    """Say what is true after each character of a program: what `tokenize` knows of it, and nothing of what follows.

    Parameters
    ----------
    text : str
        A whole module, or whole statements.

    Returns
    -------
    dict from str to array (N,) of bool
        By the names of PROPERTIES. After its opening quote a string is open, and after its closing quote no longer.

    Raises
    ------
    ValueError
        If Python's tokenizer does not read the text to its end.
    """
    found, deeper = _tokens(text)
    found["brackets"], found["nested"] = deeper >= 1, deeper >= 2
    for row, begin in zip(text.split("\n"), _begins(text)):
        blanks = len(row) - len(row.lstrip(" "))
        line = {name: found[name][begin : begin + len(row) + 1] for name in ("indented", "deep", "late")}
        line["indented"][3:], line["deep"][7:], line["late"][40:] = blanks >= 4, blanks >= 8, True
    return {name: found[name] for name in PROPERTIES}


@checked
def depth(text: str) -> Integers:
    """Return how many brackets are open after each character of a program, (N,); the rest as for `properties`."""
    return _tokens(text)[1]


def _begins(text: str) -> list[int]:
    """Return where each line begins, and where one more would."""
    return np.cumsum([0, *(len(row) + 1 for row in text.split("\n"))]).tolist()


def _tokens(text: str) -> tuple[dict[str, Truths], Integers]:
    """Return where strings, comments and names are, and how many brackets are open."""
    begins = _begins(text)
    found = {name: np.zeros(len(text), bool) for name in PROPERTIES}
    deeper = np.zeros(len(text) + 1, int)
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            start, end = (begins[row - 1] + column for row, column in (token.start, token.end))
            kind = tokenize.tok_name[token.type]
            if kind == "STRING" and not opened:
                found["string"][_first_quote(text, start) : end - 1] = True
            elif kind in _OPENING:
                opened.append(_first_quote(text, start))
            elif kind in _CLOSING:
                found["string"][opened.pop() : end - 1] = True
            elif kind == "COMMENT":
                found["comment"][start:end] = True
            elif kind == "NAME" and not opened:
                found["name"][start:end] = True
            elif kind == "OP" and not opened and token.string in "()[]{}":
                deeper[start] += 1 if token.string in "([{" else -1
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"text: expected whole statements of Python, got {error}") from error
    return found, np.cumsum(deeper[:-1])


@checked
def read(model: CharacterModel, text: str, h0: Array | None = None, c0: Array | None = None) -> Trace:
    """Let a model read a text, and return the `lstm_ref.Trace` of all that happens: one step for each character."""
    if not text:
        raise ValueError("text: expected a character or more, got ''")
    one_hot = np.eye(len(ALPHABET), dtype=model.weights.dtype)
    return unroll(model.weights, one_hot[encode(text)], h0, c0)


@checked
def predict(model: CharacterModel, h: Array) -> Array:
    """Return the probability of each symbol to come next, (..., 97), after the outputs h (..., H)."""
    if not h.size or not h.ndim or h.shape[-1] != model.read_out.shape[1]:
        raise ValueError(f"h: expected shape (..., H) = (..., {model.read_out.shape[1]}), got {h.shape}")
    checks.finite("h", h)
    return softmax(h @ model.read_out.T + model.bias)


@checked
def write(model: CharacterModel, h: Array, c: Array, count: int) -> str:
    """Go on from one output and one memory, (H,): write the likeliest character, read it, `count` times over."""
    checks.whole_number("count", count, 0, 10**6)
    one_hot = np.eye(len(ALPHABET), dtype=model.weights.dtype)
    written: list[int] = []
    for _ in range(count):
        written.append(int(np.argmax(predict(model, h))))
        now = step(one_hot[written[-1]], h, c, model.weights)
        h, c = now.h_t, now.c_t
    return decode(written)


@checked
def set_memory(now: Step | Trace, units: int | Integers, values: ArrayLike) -> tuple[Array, Array]:
    """Return h_t and C_t, (..., H), with some elements of the memory set by hand; the valves stay as they are.

    Parameters
    ----------
    now : lstm_ref.Step
        The step after which the memory is set, or a `lstm_ref.Trace`: then it is set after each step, every time anew.
    units : int or array (K,) of int
        Which elements.
    values : float or array (K,)
        What they are set to.
    """
    c = np.array(now.c_t)
    checks.integers("units", units, 0, c.shape[-1] - 1)
    given = checks.numbers("values", values)
    checks.finite("values", given)
    room = c[..., units].shape
    if given.shape != room[len(room) - given.ndim :]:
        raise ValueError(f"values: expected a number or shape {room}, or the end of it, got {given.shape}")
    c[..., units] = given
    return now.o_t * np.tanh(c), c


@checked
def ranks(values: ArrayLike) -> Array:
    """Return the place of each number in the order of its column, (N,) or (N, H), from 0.5; equals share the middle."""
    return checks.package("scipy.stats", "book").rankdata(_columns("values", values), axis=0) - 0.5


@checked
def auc(order: ArrayLike, label: ArrayLike) -> Array:
    """Return how well one threshold tells where a label is true: the area under the curve of each column, (H,).

    It is the probability that, of two places of which the label is true at one, that one has the larger value: 0.5 is
    chance, 1 and 0 are perfect.

    Parameters
    ----------
    order : array (N,) or (N, H)
        The `ranks` of the values.
    label : array (N,) of bool

    Raises
    ------
    ValueError
        If the shapes do not fit, these are no ranks, or the label is the same everywhere.
    """
    return _area(*_checked(order, label))


@checked
def pick(order: ArrayLike, label: ArrayLike) -> tuple[int, float]:
    """Return the column that tells a label best, and its area, which is below 0.5 if it is low where the label is true.

    Arguments and errors as for `auc`.
    """
    areas = auc(order, label)
    element = int(np.argmax(np.abs(areas - 0.5)))
    return element, float(areas[element])


@checked
def chance_level(order: ArrayLike, label: ArrayLike, rng: np.random.Generator, rounds: int = 200) -> Array:
    """Return what the best of all columns reaches by chance, (rounds,): areas, those below 0.5 turned round.

    The label is shifted along the text, round its end, by at least a tenth of the length: it keeps its rhythm, and has
    nothing to do with the values any more. Each time the best column is picked anew.

    Parameters
    ----------
    order, label
        As for `auc`, whose errors it has.
    rng : numpy.random.Generator
    rounds : int
    """
    checks.whole_number("rounds", rounds, 1, 100_000)
    order, label = _checked(order, label)
    least = len(label) // 10
    shifts = rng.integers(least, len(label) - least, rounds)
    return 0.5 + np.array([np.abs(_area(order, np.roll(label, shift)) - 0.5).max() for shift in shifts])


def _columns(name: str, values: ArrayLike) -> Array:
    """Check numbers (N,) or (N, H)."""
    array = checks.numbers(name, values)
    if array.ndim not in (1, 2) or not array.size:
        raise ValueError(f"{name}: expected shape (N,) or (N, H), got {array.shape}")
    return array


def _checked(order: ArrayLike, label: ArrayLike) -> tuple[Array, Truths]:
    order, label = _columns("order", order), checks.plain("label", label, "bool")
    length = len(order)
    if not np.allclose(order.sum(axis=0), length * length / 2):
        raise ValueError("order: expected ranks, as ranks(values) gives them, got other numbers")
    if label.shape != (length,) or label.dtype != bool:
        raise ValueError(f"label: expected {length} of bool, got shape {label.shape} of {label.dtype}")
    if label.all() or not label.any():
        raise ValueError(f"label: expected both True and False, got {label[0]} everywhere")
    return order, label


def _first_quote(text: str, start: int) -> int:
    """Return where the first quote from `start` on stands: after a string's letters, as in rb''."""
    return next(place for place in range(start, len(text)) if text[place] in "\"'")


def _area(order: Array, label: Truths) -> Array:
    """Return the area under the curve from ranks: their sum where the label is true, from its least to its most."""
    true, false = label.sum(), (~label).sum()
    return (label.astype(float) @ order - true * true / 2) / (true * false)
