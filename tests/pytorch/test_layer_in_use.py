"""Our layer in use: outputs and gradients that are changed, frozen, pruned, checkpointed, and trained."""

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, LOOKING, B, H, I, T, close, layer, outcome, problem, zeroed
from torch.nn.utils import parametrizations, prune

from lstm_ref.layer import LSTM


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", ["batched", "packed"])
def test_changing_outputs_in_place_leaves_the_gradients_right(form, engine):
    lstm = layer(peephole="full", engine=engine, num_layers=2)
    x, hx, input = problem(lstm, form)
    results = []
    for spoil in (False, True):
        y, (h, c) = lstm(input, hx)
        y = y.data if form == "packed" else y
        loss = (y * 3).sum() + (2 * h).sum() + (5 * c).sum()
        if spoil:
            with torch.no_grad():
                for output in (y, h, c):
                    output.fill_(9)
        results.append(torch.autograd.grad(loss, [x, *hx, *lstm.parameters()], retain_graph=True))
        if spoil:
            y.mul_(0)
    assert close(*results, bound=0)


def test_an_output_can_be_changed_in_place_and_then_differentiated():
    lstm = layer(peephole="diagonal")
    x, hx, _ = problem(lstm)
    y, (h, c) = lstm(x, hx)
    want = torch.autograd.grad((2 * y).relu().sum() + (h + 1).pow(2).sum() + (3 * c).sum(), [x, *lstm.parameters()])
    y, (h, c) = lstm(x, hx)
    got = torch.autograd.grad(
        y.mul_(2).relu_().sum() + h.add_(1).pow(2).sum() + c.mul_(3).sum(), [x, *lstm.parameters()]
    )
    assert close(got, want)


def test_changing_a_weight_in_place_before_the_backward_pass_is_an_error():
    lstm = layer(peephole="full")
    loss = lstm(problem(lstm)[0])[0].sum()
    with torch.no_grad():
        lstm.weight_hh_l0 *= 2
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_graph_can_be_gone_back_through_twice(engine):
    lstm = layer(peephole="full", engine=engine)
    x, hx, _ = problem(lstm)
    loss = lstm(x, hx)[0].sum()
    loss.backward(retain_graph=True)
    once = [weight.grad.clone() for weight in lstm.parameters()]
    loss.backward()
    assert all(torch.equal(weight.grad, 2 * gradient) for weight, gradient in zip(lstm.parameters(), once))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("peephole", LOOKING)
def test_inputs_and_gradients_of_stride_zero_or_out_of_order_give_the_same(peephole, engine):
    lstm = layer(peephole=peephole, engine=engine, num_layers=2, bidirectional=True)
    row = torch.randn(1, 1, I, **DOUBLE)
    odd = torch.randn(I, B, 2 * T, **DOUBLE).permute(2, 1, 0)[::2]
    start = torch.randn(1, 1, H, **DOUBLE).expand(4, B, H)
    for x in (row.expand(T, B, I), odd):
        results = []
        for tidy in (False, True):
            given = x.clone(memory_format=torch.contiguous_format) if tidy else x
            given = given.detach().requires_grad_()
            y, (h, c) = lstm(given, (start.clone(), start.clone()) if tidy else (start, start))
            ones = torch.ones((), **DOUBLE).expand(y.shape)
            slanted = torch.linspace(-1, 1, h.numel(), **DOUBLE).reshape(h.shape[::-1]).permute(2, 1, 0)
            pulls = [ones.clone(), slanted.contiguous(), slanted.contiguous()] if tidy else [ones, slanted, slanted]
            results.append([y, h, c, *torch.autograd.grad([y, h, c], [given, *lstm.parameters()], pulls)])
        assert close(*results)


@pytest.mark.parametrize("used", ["y", "h", "c", "yh", "yc", "hc", "yhc"])
@pytest.mark.parametrize("form", ["batched", "packed"])
def test_any_of_the_three_outputs_can_be_used_alone(form, used):
    ours, theirs = zeroed(layer(peephole="full", num_layers=2)), layer(torch.nn.LSTM, num_layers=2)
    results = []
    for lstm in (ours, theirs):
        x, hx, input = problem(lstm, form)
        y, (h, c) = lstm(input, hx)
        outputs = {"y": y.data if form == "packed" else y, "h": h, "c": c}
        loss = sum(outputs[name].pow(2).sum() for name in used)
        by = [x, *hx, *(getattr(lstm, name) for name, _ in theirs.named_parameters())]
        results.append(torch.autograd.grad(loss, by))
    assert close(*results)


@pytest.mark.parametrize("engine", ENGINES)
def test_only_what_asks_for_a_gradient_gets_one(engine):
    lstm = layer(peephole="diagonal", engine=engine)
    x = torch.randn(T, B, I, **DOUBLE)
    for frozen in dict(lstm.named_parameters()):
        for name, weight in lstm.named_parameters():
            weight.requires_grad_(name != frozen)
            weight.grad = None
        lstm(x)[0].sum().backward()
        assert {name for name, weight in lstm.named_parameters() if weight.grad is None} == {frozen}
    assert x.grad is None
    lstm.requires_grad_(False)
    lstm.zero_grad()
    assert not lstm(x)[0].requires_grad
    y = lstm(x.requires_grad_())[0]
    y.sum().backward()
    assert x.grad is not None and lstm.weight_ih_l0.grad is None


