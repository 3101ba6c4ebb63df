"""A whole sequence: `unroll` is `step` over and over, and agrees with torch.nn.LSTM."""

import dataclasses
import re

import numpy as np
import pytest
import torch
from helpers.random_unit import cast, problem
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ref.interop import to_torch
from lstm_ref.sequence import Trace, unroll
from lstm_ref.unit import Step, step
from lstm_ref.weights import PEEPHOLES, UnitWeights

sizes = st.tuples(st.integers(1, 50), st.integers(1, 4), st.integers(1, 5), st.integers(1, 7))


@settings(max_examples=40, deadline=None)
@given(sizes, st.sampled_from(PEEPHOLES), st.integers(0, 2**32))
def test_unroll_is_step_over_and_over_for_every_signal(shape, peephole, seed):
    weights, (x, h0, c0), _ = problem(*shape, peephole, seed)
    trace = unroll(weights, x, h0, c0)
    h, c = h0, c0
    for t in range(len(trace)):
        expected = step(x[t], h, c, weights)
        for name, got, want in zip(Step._fields, trace[t], expected):
            assert np.allclose(got, want, rtol=0, atol=1e-12), (t, name)
        h, c = expected.h_t, expected.c_t


@settings(max_examples=40, deadline=None)
@given(sizes, st.integers(0, 2**32))
def test_unroll_equals_torch_in_float64_over_random_shapes(shape, seed):
    weights, (x, h0, c0), _ = problem(*shape, "none", seed)
    lstm = torch.nn.LSTM(weights.input_size, weights.hidden_size, dtype=torch.float64)
    lstm.load_state_dict({name: torch.from_numpy(array) for name, array in to_torch(weights).items()})
    with torch.no_grad():
        h, (h_last, c_last) = lstm(torch.from_numpy(x), (torch.from_numpy(h0)[None], torch.from_numpy(c0)[None]))
    trace = unroll(weights, x, h0, c0)
    for got, want in ((trace.h_t, h), (trace.h_t[-1], h_last[0]), (trace.c_t[-1], c_last[0])):
        assert np.abs(got - want.numpy()).max() < 1e-12


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_one_sequence_without_a_batch_axis_is_the_first_of_a_batch_of_one(peephole):
    weights, (x, h0, c0), _ = problem(6, 1, 3, 4, peephole, 0)
    alone, batch = unroll(weights, x[:, 0], h0[0], c0[0]), unroll(weights, x, h0, c0)
    for name in Step._fields:
        assert np.array_equal(getattr(alone, name), getattr(batch, name)[:, 0]), name


def test_the_start_is_zero_unless_given():
    weights, (x, h0, c0), _ = problem(3, 2, 3, 4, "full", 0)
    assert np.array_equal(unroll(weights, x).h_t, unroll(weights, x, 0 * h0, 0 * c0).h_t)


def test_each_step_starts_from_where_the_last_one_ended():
    weights, inputs, _ = problem(5, 2, 3, 4, "diagonal", 0)
    trace = unroll(weights, *inputs)
    assert np.array_equal(trace.h_prev[1:], trace.h_t[:-1])
    assert np.array_equal(trace.c_prev[1:], trace.c_t[:-1])


def test_a_trace_has_a_length_and_its_steps_count_from_either_end():
    weights, inputs, _ = problem(5, 2, 3, 4, "none", 0)
    trace = unroll(weights, *inputs)
    assert len(trace) == 5
    assert all(np.array_equal(a, b) for a, b in zip(trace[-1], trace[4]))
    assert sum(1 for _ in trace) == 5
    with pytest.raises(TypeError, match="t: expected a whole number, got slice"):
        trace[1:3]
    with pytest.raises(IndexError):
        trace[5]


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_float32_stays_float32_and_close(peephole):
    weights, (x, h0, c0), _ = problem(20, 2, 3, 4, peephole, 1)
    trace = unroll(cast(weights, np.float32), *(a.astype(np.float32) for a in (x, h0, c0)))
    assert trace.h_t.dtype == trace.f_t.dtype == np.float32
    assert np.abs(trace.h_t - unroll(weights, x, h0, c0).h_t).max() < 1e-5


