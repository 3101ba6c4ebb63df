"""Triton's engine in Triton's interpreter, on a CPU: `test_triton_engine.py` runs this in a process of its own.

Triton takes the interpreter for all kernels of a process or for none: TRITON_INTERPRET=1 says so before its import.
"""

import inspect

import numpy as np
import pytest
import torch
import triton
import triton.language as tl
from helpers.fake_graphs import World
from helpers.interpreter import whole_numbers  # noqa: F401, a fixture

from lstm_ref.engines import numpy_engine, triton_engine, triton_parts, triton_steps
from lstm_ref.engines.graphs import Recordings
from lstm_ref.engines.triton_engine import Tiles
from lstm_ref.weights import PEEPHOLES

NAMES = "nets", "h", "c", "d_x", "d_h0", "d_c0", "d_W", "d_R", "d_b", "d_P"
WAYS = {"loop": 10**9, "steps": 0}
CUT = Tiles(16, 16, 16, 4, 3)
SINGLE = 1e-5
STEPS = "forward_step", "forward_output", "backward_step", "backward_memory"

# NumPy, which is the interpreter's arithmetic, speaks of what a GPU does silently.
pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")


@pytest.fixture(autouse=True)
def poisoned(monkeypatch):
    """Let new memory be full of NaN, so that what a kernel leaves out, or reads too early, is seen."""
    for where, name in ((torch, "empty"), (torch.Tensor, "new_empty")):
        made = getattr(where, name)

        def full(*arguments, made=made, **options):
            memory = made(*arguments, **options)
            return memory.fill_(torch.nan) if memory.is_floating_point() else memory.fill_(-1)

        monkeypatch.setattr(where, name, full)


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Go through time in one launch, or step by step with small tiles, of which several make one step."""
    monkeypatch.setattr(triton_engine, "LOOP_BYTES", WAYS[request.param])
    monkeypatch.setattr(triton_engine, "tiles", lambda *_: CUT)
    return request.param


class Launched:
    """A kernel whose launches a graph may record."""

    def __init__(self, kernel, world):
        self.kernel, self.world = kernel, world

    def __getitem__(self, grid):
        return lambda *given, **options: self.world.launch(lambda: self.kernel[grid](*given, **options))


@pytest.fixture
def world(monkeypatch):
    """Let there be a GPU with graphs, for launches step by step."""
    world = World(monkeypatch)
    monkeypatch.setattr(triton_engine, "LOOP_BYTES", 0)
    monkeypatch.setattr(triton_engine, "RECORDINGS", Recordings(40))
    for name in STEPS:
        monkeypatch.setattr(triton_engine, name, Launched(getattr(triton_engine, name), world))
    return world


def problem(T, B, I, H, peephole, K=1, lengths=None):
    """Return d_h, d_c, x, h0, c0, W, R, b, P and lengths, in double precision but just as representable in half."""
    rng = np.random.default_rng(T + B + H)
    P = {"none": None, "diagonal": (3, H), "full": (3, H, H)}[peephole]
    shapes = (T, B, H), (K, B, H), (T, B, I), (B, H), (B, H), (4 * H, I), (4 * H, H), (4 * H,), P
    # Sums of many products stay where the valves are neither shut nor open.
    scales = 1, 1, 1, 1, 1, I**-0.5, H**-0.5, 0.5, 1 if peephole == "diagonal" else H**-0.5
    drawn = [None if shape is None else scale * rng.normal(size=shape) for scale, shape in zip(scales, shapes)]
    rounded = [None if array is None else array.astype("float16").astype("float64") for array in drawn]
    return [*rounded, None if lengths is None else np.resize(lengths, B)]


def run(E, d_h, d_c, x, h0, c0, W, R, b, P, lengths):
    signals = E.forward(x, h0, c0, W, R, b, P, lengths)
    return dict(zip(NAMES, (*signals, *E.backward(d_h, d_c, x, W, R, P, *signals)), strict=True))


def tensors(arrays, half=None):
    """Return arrays as tensors in single precision, or d_h, x, h0, W and R in half; whole numbers as they are."""
    made = [None if array is None else torch.tensor(array) for array in arrays]
    made[:-1] = [None if each is None else each.float() for each in made[:-1]]
    for place in (0, 2, 3, 5, 6) if half else ():
        made[place] = made[place].to(half)
    return made


def agree(found, want, bound):
    for name, expected in want.items():
        assert (found[name] is None) == (expected is None), name
        if expected is not None:
            assert found[name].shape == expected.shape, name
            difference = np.abs(found[name].double().numpy() - expected).max() / np.abs(expected).max()
            assert difference < bound, (name, difference)


SHAPES = {
    "one tile": (4, 3, 3, 5, 4, None),
    "ends": (4, 3, 3, 5, 1, [2, 4, 1]),
    "ends and all memories": (4, 5, 2, 16, 4, [4, 1, 3]),
    "no memory": (4, 3, 3, 5, 0, None),
    "several tiles": (3, 18, 2, 37, 1, None),
    "several tiles and ends": (3, 18, 2, 37, 2, [3, 1, 2]),
    "one sequence, one step": (1, 1, 1, 1, 1, None),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_every_signal_and_every_gradient_is_that_of_numpy_in_double_precision(peephole, shape, way):
    *sizes, K, lengths = shape
    arrays = problem(*sizes, peephole, K, lengths)
    given = tensors(arrays)
    copies = [None if each is None else each.clone() for each in given]
    found = run(triton_engine, *given)
    agree(found, run(numpy_engine, *arrays), SINGLE)
    assert all(each is None or each.dtype == torch.float32 for each in found.values())
    assert all(each is None or torch.equal(each, copy) for each, copy in zip(given, copies)), "an input was changed"


@pytest.mark.parametrize("name", triton_engine.TILES)
def test_every_way_to_cut_a_step_up_gives_the_same(name, monkeypatch):
    monkeypatch.setattr(triton_engine, "LOOP_BYTES", 0)
    monkeypatch.setattr(triton_engine, "tiles", lambda *_: triton_engine.TILES[name])
    arrays = problem(2, 34, 2, 70, "full", 1, [2, 1])
    agree(run(triton_engine, *tensors(arrays)), run(numpy_engine, *arrays), SINGLE)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_in_half_precision_what_adds_up_is_in_single_precision(peephole, way):
    arrays = problem(4, 3, 3, 20, peephole, 4, [2, 4, 1])
    found = run(triton_engine, *tensors(arrays, torch.float16))
    agree(found, run(numpy_engine, *arrays), 4e-3)
    single = {name for name, each in found.items() if each is not None and each.dtype == torch.float32}
    assert single == {"c", "d_c0", "d_b"} | ({"d_P"} if peephole != "none" else set())
    # A memory in half precision could not be as near: one rounding is 5e-4.
    plain = problem(1, 3, 3, 20, peephole)
    _, _, c = triton_engine.forward(*tensors(plain, torch.float16)[2:])
    assert torch.equal(c[0], torch.tensor(plain[4]).float())


class Aligned:
    """A kernel that is given nothing but tensors which begin at multiples of 16 bytes, and are contiguous."""

    def __init__(self, kernel):
        self.kernel = kernel

    def __getitem__(self, grid):
        def launch(*arguments, **options):
            given = [each for each in arguments if isinstance(each, torch.Tensor)]
            assert all(each.data_ptr() % 16 == 0 and each.is_contiguous() for each in given)
            self.kernel[grid](*arguments, **options)

        return launch


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_tensors_may_lie_in_memory_as_they_like(peephole, way, monkeypatch):
    for name in ("fill", "forward_loop", "backward_loop"):
        monkeypatch.setattr(triton_engine, name, Aligned(getattr(triton_engine, name)))
    arrays = problem(4, 3, 3, 20, peephole, 1, [2, 4, 1])
    arrays[0][:] = arrays[0][0, 0, 0]
    want = run(numpy_engine, *arrays)
    d_h, d_c, x, *others, lengths = tensors(arrays)
    d_h, x = d_h[0, 0, 0].expand_as(d_h), x.transpose(0, 1).contiguous().transpose(0, 1)
    shifted = [
        each if each is None else torch.cat([each.new_zeros(1), each.reshape(-1)])[1:].view_as(each) for each in others
    ]
    assert any(each is not None and each.data_ptr() % 16 for each in shifted)
    found = run(triton_engine, d_h, d_c, x, *shifted, lengths.repeat_interleave(2)[::2])
    agree(found, want, SINGLE)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_a_nan_stays_in_its_sequence(peephole, way):
    arrays = problem(3, 3, 3, 20, peephole)
    arrays[2][1, 1] = np.nan
    found = run(triton_engine, *tensors(arrays))
    assert found["h"][1:, 1].isnan().all(dim=1).tolist() == [False, True, True]
    assert not found["h"][:, [0, 2]].isnan().any() and not found["d_x"][:, [0, 2]].isnan().any()
    assert found["d_W"].isnan().all() and found["d_c0"][1].isnan().all()


def test_valves_that_are_driven_hard_shut_and_open_to_the_full_and_no_further(way):
    arrays = problem(3, 2, 3, 5, "diagonal")
    arrays[2] *= 1e6
    found = run(triton_engine, *tensors(arrays))
    assert found["nets"].abs().max() == 1 and found["d_W"].isfinite().all()
    valves = found["nets"][:, :, [0, 1, 3]]
    assert ((valves >= 0) & (valves <= 1)).all()


@triton.jit
def tanh_of(x, y, N: tl.constexpr):
    k = tl.arange(0, N)
    tl.store(y + k, triton_parts.tanh(tl.load(x + k)))


def test_the_tanh_is_right_to_3e_7_and_never_beyond_one():
    x = torch.cat([torch.linspace(-20, 20, 4001), torch.tensor([-1e30, 0, 1e-30, 1e30, torch.inf, -torch.inf])])
    x = torch.nn.functional.pad(x, (0, 4096 - len(x)))
    y = torch.empty_like(x)
    tanh_of[(1,)](x, y, 4096)
    assert (y.double() - x.double().tanh()).abs().max() < 3e-7
    assert y.abs().max() == 1 and (y[x.abs() > 12] == x[x.abs() > 12].sign()).all()


@pytest.mark.parametrize("function", STEPS)
def test_a_step_that_begins_beyond_2_to_the_31_numbers_is_found(function):
    """The table says that the arrays begin so far before the memory there is that step t is the first one in it."""
    H, t, back = 16, 2**29, function.startswith("backward")
    options = {"D": tl.float32, "PRECISION": "ieee", "BLOCK_B": 16, "BLOCK_H": 16, "BLOCK_K": 16}
    options |= {"KIND": "full"} if function.endswith("step") else {}
    options |= {} if back else {"LENGTHS": False}
    kernel, results = getattr(triton_steps, function), []
    # d_nets or nets; nets or h; c; R; P; what is carried; d_h; d_c, which begins with step 0.
    sizes = (8 * H, 8 * H, 2 * H, 4 * H * H, 3 * H * H, H, H, H)
    per_step = (4 * H, (4 if back else 1) * H, H, 0, 0, 0, H, H)
    for step in (0, t):
        torch.manual_seed(1)
        memory = [torch.rand(size) for size in sizes]
        table = [each.data_ptr() - each.element_size() * step * size for each, size in zip(memory, per_step)]
        kernel[(1, 1)](torch.tensor(table), step, *((0,) if function == "backward_step" else ()), 1, H, **options)
        results.append(torch.cat(memory))
    assert torch.equal(*results)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_launches_that_are_recorded_serve_other_tensors(peephole, world):
    kept = []
    for seed in range(4):
        arrays = problem(3, 2, 2, 17, peephole)
        arrays[:9] = [None if each is None else each * (1 - 0.1 * seed) for each in arrays[:9]]
        found, want = run(triton_engine, *tensors(arrays)), run(numpy_engine, *arrays)
        agree(found, want, SINGLE)
        kept.append((found, want))
    for found, want in kept:
        agree(found, want, SINGLE)
    assert world.events.count("launch") == 2 * 3 * (2 if peephole == "full" else 1)
    assert world.events.count("capture") == 2 and world.events.count("replay") == 6


def test_whatever_decides_the_launches_makes_another_recording(world, monkeypatch):
    shapes = [(2, 1, 1, 5), (1, 1, 1, 5), (2, 2, 1, 5), (2, 1, 1, 6)]
    cases = [tensors(problem(*shape, peephole)) for shape in shapes for peephole in PEEPHOLES]
    cases += [tensors(problem(2, 1, 1, 5, "none"), torch.float16), tensors(problem(2, 1, 1, 5, "none", 2))]
    for case in cases:
        run(triton_engine, *case)
    found = len(triton_engine.RECORDINGS.by_key)
    # The number of memories that have a gradient is nothing to the forward pass.
    assert found == 2 * len(cases) - 1
    triton_engine.forward(*tensors(problem(2, 1, 1, 5, "none", lengths=[1]))[2:])
    monkeypatch.setattr(triton_engine, "tf32", lambda: True)
    triton_engine.forward(*cases[0][2:])
    monkeypatch.setattr(triton_engine, "tiles", lambda *_: CUT)
    triton_engine.forward(*cases[0][2:])
    assert len(triton_engine.RECORDINGS.by_key) == found + 3


def test_the_engine_has_the_functions_of_numpy_s():
    for name in ("forward", "backward"):
        theirs, ours = (inspect.signature(getattr(E, name)).parameters for E in (numpy_engine, triton_engine))
        assert [*theirs] == [*ours]
