"""What the functions of the family refuse, and with what words."""

import numpy as np
import pytest

from lstm_ref import family
from lstm_ref.family import UNITS, Unit, read_equations
from lstm_ref.gated_layer import GatedLayer

GRU, RNG = UNITS["gru"], np.random.default_rng(0)
WEIGHTS = GRU.random(3, 4, rng=RNG)
X = RNG.normal(size=(6, 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("h_t is sigmoid(z)", "equations: expected lines such as .* got 'h_t is sigmoid"),
        ("h_t = sigmoid(z_f", "equations: expected lines such as .* got"),
        ("h_t = swish(x_t)", "equations: expected a kind of .* got 'swish'"),
        ("z = W x_t\nz = W x_t\nh_t = tanh(z)", "equations: expected one line for z, got two"),
        ("f_t = W x_t", "equations: expected a line for the output h_t, got lines for f_t"),
        ("h_t = sum(c_prev, x_t)", "equations: expected a line for c_t, which becomes c_prev"),
        ("h_t = W x_t + V W", "equations: expected weights or signals, got W as both"),
        ("h_t = scale(much, x_t)", "equations: expected a number first in scale, got 'much'"),
    ],
)
def test_equations_that_cannot_be_read_are_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        read_equations(text, "a unit")


def test_signals_of_different_lengths_cannot_meet():
    wiring = read_equations("k_t = W_k x_t\nv_t = W_v x_t\nh_t = sum(k_t, v_t)", "a unit", {"k_t": "K"})
    with pytest.raises(ValueError, match="wires: expected signals of one length into h_t, got K, H"):
        _ = wiring.parts


def test_a_memory_that_does_not_meet_itself_again_is_refused():
    wiring = read_equations("h_t = product(a_t, h_prev)\na_t = sigmoid(h_t)", "a unit")
    with pytest.raises(ValueError, match=r"wires: these parts wait for each other: .*a_t"):
        wiring.order()


@pytest.mark.parametrize(
    ("call", "given", "message"),
    [
        (family.unroll, (GRU, {**WEIGHTS, "W_o": X}, X), "weights: expected b_z, .* got .*W_o"),
        (family.unroll, (GRU, {**WEIGHTS, "b_r": np.zeros(3)}, X), r"b_r: expected shape \(H\) = \(4,\), got \(3,\)"),
        (family.unroll, (GRU, {**WEIGHTS, "b_z": np.zeros((4, 1))}, X), r"b_z: expected shape \(H\), got \(4, 1\)"),
        (family.unroll, (GRU, WEIGHTS, X[:, :2]), r"x: expected shape \(T, I\) or \(T, B, I\) with I = 3, .*\(6, 2\)"),
        (family.unroll, (GRU, WEIGHTS, X, {}), r"start: expected h_prev, got\s*$"),
        (
            family.unroll,
            (GRU, WEIGHTS, X, {"h_prev": np.zeros(3)}),
            r"start\['h_prev'\]: expected shape \(H\) = \(4,\)",
        ),
        (family.gradients, (GRU, WEIGHTS, X, np.zeros((6, 3))), r"d_h: expected shape .* = \(6, 4\), got \(6, 3\)"),
        (family.scan, (X, X[:3], X[0]), r"write: expected shape that of keep = \(6, 3\), got \(3, 3\)"),
        (family.scan, (X, X, X[0, :2]), r"first: expected shape that of a step = \(3,\), got \(2,\)"),
        (family.matrix_reads, (X, X, X, X, X), r"first: expected shape \(\.\.\., K, V\) = \(3, 3\), got \(6, 3\)"),
        (family.matrix_reads, (X, X, X, X, X[:3]), "keep: expected numbers above 0, got -"),
    ],
)
def test_what_does_not_fit_a_unit_is_named(call, given, message):
    with pytest.raises(ValueError, match=message):
        call(*given)


@pytest.mark.parametrize("sizes", [(0, 4), (3, 0), (3, 4, 0)])
def test_sizes_are_at_least_1(sizes):
    with pytest.raises(ValueError, match=r"_size: expected a whole number, at least 1, got 0"):
        GRU.random(*sizes, rng=RNG)


def test_a_unit_without_a_step_of_its_own_follows_its_wires():
    mine = Unit("mine", "A unit", equations="z = W x_t + R h_prev + b\nh_t = tanh(z)")
    weights = mine.random(3, 2, rng=np.random.default_rng(1))
    h_t, expected = family.unroll(mine, weights, X)["h_t"], np.zeros(2)
    for x_t, found in zip(X, h_t):
        expected = np.tanh(weights.W @ x_t + weights.R @ expected + weights.b)
        np.testing.assert_allclose(found, expected, atol=1e-12)
    with pytest.raises(AttributeError, match="weights: expected one of b, W, R, got V"):
        _ = weights.V


def test_a_layer_takes_the_weights_of_its_unit_alone():
    with pytest.raises(ValueError, match=r"weights: expected b_z, .*, got W"):
        GatedLayer(GRU, {"W": X})


def test_a_scan_is_the_loop_for_any_number_of_steps_and_in_either_direction_of_size():
    rng = np.random.default_rng(7)
    for T in range(1, 20):
        keep, write, first = rng.uniform(-1.5, 1.5, (T, 2)), rng.normal(size=(T, 2)), rng.normal(size=2)
        expected, memory = [], first
        for a, u in zip(keep, write):
            memory = a * memory + u
            expected.append(memory)
        np.testing.assert_allclose(family.scan(keep, write, first), expected, rtol=1e-12, atol=1e-12)


def test_a_chunk_may_be_of_any_length():
    rng = np.random.default_rng(8)
    keep, k, q, e, r = (rng.uniform(0.2, 1, (11, 3)) for _ in range(5))
    v, S = rng.normal(size=(11, 2)), rng.normal(size=(3, 2))
    reads = [family.matrix_reads(keep, k, v, q, S, (e, 0.1 * r), chunk=chunk) for chunk in (1, 4, 11, 64)]
    for read, last in reads[1:]:
        np.testing.assert_allclose(read, reads[0][0], rtol=1e-11)
        np.testing.assert_allclose(last, reads[0][1], rtol=1e-11)