def test_unroll_changes_nothing_that_it_was_given_and_can_be_called_twice():
    weights, (x, h0, c0), _ = problem(5, 2, 3, 4, "full", 2)
    copies = [a.copy() for a in (x, h0, c0)]
    first, second = unroll(weights, x, h0, c0), unroll(weights, x, h0, c0)
    assert np.array_equal(first.h_t, second.h_t)
    assert all(np.array_equal(a, b) for a, b in zip(copies, (x, h0, c0)))


def test_a_trace_can_not_be_changed_in_place_or_through_the_x_it_was_made_of():
    weights, (x, h0, c0), _ = problem(5, 2, 3, 4, "none", 2)
    trace = unroll(weights, x, h0, c0)
    before = trace.x_t.copy()
    x[:] = 7
    assert np.array_equal(trace.x_t, before)
    for name in Step._fields:
        with pytest.raises(ValueError, match="read-only"):
            getattr(trace, name)[0] = 99


def test_weights_that_are_no_weights_are_refused():
    for weights, name in (({}, "dict"), (torch.nn.LSTM(3, 4), "LSTM"), (UnitWeights, "type")):
        with pytest.raises(TypeError, match=f"weights: expected UnitWeights, got {name}"):
            unroll(weights, np.zeros((3, 3)))


def test_a_trace_leaves_the_arrays_it_is_made_of_to_their_owner():
    weights, inputs, _ = problem(5, 2, 3, 4, "none", 2)
    trace = unroll(weights, *inputs)
    mine = trace.c_t.copy()
    dataclasses.replace(trace, c_t=mine)
    assert mine.flags.writeable


@pytest.mark.parametrize("lengths", [None, [2, 5, 3]], ids=["whole", "cut"])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_one_sequence_of_a_batch_is_what_the_unit_does_with_it_alone(peephole, lengths):
    weights, (x, h0, c0), _ = problem(5, 3, 4, 6, peephole)
    trace = unroll(weights, x, h0, c0, lengths)
    for b, length in enumerate(lengths or [5] * 3):
        one, alone = trace.sequence(b), unroll(weights, x[:length, b], h0[b], c0[b])
        assert one.weights is weights and one.lengths is None
        for name in Step._fields:
            assert np.array_equal(getattr(one, name), getattr(trace, name)[:length, b]), name
            assert np.abs(getattr(one, name) - getattr(alone, name)).max() < 1e-14, name


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_past_its_end_a_sequence_carries_its_memory_and_says_nothing(peephole):
    lengths = [2, 5, 3]
    weights, inputs, _ = problem(5, 3, 4, 6, peephole)
    trace = unroll(weights, *inputs, lengths)
    held = {"f_t": 1, "i_t": 0, "g_t": 0, "o_t": 0, "h_t": 0, "x_t": 0}
    for b, length in enumerate(lengths):
        assert all((getattr(trace, name)[length:, b] == value).all() for name, value in held.items())
        memory = trace.c_t[length - 1, b]
        assert (trace.c_t[length:, b] == memory).all() and (trace.c_prev[length:, b] == memory).all()
        assert (trace.h_prev[length + 1 :, b] == 0).all()


def test_a_sequence_is_asked_for_by_its_place_in_a_batch():
    weights, (x, *starts), _ = problem(5, 3, 4, 6)
    with pytest.raises(TypeError, match="b: expected a whole number, got slice"):
        unroll(weights, x, *starts).sequence(slice(2))
    with pytest.raises(IndexError):
        unroll(weights, x, *starts).sequence(3)
    with pytest.raises(ValueError, match=r"b: expected a trace of a batch, .* got \(5, 4\)"):
        unroll(weights, x[:, 0]).sequence(0)


def test_an_x_that_is_not_contiguous_gives_the_same_answer():
    weights, (x, h0, c0), _ = problem(6, 3, 4, 5, "full", 3)
    turned = np.ascontiguousarray(x.transpose(1, 0, 2)).transpose(1, 0, 2)
    assert np.array_equal(unroll(weights, turned, h0, c0).h_t, unroll(weights, x, h0, c0).h_t)


