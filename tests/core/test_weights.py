"""The weights of a unit: their names, their shapes, how they are drawn and what is refused."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

from lstm_ref import checks
from lstm_ref.gates import ORDERS
from lstm_ref.weights import PEEPHOLES, UnitWeights

I, H = 3, 4


def draw(peephole="full", **options):
    return UnitWeights.random(I, H, peephole, rng=np.random.default_rng(0), **options)


@pytest.mark.parametrize(("peephole", "extra"), [("none", 0), ("diagonal", 3 * H), ("full", 3 * H * H)])
def test_the_count_is_the_formula(peephole, extra):
    assert draw(peephole).count == 4 * (H * I + H * H + H) + extra
    assert draw(peephole).peephole == peephole
    assert (draw(peephole).input_size, draw(peephole).hidden_size) == (I, H)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_weights_are_drawn_within_one_over_root_hidden_and_no_two_are_the_same(peephole):
    named = draw(peephole).to_dict()
    b_f = named.pop("b_f")
    numbers = np.concatenate([array.ravel() for array in named.values()])
    assert (b_f == 1).all()
    assert np.abs(numbers).max() <= 1 / np.sqrt(H) < 1.3 * np.abs(numbers).max()
    assert len(set(numbers)) == len(numbers)


def test_the_forget_bias_is_one_unless_told():
    assert (draw(forget_bias=2.5).b_f == 2.5).all()


def test_the_generator_decides_and_is_carried_on():
    assert np.array_equal(draw().W_f, draw().W_f)
    rng = np.random.default_rng(0)
    first, second = (UnitWeights.random(I, H, rng=rng) for _ in range(2))
    assert not np.array_equal(first.W_f, second.W_f)


def test_zeros_are_zero_and_of_the_kind_asked_for():
    weights = UnitWeights.zeros(I, H, "diagonal", dtype=np.float32)
    assert all((array == 0).all() for array in weights.to_dict().values())
    assert (weights.peephole, weights.dtype) == ("diagonal", np.float32)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_a_dict_goes_out_and_comes_back(peephole):
    weights = draw(peephole)
    again = UnitWeights.from_dict(weights.to_dict())
    assert again.to_dict().keys() == weights.to_dict().keys()
    assert all(np.array_equal(array, again.to_dict()[name]) for name, array in weights.to_dict().items())


def test_frozen_weights_can_not_be_changed_in_place_or_from_outside():
    mine = np.ones((H, I))
    weights = UnitWeights.zeros(I, H).replace(W_f=mine)
    mine[:] = 7
    assert (weights.W_f == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        weights.W_f[0, 0] = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        weights.W_f = mine


def test_weights_are_equal_to_themselves_alone_and_may_be_in_a_set():
    one, other = draw(), draw()
    assert one == one and one != other and len({one, other, one}) == 2


@pytest.mark.parametrize("again", [copy.deepcopy, lambda weights: pickle.loads(pickle.dumps(weights))])
def test_a_copy_is_the_same_and_as_frozen(again):
    weights = draw()
    assert np.array_equal(again(weights).P_o, weights.P_o)
    assert not again(weights).P_o.flags.writeable


def test_weights_show_their_sizes_and_kind_rather_than_their_numbers():
    assert repr(draw()) == "UnitWeights(input_size=3, hidden_size=4, peephole='full', dtype=float64)"


def test_stack_puts_the_networks_one_under_the_other_in_the_order_asked_for():
    weights = draw()
    expected = np.vstack([weights.W_i, weights.W_f, weights.W_g, weights.W_o])
    assert np.array_equal(weights.stack("W", ORDERS["torch"]), expected)


@pytest.mark.parametrize(
    ("peephole", "order", "missing"), [("full", "gf", r"\['g'\] in 'gf'"), ("none", "if", r"\['i', 'f'\] in 'if'")]
)
def test_a_stack_of_arrays_that_the_unit_has_not_is_refused(peephole, order, missing):
    with pytest.raises(ValueError, match="order: expected networks with an array P, got " + missing):
        draw(peephole).stack("P", order)


def changed(name, change):
    array = draw().to_dict()[name].copy()
    return {name: change(array)}


def with_nan(array):
    array.flat[2] = np.nan
    return array


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"W_i": np.zeros((H, I + 1))}, ValueError, r"W_i: expected shape \(H, I\) = \(4, 3\), got \(4, 4\)"),
        ({"R_o": np.zeros((H, I))}, ValueError, r"R_o: expected shape \(H, H\) = \(4, 4\), got \(4, 3\)"),
        ({"b_g": np.zeros((H, 1))}, ValueError, r"b_g: expected shape \(H\) = \(4,\), got \(4, 1\)"),
        ({"W_f": np.zeros(3)}, ValueError, r"W_f: expected shape \(H, I\), both at least 1, got \(3,\)"),
        ({"W_f": np.zeros((0, 3))}, ValueError, r"W_f: expected shape \(H, I\), both at least 1, got \(0, 3\)"),
        ({"P_i": np.zeros(H)}, ValueError, r"P_i: expected shape \(H, H\) = \(4, 4\), got \(4,\)"),
        ({"P_o": None}, ValueError, "P_o: expected a full peephole like P_f, got None"),
        ({"b_i": None}, ValueError, "b_i: expected an array, got None"),
        ({"P_f": None}, ValueError, r"P_i: expected None like P_f, got shape \(4, 4\)"),
        ({"W_g": np.zeros((H, I), int)}, TypeError, "W_g: expected floating-point numbers, got int"),
        ({"W_g": np.zeros((H, I), np.float32)}, TypeError, "W_g: expected float64 like the weights, got float32"),
        (changed("R_f", with_nan), ValueError, r"R_f: expected finite numbers, got nan at \(0, 2\)"),
        ({"b_o": np.full(H, -np.inf)}, ValueError, r"b_o: expected finite numbers, got -inf at \(0,\)"),
    ],
)
def test_a_bad_array_is_named_with_what_came_and_what_was_expected(changes, error, message):
    with pytest.raises(error, match=message):
        draw().replace(**changes)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"peephole": "half"}, ValueError, r"peephole: expected one of \('none', 'diagonal', 'full'\), got 'half'"),
        ({"hidden_size": 0}, ValueError, "hidden_size: expected a whole number, at least 1, got 0"),
        ({"input_size": 2.0}, ValueError, "input_size: expected a whole number, at least 1, got 2.0"),
        ({"rng": 0}, TypeError, "rng: expected a numpy.random.Generator, got int"),
        ({"dtype": int}, TypeError, "dtype: expected one of floating-point numbers, got int"),
        ({"forget_bias": np.nan}, ValueError, "forget_bias: expected a finite number, got nan"),
        ({"forget_bias": "a"}, ValueError, "forget_bias: expected a finite number, got 'a'"),
    ],
)
def test_a_bad_argument_of_the_initialiser_is_named(arguments, error, message):
    good = {"input_size": I, "hidden_size": H, "rng": np.random.default_rng(0)}
    with pytest.raises(error, match=message):
        UnitWeights.random(**(good | arguments))


def test_a_dict_with_missing_or_unknown_names_is_refused():
    named = draw("none").to_dict()
    named["W_z"] = named.pop("W_i")
    with pytest.raises(ValueError, match=r"named: .* got missing \['W_i'\], unknown \['W_z'\]"):
        UnitWeights.from_dict(named)


def test_what_is_no_dict_and_an_order_that_is_no_text_are_refused_by_name():
    with pytest.raises(TypeError, match=r"^named: expected a dict from name to array, got list$"):
        UnitWeights.from_dict([])
    with pytest.raises(TypeError, match=r"^order: expected a text of networks, got list$"):
        draw().stack("W", ["f"])
    with pytest.raises(ValueError, match=r"^kind: expected one of .* got 'Z'$"):
        draw().stack("Z", "f")


def test_before_weights_are_made_it_is_asked_whether_their_matrices_fit_into_memory(monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "memory", lambda name, size: asked.append((name, size)))
    made = UnitWeights.zeros(I, H).to_dict()
    assert asked == [("input_size, hidden_size", sum(made[name].nbytes for name in made if name[0] in "WR"))]
