"""What a memory tells: the properties of text against Python's own parser, the area against its pairs, the hand."""

import ast
import itertools

import numpy as np
import pytest

from lstm_ref import UnitWeights, unroll
from lstm_ref.companion import probing
from lstm_ref.data import CharacterModel
from lstm_ref.tasks.characters import ALPHABET, encode

TEXT = '''def f(a, b="(", *c):  # a (comment
    """A
    doc'string."""
    return rb'x"' + {"k": [a[0], f"{b!r:>{4}} ("]}


        # deep
x = f(1)
'''


@pytest.fixture(scope="module")
def model():
    weights = UnitWeights.random(len(ALPHABET), 6, rng=np.random.default_rng(0))
    read_out = np.random.default_rng(1).normal(size=(len(ALPHABET), 6))
    return CharacterModel((weights,), read_out, np.zeros(len(ALPHABET)))


def pairs(value, label):
    wins = [(one > other) + (one == other) / 2 for one, other in itertools.product(value[label], value[~label])]
    return np.mean(wins)


def where(text, name):
    """The characters after which a property is true."""
    return "".join(letter if now else "~" for letter, now in zip(text, probing.properties(text)[name]))


def test_every_property_has_a_truth_for_every_place():
    found = probing.properties(TEXT)
    assert found.keys() == probing.PROPERTIES.keys()
    assert {(truth.shape, truth.dtype) for truth in found.values()} == {((len(TEXT),), np.dtype(bool))}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("a = 'b' + c\n", "string", "~~~~'b~~~~~~"),
        ("rb'x', ''\n", "string", "~~'x~~~'~~"),
        ("x  # 'no\ny\n", "string", "~~~~~~~~~~~"),
        ("x  # no\ny\n", "comment", "~~~# no~~~"),
        ("'#'\n", "comment", "~~~~"),
        ("f(a[0])\n", "brackets", "~(a[0]~~"),
        ("f(a[0])\n", "nested", "~~~[0~~~"),
        ("f('(')\n", "brackets", "~('('~~"),
        ("x = '(' # a", "comment", "~~~~~~~~# a"),
        ("if x:\n    y\n", "indented", "~~~~~~~~~ y\n"),
        ("if x:\n    y\n", "deep", "~~~~~~~~~~~~"),
        ("if a_1:\n    'b'\n", "name", "if~a_1~~~~~~~~~~"),
    ],
)
def test_a_property_is_true_after_these_characters(text, name, expected):
    assert where(text, name) == expected


@pytest.mark.parametrize("text", ['f"a{b!r}c" + d\n', "f'{x[(1)]:>{w}}'\n", "rf'''{a}\n{b}''' # c\n"])
def test_a_formatted_string_is_one_string_whatever_python_makes_of_its_inside(text):
    true = probing.properties(text)
    first, last = min(map(text.find, "\"'"), key=lambda place: place % 999), max(map(text.rfind, "\"'"))
    assert np.flatnonzero(true["string"]).tolist() == list(range(first, last))
    assert not true["brackets"].any() and not true["name"][first:last].any()


def test_the_depth_is_how_many_brackets_are_open():
    assert probing.depth("f(a[0], (b))\n").tolist() == [0, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 0, 0]
    assert ((probing.depth(TEXT) >= 2) == probing.properties(TEXT)["nested"]).all()


def test_strings_begin_and_end_where_the_parser_has_them():
    strings = [node for node in ast.walk(ast.parse(TEXT)) if isinstance(node, ast.Constant) and node.value == "("]
    (default,) = [node for node in strings if node.lineno == 1]
    begins = TEXT.index('"("')
    assert (default.col_offset, default.end_col_offset) == (begins, begins + 3)
    assert probing.properties(TEXT)["string"][begins : begins + 3].tolist() == [True, True, False]


def test_a_late_place_is_past_the_fortieth_column():
    text = "x" * 50 + "\n" + "y" * 10 + "\n"
    assert np.flatnonzero(probing.properties(text)["late"]).tolist() == list(range(40, 51))


@pytest.mark.parametrize("text", ["f(\n", "x = '''\n", "if x:\n  y\n z\n"])
def test_text_that_is_cut_short_is_refused(text):
    with pytest.raises(ValueError, match="text: expected whole statements"):
        probing.properties(text)


@pytest.mark.parametrize("ties", [False, True])
def test_the_area_is_the_share_of_pairs_that_stand_right(ties):
    rng = np.random.default_rng(3)
    values = rng.integers(0, 4, (40, 5)) if ties else rng.normal(size=(40, 5))
    label = rng.random(40) < 0.3
    found = probing.auc(probing.ranks(values), label)
    assert np.allclose(found, [pairs(column, label) for column in values.T])
    assert np.isclose(probing.auc(probing.ranks(values[:, 2]), label), found[2])


