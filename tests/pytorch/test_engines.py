"""NumPy, compiled and torch: three engines, one arithmetic; and the rule that chooses between them."""

import importlib.metadata
import inspect

import numpy as np
import pytest
import torch
from helpers.engines import BACKWARD, CLOSE, agree, problem, run
from helpers.processes import python
from torch._subclasses.fake_tensor import FakeTensorMode

from lstm_ref.engines import choose, choosing, numba_kernels, torch_engine
from lstm_ref.engines import numba_engine as compiled
from lstm_ref.engines import numpy_engine as engine
from lstm_ref.layer import LSTM
from lstm_ref.weights import PEEPHOLES

ENGINES = {name: choosing.module(name) for name in choosing.ON_A_CPU}
LENGTHS = np.array([4, 7, 1])


@pytest.mark.parametrize("E", [*ENGINES.values()][1:], ids=[*ENGINES][1:])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("T", "B", "memories", "lengths"),
    [
        (7, 3, 1, None),
        (7, 3, 7, None),
        (7, 3, 0, LENGTHS),
        (7, 3, 1, LENGTHS),
        (7, 3, 7, LENGTHS),
        (9, 1, 1, None),
        (1, 1, 1, None),
    ],
)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_every_signal_and_every_gradient_is_that_of_the_numpy_engine(peephole, T, B, memories, lengths, dtype, E):
    arrays = problem(T, B, peephole, dtype, memories=memories)
    agree(run(E, *arrays, lengths), run(engine, *arrays, lengths), CLOSE[dtype])