@pytest.mark.parametrize("engine", ENGINES)
def test_every_gradient_is_its_owners_to_change(engine):
    lstm = layer(peephole="full", engine=engine)
    x, hx, _ = problem(lstm)
    first, second = (torch.autograd.grad(lstm(x, hx)[0].pow(2).sum(), [*lstm.parameters()]) for _ in range(2))
    for gradient in first:
        gradient.mul_(0.5)
    assert close(first, [gradient / 2 for gradient in second])


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("engine", ENGINES)
def test_without_gradients_the_answer_is_the_same_and_has_no_graph(engine, mode):
    lstm = layer(peephole="full", engine=engine)
    x, hx, _ = problem(lstm)
    want = lstm(x, hx)[0]
    with mode():
        y = lstm(x, hx)[0]
    assert torch.equal(y, want) and not y.requires_grad


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_call_gives_the_same_bits(engine):
    results = []
    for _ in range(2):
        lstm = layer(peephole="full", engine=engine, num_layers=2, bidirectional=True)
        results.append([*outcome(lstm, "packed")[2].values(), *outcome(lstm, "packed")[3].values()])
    assert close(*results, bound=0)


@pytest.mark.parametrize("peephole", LOOKING)
def test_a_training_runs_with_clipping_and_an_optimiser_and_lowers_the_loss(peephole):
    torch.manual_seed(0)
    lstm, head = LSTM(1, 8, peephole=peephole, batch_first=True), torch.nn.Linear(8, 1)
    parameters = [*lstm.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=0.02)
    x = torch.randn(16, 10, 1)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = (head(lstm(x)[0]).squeeze(2) - x.cumsum(1).squeeze(2).tanh()).pow(2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    assert lstm.weight_ch_l0 in optimiser.state


@pytest.mark.parametrize(
    ("change", "name", "more"),
    [
        (parametrizations.weight_norm, "weight_hh_l0", {}),
        (parametrizations.orthogonal, "weight_ih_l0", {}),
        (prune.l1_unstructured, "weight_hh_l0", {"amount": 0.5}),
    ],
)
def test_a_weight_with_a_parametrisation_is_used_and_learnt(change, name, more):
    lstm = layer(peephole="full")
    x, hx, _ = problem(lstm)
    change(lstm, name, **more)
    plain = layer(peephole="full", seed=1)
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ch_l0"):
            getattr(plain, name).copy_(getattr(lstm, name))
    assert (lstm(x, hx)[0] - plain(x, hx)[0]).abs().max() < 1e-12
    lstm(x, hx)[0].sum().backward()
    assert all(weight.grad.abs().max() > 0 for weight in lstm.parameters())


@pytest.mark.parametrize("peephole", LOOKING)
def test_what_else_is_done_with_a_torch_nn_lstm_can_be_done_with_it(peephole):
    lstm = layer(peephole=peephole, num_layers=2, batch_first=True)
    assert isinstance(lstm, torch.nn.RNNBase) and lstm.mode == "LSTM"
    x, (h0, c0), _ = problem(lstm)
    want = lstm(x, (h0, c0))[0]
    assert torch.equal(lstm(x, [h0, c0])[0], want) and torch.equal(lstm(input=x, hx=(h0, c0))[0], want)
    lstm.flatten_parameters()
    assert torch.equal(torch.nn.Sequential(lstm)(x)[0], lstm(x)[0])
    handle = lstm.register_forward_hook(lambda module, args, output: output[0])
    assert torch.equal(lstm(x, (h0, c0)), want)
    handle.remove()
    assert sum(weight.numel() for weight in lstm.parameters()) == sum(
        weight.numel() for row in lstm.all_weights for weight in row
    ) + sum(weight.numel() for name, weight in lstm.named_parameters() if "weight_ch" in name)
    kept = torch.utils.checkpoint.checkpoint(lambda x: lstm(x, (h0, c0))[0], x, use_reentrant=False)
    kept.sum().backward()
    gradient, x.grad = x.grad, None
    lstm(x, (h0, c0))[0].sum().backward()
    assert torch.equal(gradient, x.grad)
    carried = lstm(x[:, 2:], lstm(x[:, :2], (h0, c0))[1])[0]
    assert (carried - want[:, 2:]).abs().max() < 1e-12


def test_reset_parameters_draws_the_peepholes_anew_as_well():
    lstm = layer(peephole="full")
    before = lstm.weight_ch_l0.detach().clone()
    lstm.reset_parameters()
    assert not torch.equal(lstm.weight_ch_l0, before) and lstm.weight_ch_l0.abs().max() <= H**-0.5


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_bias_an_infinite_weight_opens_a_valve_and_makes_no_nan(engine):
    lstm = layer(peephole="diagonal", engine=engine, bias=False)
    with torch.no_grad():
        lstm.weight_ih_l0[0, 0] = torch.inf
    assert torch.isfinite(lstm(problem(lstm)[0].abs())[0]).all()
