"""The parts of the script for a GPU: what is right, what is counted, and what it tells of an aim."""

import ast
import re
import subprocess
import time
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import torch
from helpers.book import ROOT
from helpers.gpu import TINY, means
from helpers.processes import python

from benchmarks.gpu import __main__ as command
from benchmarks.gpu import cases, clock, correctness, given, machine, profiling, situations, speed, summary, supervise
from benchmarks.gpu.units import ENGINES, PRECISIONS

MODULES = sorted((ROOT / "benchmarks" / "gpu").glob("*.py"))


def test_without_a_gpu_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match=r"^No GPU: .+ --tiny --device cpu$"):
        command.main(["--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_an_unknown_stage_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main([*TINY, "--stages", "speed"])
    assert "--stages: expected some of correctness, " in capsys.readouterr().err


def test_what_is_asked_for_is_what_runs(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(command, "run", lambda means, *rest: asked.append((means, rest)) or {"train": "done, 1"})
    options = ["--out", str(tmp_path), "--stages", "train", "--peephole", "full", "--again", "--minutes", "3"]
    assert command.main([*TINY, *options]) == 0
    [(means, rest)] = asked
    assert (means.peephole, means.tiny, means.folder) == ("full", True, str(tmp_path))
    assert rest == (["train"], 3, True)


@pytest.mark.parametrize(
    ("minutes", "shares"),
    [(3, {"correctness": 30, "tiles": 12.5, "train": 180}), (30, {"correctness": 90, "tiles": 37.5, "train": 480})],
)
def test_a_stage_gets_its_share_of_the_time_and_the_last_what_is_left(monkeypatch, tmp_path, minutes, shares):
    got = {}
    monkeypatch.setattr(supervise, "_run", lambda stage, mine, again: got.update({mine.stage: mine.left}) or "done, 1")
    supervise.run(means(tmp_path, tiny=False), [*shares], minutes, again=False)
    assert got == pytest.approx(shares, abs=2)
    supervise.run(means(tmp_path), [*shares], minutes, again=False)
    assert got == pytest.approx(dict.fromkeys(shares, 60 * minutes), abs=2)  # tiny: as much as there is


def test_it_needs_nothing_but_torch_and_numpy():
    missing = ("scipy", "numba", "matplotlib", "onnx", "onnxruntime", "tqdm", "pandas", "triton", "yaml", "tensorboard")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing}))\n"
        "import importlib, pkgutil, benchmarks.gpu as g\n"
        "for each in pkgutil.iter_modules(g.__path__):\n"
        "    if each.name != '__main__': importlib.import_module('benchmarks.gpu.' + each.name)\n"
        "print(g.train.Timed.__name__)"
    )
    assert python("-c", code, cwd=ROOT) == "Timed\n"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2e-5])
def test_what_is_not_a_number_or_beyond_the_bound_never_passes(value, tmp_path):
    want = {"y": torch.ones(2, dtype=torch.float64), "h": torch.ones(2, dtype=torch.float64)}
    found = {"y": torch.ones(2), "h": torch.tensor([1.0, 1.0 + value])}
    result = cases.judged(cases.worst(found, want), 1e-5)
    assert result["right"] is False and result["where"] == "h"
    assert cases.judged(cases.worst(want, want), 1e-5)["right"] is True
    results = {
        "correctness": {"machine": {}, "items": {"torch full float32 1x1": result, "torch.nn.LSTM none": result}}
    }
    assert [*summary.wrong(results)] == ["correctness: torch full float32 1x1"]
    given.write(tmp_path, results)
    text = summary.text(given.read(tmp_path), {}, machine.facts("cpu", True), "folder")
    assert re.search(r"^WRONG correctness: torch full float32 1x1: \S+ in h$", text, re.MULTILINE)


