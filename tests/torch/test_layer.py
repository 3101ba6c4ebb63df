"""Our layer in place of `torch.nn.LSTM`: the same calls, the same answers, and peepholes that others have too."""

import contextlib
import copy
import io
import itertools
import pickle
import warnings

import pytest
import torch
import torch.nn.utils.prune
from torch.func import functional_call, grad, jacrev, vjp, vmap
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence
from torchrecurrent import PeepholeLSTM

from lstm_ref.layer import LSTM

torch.set_num_threads(1)
T, B, I, H = 6, 5, 3, 4
LENGTHS = torch.tensor([3, 6, 1, 3, 5])
KINDS = "diagonal", "full"
ENGINES = "numpy", "compiled", "torch"
OPTIONS = "num_layers", "bias", "batch_first", "bidirectional"
OPTION_VALUES = list(itertools.product((1, 2), (True, False), (False, True), (False, True)))
FORMS = "batched", "unbatched", "packed", "packed in order"
DOUBLE = {"dtype": torch.float64}


def layer(make=LSTM, seed=5, **options):
    torch.manual_seed(seed)
    return make(I, H, **(DOUBLE | options))


def problem(lstm, form="batched", dtype=torch.float64):
    """Return x and hx for a layer, leaves that ask for their gradient, and the input made of x."""
    torch.manual_seed(6)
    rows = lstm.num_layers * (1 + lstm.bidirectional)
    x, (h0, c0) = torch.randn(T, B, I, **DOUBLE).to(dtype), torch.randn(2, rows, B, H, **DOUBLE).to(dtype)
    if form == "unbatched":
        x, h0, c0 = x[:, 0], h0[:, 0], c0[:, 0]
    elif form != "packed" and form != "packed in order" and lstm.batch_first:
        x = x.transpose(0, 1)
    x, h0, c0 = (array.clone().requires_grad_() for array in (x, h0, c0))
    if form == "packed":
        return x, (h0, c0), pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
    if form == "packed in order":
        return x, (h0, c0), pack_padded_sequence(x, LENGTHS.sort(descending=True).values)
    return x, (h0, c0), x


def outcome(lstm, form="batched", hx=True):
    """Return a layer's three outputs, and the gradients of a random sum of them by x, h0, c0 and each parameter."""
    x, states, input = problem(lstm, form, lstm.weight_ih_l0.dtype)
    y, (h, c) = lstm(input, states if hx else None)
    outputs = (y.data if isinstance(y, PackedSequence) else y), h, c
    torch.manual_seed(7)
    loss = sum((torch.randn(output.shape, **DOUBLE).to(output.dtype) * output).sum() for output in outputs)
    named = {"x": x} | dict(zip(("h0", "c0"), states if hx else ())) | dict(lstm.named_parameters())
    return y, (h, c), dict(zip(("y", "h", "c"), outputs)), dict(zip(named, torch.autograd.grad(loss, named.values())))


def agree(found, want, bound):
    for name, expected in want.items():
        assert found[name].shape == expected.shape and found[name].dtype == expected.dtype, name
        assert (found[name] - expected).abs().max() <= bound, (name, (found[name] - expected).abs().max())


def zeroed(lstm):
    with torch.no_grad():
        for name, weight in lstm.named_parameters():
            weight *= "weight_ch" not in name
    return lstm


