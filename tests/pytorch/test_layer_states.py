"""States, copies and precisions of our layer: what is loaded, kept and computed in."""

import copy
import io
import pickle

import pytest
import torch
from helpers.layers import ENGINES, LOOKING, H, I, close, layer, outcome, problem

from lstm_ref.layer import LSTM
from lstm_ref.weights import PEEPHOLES


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_a_state_of_torch_nn_lstm_loads_and_gives_its_function(peephole):
    options = {"num_layers": 2, "bidirectional": True}
    theirs, ours = layer(torch.nn.LSTM, **options), layer(peephole=peephole, seed=8, **options)
    state = theirs.state_dict()
    names = set(state)
    for lstm, loaded, prefix in ((ours, state, ""), (torch.nn.Sequential(ours), state, "0.")):
        loaded = {prefix + name: weight for name, weight in state.items()}
        assert not any(lstm.load_state_dict(loaded, strict=True))
        assert {name.removeprefix(prefix) for name in loaded} == names
    x, hx, _ = problem(ours)
    assert (ours(x, hx)[0] - theirs(x, hx)[0]).abs().max() < 1e-12


def test_loading_a_state_without_peepholes_sets_those_that_were_there_to_zero():
    lstm = layer(peephole="full")
    lstm.load_state_dict(layer(torch.nn.LSTM).state_dict())
    assert (lstm.weight_ch_l0 == 0).all() and lstm.weight_ch_l0.requires_grad


def test_a_state_that_says_nothing_of_this_layer_leaves_its_peepholes_alone():
    lstm = layer(peephole="diagonal")
    before = lstm.weight_ch_l0.detach().clone()
    found = lstm.load_state_dict({}, strict=False)
    assert torch.equal(lstm.weight_ch_l0, before) and before.abs().max() > 0
    assert "weight_ch_l0" in found.missing_keys


@pytest.mark.parametrize(("peephole", "shape"), [("diagonal", (3, H)), ("full", (3, H, H))])
def test_a_layer_without_memory_of_its_own_takes_the_precision_of_the_state_it_is_assigned(peephole, shape):
    lstm = LSTM(I, H, peephole=peephole, device="meta")
    lstm.load_state_dict(layer(torch.nn.LSTM).state_dict(), assign=True)
    assert {(weight.dtype, weight.device.type) for weight in lstm.parameters()} == {(torch.float64, "cpu")}
    assert lstm.weight_ch_l0.shape == shape and not lstm.weight_ch_l0.any()
    x, hx, _ = problem(lstm)
    assert (lstm(x, hx)[0] - layer(torch.nn.LSTM)(x, hx)[0]).abs().max() < 1e-12


def test_a_layer_without_a_peephole_loads_into_torch_nn_lstm():
    theirs, ours = layer(torch.nn.LSTM, seed=1), layer(seed=2)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x, hx, _ = problem(ours)
    assert torch.equal(ours(x, hx)[0], theirs(x, hx)[0])


def test_a_state_that_lacks_one_of_two_peepholes_or_has_one_too_many_is_an_error():
    lstm = layer(peephole="diagonal", num_layers=2)
    whole = lstm.state_dict()
    part = {name: weight for name, weight in whole.items() if name != "weight_ch_l1"}
    for peephole, state, message in (
        ("diagonal", part, 'Missing key.*"weight_ch_l1"'),
        ("none", whole, 'Unexpected key.*"weight_ch_l0"'),
        ("full", whole, "size mismatch for weight_ch_l0"),
    ):
        with pytest.raises(RuntimeError, match=message):
            layer(peephole=peephole, num_layers=2).load_state_dict(state)


def saved(lstm):
    file = io.BytesIO()
    torch.save(lstm, file)
    return torch.load(io.BytesIO(file.getvalue()), weights_only=False)


def reloaded(lstm):
    file = io.BytesIO()
    torch.save(lstm.state_dict(), file)
    fresh = layer(peephole=lstm.peephole, num_layers=2, seed=0)
    fresh.load_state_dict(torch.load(io.BytesIO(file.getvalue()), weights_only=True))
    return fresh


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda lstm: pickle.loads(pickle.dumps(lstm)), saved, reloaded],
    ids=["deepcopy", "pickle", "save", "state"],
)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_a_copy_of_a_layer_answers_as_it_does_and_shares_nothing_with_it(peephole, copied):
    lstm = layer(peephole=peephole, num_layers=2)
    x, hx, _ = problem(lstm)
    want, twin = lstm(x, hx)[0], copied(lstm)
    assert (twin.peephole, twin.engine) == (lstm.peephole, lstm.engine)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.zero_()
    assert torch.equal(twin(x, hx)[0], want)


def test_the_repr_names_the_peephole_where_there_is_one():
    assert repr(LSTM(3, 4, 2, peephole="full")) == "LSTM(3, 4, num_layers=2, peephole='full')"
    assert repr(LSTM(3, 4)) == repr(torch.nn.LSTM(3, 4))


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
@pytest.mark.parametrize("peephole", LOOKING)
def test_under_autocast_it_answers_in_the_precision_of_its_weights(peephole, engine):
    lstm = layer(peephole=peephole, engine=engine, num_layers=2, bidirectional=True, dtype=torch.float32)
    x, hx, _ = problem(lstm)
    for low in (False, True):
        x, hx = (x.bfloat16(), [state.bfloat16() for state in hx]) if low else (x, hx)
        results = []
        for enabled in (True, False):
            inputs = [each.detach().clone().requires_grad_() for each in (x, *hx)]
            given = inputs if enabled else [each.float() for each in inputs]
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                y, (h, c) = lstm(given[0], given[1:])
                loss = (y**2).sum() + h.sum() + c.sum()
            assert y.dtype == h.dtype == c.dtype == torch.float32
            results.append([y, h, c, *torch.autograd.grad(loss, [*inputs, *lstm.parameters()])])
        assert all(torch.equal(found, want) and found.dtype == want.dtype for found, want in zip(*results))


@pytest.mark.parametrize("graph", [False, True])
def test_a_backward_pass_inside_autocast_is_the_one_outside(graph):
    lstm = layer(peephole="full", engine="torch", dtype=torch.float32)
    gradients = []
    for inside in (False, True):
        loss = lstm(problem(lstm)[0])[0].sum()
        with torch.autocast("cpu", torch.bfloat16, enabled=inside):
            gradients.append(torch.autograd.grad(loss, list(lstm.parameters()), create_graph=graph))
    assert close(*gradients, bound=0)


@pytest.mark.parametrize("peephole", LOOKING)
def test_a_transform_of_torch_func_inside_autocast_answers_as_outside(peephole):
    lstm = layer(peephole=peephole, dtype=torch.float32)
    x = problem(lstm)[0].detach()
    answers = []
    for inside in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=inside):
            answers.append(torch.func.vmap(lambda x: lstm(x)[0], in_dims=1)(x))
    assert torch.equal(*answers) and answers[1].dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("form", ["batched", "packed"])
@pytest.mark.parametrize("peephole", LOOKING)
def test_half_precision_is_finite_and_close_to_single(peephole, form, dtype):
    lstm = layer(peephole=peephole, bidirectional=True, dtype=torch.float32)
    want = outcome(lstm, form)
    got = outcome(copy.deepcopy(lstm).to(dtype), form)
    for found, expected in zip(got[2:], want[2:]):
        for name in expected:
            assert found[name].dtype == dtype and found[name].isfinite().all(), name
            bound = 0.05 * max(1, expected[name].abs().max())
            assert (found[name].float() - expected[name]).abs().max() < bound, name
