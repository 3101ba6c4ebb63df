"""Derivatives of our layer other than by `backward`: second ones, and what `torch.func` finds."""

import itertools

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, LOOKING, B, H, I, T, agree, close, layer, problem
from torch.autograd import forward_ad, gradcheck, gradgradcheck
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, vjp, vmap
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_ref.weights import PEEPHOLES


def as_function(lstm, form="batched"):
    """Return every output of a layer as a function of x, h0, c0 and the weights, and small leaves to call it with."""
    names = [name for name, _ in lstm.named_parameters()]

    def run(x, h0, c0, *weights):
        given = pack_padded_sequence(x, [3, 2]) if form == "packed" else x
        y, last, c = functional_call(lstm, dict(zip(names, weights)), (given, (h0, c0)), {"memories": True})
        return [each.data if form == "packed" else each for each in (y, *c)] + list(last)

    states = torch.randn(2, 2 if lstm.bidirectional else 1, 2, H, **DOUBLE)
    given = torch.randn(3, 2, I, **DOUBLE), *states, *lstm.parameters()
    return run, [each.detach().clone().requires_grad_() for each in given]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_first_and_second_derivatives_are_those_of_finite_differences(peephole, engine):
    run, given = as_function(layer(peephole=peephole, engine=engine))
    # Second ones in random directions: of every number by itself they take several times as long.
    assert gradcheck(run, given) and gradgradcheck(run, given, fast_mode=True)


def test_a_packed_layer_both_ways_has_second_derivatives_too():
    run, given = as_function(layer(peephole="full", bidirectional=True), "packed")
    assert gradcheck(run, given, fast_mode=True) and gradgradcheck(run, given, fast_mode=True)


@pytest.mark.parametrize("peephole", LOOKING)
def test_a_gradient_that_will_be_differentiated_is_the_gradient(peephole):
    lstm = layer(peephole=peephole, num_layers=2)
    x, hx, _ = problem(lstm)
    # A start that is made from x as well: what comes through it must be counted once.
    hx = [state + x.mean() for state in hx]
    found, want = (
        torch.autograd.grad(lstm(x, hx)[0].pow(2).sum(), [x, *lstm.parameters()], create_graph=graph)
        for graph in (True, False)
    )
    assert close(found, want)


def test_a_penalty_on_the_gradient_reaches_every_weight():
    for peephole in PEEPHOLES:
        lstm = layer(peephole=peephole)
        x, hx, _ = problem(lstm)
        gradient = torch.autograd.grad(lstm(x, hx)[0].sum(), x, create_graph=True)[0]
        gradient.pow(2).sum().backward()
        assert all(weight.grad.abs().max() > 0 for weight in lstm.parameters())


class Deaf(torch.autograd.Function):
    """A function that has no gradient to give."""

    @staticmethod
    def forward(ctx, y):
        return y.clone()

    @staticmethod
    def backward(ctx, d_y):
        return None


@pytest.mark.parametrize("graph", [False, True])
def test_where_no_gradient_comes_there_is_none_to_give(graph):
    lstm = layer(peephole="full")
    x, hx, _ = problem(lstm)
    loss = Deaf.apply(lstm(x, hx)[0]).sum()
    for gradient in torch.autograd.grad(loss, [x, *hx, *lstm.parameters()], create_graph=graph):
        assert not gradient.any()


@pytest.mark.filterwarnings("ignore:`torch.jit.script")
@pytest.mark.parametrize("engine", ENGINES)
def test_forward_mode_finds_the_tangent_whether_or_not_a_graph_is_made(engine):
    run, (x, *others) = as_function(layer(peephole="full", engine=engine, bidirectional=True))
    x, towards = x.detach(), torch.randn_like(x)
    want = torch.autograd.functional.jvp(lambda x: tuple(run(x, *others)), x, towards)[1]
    for mode in (torch.enable_grad, torch.no_grad):
        with forward_ad.dual_level(), mode():
            answers = run(forward_ad.make_dual(x, towards), *others)
            assert close([forward_ad.unpack_dual(answer).tangent for answer in answers], want)


