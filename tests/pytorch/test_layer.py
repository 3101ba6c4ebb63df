"""Our layer in place of `torch.nn.LSTM`: the same calls, the same answers, and peepholes that others have too."""

import itertools

import pytest
import torch
from helpers.layers import (
    DOUBLE,
    ENGINES,
    FORMS,
    LENGTHS,
    LOOKING,
    B,
    H,
    I,
    T,
    agree,
    close,
    kinds,
    layer,
    outcome,
    problem,
    zeroed,
)
from torch.func import functional_call
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence
from torchrecurrent import PeepholeLSTM

from lstm_ref.layer import LSTM
from lstm_ref.weights import PEEPHOLES

KINDS = kinds((1, 2))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_without_a_peephole_it_is_torch_nn_lstm_bit_for_bit(options, form):
    ours, theirs = outcome(layer(**options), form), outcome(layer(torch.nn.LSTM, **options), form)
    for found, want in zip(ours[2:], theirs[2:]):
        agree(found, want, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_a_peephole_of_zeros_is_torch_nn_lstm_in_every_output_type_and_gradient(options, form):
    options = options | {"dropout": 0.3 if options["num_layers"] == 2 else 0}
    for hx in (True, False):
        theirs = outcome(layer(torch.nn.LSTM, **options).eval(), form, hx)
        for peephole in LOOKING:
            ours = outcome(zeroed(layer(peephole=peephole, **options)).eval(), form, hx)
            assert type(ours[0]) is type(theirs[0]) and type(ours[1]) is type(theirs[1])
            if isinstance(ours[0], PackedSequence):
                for found, want in zip(ours[0][1:], theirs[0][1:]):
                    assert found is want is None or torch.equal(found, want)
            for found, want in zip(ours[2:], theirs[2:]):
                agree(found, want, 1e-12)


def test_sequences_packed_by_pack_sequence_come_back_as_they_do_from_torch_nn_lstm():
    sequences = [torch.randn(length, I, **DOUBLE) for length in (2, 6, 6, 1)]
    packed = pack_sequence(sequences, enforce_sorted=False)
    ours, theirs = zeroed(layer(peephole="full", bidirectional=True)), layer(torch.nn.LSTM, bidirectional=True)
    assert close(ours(packed)[0], theirs(packed)[0])


@pytest.mark.parametrize("peephole", LOOKING)
def test_what_stands_past_the_end_of_a_packed_sequence_is_each_sequence_alone(peephole):
    lstm = layer(peephole=peephole, num_layers=2, bidirectional=True)
    x, (h0, c0), packed = problem(lstm, "packed")
    y, (h, c) = lstm(packed, (h0, c0))
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(y)
    for b, length in enumerate(LENGTHS):
        alone, (h_last, c_last) = lstm(x[:length, b], (h0[:, b], c0[:, b]))
        assert close((y[:length, b], h[:, b], c[:, b]), (alone, h_last, c_last), 1e-14)


def test_dropout_in_training_silences_what_one_layer_says_to_the_next_and_scales_the_rest():
    lstm = layer(peephole="diagonal", num_layers=3, dropout=0.5)
    heard, (h0, c0), _ = problem(lstm)
    torch.manual_seed(1)
    y, (h, c) = lstm(heard, (h0, c0))
    torch.manual_seed(1)
    masks = [torch.nn.functional.dropout(torch.ones(T, B, H, **DOUBLE), 0.5) for _ in range(2)]
    for k, mask in enumerate([*masks, 1]):
        one = LSTM(heard.shape[2], H, peephole="diagonal", **DOUBLE)
        one.load_state_dict({name: getattr(lstm, name.replace("l0", f"l{k}")) for name in one.state_dict()})
        said, (h_last, c_last) = one(heard, (h0[k : k + 1], c0[k : k + 1]))
        assert close((h[k], c[k]), (h_last[0], c_last[0]), 1e-14)
        heard = said * mask
    assert (y - heard).abs().max() < 1e-14
    assert set(masks[0].unique().tolist()) == {0, 2}


@pytest.mark.parametrize("form", FORMS)
def test_dropout_acts_in_training_alone_and_never_on_what_the_last_layer_says(form):
    lstm = layer(peephole="diagonal", num_layers=2, dropout=1.0)
    answers = []
    for training, dropout in ((True, 1.0), (True, 0.0), (False, 1.0)):
        lstm.train(training).dropout = dropout
        answers.append(outcome(lstm, form)[2])
    silenced, want, quiet = answers
    agree(quiet, want, 0)
    assert torch.equal(silenced["h"][0], want["h"][0]) and silenced["y"].abs().min() > 0
    assert not torch.isclose(silenced["y"], want["y"]).any()


def test_a_seed_draws_the_weights_that_it_draws_for_torch_nn_lstm():
    for peephole, options in itertools.product(PEEPHOLES, KINDS.values()):
        ours = layer(peephole=peephole, **options).state_dict()
        for name, weight in layer(torch.nn.LSTM, **options).state_dict().items():
            assert torch.equal(ours[name], weight), name


def test_each_layer_and_direction_has_a_peephole_drawn_from_the_range_of_the_other_weights():
    for peephole, shape in (("diagonal", (3, 64)), ("full", (3, 64, 64))):
        lstm = LSTM(3, 64, 2, bidirectional=True, peephole=peephole)
        drawn = [weight for name, weight in lstm.named_parameters() if "weight_ch" in name]
        assert [tuple(weight.shape) for weight in drawn] == [shape] * 4
        for weight in drawn:
            assert 0.9 / 8 < weight.abs().max() <= 1 / 8 and abs(weight.mean()) < 0.03
        assert len({tuple(weight.flatten()[:3].tolist()) for weight in drawn}) == 4


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_diagonal_peephole_is_that_of_torchrecurrent(layers, engine):
    torch.manual_seed(9)
    theirs = PeepholeLSTM(I, H, layers, **DOUBLE)
    ours = layer(peephole="diagonal", num_layers=layers, engine=engine)
    names = {}
    for k, name in itertools.product(range(layers), ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_ph")):
        names[f"{name.replace('ph', 'ch')}_l{k}"] = f"cells.{k}.{name}"
    weights = dict(theirs.named_parameters())
    with torch.no_grad():
        for weight in weights.values():
            weight.copy_(0.5 * torch.randn_like(weight))
        for name, parameter in ours.named_parameters():
            parameter.copy_(weights[names[name]].reshape(parameter.shape))
    x, hx, _ = problem(ours)
    results = []
    for lstm in (ours, theirs):
        y, (h, c) = lstm(x, hx)
        torch.manual_seed(7)
        loss = sum((torch.randn_like(output) * output).sum() for output in (y, h, c))
        by = dict(lstm.named_parameters())
        by = [by[name if lstm is ours else names[name]] for name in names]
        results.append([y, h, c, *torch.autograd.grad(loss, [x, *hx, *by])])
    assert close(results[0], [each.reshape(own.shape) for each, own in zip(results[1], results[0])], 1e-10)


@pytest.mark.parametrize("form", ["batched", "packed"])
def test_a_full_peephole_of_diagonal_matrices_is_the_diagonal_one(form):
    options = {"num_layers": 2, "bidirectional": True}
    diagonal, full = layer(peephole="diagonal", **options), layer(peephole="full", **options)
    with torch.no_grad():
        for name, weight in full.named_parameters():
            own = getattr(diagonal, name)
            weight.copy_(torch.diag_embed(own) if "weight_ch" in name else own)
    (_, _, outputs, gradients), (_, _, want, want_gradients) = outcome(full, form), outcome(diagonal, form)
    agree(outputs, want, 1e-12)
    for name in gradients:
        if "weight_ch" in name:
            gradients[name] = gradients[name].diagonal(dim1=1, dim2=2)
    agree(gradients, want_gradients, 1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("peephole", LOOKING)
def test_gradcheck_passes_for_two_layers_and_directions(peephole, packed, engine):
    torch.manual_seed(3)
    lstm = LSTM(2, 2, 2, bidirectional=True, peephole=peephole, engine=engine, **DOUBLE)
    weights = dict(lstm.named_parameters())

    def function(x, h0, c0, *parameters):
        input = pack_padded_sequence(x, torch.tensor([2, 3]), enforce_sorted=False) if packed else x
        y, (h, c) = functional_call(lstm, dict(zip(weights, parameters)), (input, (h0, c0)))
        return y.data if packed else y, h, c

    inputs = [torch.randn(shape, **DOUBLE, requires_grad=True) for shape in ((3, 2, 2), (4, 2, 2), (4, 2, 2))]
    parameters = [weight.detach().clone().requires_grad_() for weight in weights.values()]
    assert torch.autograd.gradcheck(function, (*inputs, *parameters), fast_mode=True)


@pytest.mark.parametrize("form", ["batched", "packed"])
@pytest.mark.parametrize("peephole", LOOKING)
def test_every_engine_gives_the_same_outputs_and_gradients(peephole, form):
    options = {"num_layers": 2, "bidirectional": True, "peephole": peephole}
    for dtype, bound in ((torch.float64, 1e-12), (torch.float32, 2e-5)):
        want = outcome(layer(engine="torch", **options, dtype=dtype), form)
        for engine in ("numpy", "compiled", "auto"):
            for found, expected in zip(outcome(layer(engine=engine, **options, dtype=dtype), form)[2:], want[2:]):
                agree(found, expected, bound)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", FORMS)
def test_without_a_peephole_a_named_engine_computes_what_torch_nn_lstm_does(form, engine):
    options = {"num_layers": 2, "bidirectional": True}
    ours, theirs = outcome(layer(engine=engine, **options), form), outcome(layer(torch.nn.LSTM, **options), form)
    for found, want in zip(ours[2:], theirs[2:]):
        agree(found, want, 1e-12)
