"""Our layer under `torch.compile` and `torch.export`: one operator for each layer and direction, whatever T and B."""

import warnings

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, LENGTHS, B, H, I, T, close, layer, problem
from helpers.processes import python
from torch.func import grad, jvp, vmap

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
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)`", FutureWarning)
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
    [
        *(("none", False, "aot_eager"), ("diagonal", True, "aot_eager"), ("full", True, "aot_eager")),
        *(("full", False, "eager"), pytest.param("full", True, "inductor", marks=pytest.mark.long)),
    ],
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


@pytest.mark.parametrize("engine", ENGINES)
def test_in_a_compiled_step_the_backward_pass_of_a_packed_sequence_is_left_alone(engine):
    lstm = layer(peephole="full", engine=engine)
    _, hx, packed = problem(lstm, "packed")
    graphs = []

    def step(packed):
        lstm.zero_grad()
        lstm(packed, hx)[0].data.pow(2).sum().backward(retain_graph=True)
        return [weight.grad.clone() for weight in lstm.parameters()]

    found = torch.compile(step, backend=lambda graph, _: graphs.append(graph) or graph)(packed)
    assert close(found, step(packed)) and len(graphs) <= 2


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


@pytest.mark.parametrize("backend", ["eager", "aot_eager", "inductor"])
def test_changing_an_output_in_place_leaves_the_others_and_the_gradients_right(backend):
    lstm = layer(peephole="full")
    x, hx, _ = problem(lstm)
    call, _ = compiled(lstm, backend)
    for spoilt in range(4):
        results = []
        for run in (call, lstm):
            y, (h, c), (every,) = run(x, hx, memories=True)
            answers = [y, h, c, every]
            loss = sum(answer.pow(2).sum() for k, answer in enumerate(answers) if k != spoilt)
            loss = loss + 3 * answers[spoilt].mul_(2).sum()
            with torch.no_grad():
                answers[spoilt].fill_(9)
            results.append([*answers, *torch.autograd.grad(loss, [x, *hx, *lstm.parameters()])])
        assert close(*results), spoilt


@pytest.mark.filterwarnings("ignore:`torch.jit.script")
def test_transforms_of_torch_func_inside_a_compiled_function_answer_as_outside():
    lstm = layer(peephole="full")
    x = torch.randn(3, 2, I, **DOUBLE)

    def run(x):
        return lstm(x)[0]

    def loss(x):
        return run(x).pow(2).sum()

    for function in (
        vmap(run, in_dims=1),
        grad(loss),
        vmap(grad(loss), in_dims=1),
        grad(lambda x: grad(loss)(x).pow(2).sum()),
        lambda x: jvp(run, (x,), (x.cos(),))[1],
    ):
        torch._dynamo.reset()
        assert close([torch.compile(function, backend="eager", fullgraph=True)(x)], [function(x)])


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_a_second_derivative_of_a_compiled_layer_is_refused(backend):
    lstm = layer(peephole="full")
    x, hx, _ = problem(lstm)
    y = torch.compile(lstm, backend=backend)(x, hx)[0]
    gradient = torch.autograd.grad(y.pow(2).sum(), x, create_graph=True)[0]
    with pytest.raises(RuntimeError, match=r"double backward|no autograd formula"):
        gradient.sum().backward()


def test_a_saved_program_runs_in_another_process_that_imports_the_layer(tmp_path):
    lstm = layer(peephole="diagonal", num_layers=2)
    x = torch.randn(T, B, I, **DOUBLE)
    torch.export.save(torch.export.export(lstm, (x,)).run_decompositions(), tmp_path / "program.pt2")
    torch.save([x, lstm(x)[0].detach()], tmp_path / "numbers.pt")
    code = f"""
import torch, lstm_ref.layer
x, y = torch.load(r"{tmp_path / "numbers.pt"}")
program = torch.export.load(r"{tmp_path / "program.pt2"}")
print((program.module()(x)[0] - y).abs().max().item() < 1e-12)
"""
    assert python("-c", code) == "True\n"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("peephole", "memories"), [("none", False), ("diagonal", True), ("full", True)])
def test_the_operators_keep_what_torch_asks_of_an_operator(peephole, memories, engine):
    for bias, lengths in ((True, None), (False, torch.tensor(LENGTHS))):
        lstm = layer(peephole=peephole, bias=bias)
        W, R, *others = (weight.detach() for weight in lstm.parameters())
        # Weights that lie in another order, as some parametrisations make them.
        W, *others = (each.flip(0).T.contiguous().T if each.dim() == 2 else each for each in (W, *others))
        b = others[0] if bias else None
        P = None if peephole == "none" else others[-1].mT.contiguous().mT
        x, (h0, c0), _ = problem(lstm)
        tensors = [each if each is None else each.detach() for each in (x, h0[0], c0[0], W, R, b, P)]
        given = [each if each is None else each.clone().requires_grad_() for each in tensors]
        torch.library.opcheck(operators.forward, (*given, lengths, engine, memories))
        inside = [each.detach() for each in operators.forward(*given, lengths, engine, memories)]
        pulls = torch.randn_like(inside[3]), None, torch.randn_like(inside[5]), inside[6].sin() if memories else None
        weights = tensors[3], tensors[4], tensors[6]
        torch.library.opcheck(operators.backward, (tensors[0], *weights, lengths, *inside[:3], *pulls, engine))


@pytest.mark.skipif(not hasattr(torch.Tag, "cudagraph_unsafe"), reason="torch before 2.8 has no word for it")
def test_the_cuda_graphs_that_the_compiler_makes_leave_the_operators_out():
    for operator in (torch.ops.lstm_ref.forward, torch.ops.lstm_ref.backward):
        assert torch.Tag.cudagraph_unsafe in operator.default.tags
