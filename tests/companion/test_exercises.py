"""The checks of the exercises: they tell right from wrong, and never raise."""

import inspect

import numpy as np
import pytest

from lstm_ref.companion import exercises, ledger
from lstm_ref.companion.exercises import grading

CHECKS = {name: getattr(exercises, name) for name in exercises.__all__ if name != "planted"}


def raises(*_):
    raise RuntimeError("out of ink")


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no name")


ANSWERS = {
    "None": None,
    "...": ...,
    "a number": 3.0,
    "a text": "text",
    "two numbers": np.zeros(2),
    "a list": [],
    "a tuple": (1, 2, 3),
    "what has no name": Unspeakable(),
    "a type": dict,
    "takes nothing": lambda: None,
    "gives None": lambda *_: None,
    "gives nan": lambda *_: np.nan,
    "raises": raises,
    "gives what has no name": lambda *_: Unspeakable(),
    "gives arrays": lambda *_: (np.zeros(4), np.zeros(3)),
    "gives a list": lambda *_: [np.zeros((3, 2)), np.zeros(3)],
    "gives texts": lambda *_: np.full((12, 2), "a"),
    "gives complex numbers": lambda *_: np.ones((12, 2)) * 1j,
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_wrong_empty_or_strange_answer_is_told_so_and_raises_nothing(name, answer, capsys):
    CHECKS[name](answer)
    said = capsys.readouterr().out
    assert said.startswith("not yet: ")
    assert max(map(len, said.splitlines())) <= grading.WIDTH


def test_valves_set_by_hand_are_looked_at_in_every_month_of_the_ledger(capsys):
    W_f = np.zeros((2, ledger.INPUT_SIZE))
    W_f[:, 7] = -2 * ledger.DRIVE
    exercises.year_ends_in_june(W_f)
    assert capsys.readouterr().out == "right\n"
    W_f[:, 0] = 1e7
    exercises.year_ends_in_june(W_f)
    assert capsys.readouterr().out.startswith("not yet: in July")


def test_any_way_of_drawing_from_the_generator_counts(capsys):
    exercises.draw_networks(lambda rng, hidden, inputs: [rng.uniform(size=(hidden, inputs)) for _ in range(4)])
    exercises.draw_networks(lambda rng, hidden, inputs: [np.ones((hidden, inputs)) * k for k in range(4)])
    right, constant = capsys.readouterr().out.splitlines()
    assert right == "right"
    assert "do not come from rng" in constant


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_called_without_an_answer_says_not_yet(name, capsys):
    CHECKS[name]()
    assert capsys.readouterr().out.startswith("not yet: ")


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_says_what_it_takes(name):
    assert len(inspect.getdoc(CHECKS[name])) > 40


def test_a_wrong_answer_is_told_what_it_gave_for_which_input_and_what_was_expected(capsys):
    exercises.half_life(lambda f: 3.0)
    assert capsys.readouterr().out == "not yet: half_life(f=0.5)\ngave 3\nexpected 1\n"


def test_a_right_answer_is_told_right(capsys):
    exercises.half_life(lambda f: np.log(0.5) / np.log(f))
    assert capsys.readouterr().out == "right\n"


SUMMER = (2 * ledger.DRIVE * np.isin(np.arange(13), (1, 2, 12)) * [[0], [1]], ledger.DRIVE * np.array([1, -1]))
TOO_MANY = {("c_prev", "o_t"), ("c_t", "i_t"), ("c_prev", "g_t")}
MISSING = {("c_t", "o_t"), ("c_prev", "i_t"), ("h_prev", "f_t")}


@pytest.mark.parametrize(
    ("name", "answer", "verdict"),
    [
        ("counts_the_summer", (np.zeros((2, 13)), np.zeros((2, 13)), np.full(2, 20.0)), "not yet: in March the new-"),
        ("counts_the_summer", (ledger.weights().W_f, *SUMMER), "not yet: after 1988-02 the memory is "),
        (
            "counts_the_summer",
            (ledger.weights().W_f[::-1] * [[1], [0]], *SUMMER),
            "not yet: after 1988-02 ",
        ),
        (
            "counts_the_summer",
            (-2 * ledger.DRIVE * np.array([np.arange(13) == 1, np.arange(13) >= 11]), *SUMMER),
            "not yet: after 1988-11 the second element is 0",
        ),
        ("reports_the_coming_month", np.zeros((12, 13)), "not yet: in January elements shown: []"),
        ("reports_the_coming_month", 60 * np.eye(13)[1:], "not yet: in January elements shown: ['January']"),
        ("side_by_side", lambda one, other: one, "not yet: the output of step 0"),
        ("side_by_side", lambda one, other: None, "not yet: expected UnitWeights, got None"),
        ("errors_in_the_diagram", (TOO_MANY, MISSING), "right"),
        ("errors_in_the_diagram", (TOO_MANY, MISSING - {("h_prev", "f_t")}), "not yet: still to find: 0 too many, 1"),
        ("errors_in_the_diagram", (TOO_MANY | {("x_t", "f_t")}, MISSING), "not yet: ('x_t', 'f_t') is not a line too"),
        ("errors_in_the_diagram", ({("x_t", "cell")}, MISSING), "not yet: ('x_t', 'cell'): expected a signal"),
        (
            "one_peephole",
            lambda wires: [wire for wire in wires if wire[0] != "c_prev" or wire[1] == "times_f"],
            "right",
        ),
        ("one_peephole", lambda wires: wires, "not yet: ('c_prev', 'box_f') should not be there"),
        ("one_peephole", lambda wires: [*wires, *wires], "not yet: some wires are there twice"),
        ("counter", [[0, np.arctanh(0.5), -np.arctanh(0.5)]], "right"),
        ("counter", [[0, 1, -1]], "not yet: after 'Sa' the memory is"),
    ],
)
def test_a_near_miss_is_told_from_what_is_right(name, answer, verdict, capsys):
    CHECKS[name](answer)
    assert capsys.readouterr().out.startswith(verdict)


def test_an_error_in_the_answer_is_reported_with_its_words():
    verdict = grading.function(raises, [({"f": 0.5}, 1.0)], "half_life")
    assert verdict == "not yet: half_life(f=0.5)\nraised RuntimeError: out of ink\nexpected 1"


def test_an_answer_that_changes_its_arguments_is_told_so():
    def in_place(a):
        a *= 2
        return a

    given = np.array([1.0, 2.0])
    verdict = grading.function(in_place, [({"a": given}, 2 * given)], "double")
    assert "changed a, which belongs to the caller" in verdict
    assert given.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("got", "expected", "verdict"),
    [
        (1.0, 1.0, True),
        (1.0, 1.01, False),
        (1e-10, 2e-10, False),
        (np.nan, 1.0, False),
        (np.ones(2), np.ones(3), False),
        (np.ones((1, 2)), np.ones(2), False),
        ([1.0], [1.0, 2.0], False),
        ((1.0, np.ones(2)), (1.0, np.ones(2)), True),
        (None, 0.0, False),
        ("text", 0.0, False),
    ],
)
def test_two_answers_are_the_same_in_shape_and_to_a_millionth(got, expected, verdict):
    assert grading.same(got, expected) is verdict
