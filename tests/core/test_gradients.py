"""The way back: every gradient is that of torch's autograd and of finite differences, for whole sequences and steps."""

import dataclasses

import numpy as np
import pytest
import torch
from helpers.random_unit import cast, problem
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ref import Trace, backward, unroll
from lstm_ref.gates import ORDERS
from lstm_ref.gradients import Gradients, step_backward, weight_gradients
from lstm_ref.unit import Step
from lstm_ref.weights import PEEPHOLES

EXACT = 1e-300
sizes = st.tuples(st.integers(1, 12), st.integers(1, 4), st.integers(1, 5), st.integers(1, 6))


def recurrence(named, x, h, c):
    """Return h_t of every step and the last c of one sequence x (T, I), in torch, written from the article alone."""

    def look(net, memory):
        P = named.get(f"P_{net}")
        return 0 if P is None else P * memory if P.dim() == 1 else P @ memory

    said = []
    for x_t in x:
        z = {net: named[f"W_{net}"] @ x_t + named[f"R_{net}"] @ h + named[f"b_{net}"] for net in ORDERS["article"]}
        f, i = torch.sigmoid(z["f"] + look("f", c)), torch.sigmoid(z["i"] + look("i", c))
        c = f * c + i * torch.tanh(z["g"])
        h = torch.sigmoid(z["o"] + look("o", c)) * torch.tanh(c)
        said.append(h)
    return torch.stack(said), c


def by_torch(weights, inputs, d_out, lengths):
    """Return the Gradients that torch's autograd finds, each sequence run alone and cut at its length."""
    named = {name: torch.tensor(array, requires_grad=True) for name, array in weights.to_dict().items()}
    x, h0, c0 = (torch.tensor(array, requires_grad=True) for array in inputs)
    d_h, d_h_last, d_c_last = (torch.tensor(array) for array in d_out)
    loss = 0
    for b, length in enumerate(lengths):
        h, c = recurrence(named, x[:length, b], h0[b], c0[b])
        loss = loss + (h * d_h[:length, b]).sum() + (h[-1] * d_h_last[b]).sum() + (c * d_c_last[b]).sum()
    loss.backward()
    return Gradients(
        {name: w.grad.numpy() for name, w in named.items()}, x.grad.numpy(), h0.grad.numpy(), c0.grad.numpy()
    )


def close(got, want, bound):
    assert got.weights.keys() == want.weights.keys()
    for name, expected in (want.weights | want._asdict()).items():
        if name != "weights":
            found = got.weights[name] if name in got.weights else getattr(got, name)
            assert found.shape == expected.shape, name
            assert np.abs(found - expected).max() < bound, (name, np.abs(found - expected).max())


@settings(max_examples=25, deadline=None)
@given(sizes, st.sampled_from(PEEPHOLES), st.integers(0, 2**32))
def test_every_gradient_equals_that_of_autograd_through_a_recurrence_written_apart(shape, peephole, seed):
    weights, inputs, d_out = problem(*shape, peephole, seed)
    close(backward(unroll(weights, *inputs), *d_out), by_torch(weights, inputs, d_out, [shape[0]] * shape[1]), 1e-10)


@settings(max_examples=25, deadline=None)
@given(sizes, st.data(), st.sampled_from(PEEPHOLES), st.integers(0, 2**32))
def test_with_lengths_each_sequence_has_the_gradients_it_has_alone(shape, data, peephole, seed):
    lengths = data.draw(st.lists(st.integers(1, shape[0]), min_size=shape[1], max_size=shape[1]))
    weights, inputs, d_out = problem(*shape, peephole, seed)
    got = backward(unroll(weights, *inputs, lengths), *d_out)
    close(got, by_torch(weights, inputs, d_out, lengths), 1e-10)
    assert all((got.x[length:, b] == 0).all() for b, length in enumerate(lengths))


@pytest.mark.parametrize("left_out", [("d_h_last",), ("d_c_last",), ("d_h_last", "d_c_last")])
@pytest.mark.parametrize("lengths", [None, [2, 5, 4]])
def test_a_gradient_that_is_not_given_is_zero(lengths, left_out):
    weights, inputs, d_out = problem(5, 3, 4, 6, "full")
    named = dict(zip(("d_h", "d_h_last", "d_c_last"), d_out))
    trace = unroll(weights, *inputs, lengths)
    zeroed = backward(trace, **{name: array * (name not in left_out) for name, array in named.items()})
    close(backward(trace, **{name: array for name, array in named.items() if name not in left_out}), zeroed, 1e-15)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_one_sequence_without_a_batch_axis_has_the_gradients_of_a_batch_of_one(peephole):
    weights, (x, h0, c0), (d_h, d_h_last, d_c_last) = problem(6, 1, 3, 4, peephole)
    want = backward(unroll(weights, x, h0, c0), d_h, d_h_last, d_c_last)
    alone = backward(unroll(weights, x[:, 0], h0[0], c0[0]), d_h[:, 0], d_h_last[0], d_c_last[0])
    assert (alone.x.shape, alone.h0.shape, alone.c0.shape) == ((6, 3), (4,), (4,))
    close(alone, Gradients(want.weights, want.x[:, 0], want.h0[0], want.c0[0]), 1e-15)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_step_after_step_gives_what_the_whole_sequence_gives(peephole):
    weights, inputs, (d_h, d_h_last, d_c_last) = problem(7, 3, 4, 5, peephole, 3)
    trace = unroll(weights, *inputs)
    d_h_t, d_c_t, d_x, sums = d_h_last, d_c_last, np.zeros_like(inputs[0]), {}
    for t in reversed(range(len(trace))):
        back = step_backward(trace[t], weights, d_h[t] + d_h_t, d_c_t)
        d_x[t], d_h_t, d_c_t = back.x_t, back.h_prev, back.c_prev
        for name, part in weight_gradients(trace[t], back, peephole).items():
            sums[name] = sums.get(name, 0) + part
    close(backward(trace, d_h, d_h_last, d_c_last), Gradients(sums, d_x, d_h_t, d_c_t), 1e-12)