@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
def test_a_wrong_weight_of_any_kind_is_noticed(peephole, tmp_path):
    drawn = cases.case(means(tmp_path), "torch", peephole, (3, 2, 3, 5), "float32", True)
    want = drawn.want()
    assert want.keys() == drawn.outcome().keys() and cases.worst(drawn.outcome(), want)["error"] < 1e-5
    for name, parameter in drawn.layer.named_parameters():
        with torch.no_grad():
            parameter.view(-1)[3] += 0.01
        assert cases.worst(drawn.outcome(), want)["error"] > 1e-5, name
        with torch.no_grad():
            parameter.view(-1)[3] -= 0.01


def test_the_second_derivative_of_the_loop_is_that_of_the_loop_in_float64(tmp_path, monkeypatch):
    loop = situations.Loop(3, 5)
    drawn = cases.Case("diagonal", (3, 2, 3, 5), PRECISIONS["float32"], loop, torch.device("cpu"))
    assert situations.second_derivative(means(tmp_path), drawn)["error"] < 1e-5


class Event:
    """Stands in for CUDA's."""

    def __init__(self, enable_timing):
        assert enable_timing

    def record(self):
        self.at = time.perf_counter()

    def elapsed_time(self, other):
        return (other.at - self.at) * 1e3


@pytest.fixture
def card(monkeypatch):
    """A clock that believes it is on a card, whose counters tell of `held` and `peak` bytes."""
    counters = SimpleNamespace(held=0, peak=0)
    fakes = {
        "Event": Event,
        "synchronize": lambda device=None: None,
        "empty_cache": lambda: None,
        "reset_peak_memory_stats": lambda: setattr(counters, "peak", counters.held),
        "memory_allocated": lambda: counters.held,
        "memory_reserved": lambda: counters.held,
        "max_memory_allocated": lambda: counters.peak,
        "Stream": MagicMock,
        "stream": MagicMock(),
        "current_stream": MagicMock(),
        "graph": MagicMock(),
        "CUDAGraph": MagicMock,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    made = clock.Clock("cpu")
    made.cuda = True
    return made, counters


def test_on_a_card_time_comes_from_its_events_and_is_that_of_one_call(card):
    assert 0.01 <= card[0].seconds(lambda: time.sleep(0.01), 3) < 0.02


def test_on_a_card_memory_is_the_peak_above_what_was_there_and_what_is_kept(card):
    made, counters = card
    kept = iter([3 * clock.MIB, 2 * clock.MIB])

    def call():
        counters.held += next(kept, 0) + 5 * clock.MIB
        counters.peak = max(counters.peak, counters.held)

    def clear():
        counters.held -= 5 * clock.MIB

    counters.held = 12 * clock.MIB
    assert made.memory(call, clear) == {"peak": 5, "kept": 5, "reserved": 5}


def test_a_captured_graph_is_replayed_with_other_numbers_than_it_was_captured_with(card, tmp_path):
    drawn = cases.case(means(tmp_path), "torch", "diagonal", (3, 2, 3, 5), "float32", False)
    assert situations.on_a_side_stream(means(tmp_path), drawn)["error"] < 1e-5
    # Nothing replays here, so that what was captured stays that of zeros.
    assert situations.in_a_captured_graph(means(tmp_path), drawn)["error"] > 0.1


def test_on_a_card_launches_are_timed_from_python_and_in_a_graph(card, tmp_path, monkeypatch):
    monkeypatch.setattr(profiling, "Clock", lambda device: card[0])
    assert profiling.launches(means(tmp_path)).keys() == {"us from Python", "us in a graph"}


def test_the_facts_of_a_card_are_named(monkeypatch):
    properties = SimpleNamespace(name="NVIDIA H100 80GB HBM3", total_memory=80 * 2**30, major=9, minor=0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    facts = machine.facts("cuda", False)
    assert machine.folder_name(facts) == "NVIDIA-H100-80GB-HBM3"
    assert machine.lines(facts).startswith("card NVIDIA H100 80GB HBM3, memory GiB 80.0, capability 9.0, torch ")
    assert machine.same(facts, facts | {"date": "another"}) and not machine.same(facts, facts | {"sources": "other"})


def test_a_device_that_is_gone_needs_a_new_process(card, monkeypatch):
    def gone(device=None):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    assert given.did_not_run(ValueError("a\nb"), card[0]) == {"did not run": "ValueError: a"}
    monkeypatch.setattr(torch.cuda, "synchronize", gone)
    with pytest.raises(ValueError, match="a"):
        given.did_not_run(ValueError("a\nb"), card[0])


def test_of_a_profile_what_ran_on_the_card_is_counted_by_name():
    kinds = torch.autograd.DeviceType
    events = [
        SimpleNamespace(
            device_type=kind, name=name, is_user_annotation=mark, time_range=SimpleNamespace(elapsed_us=lambda: 2000)
        )
        for kind, name, mark in [(kinds.CUDA, "gemm", False)] * 6
        + [(kinds.CUDA, "mark", True), (kinds.CPU, "aten::mm", False)]
    ]
    assert profiling._rows(events, True) == [{"name": "gemm", "count": 2, "ms": 4}]


def test_an_aim_is_reached_to_the_last_digit_and_missed_by_a_hundredth():
    rows = {"torch.nn.LSTM none": {"both": {"ms": 10, "ratio": 1}}}
    for engine, ratio in zip(ENGINES, (1.2, 1.21, 6.0)):
        rows[f"{engine} diagonal"] = {"both": {"ms": 10 * ratio, "ratio": ratio}, "memory": {"ratio": 1.5}}
        rows[f"{engine} full"] = {
            "both": {"ms": 18, "ratio": 1.8},
            "memory": {"ratio": 1.5 if engine == "triton" else 1.51},
        }
    compiled = {"rows": {"torch.compile of the loop diagonal": {"both": {"ms": 24.0}}, **rows}}
    words = "x".join(map(str, speed.LARGE[0]))
    results = {
        "benchmark": {"items": {f"{words} TF32": {"rows": rows}}},
        "compiled": {"items": {f"loop default {words}": compiled, f"loop reduce-overhead {words}": {}}},
    }
    lines = {row[0]: row[1:] for row in summary._aims(results, tiny=False)}
    assert lines[f"{words} TF32 diagonal"] == ("<= 1.2", "1.20 yes", "1.21 no", "6.00 no")
    assert lines[f"{words} TF32 full"] == ("<= 1.8", *["1.80 yes"] * 3)
    assert lines[f"{words} TF32 memory"] == ("<= 1.5", "1.50 yes", "1.51 no", "1.51 no")
    assert lines[f"{words} TF32 times as fast as engine torch"] == (">= 5", "5.00 yes", "4.96 no", "1.00 no")
    assert lines[f"{words} TF32 times as fast as torch.compile"] == (">= 2", "2.00 yes", "1.98 no", "0.40 no")
    assert lines[f"{words} bfloat16 diagonal"] == ("<= 2", "-", "-", "-")


def test_the_checks_and_rows_for_a_card_cover_every_engine_kind_and_situation(tmp_path):
    todo = correctness.items(means(tmp_path, device="cuda", tiny=False))
    for engine in ENGINES:
        for words in (
            "diagonal in a captured graph",
            "full on a side stream",
            "none float16",
            "full autocast bfloat16",
        ):
            assert any(name.startswith(f"{engine} {words}") for name in todo), (engine, words)
    assert {int(name.split("x")[3].split()[0]) for name in todo if "float32" in name} >= {16, 192, 200, 512}
    sizes = [*speed.items(means(tmp_path, tiny=False))]
    assert len(sizes) == 16 and sizes[:2] == ["256x64x512x512 TF32", "128x128x192x192 TF32"]


def test_with_another_python_make_leaves_the_environment_alone():
    command = ["make", "-n", "--no-print-directory", "gpu", "WITH=python3", "MINUTES=6"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.stdout.split() == ["python3", "-m", "benchmarks.gpu", "--minutes", "6"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_and_functions_are_short(path):
    source = path.read_text(encoding="utf-8")
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    assert len(source.splitlines()) <= 250
    assert all(node.end_lineno - node.lineno < 50 for node in nodes)
