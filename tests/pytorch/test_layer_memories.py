"""Every memory that our layer hands out: the right one, in the output's form, and with gradients of its own."""

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, FORMS, LENGTHS, B, H, T, close, kinds, layer, problem, zeroed
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstm_ref.engines import numpy_engine
from lstm_ref.weights import PEEPHOLES

KINDS = kinds((1, 2))


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_the_memory_after_a_step_is_where_torch_nn_lstm_ends_that_starts_or_stops_there(peephole):
    ours, theirs = (zeroed(layer(peephole=peephole, bidirectional=True)), layer(torch.nn.LSTM, bidirectional=True))
    x, hx, _ = problem(ours)
    _, _, (c,) = ours(x, hx, memories=True)
    for t in range(T):
        onwards, back = theirs(x[: t + 1], hx)[1][1][0], theirs(x[t:], hx)[1][1][1]
        assert close([c[t]], [torch.cat([onwards, back], dim=1)])


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_every_layer_hands_out_its_own_memories(peephole):
    ours, theirs = (zeroed(layer(peephole=peephole, num_layers=3)), layer(torch.nn.LSTM, num_layers=3))
    x, hx, _ = problem(ours)
    memories = ours(x, hx, memories=True)[2]
    for t in range(T):
        assert close([c[t] for c in memories], theirs(x[: t + 1], hx)[1][1])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_memories_have_the_form_of_the_output_and_leave_the_others_as_they_are(options, form):
    lstm = layer(peephole="full", **options)
    _, hx, input = problem(lstm, form)
    y, last, memories = lstm(input, hx, memories=True)
    want, want_last = lstm(input, hx)
    assert close(last, want_last, 0) and len(memories) == options["num_layers"]
    for c in memories:
        assert type(c) is type(y) is type(want)
        if isinstance(y, PackedSequence):
            assert all(one is other or torch.equal(one, other) for one, other in zip(c[1:], want[1:]))
        assert (c.data.shape, c.data.dtype) == (want.data.shape, want.data.dtype)
    assert close([y.data], [want.data], 0)


def test_the_memories_of_a_packed_sequence_are_those_of_each_sequence_alone():
    lstm = layer(peephole="full", num_layers=2, bidirectional=True)
    x, (h0, c0), packed = problem(lstm, "packed")
    memories = [pad_packed_sequence(c)[0] for c in lstm(packed, (h0, c0), memories=True)[2]]
    for b, length in enumerate(LENGTHS):
        alone = lstm(x[:length, b], (h0[:, b], c0[:, b]), memories=True)[2]
        assert close([c[:length, b] for c in memories], alone, 1e-14)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_a_loss_on_every_memory_has_the_gradients_of_a_loop_of_single_steps(peephole, engine):
    lstm = layer(peephole=peephole, engine=engine)
    x, (h0, c0), _ = problem(lstm)
    pulls = torch.randn(2, T, B, H, **DOUBLE)
    y, _, (c,) = lstm(x, (h0, c0), memories=True)
    found = torch.autograd.grad((pulls[0] * y + pulls[1] * c).sum(), [x, h0, c0, *lstm.parameters()])
    loss, state = 0, (h0, c0)
    for x_t, pull_h, pull_c in zip(x, *pulls):
        _, state = lstm(x_t[None], state)
        loss = loss + (pull_h * state[0] + pull_c * state[1]).sum()
    assert close(found, torch.autograd.grad(loss, [x, h0, c0, *lstm.parameters()]))


@pytest.mark.parametrize("engine", ENGINES)
def test_gradients_of_every_memory_and_of_the_last_add_up(engine):
    lstm = layer(peephole="full", engine=engine)
    x, hx, _ = problem(lstm)
    inputs = [x, *hx, *lstm.parameters()]
    _, (_, c_last), (c,) = lstm(x, hx, memories=True)
    every, last = (torch.autograd.grad(each.pow(2).sum(), inputs, retain_graph=True) for each in (c, c_last))
    both = torch.autograd.grad(c.pow(2).sum() + c_last.pow(2).sum(), inputs)
    assert close(both, [one + other for one, other in zip(every, last)])


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_an_engine_hears_only_of_memories_that_a_gradient_came_for(compiled, monkeypatch):
    heard, backward = [], numpy_engine.backward

    def noted(d_h, d_c, *others):
        heard.append(len(d_c))
        return backward(d_h, d_c, *others)

    monkeypatch.setattr(numpy_engine, "backward", noted)
    lstm = layer(peephole="full", engine="numpy")
    x, hx, _ = problem(lstm)
    call = torch.compile(lstm, backend="eager") if compiled else lstm
    y, (_, c_last), (c,) = call(x, hx, memories=True)
    for output in (y, c_last, c):
        output.sum().backward(retain_graph=True)
    assert heard == [0, 1, T]