# ---- in place of torch.nn.LSTM


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("values", OPTION_VALUES)
def test_without_a_peephole_it_is_torch_nn_lstm_bit_for_bit(values, form):
    options = dict(zip(OPTIONS, values))
    ours, theirs = outcome(layer(**options), form), outcome(layer(torch.nn.LSTM, **options), form)
    for found, want in zip(ours[2:], theirs[2:]):
        agree(found, want, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("values", OPTION_VALUES)
def test_a_peephole_of_zeros_is_torch_nn_lstm_in_every_output_type_and_gradient(values, form):
    options = dict(zip(OPTIONS, values)) | {"dropout": 0.3 if values[0] == 2 else 0}
    for hx in (True, False):
        theirs = outcome(layer(torch.nn.LSTM, **options).eval(), form, hx)
        for peephole in KINDS:
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
    for found, want in zip(ours(packed)[0], theirs(packed)[0]):
        assert torch.allclose(found, want, rtol=0, atol=1e-12)


@pytest.mark.parametrize("peephole", KINDS)
def test_what_stands_past_the_end_of_a_packed_sequence_is_each_sequence_alone(peephole):
    lstm = layer(peephole=peephole, num_layers=2, bidirectional=True)
    x, (h0, c0), packed = problem(lstm, "packed")
    y, (h, c) = lstm(packed, (h0, c0))
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(y)
    for b, length in enumerate(LENGTHS):
        alone, (h_last, c_last) = lstm(x[:length, b], (h0[:, b], c0[:, b]))
        for found, want in ((y[:length, b], alone), (h[:, b], h_last), (c[:, b], c_last)):
            assert (found - want).abs().max() < 1e-14


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
        assert (h[k] - h_last[0]).abs().max() < 1e-14 and (c[k] - c_last[0]).abs().max() < 1e-14
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
    for peephole, values in itertools.product(("none", *KINDS), OPTION_VALUES):
        options = dict(zip(OPTIONS, values))
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
        assert all(weight.abs().max() <= 1 / 8 for weight in drawn)


# ---- against others, and against itself


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
    for found, want in zip(*results):
        assert (found - want.reshape(found.shape)).abs().max() < 1e-10


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
@pytest.mark.parametrize("peephole", KINDS)
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
@pytest.mark.parametrize("peephole", KINDS)
def test_every_engine_gives_the_same_outputs_and_gradients(peephole, form):
    options = {"num_layers": 2, "bidirectional": True, "peephole": peephole}
    for dtype, bound in ((torch.float64, 1e-12), (torch.float32, 2e-5)):
        want = outcome(layer(engine="torch", **options, dtype=dtype), form)
        for engine in ("numpy", "compiled", "auto"):
            for found, expected in zip(outcome(layer(engine=engine, **options, dtype=dtype), form)[2:], want[2:]):
                agree(found, expected, bound)


# ---- states, copies, precision


@pytest.mark.parametrize("peephole", ["none", *KINDS])
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


def test_a_layer_without_memory_of_its_own_takes_the_precision_of_the_state_it_is_assigned():
    lstm = LSTM(I, H, peephole="diagonal", device="meta")
    lstm.load_state_dict(layer(torch.nn.LSTM).state_dict(), assign=True)
    assert {(weight.dtype, weight.device.type) for weight in lstm.parameters()} == {(torch.float64, "cpu")}
    x, hx, _ = problem(lstm)
    assert (lstm(x, hx)[0] - layer(torch.nn.LSTM)(x, hx)[0]).abs().max() < 1e-12


def test_a_layer_without_a_peephole_loads_into_torch_nn_lstm():
    theirs, ours = layer(torch.nn.LSTM, seed=1), layer(seed=2)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x, hx, _ = problem(ours)
    assert torch.equal(ours(x, hx)[0], theirs(x, hx)[0])


def test_a_state_that_lacks_one_of_two_peepholes_or_has_one_too_many_is_an_error():
    lstm = layer(peephole="diagonal", num_layers=2)
    state = lstm.state_dict()
    del state["weight_ch_l1"]
    with pytest.raises(RuntimeError, match='Missing key.*"weight_ch_l1"'):
        lstm.load_state_dict(state)
    with pytest.raises(RuntimeError, match='Unexpected key.*"weight_ch_l0"'):
        layer(num_layers=2).load_state_dict(lstm.state_dict())
    with pytest.raises(RuntimeError, match="size mismatch for weight_ch_l0"):
        layer(peephole="full", num_layers=2).load_state_dict(lstm.state_dict())


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
@pytest.mark.parametrize("peephole", ["none", *KINDS])
def test_a_copy_of_a_layer_answers_as_it_does_and_shares_nothing_with_it(peephole, copied):
    lstm = layer(peephole=peephole, num_layers=2)
    x, hx, _ = problem(lstm)
    want, twin = lstm(x, hx)[0], copied(lstm)
    assert (twin.peephole, twin.engine) == (lstm.peephole, lstm.engine)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.zero_()
    assert torch.equal(twin(x, hx)[0], want)


@pytest.mark.parametrize("peephole", KINDS)
def test_to_another_precision_takes_the_peephole_along(peephole):
    lstm = layer(peephole=peephole).to(torch.float32)
    assert {weight.dtype for weight in lstm.parameters()} == {torch.float32}
    y, (h, c) = lstm(torch.randn(T, B, I))
    assert y.dtype == h.dtype == c.dtype == torch.float32


def test_the_repr_names_the_peephole_where_there_is_one():
    assert repr(LSTM(3, 4, 2, peephole="full")) == "LSTM(3, 4, num_layers=2, peephole='full')"
    assert repr(LSTM(3, 4)) == repr(torch.nn.LSTM(3, 4))


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
@pytest.mark.parametrize("peephole", KINDS)
def test_under_autocast_it_answers_in_the_precision_of_its_weights(peephole, engine):
    lstm = layer(peephole=peephole, engine=engine, num_layers=2, bidirectional=True, dtype=torch.float32)
    x, hx, _ = problem(lstm, dtype=torch.float32)
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


def test_a_backward_pass_inside_autocast_is_the_one_outside():
    lstm = layer(peephole="full", engine="torch", dtype=torch.float32)
    gradients = []
    for inside in (False, True):
        loss = lstm(problem(lstm, dtype=torch.float32)[0])[0].sum()
        with torch.autocast("cpu", torch.bfloat16, enabled=inside):
            gradients.append(torch.autograd.grad(loss, list(lstm.parameters())))
    assert all(torch.equal(one, other) for one, other in zip(*gradients))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("form", ["batched", "packed"])
@pytest.mark.parametrize("peephole", KINDS)
def test_half_precision_is_finite_and_close_to_single(peephole, form, dtype):
    lstm = layer(peephole=peephole, bidirectional=True, dtype=torch.float32)
    want = outcome(lstm, form)
    got = outcome(copy.deepcopy(lstm).to(dtype), form)
    for found, expected in zip(got[2:], want[2:]):
        for name in expected:
            assert found[name].dtype == dtype and found[name].isfinite().all(), name
            bound = 0.05 * max(1, expected[name].abs().max())
            assert (found[name].float() - expected[name]).abs().max() < bound, name


# ---- derivatives of other kinds


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("peephole", KINDS)
@pytest.mark.parametrize("loss", [lambda y: y.sum(), lambda y: y.pow(2).sum()], ids=["sum", "square"])
def test_a_second_derivative_is_refused_and_a_first_one_with_a_graph_is_not(loss, peephole, engine):
    lstm = layer(peephole=peephole, engine=engine)
    x, hx, _ = problem(lstm)
    want = torch.autograd.grad(loss(lstm(x, hx)[0]), [x, lstm.weight_ch_l0])
    got = torch.autograd.grad(loss(lstm(x, hx)[0]), [x, lstm.weight_ch_l0], create_graph=True)
    assert all(torch.equal(found, expected) for found, expected in zip(got, want))
    for gradient in got:
        with pytest.raises(NotImplementedError, match="second derivatives: expected first derivatives only"):
            gradient.sum().backward(retain_graph=True)


def test_a_penalty_on_the_gradient_is_refused_and_works_without_a_peephole():
    for peephole in ("none", "full"):
        lstm = layer(peephole=peephole)
        x, hx, _ = problem(lstm)
        gradient = torch.autograd.grad(lstm(x, hx)[0].sum(), x, create_graph=True)[0]
        if peephole == "none":
            gradient.pow(2).sum().backward()
            assert lstm.weight_hh_l0.grad.abs().max() > 0
        else:
            with pytest.raises(NotImplementedError, match="second derivatives"):
                gradient.pow(2).sum().backward()


@pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")
def test_forward_mode_and_with_it_a_hessian_is_refused():
    lstm = layer(peephole="full")
    x = torch.randn(T, B, I, **DOUBLE)
    for derivative in (torch.func.jacfwd, torch.func.hessian):
        with pytest.raises(NotImplementedError, match="jvp"):
            derivative(lambda x: lstm(x)[0].sum())(x)


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
@pytest.mark.parametrize("peephole", KINDS)
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
    agree(grad(loss)(weights, x, h0, c0), {name: weight.grad for name, weight in lstm.named_parameters()}, 1e-12)

    y, pull = vjp(run, weights, x, h0, c0)
    agree(dict(zip("wx", pull(2 * y)[:2]))["w"], {name: weight.grad for name, weight in lstm.named_parameters()}, 1e-12)

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
        want = grad(lambda x: lstm(x)[0][index])(x)
        assert (jacobian[index] - want).abs().max() < 1e-12


def test_many_sets_of_weights_can_be_run_at_once():
    layers = [layer(peephole="diagonal", seed=seed) for seed in range(3)]
    weights, _ = torch.func.stack_module_state(layers)
    x = torch.randn(T, B, I, **DOUBLE)
    got = vmap(lambda weights: functional_call(layers[0], weights, (x,))[0])(weights)
    assert (got - torch.stack([lstm(x)[0] for lstm in layers])).abs().max() < 1e-12


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
                assert all((one - other).abs().max() < 1e-12 for one, other in zip(found, want))


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
    assert all((found - want).abs().max() < 1e-12 for found, want in zip(got, step(x)))


# ---- in use


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
    assert all(torch.equal(one, other) for one, other in zip(*results))


def test_an_output_can_be_changed_in_place_and_then_differentiated():
    lstm = layer(peephole="diagonal")
    x, hx, _ = problem(lstm)
    y, (h, c) = lstm(x, hx)
    want = torch.autograd.grad((2 * y).relu().sum() + (h + 1).pow(2).sum() + (3 * c).sum(), [x, *lstm.parameters()])
    y, (h, c) = lstm(x, hx)
    got = torch.autograd.grad(
        y.mul_(2).relu_().sum() + h.add_(1).pow(2).sum() + c.mul_(3).sum(), [x, *lstm.parameters()]
    )
    assert all((one - other).abs().max() < 1e-12 for one, other in zip(got, want))


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
@pytest.mark.parametrize("peephole", KINDS)
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
        assert all((one - other).abs().max() < 1e-12 for one, other in zip(*results))


@pytest.mark.parametrize("used", list(itertools.product((0, 1), repeat=3))[1:])
@pytest.mark.parametrize("form", ["batched", "packed"])
def test_any_of_the_three_outputs_can_be_used_alone(form, used):
    ours, theirs = zeroed(layer(peephole="full", num_layers=2)), layer(torch.nn.LSTM, num_layers=2)
    results = []
    for lstm in (ours, theirs):
        x, hx, input = problem(lstm, form)
        y, (h, c) = lstm(input, hx)
        outputs = (y.data if form == "packed" else y), h, c
        loss = sum(output.pow(2).sum() for output, use in zip(outputs, used) if use)
        by = [x, *hx, *(getattr(lstm, name) for name, _ in theirs.named_parameters())]
        results.append(torch.autograd.grad(loss, by))
    assert all((one - other).abs().max() < 1e-12 for one, other in zip(*results))


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


def test_the_gradients_of_the_two_biases_are_equal_and_each_its_own():
    lstm = layer(peephole="full")
    one, other = torch.autograd.grad(lstm(problem(lstm)[0])[0].sum(), [lstm.bias_ih_l0, lstm.bias_hh_l0])
    assert torch.equal(one, other)
    one.zero_()
    assert other.abs().max() > 0


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
    assert all(torch.equal(one, other) for one, other in zip(*results))


@pytest.mark.parametrize("peephole", KINDS)
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


def weight_norm(lstm):
    torch.nn.utils.parametrizations.weight_norm(lstm, "weight_hh_l0")


def orthogonal(lstm):
    torch.nn.utils.parametrizations.orthogonal(lstm, "weight_ih_l0")


def pruned(lstm):
    torch.nn.utils.prune.l1_unstructured(lstm, "weight_hh_l0", amount=0.5)


@pytest.mark.parametrize("change", [weight_norm, orthogonal, pruned])
def test_a_weight_with_a_parametrisation_is_used_and_learnt(change):
    lstm = layer(peephole="full")
    x, hx, _ = problem(lstm)
    change(lstm)
    plain = layer(peephole="full", seed=1)
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ch_l0"):
            getattr(plain, name).copy_(getattr(lstm, name))
    assert (lstm(x, hx)[0] - plain(x, hx)[0]).abs().max() < 1e-12
    lstm(x, hx)[0].sum().backward()
    assert all(weight.grad.abs().max() > 0 for weight in lstm.parameters())


@pytest.mark.parametrize("peephole", KINDS)
def test_what_else_is_done_with_a_torch_nn_lstm_can_be_done_with_it(peephole):
    lstm = layer(peephole=peephole, num_layers=2, batch_first=True)
    assert isinstance(lstm, torch.nn.LSTM)
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


X, STATE = torch.zeros(T, B, I), torch.zeros(1, B, H)


@pytest.mark.parametrize(
    ("input", "hx", "message"),
    [
        (X.double(), None, "input: expected torch.float32 like the weights, got torch.float64"),
        (X.int(), None, "input: expected torch.float32 like the weights, got torch.int32"),
        (X, (STATE.double(), STATE), "h0: expected torch.float32 like the weights, got torch.float64"),
        (X, (STATE, STATE.double()), "c0: expected torch.float32 like the weights, got torch.float64"),
        (X[:, :, :2], None, r"input: expected \(T, B, I\), .* I = 3, .* got, with time first, \(6, 5, 2\)"),
        (X[0, 0], None, r"input: expected .* got, with time first, \(3,\)"),
        (X[None], None, r"input: expected .* got, with time first, \(1, 6, 5, 3\)"),
        (X[:0], None, r"input: expected .* T and B at least 1, got, with time first, \(0, 5, 3\)"),
        (X[:, :0], None, r"input: expected .* T and B at least 1, got, with time first, \(6, 0, 3\)"),
        (X, (STATE[:, :2], STATE), r"h0: expected \(layers \* directions, B, H\) = \(1, 5, 4\), got \(1, 2, 4\)"),
        (X, (STATE, STATE[:, :, :2]), r"c0: expected .* \(1, 5, 4\), got \(1, 5, 2\)"),
        (X, (STATE[0], STATE[0]), r"h0: expected .* \(1, 5, 4\), got \(5, 4\)"),
        (X, STATE, "hx: expected a pair, h0 and c0, got Tensor of length 1"),
        (X, (STATE,), "hx: expected a pair, h0 and c0, got tuple of length 1"),
        (X, (STATE, STATE, STATE), "hx: expected a pair, h0 and c0, got tuple of length 3"),
        (X.to("meta"), None, "input: expected it on cpu like the weights, got meta"),
        (X, (STATE, STATE.to("meta")), "c0: expected it on cpu like the weights, got meta"),
        (X[:, 0], (STATE, STATE), r"h0: expected .* \(1, 1, 4\), got \(1, 5, 1, 4\)"),
    ],
)
def test_what_the_layer_can_not_use_is_refused_by_name(input, hx, message):
    for peephole in KINDS:
        with pytest.raises(ValueError, match=message):
            LSTM(I, H, peephole=peephole)(input, hx)


def test_an_unknown_option_is_refused_by_name():
    with pytest.raises(ValueError, match="peephole: expected one of .*'diagonal', 'full'.* got 'Full'"):
        LSTM(I, H, peephole="Full")
    with pytest.raises(ValueError, match="engine: expected one of .*'auto', 'numpy', .* got 'cuda'"):
        LSTM(I, H, engine="cuda")
    with pytest.raises(TypeError, match="proj_size"):
        LSTM(I, H, proj_size=2)
