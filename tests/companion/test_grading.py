"""How an answer is compared with what is expected, and what is said of it."""

import numpy as np
import pytest

from lstm_ref.companion.exercises import grading
from lstm_ref.companion.exercises.grading import MOST_LETTERS, MOST_SHOWN, TOLERANCE, difference, same, show


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (np.True_, "True"),
        (1 / 3, "0.3333"),
        (np.float32(2 / 3), "0.6667"),
        (7, "7"),
        ((1 / 3, "a"), "(0.3333, 'a')"),
        ([np.False_, None], "[False, None]"),
        (np.array([[1 / 3], [1.0]]), "[[0.3333], [1]]"),
        (np.ones(MOST_SHOWN), f"[{', '.join('1' * MOST_SHOWN)}]"),
        (np.ones(MOST_SHOWN + 1), f"<array of shape ({MOST_SHOWN + 1},)>"),
        ("a" * (MOST_LETTERS - 2), repr("a" * (MOST_LETTERS - 2))),
        ("a" * MOST_LETTERS, "'" + "a" * (MOST_LETTERS - 4) + "..."),
    ],
)
def test_a_value_is_shown_in_few_digits_and_letters(thing, text):
    assert show(thing) == text and len(show(thing)) <= MOST_LETTERS


def test_of_two_large_arrays_the_first_number_that_differs_is_shown():
    expected = np.linspace(-1, 1, 20).reshape(4, 5)
    got = expected.copy()
    got[1, 3], got[2, 0] = 7, 8
    assert difference(got, expected) == f"gave 7 at [1, 3]\nexpected {expected[1, 3]:.4g} there"
    got[1, 3] = np.nan
    assert difference(got, expected).startswith("gave nan at [1, 3]\n")
    assert difference(got[0], expected) == f"gave {show(got[0])}\nexpected <array of shape (4, 5)>"
    assert difference(1.0, np.zeros(2)) == "gave 1\nexpected [0, 0]"


def test_numbers_agree_to_the_tolerance_of_the_largest_one_and_no_further():
    expected = np.array([1.0, -4.0])
    assert same(expected + 4 * TOLERANCE * 0.99, expected) and not same(expected - 4 * TOLERANCE * 1.01, expected)
    assert same([0, 0], np.zeros(2)) and not same([0, 1e-300], np.zeros(2))
    assert not same([1.0, np.nan], expected) and not same(expected[:1], expected) and same([], np.zeros(0))


def test_answers_of_several_parts_agree_part_by_part():
    assert same((1, [2.0, 3.0]), [1, (2.0, 3.0)])
    assert not same((1, 2), (1, 2, 3)) and not same((1, 3), (1, 2)) and not same(1, (1,))
    assert not same(1 + 0j, 1.0) and not same("one", 1.0) and not same(None, 1.0)


def test_a_verdict_is_printed_in_lines_that_fit_a_page_whatever_happens(capsys):
    words = "not yet: " + "word " * 30
    grading.exercise(lambda answer: words)(1)
    printed = capsys.readouterr().out
    assert " ".join(printed.split()) == words.strip() and max(map(len, printed.splitlines())) <= grading.WIDTH
    assert printed.splitlines()[1].startswith("    word")
    grading.exercise(lambda answer: 1 / 0)()
    assert capsys.readouterr().out.startswith(
        "not yet: the answer could not be compared: ZeroDivisionError: division by"
    )
