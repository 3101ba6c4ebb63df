"""What a user of the layer may do to it without being surprised."""

import subprocess
import sys

import pytest
import torch
from torch.nn.utils import parametrizations, prune

from lstm_ref import inspector
from lstm_ref.layer import LSTM

T, B, I, H = 5, 3, 4, 6
ENGINES = ("numpy", "compiled", "torch")


@pytest.fixture(autouse=True)
def seeded():
    torch.set_num_threads(1)
    torch.manual_seed(5)


def layer(**options):
    return LSTM(I, H, dtype=torch.float64, **({"peephole": "diagonal"} | options))


def drawn(*shape):
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_gradient_is_its_owners_to_change(engine):
    lstm, x = layer(engine=engine), drawn(T, B, I)
    weights = list(lstm.parameters())
    first, second = (torch.autograd.grad(lstm(x)[0].pow(2).sum(), weights) for _ in range(2))
    for gradient in first:
        gradient.mul_(0.5)
    for half, whole in zip(first, second):
        assert torch.allclose(half, whole / 2, rtol=1e-12, atol=0)


def test_a_state_that_says_nothing_of_this_layer_leaves_its_peepholes_alone():
    lstm = layer()
    before = lstm.weight_ch_l0.detach().clone()
    found = lstm.load_state_dict({}, strict=False)
    assert torch.equal(lstm.weight_ch_l0, before) and before.abs().max() > 0
    assert "weight_ch_l0" in found.missing_keys


def test_a_state_of_nn_lstm_can_be_assigned_to_a_layer_that_has_no_memory_yet():
    lstm = layer(device="meta", peephole="full")
    lstm.load_state_dict(torch.nn.LSTM(I, H, dtype=torch.float64).state_dict(), assign=True)
    assert {parameter.device.type for parameter in lstm.parameters()} == {"cpu"}
    assert lstm.weight_ch_l0.shape == (3, H, H) and not lstm.weight_ch_l0.any()


@pytest.mark.parametrize("hx", [(), [], drawn(1, B, H), (drawn(1, B, H),), (drawn(1, B, H),) * 3], ids=str)
def test_an_hx_that_is_no_pair_is_refused(hx):
    with pytest.raises(ValueError, match="hx: expected a pair, h0 and c0, got (tuple|list|Tensor) of length"):
        layer()(drawn(T, B, I), hx)


@pytest.mark.parametrize("sequences", [1, 3])
def test_a_packed_batch_refuses_a_start_of_another_number_of_sequences(sequences):
    packed = torch.nn.utils.rnn.pack_padded_sequence(drawn(T, 2, I), torch.tensor([3, 5]), enforce_sorted=False)
    with pytest.raises(ValueError, match=rf"h0: expected .* = \(1, 2, 6\), got \(1, {sequences}, 6\)"):
        layer()(packed, (drawn(1, sequences, H),) * 2)


def test_an_input_on_another_device_than_the_weights_is_refused():
    with pytest.raises(ValueError, match="input: expected it on cpu like the weights, got meta"):
        layer()(drawn(T, B, I).to("meta"))
    with pytest.raises(ValueError, match="c0: expected it on cpu like the weights, got meta"):
        layer()(drawn(T, B, I), (drawn(1, B, H), drawn(1, B, H).to("meta")))


def test_an_engine_that_is_none_is_refused_when_it_is_set_later():
    lstm = layer()
    lstm.engine = "typo"
    with pytest.raises(ValueError, match="engine: expected one of .* got 'typo'"):
        lstm(drawn(T, B, I))


def test_the_inspector_sees_the_weights_that_a_parametrised_or_pruned_layer_computes_with():
    normed = parametrizations.weight_norm(layer(), "weight_hh_l0")
    with torch.no_grad():
        normed.parametrizations.weight_hh_l0.original0.mul_(1.5)
    pruned = layer()
    prune.random_unstructured(pruned, "weight_hh_l0", amount=0.3)
    x = drawn(T, I)
    for lstm in (normed, pruned):
        with torch.no_grad():
            said = lstm(x)[0].numpy()
        assert abs(inspector.traces(lstm, x)["l0"].h_t - said).max() < 1e-12


def test_where_numba_does_not_run_numpy_serves_and_the_benchmark_can_still_be_imported():
    code = """
import sys
sys.modules["numba"] = None
import torch, benchmarks.measure
from lstm_ref.engines import choosing, numpy_engine as engine
choosing.NUMBA = True
assert choosing.choose("auto", torch.zeros(1)) is engine
try:
    choosing.choose("compiled", torch.zeros(1))
except ImportError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "refused"


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_bias_an_infinite_weight_opens_a_valve_and_makes_no_nan(engine):
    lstm = layer(engine=engine, bias=False)
    with torch.no_grad():
        lstm.weight_ih_l0[0, 0] = torch.inf
    assert torch.isfinite(lstm(drawn(T, B, I).abs())[0]).all()