def test_one_step_takes_signals_with_no_batch_axis_or_with_two():
    weights, inputs, d_out = problem(2, 6, 3, 4, "full")
    step, d_h_t, d_c_t = unroll(weights, *inputs)[1], *d_out[1:]
    want = step_backward(step, weights, d_h_t, d_c_t)
    alone = step_backward(Step(*(signal[4] for signal in step)), weights, d_h_t[4], d_c_t[4])
    grid = Step(*(signal.reshape(2, 3, -1) for signal in step))
    two = step_backward(grid, weights, d_h_t.reshape(2, 3, -1), d_c_t.reshape(2, 3, -1))
    for name, expected in want._asdict().items():
        assert np.abs(getattr(alone, name) - expected[4]).max() < 1e-14, name
        assert np.abs(getattr(two, name).reshape(6, -1) - expected).max() < 1e-14, name


@pytest.mark.parametrize("lengths", [None, np.array([2, 5, 4])])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_backward_changes_nothing_that_it_is_given_and_can_be_called_twice(peephole, lengths):
    weights, inputs, d_out = problem(5, 3, 4, 6, peephole)
    trace = unroll(weights, *inputs, lengths)
    for array in d_out:
        array.flags.writeable = False
    held = [*d_out, *(getattr(trace, name) for name in Step._fields), *weights.to_dict().values()]
    held += [] if lengths is None else [lengths]
    copies = [array.copy() for array in held]
    first, second = backward(trace, *d_out), backward(trace, *d_out)
    assert all(np.array_equal(before, after) for before, after in zip(copies, held))
    assert all(np.array_equal(first.weights[name], second.weights[name]) for name in weights.to_dict())
    assert all(np.array_equal(one, other) for one, other in zip(first[1:], second[1:]))


def test_what_comes_back_can_be_changed_without_changing_the_trace_or_the_next_answer():
    weights, inputs, d_out = problem(3, 2, 2, 3, "diagonal")
    trace = unroll(weights, *inputs)
    want, spoilt = backward(trace, *d_out), backward(trace, *d_out)
    for array in (*spoilt.weights.values(), *spoilt[1:]):
        array += 7
    close(backward(trace, *d_out), want, EXACT)


def test_the_lengths_of_a_trace_are_its_own_and_read_only():
    weights, inputs, d_out = problem(5, 3, 4, 6, "full")
    lengths = np.array([2, 5, 3])
    trace = unroll(weights, *inputs, lengths)
    want = backward(trace, *d_out)
    lengths[:] = 1
    close(backward(trace, *d_out), want, EXACT)
    with pytest.raises(ValueError, match="read-only"):
        trace.lengths[0] = 1


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_nan_past_the_end_of_a_sequence_changes_no_number(peephole):
    lengths = [2, 5, 3]
    weights, (x, h0, c0), (d_h, *d_last) = problem(5, 3, 4, 6, peephole)
    want = backward(unroll(weights, x, h0, c0, lengths), d_h, *d_last)
    for b, length in enumerate(lengths):
        x[length:, b], d_h[length:, b] = np.nan, np.nan
    close(backward(unroll(weights, x, h0, c0, lengths), d_h, *d_last), want, EXACT)


def test_single_precision_stays_single_and_is_close_to_double():
    weights, inputs, d_out = problem(6, 3, 4, 5, "full", dtype=np.float32)
    got = backward(unroll(weights, *inputs, [6, 2, 4]), *d_out)
    assert {array.dtype for array in (*got.weights.values(), *got[1:])} == {np.dtype(np.float32)}
    trace = unroll(cast(weights, float), *(array.astype(float) for array in inputs), [6, 2, 4])
    close(got, backward(trace, *(array.astype(float) for array in d_out)), 1e-4)


