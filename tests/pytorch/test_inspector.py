"""Every signal inside a trained layer: what it says is what the layer says, and each trace is one unit's."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from helpers.layers import LENGTHS, B, H, I, T, kinds, layer, problem
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.rnn import pad_packed_sequence

from lstm_ref import plots, step
from lstm_ref.diagrams import draw
from lstm_ref.explorer import TimeMachine
from lstm_ref.gates import ORDERS
from lstm_ref.inspector import backwards, traces
from lstm_ref.weights import PEEPHOLES

KINDS = kinds((1, 2, 3))
FORMS = ("batched", "no start", "unbatched", "packed")
BOTH_WAYS = {"num_layers": 2, "bidirectional": True}


def called(lstm, form):
    """Return what the layer may be called with: x in the layer's layout, with a start or without."""
    with torch.no_grad():
        _, hx, x = problem(lstm, form.replace("no start", "batched"))
    return x, None if form == "no start" else hx


def joined(found, lstm):
    """Return what the traces say the layer answers: h with time first, h_last and c_last."""
    last = [trace for name, trace in found.items() if name.startswith(f"l{lstm.num_layers - 1}")]
    ways = [last[0].h_t] + [backwards(trace.h_t, trace.lengths) for trace in last[1:]]
    ends = [(t.h_t[-1], t.c_t[-1]) for t in found.values()]
    if last[0].lengths is not None:
        sequences = [[trace.sequence(b) for b in range(B)] for trace in found.values()]
        ends = [(np.stack([one.h_t[-1] for one in row]), np.stack([one.c_t[-1] for one in row])) for row in sequences]
    return np.concatenate(ways, axis=-1), *(np.stack(end) for end in zip(*ends))


