"""One step of the unit: what each valve sees, and what comes of it."""

import numpy as np
import pytest

from lstm_ref.unit import Step, forget_valve, new_memory, new_memory_valve, output_valve, sigmoid, step
from lstm_ref.weights import PEEPHOLES, UnitWeights

I, H = 3, 4


@pytest.fixture(params=PEEPHOLES)
def weights(request):
    return UnitWeights.random(I, H, request.param, rng=np.random.default_rng(1))


@pytest.fixture
def signals():
    rng = np.random.default_rng(2)
    return rng.normal(size=I), rng.normal(size=H), rng.normal(size=H)


def test_the_sigmoid_is_the_textbook_formula_and_never_overflows():
    z = np.linspace(-30, 30, 601)
    assert np.allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-13, atol=0)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert sigmoid(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]
        assert sigmoid(np.array([3], np.float32)).dtype == np.float32


def test_a_step_is_the_six_equations_written_out_element_by_element(weights, signals):
    x_t, h_prev, c_prev = signals
    w = weights

    def net(n, j, c=None):
        z = getattr(w, f"b_{n}")[j]
        z += sum(getattr(w, f"W_{n}")[j, k] * x_t[k] for k in range(I))
        z += sum(getattr(w, f"R_{n}")[j, k] * h_prev[k] for k in range(H))
        if w.peephole == "diagonal" and c is not None:
            z += getattr(w, f"P_{n}")[j] * c[j]
        if w.peephole == "full" and c is not None:
            z += sum(getattr(w, f"P_{n}")[j, k] * c[k] for k in range(H))
        return z

    def s(z):
        return 1 / (1 + np.exp(-z))

    f_t = np.array([s(net("f", j, c_prev)) for j in range(H)])
    i_t = np.array([s(net("i", j, c_prev)) for j in range(H)])
    g_t = np.array([np.tanh(net("g", j)) for j in range(H)])
    c_t = np.array([f_t[j] * c_prev[j] + i_t[j] * g_t[j] for j in range(H)])
    o_t = np.array([s(net("o", j, c_t)) for j in range(H)])
    h_t = np.array([o_t[j] * np.tanh(c_t[j]) for j in range(H)])
    expected = Step(x_t, h_prev, c_prev, f_t, i_t, g_t, o_t, c_t, h_t)
    for name, got, want in zip(Step._fields, step(x_t, h_prev, c_prev, weights), expected):
        assert np.allclose(got, want, rtol=0, atol=1e-14), name


def test_the_functions_of_the_unit_are_the_signals_of_a_step(weights, signals):
    x_t, h_prev, c_prev = signals
    done = step(x_t, h_prev, c_prev, weights)
    assert np.array_equal(forget_valve(x_t, h_prev, c_prev, weights), done.f_t)
    assert np.array_equal(new_memory_valve(x_t, h_prev, c_prev, weights), done.i_t)
    assert np.array_equal(new_memory(x_t, h_prev, weights), done.g_t)
    assert np.array_equal(output_valve(x_t, h_prev, done.c_t, weights), done.o_t)


def test_a_diagonal_peephole_is_a_full_one_with_a_diagonal_matrix(signals):
    diagonal = UnitWeights.random(I, H, "diagonal", rng=np.random.default_rng(3))
    full = diagonal.replace(**{name: np.diag(getattr(diagonal, name)) for name in ("P_f", "P_i", "P_o")})
    for name, one, other in zip(Step._fields, step(*signals, diagonal), step(*signals, full)):
        assert np.allclose(one, other, rtol=0, atol=1e-15), name


@pytest.mark.parametrize("lead", [(), (5,), (2, 5)])
def test_leading_batch_axes_are_carried_along(weights, lead):
    rng = np.random.default_rng(4)
    x_t, h_prev, c_prev = rng.normal(size=(*lead, I)), rng.normal(size=(*lead, H)), rng.normal(size=(*lead, H))
    together = step(x_t, h_prev, c_prev, weights)
    assert together.h_t.shape == (*lead, H)
    for index in np.ndindex(*lead):
        alone = step(x_t[index], h_prev[index], c_prev[index], weights)
        assert np.allclose(alone.h_t, together.h_t[index], rtol=0, atol=1e-14)


def test_float32_stays_float32(signals):
    weights = UnitWeights.random(I, H, "full", rng=np.random.default_rng(5), dtype=np.float32)
    done = step(*(signal.astype(np.float32) for signal in signals), weights)
    assert {signal.dtype for signal in done} == {np.dtype(np.float32)}


def test_a_step_changes_nothing_that_it_was_given(weights, signals):
    before = [signal.copy() for signal in signals]
    step(*signals, weights)
    assert all(np.array_equal(a, b) for a, b in zip(before, signals))


def test_nan_in_the_input_passes_through_to_what_it_touches(weights, signals):
    assert np.isnan(step(np.full(I, np.nan), *signals[1:], weights).h_t).all()


@pytest.mark.parametrize(
    ("position", "value", "error", "message"),
    [
        (0, np.zeros(I + 1), ValueError, r"x_t: expected shape \(\.\.\., I\) = \(\.\.\., 3\), got \(4,\)"),
        (0, np.zeros(I, int), TypeError, "x_t: expected float64 like the weights, got int64"),
        (0, np.zeros(I, np.float32), TypeError, "x_t: expected float64 like the weights, got float32"),
        (0, np.float64(1), ValueError, r"x_t: .* got \(\)"),
        (1, np.zeros(H - 1), ValueError, r"h_prev: expected shape \(\.\.\., H\) = \(\.\.\., 4\), got \(3,\)"),
        (2, np.zeros((2, H + 1)), ValueError, r"c_prev: .* got \(2, 5\)"),
        (2, "full", TypeError, "c_prev: expected float64"),
        (1, [[1.0], [2.0, 3.0]], TypeError, "h_prev: expected float64 like the weights, got list"),
    ],
)
def test_a_bad_signal_is_named_with_what_came_and_what_was_expected(weights, signals, position, value, error, message):
    given = list(signals)
    given[position] = value
    with pytest.raises(error, match=message.replace("int64", str(np.zeros(1, int).dtype))):
        step(*given, weights)


def test_weights_that_are_no_weights_are_refused(signals):
    with pytest.raises(TypeError, match="weights: expected UnitWeights, got dict"):
        step(*signals, {})


def test_batch_axes_that_do_not_fit_together_are_named(weights):
    with pytest.raises(ValueError, match=r"expected leading axes that fit together, got x_t \(2, 3\), h_prev \(5, 4\)"):
        step(np.zeros((2, I)), np.zeros((5, H)), np.zeros((5, H)), weights)


def test_the_output_valve_names_the_memory_it_sees_c_t(weights, signals):
    with pytest.raises(ValueError, match="c_t: expected shape"):
        output_valve(signals[0], signals[1], np.zeros(H + 1), weights)