def test_arrays_that_are_not_contiguous_or_of_stride_zero_give_the_same_answer():
    weights, inputs, (d_h, d_h_last, d_c_last) = problem(5, 3, 4, 6, "full")
    trace = unroll(weights, *inputs)
    turned = np.asfortranarray(d_h), np.asfortranarray(d_h_last), np.repeat(d_c_last, 2, axis=1)[:, ::2]
    close(backward(trace, *turned), backward(trace, d_h, d_h_last, d_c_last), EXACT)
    ones = np.broadcast_to(np.float64(1), d_h.shape)
    close(backward(trace, ones), backward(trace, np.ones_like(d_h)), EXACT)


WEIGHTS, GIVEN, D_OUT = problem(5, 2, 3, 4, "none")
TRACE = unroll(WEIGHTS, *GIVEN)
OTHER = problem(5, 2, 7, 4, "none")[0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"trace": GIVEN}, TypeError, "trace: expected a Trace, got list"),
        ({"trace": TRACE.h_t}, TypeError, "trace: expected a Trace, got ndarray"),
        ({"trace": dataclasses.replace(TRACE, weights=None)}, ValueError, "trace: expected .* got weights None"),
        ({"trace": dataclasses.replace(TRACE, weights=OTHER)}, ValueError, r"trace.x_t: expected .* got \(5, 2, 3\)"),
        ({"d_h": D_OUT[0][1:]}, ValueError, r"d_h: expected shape .* \(5, 2, 4\), got \(4, 2, 4\)"),
        ({"d_h": D_OUT[0][:, :1]}, ValueError, r"d_h: expected shape .* \(5, 2, 4\), got \(5, 1, 4\)"),
        ({"d_h": D_OUT[0][:, 0]}, ValueError, r"d_h: expected shape .* \(5, 2, 4\), got \(5, 4\)"),
        ({"d_h": D_OUT[0].astype(np.float32)}, TypeError, "d_h: expected float64 like the weights, got float32"),
        ({"d_h": np.ones((5, 2, 4), int)}, TypeError, "d_h: expected float64 like the weights, got int"),
        ({"d_h_last": D_OUT[1][None]}, ValueError, r"d_h_last: expected shape .* \(2, 4\), got \(1, 2, 4\)"),
        ({"d_h_last": D_OUT[1].astype(np.float32)}, TypeError, "d_h_last: expected float64 .* got float32"),
        ({"d_c_last": D_OUT[2][0]}, ValueError, r"d_c_last: expected shape .* \(2, 4\), got \(4,\)"),
        ({"d_c_last": D_OUT[2] > 0}, TypeError, "d_c_last: expected float64 like the weights, got bool"),
    ],
)
def test_what_backward_can_not_use_is_refused_by_name(arguments, error, message):
    with pytest.raises(error, match=message):
        backward(**({"trace": TRACE, "d_h": D_OUT[0]} | arguments))


def test_a_trace_made_by_hand_from_all_signals_goes_back_too():
    again = Trace(*(getattr(TRACE, name) for name in Step._fields), weights=WEIGHTS)
    close(backward(again, *D_OUT), backward(TRACE, *D_OUT), EXACT)


def test_with_a_diagonal_peephole_the_gradient_of_the_memory_goes_on_times_a_factor_known_beforehand():
    weights, inputs, (_, _, d_c_t) = problem(5, 3, 4, 6, "diagonal")
    for step in unroll(weights, *inputs):
        back = step_backward(step, weights, np.zeros_like(d_c_t), d_c_t)
        look_f = weights.P_f * step.c_prev * step.f_t * (1 - step.f_t)
        look_i = weights.P_i * step.g_t * step.i_t * (1 - step.i_t)
        assert np.abs(back.c_prev - d_c_t * (step.f_t + look_f + look_i)).max() < 1e-14


STEP = TRACE[-1]
D_STEP = {"step": STEP, "weights": WEIGHTS, "d_h_t": D_OUT[1], "d_c_t": D_OUT[2]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"d_h_t": D_OUT[1][:, :1]}, r"d_h_t: expected shape .* \(2, 4\), got \(2, 1\)"),
        ({"d_c_t": D_OUT[2][0]}, r"d_c_t: expected shape .* \(2, 4\), got \(4,\)"),
        ({"d_c_t": 1}, r"d_c_t: expected shape .* \(2, 4\), got \(\)"),
        ({"weights": OTHER}, r"step: expected shape \(..., I\) of its x_t = \(2, 7\), got \(2, 3\)"),
        ({"weights": problem(H=5)[0]}, r"step: expected shape \(..., H\) of its h_t = \(2, 5\), got \(2, 4\)"),
    ],
)
def test_what_a_step_back_can_not_use_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        step_backward(**(D_STEP | arguments))


def test_zero_stands_for_a_gradient_of_zeros():
    want = step_backward(STEP, WEIGHTS, D_OUT[1], np.zeros_like(D_OUT[2]))
    found = step_backward(STEP, WEIGHTS, D_OUT[1], 0)
    assert all(np.array_equal(getattr(found, name), value) for name, value in want._asdict().items())