@pytest.mark.parametrize("spoilt", [0, 1, 2, 3])
def test_in_a_transform_an_output_that_is_changed_in_place_leaves_the_others_alone(spoilt):
    run, (x, *others) = as_function(layer(peephole="diagonal"))

    def loss(x, spoil):
        answers = run(x, *others)
        if spoil:
            answers[spoilt].mul_(0)
        return sum(answer.pow(2).sum() for k, answer in enumerate(answers) if k != spoilt)

    x = x.detach()
    assert close([grad(loss)(x, True)], [grad(loss)(x, False)])


@pytest.mark.filterwarnings("ignore:`torch.jit.script")
@pytest.mark.parametrize("peephole", LOOKING)
def test_forward_mode_and_a_hessian_by_torch_func_are_those_of_reverse_mode(peephole):
    lstm = layer(peephole=peephole)
    x = torch.randn(T, B, I, **DOUBLE)
    assert close([jacfwd(lambda x: lstm(x)[0])(x)], [jacrev(lambda x: lstm(x)[0])(x)])
    few = torch.randn(3, 2, I, **DOUBLE)

    def loss(x):
        return lstm(x)[0].pow(2).sum()

    assert close([hessian(loss)(few)], [torch.autograd.functional.hessian(loss, few)])


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
@pytest.mark.parametrize("peephole", LOOKING)
def test_torch_func_finds_the_gradients_that_backward_finds(peephole, engine):
    lstm = layer(peephole=peephole, engine=engine, num_layers=2, bidirectional=True)
    weights = {name: weight.detach() for name, weight in lstm.named_parameters()}
    x, (h0, c0), _ = problem(lstm)
    x, h0, c0 = (each.detach() for each in (x, h0, c0))

    def run(weights, x, h0=None, c0=None):
        return functional_call(lstm, weights, (x, None if h0 is None else (h0, c0)))[0]

    def loss(weights, x, h0=None, c0=None):
        return run(weights, x, h0, c0).pow(2).sum()

    loss(dict(lstm.named_parameters()), x, h0, c0).backward()
    gradients = {name: weight.grad for name, weight in lstm.named_parameters()}
    agree(grad(loss)(weights, x, h0, c0), gradients, 1e-12)

    y, pull = vjp(run, weights, x, h0, c0)
    agree(pull(2 * y)[0], gradients, 1e-12)

    alone = torch.stack([run(weights, x[:, b], h0[:, b], c0[:, b]) for b in range(B)])
    mapped = vmap(run, in_dims=(None, 1, 1, 1))(weights, x, h0, c0)
    assert (mapped - alone).abs().max() < 1e-12

    each = vmap(grad(loss), in_dims=(None, 1, 1, 1))(weights, x, h0, c0)
    for b in range(B):
        want = grad(loss)(weights, x[:, b], h0[:, b], c0[:, b])
        agree({name: gradients[b] for name, gradients in each.items()}, want, 1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_jacobian_of_all_outputs_is_row_by_row_the_gradient_of_one(engine):
    lstm = layer(peephole="full", engine=engine)
    x = torch.randn(3, 2, I, **DOUBLE)
    jacobian = jacrev(lambda x: lstm(x)[0])(x)
    for index in itertools.product(range(3), range(2), range(H)):
        want = grad(lambda x, index=index: lstm(x)[0][index])(x)
        assert (jacobian[index] - want).abs().max() < 1e-12


def test_many_sets_of_weights_can_be_run_at_once():
    layers = [layer(peephole="diagonal", seed=seed) for seed in range(3)]
    weights, _ = torch.func.stack_module_state(layers)
    x = torch.randn(T, B, I, **DOUBLE)
    got = vmap(lambda weights: functional_call(layers[0], weights, (x,))[0])(weights)
    assert (got - torch.stack([lstm(x)[0] for lstm in layers])).abs().max() < 1e-12