def test_nan_in_x_reaches_the_steps_after_it_and_none_before():
    weights, (x, h0, c0), _ = problem(6, 1, 3, 4, "none", 4)
    x[3] = np.nan
    bad = np.isnan(unroll(weights, x, h0, c0).h_t).any(axis=(1, 2))
    assert bad.tolist() == [False, False, False, True, True, True]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": np.zeros((0, 2, 3))}, ValueError, r"x: expected .* T and B at least 1, got \(0, 2, 3\)"),
        ({"x": np.zeros((5, 2, 4))}, ValueError, r"x: expected .* with I = 3, .* got \(5, 2, 4\)"),
        ({"x": np.zeros(3)}, ValueError, r"x: expected \(T, I\) or \(T, B, I\) .* got \(3,\)"),
        ({"x": np.zeros((1, 5, 2, 3))}, ValueError, r"x: .* got \(1, 5, 2, 3\)"),
        ({"x": np.zeros((5, 2, 3), int)}, TypeError, "x: expected float64 like the weights, got int"),
        ({"x": np.zeros((5, 2, 3), np.float32)}, TypeError, "x: expected float64 like the weights, got float32"),
        ({"h0": np.zeros((1, 4))}, ValueError, r"h0: expected shape \(B, H\) = \(2, 4\), got \(1, 4\)"),
        ({"c0": np.zeros(4)}, ValueError, r"c0: expected shape \(B, H\) = \(2, 4\), got \(4,\)"),
        ({"c0": np.zeros((2, 4), np.float32)}, TypeError, "c0: expected float64 like the weights, got float32"),
    ],
)
def test_a_bad_argument_is_named_with_what_came_and_what_was_expected(arguments, error, message):
    weights, (x, h0, c0), _ = problem(5, 2, 3, 4, "none", 0)
    with pytest.raises(error, match=message):
        unroll(weights, **({"x": x, "h0": h0, "c0": c0} | arguments))


WEIGHTS, (X, _, _), _ = problem(5, 2, 3, 4, "none")


@pytest.mark.parametrize(
    ("x", "lengths", "error", "message"),
    [
        (X, [0, 5], ValueError, r"lengths: expected whole numbers from 1 to 5, got 0 to 5"),
        (X, [6, 5], ValueError, r"lengths: expected whole numbers from 1 to 5, got 5 to 6"),
        (X, [-1, 5], ValueError, "lengths: expected whole numbers from 1 to 5"),
        (X, [5], ValueError, r"lengths: expected shape \(B,\) = \(2,\), got \(1,\)"),
        (X, 5, ValueError, r"lengths: expected shape \(B,\) = \(2,\), got \(\)"),
        (X, [[5, 5]], ValueError, r"lengths: expected shape \(B,\) = \(2,\), got \(1, 2\)"),
        (X, [5.0, 3.0], TypeError, "lengths: expected whole numbers, got float64"),
        (X, [True, True], TypeError, "lengths: expected whole numbers, got bool"),
        (X, ["5", "3"], TypeError, "lengths: expected whole numbers, got <U1"),
        (X[:, 0], [5], ValueError, r"lengths: expected None for one sequence, x of shape \(5, 3\), got \[5\]"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(x, lengths, error, message):
    with pytest.raises(error, match=message):
        unroll(WEIGHTS, x, lengths=lengths)


@pytest.mark.parametrize("shape", [(4,), (1, 5, 2, 4)])
def test_a_trace_of_a_step_alone_or_with_an_axis_too_many_is_refused(shape):
    with pytest.raises(ValueError, match=rf"^h_t: expected shape \(T, H\) or .*, got {re.escape(str(shape))}$"):
        Trace(*[np.zeros(shape)] * len(Step._fields))


def test_a_trace_takes_weights_of_a_unit_alone():
    with pytest.raises(TypeError, match=r"^weights: expected UnitWeights, got dict$"):
        Trace(*[np.zeros((5, 4))] * len(Step._fields), weights={})


def test_one_element_of_a_trace_has_its_signals_and_no_weights():
    trace = unroll(UnitWeights.random(2, 3, "full", rng=np.random.default_rng(4)), np.ones((5, 2, 2)))
    one = trace.element(-1)
    assert one.x_t.shape == (5, 2, 2) and one.weights is None
    assert all(
        np.array_equal(getattr(one, name)[..., 0], getattr(trace, name)[..., 2]) for name in ("f_t", "c_t", "h_prev")
    )
    with pytest.raises(IndexError, match="k: expected one of 3, got 3"):
        trace.element(3)
