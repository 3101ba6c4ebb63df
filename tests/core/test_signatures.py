"""What a signature says of an argument is what is asked of it, in words that name it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import ArrayLike

from lstm_ref.checks import Array, Integers, Truths
from lstm_ref.signatures import check_fields, checked


def given(kind):
    """Return a function of one argument of this kind."""

    def function(argument):
        return argument

    function.__annotations__ = {"argument": kind}
    return checked(function)


@pytest.mark.parametrize(
    ("kind", "fine", "bad", "words"),
    [
        (float, [1, 0.5, np.float32(2), np.int64(3)], [True, "1", None, 1j, [1.0]], "a number"),
        (int, [1, np.int8(2), 2**64 - 1], [1.0, True, "1", 2**64, -(2**64)], "a whole number"),
        (bool, [True, np.bool_(False)], [1, "yes", None], "True or False"),
        (str, ["", "a"], [b"a", 1, None], "a text"),
        (str | None, ["a", None], [1], "a text or None"),
        (
            Array,
            [np.ones(2), np.float64(1)],
            [[1.0], np.ones(2, int), np.ones((1, 1)).view(np.matrix), np.ma.ones(2)],
            "an array of floating",
        ),
        (Integers, [np.ones(2, int)], [np.ones(2), 1], "an array of integer"),
        (Truths, [np.ones(2, bool)], [np.ones(2, int)], "an array of bool"),
        (
            Sequence[float],
            [[1, 2.0], (), np.ones(3)],
            ["12", 1, [None], np.ones(()), np.array(["a"])],
            "a sequence of a number",
        ),
        (Iterable[str], [["a"], iter("ab"), np.array(["a"])], ["ab", b"ab", [1]], "an iterable of a text"),
        (Mapping[str, float], [{"a": 1}, {}], [{1: 1}, {"a": "b"}, [("a", 1)]], "a mapping of a text, a number"),
        (tuple[int, str], [(1, "a"), [1, "a"]], [(1,), ("a", 1), 1], "a tuple of a whole number, a text"),
        (tuple[int, ...], [(), (1, 2)], [[1], (1.0,)], "a tuple of a whole number"),
        (Callable[..., int], [print, int], [1, "print"], "a function"),
        (np.random.Generator, [np.random.default_rng(0)], [0, np.random], "a Generator"),
        (Any, [1, None, "a"], [], ""),
        (ArrayLike, [1, [1, 2], np.ones(2)], [], ""),
        ("NotKnownHere", [1], [], ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_argument_is_taken_or_refused_by_what_its_signature_says(kind, fine, bad, words):
    function = given(kind)
    assert all(function(each) is each for each in fine)
    for each in bad:
        with pytest.raises(TypeError, match=f"^argument: expected {words}.*, got "):
            function(each)


def test_an_alias_of_a_type_is_what_it_stands_for():
    aliases = pytest.importorskip("typing_extensions")
    T = TypeVar("T", bound=np.generic)
    Floats = aliases.TypeAliasType("Floats", np.ndarray[Any, np.dtype[T]], type_params=(T,))
    Number = aliases.TypeAliasType("Number", float)
    assert given(Number)(0.5) == 0.5 and given(Floats[np.floating])(np.ones(2)).shape == (2,)
    with pytest.raises(TypeError, match=r"^argument: expected a number, got 'a'$"):
        given(Number)("a")
    with pytest.raises(TypeError, match=r"^argument: expected an array of floating"):
        given(Floats[np.floating])(np.ones(2, int))


def test_a_long_text_is_cut_in_the_error_and_a_large_thing_is_named_by_its_type():
    with pytest.raises(TypeError, match=r"^argument: expected a number, got '7{56}\.\.\.$"):
        given(float)("7" * 100)
    with pytest.raises(TypeError, match=r"^argument: expected a number, got float64 of shape \(100,\)$"):
        given(float)(np.ones(100))


@dataclass
class Record:
    """Two fields."""

    number: float
    name: str = "a"


def test_the_fields_of_a_record_are_checked_all_or_some():
    check_fields(Record(1.0))
    check_fields(Record(1.0, 2), "number")
    with pytest.raises(TypeError, match=r"^name: expected a text, got 2$"):
        check_fields(Record(1.0, 2))


def test_a_checked_function_keeps_its_name_its_words_and_its_signature():
    assert checked(given).__name__ == "given" and checked(given).__doc__ == given.__doc__
    with pytest.raises(TypeError, match="missing a required argument: 'argument'"):
        given(int)()
