"""Our layer on Triton's engine, in Triton's interpreter: `test_triton_engine.py` runs this in a process of its own."""

import pytest
import torch
from helpers.interpreter import whole_numbers  # noqa: F401, a fixture
from helpers.layers import FORMS, LOOKING, close, layer, outcome, problem

from lstm_ref.engines import choosing
from lstm_ref.weights import PEEPHOLES

HALF = 4e-3

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")


@pytest.fixture(autouse=True)
def _serving_a_cpu(monkeypatch):
    """Let Triton's engine take tensors on a CPU, where its interpreter computes."""
    device, dtypes = choosing.SERVES["triton"]
    assert device == "cuda"
    monkeypatch.setitem(choosing.SERVES, "triton", ("cpu", dtypes))


def near(found, want, bound):
    """Hold results by name to those in double precision, by how far all of one are off."""
    for name, expected in want.items():
        assert (found[name].double() - expected).norm() <= bound * expected.norm(), name


def both(form="batched", dtype=torch.float32, **options):
    """Return a layer on Triton's engine, and the results by name of the same layer in double precision on NumPy's."""
    ours, judge = layer(engine="triton", **options), layer(engine="numpy", **options)
    return ours.to(dtype), [{name: each.detach() for name, each in part.items()} for part in outcome(judge, form)[2:]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_the_layer_gives_what_it_gives_on_numpy(peephole, form):
    ours, want = both(form, peephole=peephole, num_layers=2, bidirectional=True)
    for found, expected in zip(outcome(ours, form)[2:], want):
        near(found, expected, 1e-5)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_under_autocast_products_are_in_half_precision_and_the_answer_is_in_that_of_the_weights(peephole):
    ours, want = both(peephole=peephole)
    single = outcome(ours)[2:]
    with torch.autocast("cpu", torch.float16):
        half = outcome(ours)[2:]
    for found, expected, exact in zip(half, want, single):
        assert {each.dtype for each in found.values()} == {torch.float32}
        near(found, expected, HALF)
        assert not any(torch.equal(found[name], exact[name]) for name in expected)


@pytest.mark.parametrize("peephole", LOOKING)
def test_a_layer_in_half_precision_answers_in_it_and_adds_up_in_single_precision(peephole):
    ours, want = both(dtype=torch.float16, peephole=peephole)
    for found, expected in zip(outcome(ours)[2:], want):
        assert {each.dtype for each in found.values()} == {torch.float16}
        near(found, expected, HALF)


def test_under_autocast_a_derivative_can_be_differentiated_again():
    ours, _ = both(peephole="full")
    x, hx, _ = problem(ours)
    with torch.autocast("cpu", torch.float16):
        y = ours(x, hx)[0]
    want = torch.autograd.grad(y.pow(2).sum(), [x, *ours.parameters()], retain_graph=True)
    found = torch.autograd.grad(y.pow(2).sum(), [x, *ours.parameters()], create_graph=True)
    near(dict(enumerate(found)), {k: each.double() for k, each in enumerate(want)}, HALF)
    found[0].pow(2).sum().backward()
    assert all(torch.isfinite(weight.grad).all() and weight.grad.abs().max() > 0 for weight in ours.parameters())


@pytest.mark.parametrize("autocast", [False, True])
def test_a_transform_of_torch_func_goes_past_the_engine_in_the_precision_of_the_weights(autocast):
    ours, (want, _) = both(peephole="diagonal", dtype=torch.float32 if autocast else torch.float16)
    given = [each.detach() for each in (problem(ours)[0], *problem(ours)[1])]
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        y = torch.func.vmap(lambda x, h0, c0: ours(x, (h0, c0))[0], in_dims=1, out_dims=1)(*given)
    assert y.dtype == given[0].dtype
    near({"y": y}, {"y": want["y"]}, 1e-6 if autocast else HALF)


def test_under_torch_compile_and_autocast_the_layer_is_one_operator_and_answers_as_without():
    ours, _ = both(peephole="diagonal")
    x, hx, _ = problem(ours)
    results = []
    for call in (torch.compile(ours, backend="aot_eager", fullgraph=True), ours):
        with torch.autocast("cpu", torch.float16):
            y, (h, c), (every,) = call(x, hx, memories=True)
        loss = y.pow(2).sum() + h.sum() + c.sin().sum() + every.sum()
        results.append([y, h, c, every, *torch.autograd.grad(loss, [x, *hx, *ours.parameters()])])
    assert close(*results, bound=0) and {each.dtype for each in results[0]} == {torch.float32}
