"""Our layer under `torch.compile` and `torch.export`: one operator for each layer and direction, whatever T and B."""

import itertools
import warnings

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, B, H, I, T, close, layer, problem

from lstm_ref.engines import operators
from lstm_ref.weights import PEEPHOLES

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _from_nothing():
    torch._dynamo.reset()
    with warnings.catch_warnings():
        # warnings of torch about itself: it asks tensors for gradients that they do not keep, and uses what it outdates
        warnings.filterwarnings("ignore", "The .grad attribute of a Tensor that is not a leaf", UserWarning)
        warnings.filterwarnings("ignore", ".*", DeprecationWarning, module="torch")
        yield


def compiled(function, backend, **options):
    """Return a function compiled whole, and how many operators of ours stand in each graph that was made of it."""
    graphs = []

    def noted(graph, inputs):
        graphs.append(sum("lstm_ref.forward" in str(node.target) for node in graph.graph.nodes))
        return torch._dynamo.lookup_backend(backend)(graph, inputs)

    return torch.compile(function, backend=noted, fullgraph=True, **options), graphs


class Net(torch.nn.Module):
    """A layer between two others, as torch.compile meets it in use."""

    def __init__(self, **options):
        super().__init__()
        options = {"num_layers": 2, "bidirectional": True} | options
        self.before, self.after = torch.nn.Linear(I, I, **DOUBLE), torch.nn.Linear(2 * H, 1, **DOUBLE)
        self.lstm = layer(**options)

    def forward(self, x, memories=False):
        y, last, *c = self.lstm(self.before(x).relu(), memories=memories)
        return [self.after(y), *last, *(c[0] if memories else ())]


def outcomes(call, net, x, memories):
    """Return what a network answers, and the gradients of a sum over it by x and by every weight."""
    x = x.clone().requires_grad_()
    answers = call(x, memories)
    loss = sum((k + 1) * answer.sin().sum() for k, answer in enumerate(answers))
    return [*answers, *torch.autograd.grad(loss, [x, *net.parameters()])]


@pytest.mark.parametrize(
    ("peephole", "memories", "backend"),
    [*itertools.product(PEEPHOLES, [False, True], ["eager", "aot_eager"]), ("full", True, "inductor")],
)
def test_torch_compile_takes_a_network_whole_in_one_graph_for_every_t_and_b(peephole, memories, backend):
    net = Net(peephole=peephole)
    call, graphs = compiled(net, backend, dynamic=True)
    made = []
    for steps, sequences in ((T, B), (T + 1, B), (2, B + 3), (20, 2)):
        x = torch.randn(steps, sequences, I, **DOUBLE)
        assert close(outcomes(call, net, x, memories), outcomes(net, net, x, memories))
        made.append(len(graphs))
    # The first call may try twice. The others find what it made, but for one more graph that inductor's rules ask for.
    assert set(graphs) == {4} and made[-1] - made[0] <= (backend == "inductor")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("options", [{"batch_first": True}, {"bias": False}, {"dropout": 0.5}], ids=" ".join)
def test_under_torch_compile_every_engine_and_every_kind_of_layer_answers_as_without(options, engine):
    net = Net(peephole="full", engine=engine, **options).eval()
    call, graphs = compiled(net, "aot_eager")
    x = torch.randn(T, B, I, **DOUBLE)
    assert close(outcomes(call, net, x, True), outcomes(net, net, x, True)) and set(graphs) == {4}


def test_a_start_and_one_sequence_alone_are_taken_as_well():
    lstm = layer(peephole="diagonal")
    for form in ("batched", "unbatched"):
        x, hx, _ = problem(lstm, form)
        call, graphs = compiled(lstm, "aot_eager")
        results = []
        for run in (call, lstm):
            y, last = run(x, hx)
            results.append(
                [y, *last, *torch.autograd.grad(y.sum() + last[1].sin().sum(), [x, *hx, *lstm.parameters()])]
            )
        assert close(*results) and set(graphs) == {1}


def test_a_packed_sequence_stays_outside_the_graph_and_a_whole_graph_refuses_it():
    lstm = layer(peephole="diagonal", bidirectional=True)
    _, hx, packed = problem(lstm, "packed")
    with pytest.raises(torch._dynamo.exc.Unsupported):
        torch.compile(lstm, backend="eager", fullgraph=True)(packed, hx)
    y, (h, c) = torch.compile(lstm, backend="eager")(packed, hx)
    want, (h_want, c_want) = lstm(packed, hx)
    assert close((y.data, h, c), (want.data, h_want, c_want), 0)


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_a_backward_pass_inside_a_compiled_step_finds_the_gradients(engine):
    net = Net(peephole="full", engine=engine)
    x = torch.randn(T, B, I, **DOUBLE)

    def step(x):
        net.zero_grad()
        net(x)[0].sum().backward()
        return [weight.grad.clone() for weight in net.parameters()]

    assert close(torch.compile(step, backend="eager")(x), step(x))


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_an_exported_network_answers_as_it_did_for_every_t_and_b(peephole, strict):
    net = Net(peephole=peephole).eval()
    sizes = {0: torch.export.Dim("T", min=2, max=99), 1: torch.export.Dim("B", min=2, max=99)}
    shapes = {"x": sizes, "memories": None}
    program = torch.export.export(net, (torch.randn(T, B, I, **DOUBLE), True), dynamic_shapes=shapes, strict=strict)
    assert sum(str(node.target) == "lstm_ref.forward.default" for node in program.graph.nodes) == 4
    x = torch.randn(T + 3, B + 4, I, **DOUBLE)
    assert close(program.module()(x, True), net(x, True))


@pytest.mark.parametrize("peephole", PEEPHOLES)
@pytest.mark.parametrize("bias", [True, False])
def test_the_operators_keep_what_torch_asks_of_an_operator(bias, peephole):
    lstm = layer(peephole=peephole, bias=bias)
    W, R, *others = (weight.detach().requires_grad_() for weight in lstm.parameters())
    x, (h0, c0), _ = problem(lstm)
    b = others[0] if bias else None
    P = None if peephole == "none" else others[-1]
    given = x, h0[0].detach().requires_grad_(), c0[0].detach().requires_grad_(), W, R, b, P, None, "torch"
    torch.library.opcheck(operators.forward, given)
    nets, h, c = (each.detach() for each in operators.forward(*given))
    pulls = torch.randn_like(h[1:]), torch.randn_like(c[1:])
    rest = [None if each is None else each.detach() for each in (x, W, R, P)]
    torch.library.opcheck(operators.backward, (*pulls, *rest, nets, h, c, "torch"))


@pytest.mark.skipif(not hasattr(torch.Tag, "cudagraph_unsafe"), reason="torch before 2.8 has no word for it")
def test_the_cuda_graphs_that_the_compiler_makes_leave_the_operators_out():
    for operator in (torch.ops.lstm_ref.forward, torch.ops.lstm_ref.backward):
        assert torch.Tag.cudagraph_unsafe in operator.default.tags