@pytest.mark.parametrize("E", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_every_gradient_is_that_of_finite_differences(peephole, E):
    arrays, lengths = problem(4, 2, peephole, I=2, H=2, memories=4), np.array([3, 4])

    def loss(inputs):
        found = run(E, *arrays[:2], *inputs, lengths)
        return (found["h"][1:] * arrays[0]).sum() + (found["c"][1:] * arrays[1]).sum()

    found = run(E, *arrays, lengths)
    for k, name in enumerate(BACKWARD):
        for index in () if arrays[2 + k] is None else np.ndindex(arrays[2 + k].shape):
            losses = []
            for shift in (1e-5, -1e-5):
                inputs = [None if array is None else array.copy() for array in arrays[2:]]
                inputs[k][index] += shift
                losses.append(loss(inputs))
            assert abs(found[name][index] - (losses[0] - losses[1]) / 2e-5) < 1e-8, (name, index)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_the_numpy_engine_gives_the_same_in_chunks_of_any_length(peephole, chunk, monkeypatch):
    arrays = problem(7, 2, peephole)
    want = run(engine, *arrays)
    assert engine.CHUNK > 7 * 2 * 5
    monkeypatch.setattr(engine, "CHUNK", chunk * 2 * 5)
    agree(run(engine, *arrays), want, 1e-15)
    monkeypatch.setattr(engine, "CHUNK", 1)
    agree(run(engine, *arrays), want, 1e-15)


@pytest.mark.parametrize("E", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_no_engine_changes_what_it_is_given(peephole, E):
    arrays = problem(7, 3, peephole)
    copies = [None if array is None else array.copy() for array in arrays]
    first, second = run(E, *arrays, LENGTHS.copy()), run(E, *arrays, LENGTHS.copy())
    assert all(before is after or np.array_equal(before, after) for before, after in zip(copies, arrays))
    assert all(array is second[name] or np.array_equal(array, second[name]) for name, array in first.items())


@pytest.mark.parametrize("E", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_nan_in_gives_nan_out_from_that_step_on_and_in_that_sequence_alone(dtype, E):
    for name, T, bad in (("x", 6, 2), ("c0", 6, 0)):
        arrays = problem(T, 2, "diagonal", dtype)
        (arrays[2][bad, 1] if name == "x" else arrays[4][1]).fill(np.nan)
        found = run(E, *arrays)
        assert np.isnan(found["h"][1:, 1]).all(axis=1).tolist() == [t >= bad for t in range(T)]
        assert not np.isnan(found["h"][:, 0]).any() and not np.isnan(found["d_x"][:, 0]).any()
        assert np.isnan(found["d_W"]).all() and np.isnan(found["d_c0"][1]).all()


@pytest.mark.parametrize("E", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_valves_that_are_driven_hard_shut_and_open_to_the_full_and_no_further(dtype, E):
    arrays = problem(4, 2, "none", dtype)
    arrays[2] *= 1e6
    found = run(E, *arrays)
    assert np.abs(found["nets"]).max() == 1
    valves = found["nets"][:, :, [0, 1, 3]]
    assert ((valves >= 0) & (valves <= 1)).all() and np.isfinite(found["d_W"]).all()


def test_the_compiled_tanh_of_single_precision_is_right_to_3e_7_odd_and_never_beyond_one():
    x = np.concatenate([np.linspace(-20, 20, 400_001), np.geomspace(1e-30, 1, 20_001), [0, 1e30, np.inf]])
    x = np.concatenate([x, -x]).astype(np.float32)
    y = np.array([numba_kernels._lambert(number) for number in x])
    assert np.abs(y - np.tanh(x.astype(np.float64))).max() < 3e-7
    assert np.abs(y).max() == 1 and (y[np.abs(x) > 12] == np.sign(x[np.abs(x) > 12])).all()
    assert np.array_equal(y, -np.roll(y, len(y) // 2))
    assert np.isnan(numba_kernels._lambert(np.float32(np.nan)))


@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-15), ("float32", 3e-7)])
def test_the_compiled_engine_takes_the_tanh_of_its_numbers_own_precision(dtype, bound):
    for x in np.linspace(-9, 9, 301).astype(dtype):
        nets = np.full((1, 4, 1), x)
        numba_kernels.new_memory(nets, np.zeros((4, 1), dtype))
        assert abs(nets[0, 2, 0] - np.tanh(np.float64(x))) < bound
        numba_kernels.turn_valve(nets, 0, np.zeros((4, 1), dtype))
        assert abs(nets[0, 0, 0] - 1 / (1 + np.exp(-np.float64(x)))) < bound


def test_choose_picks_by_device_precision_and_what_is_installed(monkeypatch):
    single, double = torch.zeros(1), torch.zeros(1, dtype=torch.float64)
    for tensor in (single, double, torch.nn.Parameter(single)):
        monkeypatch.setattr(choosing, "NUMBA", True)
        assert choose("auto", tensor) is compiled
        assert choose("numpy", tensor) is engine and choose("torch", tensor) is torch_engine
        monkeypatch.setattr(choosing, "NUMBA", False)
        assert choose("auto", tensor) is engine
    for tensor in (single.half(), single.bfloat16(), single.to("meta")):
        assert choose("auto", tensor) is torch_engine
    with FakeTensorMode():
        assert choose("auto", torch.zeros(1)) is torch_engine


class OnACard:
    """What `choose` asks of a tensor, as of one on a GPU."""

    def __init__(self, dtype):
        self.device, self.dtype = torch.device("cuda", 0), dtype


@pytest.fixture
def card(monkeypatch):
    """Let there be a card of NVIDIA's, with Triton, whose engine is `"triton"` itself."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch, "Tensor", OnACard)
    monkeypatch.setattr(choosing, "TRITON", True)
    monkeypatch.setattr(choosing, "module", lambda name: name)
    return monkeypatch


def test_choose_picks_triton_on_a_gpu_and_graphs_of_torch_where_triton_does_not_serve(card):
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        assert choose("auto", OnACard(dtype)) == choose("triton", OnACard(dtype)) == "triton"
        assert choose("graph", OnACard(dtype)) == "graph"
    single, double = OnACard(torch.float32), OnACard(torch.float64)
    assert choose("auto", double) == "graph"
    with pytest.raises(ValueError, match="'triton' is for float32, float16, bfloat16 on cuda, got"):
        choose("triton", double)
    card.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert choose("auto", single) == "graph"
    card.undo()
    card.setattr(torch, "Tensor", OnACard)
    card.setattr(choosing, "module", lambda name: name)
    card.setattr(torch.version, "cuda", None)
    assert choose("auto", single) == "torch"


def test_without_triton_choose_picks_graphs_of_torch_on_a_gpu_and_says_what_to_install(card):
    card.setattr(choosing, "TRITON", False)
    assert choose("auto", OnACard(torch.float32)) == "graph"
    with pytest.raises(ImportError, match=r'engine: expected Triton 3.6 .* pip install "lstm_ref\[gpu\]"'):
        choose("triton", OnACard(torch.float32))


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        ("3.5.1", False),
        ("3.6.0", True),
        ("3.10.0", True),
        ("4.0", True),
        ("3.7rc1", True),
        ("3.6+git12ab", True),
        (None, False),
    ],
)
@pytest.mark.parametrize("name", ["triton", "pytorch-triton"])
def test_triton_counts_from_the_version_that_its_kernels_are_tested_with(name, found, fits, monkeypatch):
    def version(package):
        if found is None or package != name:
            raise importlib.metadata.PackageNotFoundError
        return found

    monkeypatch.setattr(choosing, "version", version)
    monkeypatch.setattr(choosing.shutil, "which", lambda name: name if name == "clang" else None)
    assert choosing._has_triton() is fits
    monkeypatch.setattr(choosing.shutil, "which", lambda name: None)
    assert not choosing._has_triton()


@pytest.mark.parametrize("name", ["triton", "graph"])
def test_an_engine_of_a_gpu_refuses_tensors_elsewhere(name, monkeypatch):
    monkeypatch.setattr(choosing, "TRITON", True)
    for tensor in (torch.zeros(1), torch.zeros(1, device="meta")):
        with pytest.raises(ValueError, match=f"engine: expected 'torch' or 'auto', '{name}' is for .* on cuda, got"):
            choose(name, tensor)


def test_an_engine_of_another_name_is_refused():
    with pytest.raises(ValueError, match=r"engine: expected one of .*'auto', 'numpy', .* got 'cuda'"):
        choose("cuda", torch.zeros(1))


def test_the_compiled_engine_says_what_to_install_where_numba_is_missing(monkeypatch):
    monkeypatch.setattr(choosing, "NUMBA", False)
    layer = LSTM(3, 4, peephole="full", engine="compiled")
    with pytest.raises(ImportError, match=r'engine: expected numba and SciPy .* pip install "lstm_ref\[fast\]"'):
        layer(torch.zeros(5, 2, 3))


@pytest.mark.parametrize("name", ["numpy", "compiled"])
@pytest.mark.parametrize("where", [{"dtype": torch.bfloat16}, {"dtype": torch.float16}, {"device": "meta"}])
def test_an_engine_of_arrays_refuses_what_is_no_array_and_names_those_that_take_it(name, where):
    layer = LSTM(3, 4, peephole="full", engine=name, **where)
    came = where.get("dtype", "float32 on meta")
    with pytest.raises(ValueError, match=f"engine: expected 'torch' or 'auto', '{name}' is for .*, got .*{came}"):
        layer(torch.zeros(5, 2, 3, **where))


def test_the_layer_brings_in_numba_and_the_compiler_of_torch_only_when_they_are_used():
    code = """
import sys
import torch
from lstm_ref.layer import LSTM
heavy = {"numba", "scipy", "triton", "torch._dynamo"}
x, layer = torch.zeros(2, 2, 3), LSTM(3, 4, peephole="diagonal", engine="numpy")
layer(x)[0].sum().backward()
print(sorted(heavy & set(sys.modules)))
layer.engine = "auto"
layer(x)
print(sorted(heavy & set(sys.modules)))
"""
    before, after = python("-c", code).splitlines()
    assert before == "[]" and "'numba'" in after and "_dynamo" not in after and "triton" not in after


@pytest.mark.parametrize("found", ["", "choosing.NUMBA = True"], ids=["not installed", "does not run"])
def test_without_numba_the_layer_runs_on_numpy_and_the_benchmark_can_be_imported(found):
    code = f"""
import sys
sys.modules["numba"] = None
import torch, benchmarks.measure
from lstm_ref.engines import choosing, numpy_engine
from lstm_ref.layer import LSTM
{found}
layer = LSTM(3, 4, peephole="diagonal")
layer(torch.zeros(2, 2, 3))[0].sum().backward()
assert choosing.choose("auto", torch.zeros(1)) is numpy_engine
try:
    choosing.choose("compiled", torch.zeros(1))
except ImportError:
    print("refused")
"""
    assert python("-c", code) == "refused\n"


def test_the_engines_have_the_same_functions_of_the_same_arguments():
    for E in ENGINES.values():
        for name in ("forward", "backward"):
            assert _arguments(getattr(E, name)) == _arguments(getattr(engine, name)), (E, name)


def _arguments(function):
    return [(each.name, each.default) for each in inspect.signature(function).parameters.values()]


def test_a_stand_in_has_the_engine_of_what_it_stands_for_while_torch_records_a_program(monkeypatch):
    tensor = torch.empty(2)
    stand_in = FakeTensorMode().from_tensor(tensor)
    assert choosing.best(stand_in) == "torch" != choosing.best(tensor)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert choosing.best(stand_in) == choosing.best(tensor)
