"""Derivatives of our layer other than by `backward`: what `torch.func` finds, and what is refused."""

import itertools

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, LOOKING, B, H, I, T, agree, close, layer, problem
from torch.func import functional_call, grad, jacrev, vjp, vmap


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("peephole", LOOKING)
@pytest.mark.parametrize("loss", [lambda y: y.sum(), lambda y: y.pow(2).sum()], ids=["sum", "square"])
def test_a_second_derivative_is_refused_and_a_first_one_with_a_graph_is_not(loss, peephole, engine):
    lstm = layer(peephole=peephole, engine=engine)
    x, hx, _ = problem(lstm)
    want = torch.autograd.grad(loss(lstm(x, hx)[0]), [x, lstm.weight_ch_l0])
    got = torch.autograd.grad(loss(lstm(x, hx)[0]), [x, lstm.weight_ch_l0], create_graph=True)
    assert close(got, want, 0)
    for gradient in got:
        with pytest.raises(NotImplementedError, match="second derivatives: expected first derivatives only"):
            gradient.sum().backward(retain_graph=True)


def test_without_a_peephole_a_penalty_on_the_gradient_works():
    lstm = layer()
    x, hx, _ = problem(lstm)
    gradient = torch.autograd.grad(lstm(x, hx)[0].sum(), x, create_graph=True)[0]
    gradient.pow(2).sum().backward()
    assert lstm.weight_hh_l0.grad.abs().max() > 0


@pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")
def test_forward_mode_and_with_it_a_hessian_is_refused():
    lstm = layer(peephole="full")
    x = torch.randn(T, B, I, **DOUBLE)
    for derivative in (torch.func.jacfwd, torch.func.hessian):
        with pytest.raises(NotImplementedError, match="jvp"):
            derivative(lambda x: lstm(x)[0].sum())(x)


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