def largest_difference(lstm, x, hx):
    with torch.no_grad():
        h, (h_last, c_last) = lstm(x, hx)
    if isinstance(h, torch.nn.utils.rnn.PackedSequence):
        h = pad_packed_sequence(h)[0]
    elif lstm.batch_first and h.dim() == 3:
        h = h.transpose(0, 1)
    found, expected = joined(traces(lstm, x, hx), lstm), [part.numpy() for part in (h, h_last, c_last)]
    assert [part.dtype for part in found] == [part.dtype for part in expected]
    assert [part.shape for part in found] == [part.shape for part in expected]
    return max(np.abs(got - want).max() for got, want in zip(found, expected))


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-5)], ids=["double", "single"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_the_outputs_are_those_of_torch(options, form, dtype, bound):
    lstm = layer(torch.nn.LSTM, **options, dtype=dtype)
    assert largest_difference(lstm, *called(lstm, form)) < bound


@pytest.mark.parametrize("peephole", PEEPHOLES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["1 layers, no bias", "2 layers, both ways, batch first", "3 layers, both ways"])
def test_the_outputs_are_those_of_our_layer_with_every_peephole(kind, form, peephole):
    lstm = layer(**KINDS[kind], peephole=peephole, engine="torch")
    assert largest_difference(lstm, *called(lstm, form)) < 1e-12


@pytest.mark.parametrize("form", FORMS)
def test_every_trace_is_that_of_its_own_unit_at_every_step(form):
    lstm = layer(**BOTH_WAYS, peephole="full")
    found = traces(lstm, *called(lstm, form))
    assert list(found) == ["l0", "l0_reverse", "l1", "l1_reverse"]
    for trace in found.values():
        assert (trace.lengths is None) == (form != "packed") and trace.peephole == "full"
        for one in [trace] if form != "packed" else [trace.sequence(b) for b in range(B)]:
            for at in one:
                for name, want in step(*at[:3], one.weights)._asdict().items():
                    assert np.abs(getattr(at, name) - want).max() < 1e-12, name


@pytest.mark.parametrize("form", ["batched", "packed"])
def test_the_way_back_begins_with_the_last_step_and_backwards_lines_it_up(form):
    lstm = layer(torch.nn.LSTM, **BOTH_WAYS)
    x, hx = called(lstm, form)
    found = traces(lstm, x, hx)
    x = (pad_packed_sequence(x)[0] if form == "packed" else x).detach().numpy()
    lengths = LENGTHS if form == "packed" else [T] * B
    for b, length in enumerate(lengths):
        assert np.array_equal(found["l0"].x_t[:length, b], x[:length, b])
        assert np.array_equal(found["l0_reverse"].x_t[:length, b], x[:length, b][::-1])
        assert np.array_equal(found["l0_reverse"].h_prev[0, b], hx[0][1, b].detach())
    back = found["l0_reverse"]
    assert np.array_equal(backwards(back.x_t, back.lengths), x)
    heard = np.concatenate([found["l0"].h_t, backwards(back.h_t, back.lengths)], axis=2)
    assert np.array_equal(found["l1"].x_t, heard)


def test_backwards_keeps_what_stands_past_the_end_and_undoes_itself():
    array = np.random.default_rng(1).normal(size=(T, B, H))
    turned = backwards(array, LENGTHS)
    for b, length in enumerate(LENGTHS):
        assert np.array_equal(turned[:, b], np.concatenate([array[:length, b][::-1], array[length:, b]]))
    assert np.array_equal(backwards(turned, LENGTHS), array)
    with pytest.raises(ValueError, match=r"^array: expected shape \(T, B, \.\.\.\) beside lengths, got \(6, 5\)$"):
        backwards(array[..., 0], LENGTHS)


def test_the_layer_its_gradients_and_the_input_stay_as_they_are():
    lstm = layer(torch.nn.LSTM, **BOTH_WAYS)
    x, hx = called(lstm, "batched")
    copies = [part.detach().clone() for part in (x, *hx, *lstm.parameters())]
    found = traces(lstm, x, hx)
    assert all(torch.equal(copy, part) for copy, part in zip(copies, (x, *hx, *lstm.parameters())))
    assert all(part.grad is None for part in (x, *lstm.parameters()))
    with torch.no_grad():
        x += 1
        lstm.weight_ih_l0 += 1
    assert np.array_equal(found["l0"].x_t, copies[0])
    assert np.array_equal(found["l0"].weights.stack("W", ORDERS["torch"]), copies[3])


def test_dropout_that_would_strike_is_refused_and_dropout_at_rest_is_not():
    lstm = layer(torch.nn.LSTM, num_layers=2, dropout=0.5).eval()
    assert largest_difference(lstm, *called(lstm, "batched")) < 1e-12
    with pytest.raises(ValueError, match=r"lstm: expected evaluation, .* got training with dropout=0.5"):
        traces(lstm.train(), *called(lstm, "batched"))
    lstm.dropout = 0.0
    assert largest_difference(lstm, *called(lstm, "batched")) < 1e-12
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        single = torch.nn.LSTM(I, H, dropout=0.5, dtype=torch.float64)
    assert largest_difference(single, *called(single, "batched")) < 1e-12


@pytest.mark.parametrize("kind", ["normed", "pruned"])
def test_the_weights_are_those_that_a_parametrised_or_pruned_layer_computes_with(kind):
    lstm = layer(peephole="diagonal")
    if kind == "normed":
        parametrizations.weight_norm(lstm, "weight_hh_l0").parametrizations.weight_hh_l0.original0.data *= 1.5
    else:
        prune.random_unstructured(lstm, "weight_hh_l0", amount=0.3)
    assert largest_difference(lstm, *called(lstm, "batched")) < 1e-12


x32 = torch.zeros(T, B, I)


@pytest.mark.parametrize(
    ("lstm", "arguments", "error", "message"),
    [
        (torch.nn.GRU(I, H), (x32,), ValueError, "model: expected a torch.nn.LSTM in it, got GRU without one"),
        (
            torch.nn.LSTM(I, H, proj_size=2),
            (x32,),
            ValueError,
            "lstm: expected one without projections, got proj_size=2",
        ),
        (
            torch.nn.LSTM(I, H).half(),
            (x32.half(),),
            TypeError,
            "weight_hh_l0: expected float32 or float64, got float16",
        ),
        (torch.nn.LSTM(I, H), (x32.bfloat16(),), TypeError, "x: expected float32 or float64, got bfloat16"),
        (torch.nn.LSTM(I, H), (x32.double(),), TypeError, "x: expected float32 like the weights, got float64"),
        (torch.nn.LSTM(I, H), (x32[0, 0],), ValueError, r"x: expected \(T, I\) or \(T, B, I\) .* got \(3,\)"),
        (torch.nn.LSTM(I, H), (x32, x32), ValueError, "hx: expected a pair, h0 and c0, got Tensor$"),
        (torch.nn.LSTM(I, H), (x32, 3), ValueError, "hx: expected a pair, h0 and c0, got int$"),
        (
            torch.nn.LSTM(I, H, 2),
            (x32, (torch.zeros(2, B, H), torch.zeros(1, B, H))),
            ValueError,
            r"c0: expected shape \(layers \* directions, B, H\) = \(2, 5, 4\), got \(1, 5, 4\)",
        ),
        (
            torch.nn.LSTM(I, H),
            (x32, (torch.zeros(1, B, H).double(),) * 2),
            TypeError,
            "h0: expected float32 like the weights, got float64",
        ),
    ],
)
def test_a_bad_layer_or_argument_is_named_with_what_came_and_what_was_expected(lstm, arguments, error, message):
    with pytest.raises(error, match=message):
        traces(lstm, *arguments)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_diagrams_figures_and_the_explorer_take_the_traces_as_they_are(peephole):
    lstm = layer(**BOTH_WAYS, batch_first=True, dtype=torch.float32, peephole=peephole)
    alone, packed = traces(lstm, *called(lstm, "unbatched")), traces(lstm, *called(lstm, "packed"))
    for trace in (alone["l0"], packed["l1_reverse"].sequence(0)):
        diagram = draw("pipe", trace=trace, t=-1, weights=trace.weights)
        assert f"Values at step {len(trace) - 1}" in diagram.alt
        assert plots.signals(trace).svg
        assert repr(TimeMachine(trace, weights=trace.weights)).startswith(f"TimeMachine({len(trace)} steps")
    plt.close("all")