def test_the_area_is_one_where_the_values_part_the_label_and_falls_to_zero_when_they_are_turned():
    value, label = np.arange(6.0), np.arange(6) >= 4
    assert probing.auc(probing.ranks(value), label) == 1
    assert probing.auc(probing.ranks(-value), label) == 0
    assert probing.auc(probing.ranks(np.zeros(6)), label) == 0.5


def test_pick_takes_the_column_furthest_from_chance_on_either_side():
    label = np.arange(20) % 3 == 0
    values = np.random.default_rng(4).normal(size=(20, 3))
    values[:, 1] = -1.0 * label
    assert probing.pick(probing.ranks(values), label) == (1, 0.0)


def test_chance_is_near_one_half_for_one_column_and_further_from_it_for_many_and_for_slow_labels():
    rng = np.random.default_rng(5)
    noise, quick = rng.normal(size=(2000, 30)), rng.random(2000) < 0.3
    slow, walks = np.arange(2000) % 1000 < 400, np.cumsum(noise, axis=0)
    one, many = (probing.chance_level(probing.ranks(noise[:, :n]), quick, rng, 50).mean() for n in (1, 30))
    drifting = probing.chance_level(probing.ranks(walks), slow, rng, 50).mean()
    assert 0.5 < one < 0.52 < many < 0.56 < 0.7 < drifting


def test_chance_shifts_far_and_is_the_same_for_the_same_generator():
    label = np.arange(100) < 5
    order = probing.ranks(np.where(label, 1.0, 0.0)[:, None])
    one, two = (probing.chance_level(order, label, np.random.default_rng(6), 200) for _ in range(2))
    assert (one == two).all() and one.shape == (200,)
    assert np.allclose(one, 0.5 + 0.5 * 5 / 95), "a shift by less than a tenth would leave some of the label in place"


@pytest.mark.parametrize(
    ("order", "label", "message"),
    [
        (np.arange(4) + 0.5, np.array([True, False, True]), r"label: expected 4 of bool, got shape \(3,\)"),
        (np.arange(4) + 0.5, np.array([1, 0, 1, 0]), "label: expected 4 of bool.*int"),
        (np.arange(4) + 0.5, np.ones(4, bool), "label: expected both True and False, got True"),
        (np.arange(4.0) ** 3, np.arange(4) < 2, "order: expected ranks"),
    ],
)
def test_what_does_not_fit_is_named(order, label, message):
    for ask in (probing.auc, probing.pick, lambda *two: probing.chance_level(*two, np.random.default_rng(0))):
        with pytest.raises(ValueError, match=message):
            ask(order, label)


def test_reading_is_unrolling_over_one_hot_symbols_and_may_go_on(model):
    text = "for k in x:\n"
    whole = probing.read(model, text)
    assert (whole.c_t == unroll(model.weights, np.eye(len(ALPHABET))[encode(text)]).c_t).all()
    half = probing.read(model, text[:5])
    rest = probing.read(model, text[5:], half.h_t[-1], half.c_t[-1])
    assert np.allclose(rest.c_t, whole.c_t[5:], rtol=1e-12)


def test_probabilities_sum_to_one_and_follow_the_read_out(model):
    h = np.random.default_rng(7).normal(size=(3, 6))
    chances = probing.predict(model, h)
    assert chances.shape == (3, len(ALPHABET)) and np.allclose(chances.sum(axis=-1), 1)
    assert np.allclose(np.log(chances[0, 5] / chances[0, 7]), h[0] @ (model.read_out[5] - model.read_out[7]))


def test_writing_reads_what_it_wrote(model):
    now = probing.read(model, "x")[-1]
    written = probing.write(model, now.h_t, now.c_t, 6)
    read = probing.read(model, "x" + written)
    assert written == "".join(ALPHABET[k] for k in probing.predict(model, read.h_t[:-1]).argmax(axis=-1))


def test_a_memory_set_by_hand_is_heard_through_its_own_valve_and_no_other_changes(model):
    trace = probing.read(model, "x = 1")
    h, c = probing.set_memory(trace[-1], 2, 0.7)
    others = np.arange(6) != 2
    assert c[2] == 0.7 and h[2] == trace.o_t[-1, 2] * np.tanh(0.7)
    assert (c[others] == trace.c_t[-1, others]).all() and np.allclose(h[others], trace.h_t[-1, others], rtol=1e-15)
    everywhere, _ = probing.set_memory(trace, np.array([2, 4]), np.array([0.7, trace.c_t[-1, 4]]))
    assert np.allclose(everywhere[-1], h, rtol=1e-15) and everywhere.shape == trace.h_t.shape
    assert trace.c_t[-1, 2] != 0.7, "the trace is left as it was"
