"""Launches recorded once and replayed: held to the calls of a graph that is none, on a CPU."""

import gc
import threading
import weakref

import numpy as np
import pytest
import torch
from helpers.fake_graphs import World

from lstm_ref.engines import graph_engine, graphs, numpy_engine, torch_engine
from lstm_ref.engines.graphs import Recordings
from lstm_ref.weights import PEEPHOLES

CPU = torch.device("cpu")


@pytest.fixture
def world(monkeypatch):
    return World(monkeypatch)


@pytest.fixture
def call(world):
    """Return a function that doubles a number by way of recordings, and gives what was held."""
    recordings, done = Recordings(2), torch.empty(1)

    def call(key, value):
        with recordings.get(key, CPU, lambda: torch.empty(1)) as recording:
            recording.held.fill_(value)
            recording.run(lambda: world.launch(lambda: done.copy_(2 * recording.held)))
            assert done.item() == 2 * value
            return recording.held

    call.recordings = recordings
    return call


def test_the_first_call_launches_the_second_records_and_all_others_replay(world, call):
    held = {call("a", value).data_ptr() for value in (1, 2, 3, 4)}
    assert world.events == ["launch", "capture", "replay", "replay", "replay"]
    assert len(held) == 1


def test_each_key_and_each_stream_has_a_recording_of_its_own(world, call):
    here = call("a", 1)
    world.stream = 2
    assert call("a", 2) is not here
    assert world.events == ["launch", "launch"]
    assert call("a", 3) is not here
    world.stream = 1
    assert call("a", 4) is here


def test_the_recording_that_was_not_used_for_the_longest_time_goes_with_all_it_holds(world, call):
    held = [weakref.ref(call(key, 1)) for key in ("a", "b")]
    call("a", 2)
    call("c", 1)
    gc.collect()
    assert held[0]() is not None and held[1]() is None and len(call.recordings.by_key) == 2
    world.events.clear()
    call("a", 3)
    call("b", 1)
    assert world.events == ["replay", "launch"]


def test_while_somebody_else_captures_launches_go_into_that_graph_and_no_tensor_is_shared(world, call):
    kept = call("a", 1)
    call("a", 2)
    world.events.clear()
    world.others_capture = True
    one, other = call("a", 3), call("a", 4)
    assert world.events == ["launch", "launch"]
    assert len({each.data_ptr() for each in (kept, one, other)}) == 3


def test_a_first_call_that_fails_is_not_taken_for_one_that_compiled(world):
    recordings = Recordings(2)

    def call(work):
        with recordings.get("a", CPU, lambda: None) as recording:
            return recording.run(work)

    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 / 0)
    assert call(lambda: 1) == 1 and world.events == []
    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 / 0)
    assert world.events == ["capture"] and world.stream == 1 and world.graph is None
    assert call(lambda: 2) == 2 and world.events == ["capture", "capture", "replay"]


def test_without_graphs_everything_is_launched(monkeypatch):
    assert not graphs.records(CPU) and graphs.records(torch.device("cuda", 1))
    recordings = Recordings(2)
    for _ in range(3):
        with recordings.get("a", CPU, lambda: 5) as recording:
            assert recording.run(lambda: 7) == 7 and recording.held == 5
    assert not recordings.by_key


def test_one_user_at_a_time_has_what_a_recording_holds(world):
    recordings, inside, most = Recordings(2), [], []

    def use():
        for _ in range(20):
            with recordings.get("a", CPU, lambda: None):
                inside.append(1)
                most.append(len(inside))
                threading.Event().wait(0.0005)
                inside.pop()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80 and max(most) == 1


@pytest.mark.parametrize(
    ("newer", "older", "expected"), [("tf32", None, True), ("ieee", None, False), ("none", None, False)]
)
def test_tf32_is_what_pytorch_is_set_to(newer, older, expected, monkeypatch):
    if not hasattr(torch.backends.cuda.matmul, "fp32_precision"):
        pytest.skip("this version of torch has the older setting alone")
    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = newer
    try:
        assert graphs.tf32() is expected
    finally:
        torch.backends.cuda.matmul.fp32_precision = before


def arrays(peephole, T=5, B=3, I=2, H=4, K=5, dtype=np.float64, seed=0):
    """Return d_h, d_c, x, h0, c0, W, R, b and P as tensors."""
    rng = np.random.default_rng(seed)
    P = {"none": None, "diagonal": (3, H), "full": (3, H, H)}[peephole]
    shapes = (T, B, H), (K, B, H), (T, B, I), (B, H), (B, H), (4 * H, I), (4 * H, H), (4 * H,), P
    return [None if shape is None else torch.tensor(rng.normal(size=shape).astype(dtype)) for shape in shapes]


@pytest.mark.parametrize("lengths", [None, [4, 5, 1]])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_torch_in_a_graph_gives_what_numpy_gives_and_never_gives_the_same_memory_twice(
    peephole, lengths, world, monkeypatch
):
    monkeypatch.setattr(graph_engine, "RECORDINGS", Recordings(4))
    ends, seen = None if lengths is None else torch.tensor(lengths), []
    for seed in range(4):
        given = arrays(peephole, seed=seed)
        with torch.inference_mode(seed % 2 == 0):
            signals = graph_engine.forward(*given[2:], ends)
            d_h, d_c, x, _, _, W, R, _, P = given
            gradients = graph_engine.backward(d_h, d_c, x, W, R, P, *signals)
        d_h, d_c, x, h0, c0, W, R, b, P = (None if each is None else each.numpy() for each in given)
        want = numpy_engine.forward(x, h0, c0, W, R, b, P, None if lengths is None else np.array(lengths))
        want = *want, *numpy_engine.backward(d_h, d_c, x, W, R, P, *want)
        for found, expected in zip((*signals, *gradients), want, strict=True):
            assert (found is None) == (expected is None)
            if found is not None:
                assert np.abs(found.numpy() - expected).max() < 1e-12
                seen.append(found)
    assert world.events.count("capture") == 2 and world.events.count("replay") == 6
    assert len({each.data_ptr() for each in seen}) == len(seen)


def test_torch_in_a_graph_has_a_recording_for_each_function_shape_dtype_and_setting(world, monkeypatch):
    monkeypatch.setattr(graph_engine, "RECORDINGS", Recordings(40))
    cases = [arrays("none"), arrays("diagonal"), arrays("none", T=6), arrays("none", dtype=np.float32)]
    for _ in range(2):
        for case in cases:
            graph_engine.forward(*case[2:])
    assert world.events.count("capture") == len(cases)
    monkeypatch.setattr(graph_engine, "tf32", lambda: True)
    graph_engine.forward(*cases[0][2:])
    assert world.events.count("capture") == len(cases) and len(graph_engine.RECORDINGS.by_key) == len(cases) + 1


def test_the_engine_has_the_functions_of_torch_s():
    for name in ("forward", "backward"):
        assert getattr(graph_engine, name).__annotations__ == getattr(torch_engine, name).__annotations__
