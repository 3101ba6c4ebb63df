"""`torch.compile` around our layer: it runs as it is, and what stands about it is compiled."""

import contextlib
import warnings

import pytest
import torch
from helpers.layers import DOUBLE, ENGINES, B, H, I, T, close, layer

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def compiling(name):
    """Yield a backend of torch.compile, and the names of the functions in all graphs that it is given."""
    called = set()

    def backend(graph, inputs):
        called.update(str(node.target) for node in graph.graph.nodes if node.op.startswith("call"))
        return torch._dynamo.lookup_backend(name)(graph, inputs)

    with warnings.catch_warnings():
        # a warning of torch about itself: it asks tensors for gradients that they do not keep
        warnings.filterwarnings("ignore", "The .grad attribute of a Tensor that is not a leaf", UserWarning)
        torch._dynamo.reset()
        yield backend, called
    assert any("linear" in name for name in called), called
    ours = "wrapped", "tanh", "sigmoid", "flip", "addcmul", "mul", "detach"
    assert not any(word in name for name in called for word in ours), called


class Net(torch.nn.Module):
    """A layer between two others, as torch.compile meets it in use."""

    def __init__(self, engine):
        super().__init__()
        self.before, self.after = torch.nn.Linear(I, I, **DOUBLE), torch.nn.Linear(2 * H, 1, **DOUBLE)
        self.lstm = layer(peephole="full", engine=engine, num_layers=2, bidirectional=True)

    def forward(self, x):
        x = self.before(x).relu()
        y, _ = self.lstm(x)
        return self.after(y)


@pytest.mark.parametrize("name", ["eager", "aot_eager"])
@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_torch_compile_leaves_the_layer_as_it_is_and_compiles_around_it(engine, name):
    torch.manual_seed(4)
    net = Net(engine)
    with compiling(name) as (backend, _):
        compiled_net, compiled_lstm = (torch.compile(module, backend=backend) for module in (net, net.lstm))
        for steps in (T, T + 1, 2):
            x = torch.randn(steps, B, I, **DOUBLE)
            results = []
            for call in (compiled_net, net, lambda x: compiled_lstm(x)[0], lambda x: net.lstm(x)[0]):
                net.zero_grad()
                x.grad = None
                y = call(x.requires_grad_())
                y.pow(2).sum().backward()
                results.append([y, x.grad, *(weight.grad for weight in net.lstm.parameters())])
            for found, want in ((results[0], results[1]), (results[2], results[3])):
                assert close(found, want)


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_torch_compile_leaves_a_backward_pass_inside_a_compiled_step_as_it_is(engine):
    net = Net(engine)
    x = torch.randn(T, B, I, **DOUBLE)

    def step(x):
        net.zero_grad()
        y = net(x)
        y.sum().backward()
        return [weight.grad.clone() for weight in net.parameters()]

    with compiling("eager") as (backend, _):
        got = torch.compile(step, backend=backend)(x)
    assert close(got, step(x))
