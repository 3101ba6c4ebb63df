"""The script for a GPU, run on a CPU at tiny sizes: its stages, what they leave, and what a failure does."""

import csv
import gzip
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers.book import ROOT
from helpers.gpu import TINY, means

from benchmarks.gpu import __main__ as command
from benchmarks.gpu import given, machine, supervise
from benchmarks.gpu.feeding import ON_A_GPU, WAYS
from benchmarks.gpu.units import ROWS
from benchmarks.peers import REFERENCE

pytestmark = [pytest.mark.slow, pytest.mark.long]

HERE = "torch diagonal", "torch full", "torch none"


def start(folder, *options, warnings=()):
    whole = [sys.executable, *warnings, "-m", "benchmarks.gpu", *TINY, "--out", str(folder), *options]
    return subprocess.run(whole, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return folder, start(folder, "--minutes", "30", warnings=["-W", "error"])


def test_every_stage_runs_to_its_end_with_warnings_as_errors(whole):
    folder, ended = whole
    assert ended.returncode == 0, ended.stdout + ended.stderr
    results = given.read(folder)
    assert [*results] == [*supervise.STAGES]
    for stage, entry in results.items():
        assert f"{stage}: done, {entry['total']}" in ended.stdout
        assert len(entry["items"]) == entry["total"] and entry["fault"] is entry["running"] is None


def test_few_small_files_are_left_and_each_names_what_it_was_measured_with(whole):
    folder, ended = whole
    files = {path.name: path for path in folder.rglob("*")}
    assert len(files) <= 11 and all(re.fullmatch(r"[\w.-]+", name) for name in files)
    assert all(path.stat().st_size < 2**20 for path in files.values())
    facts = machine.facts("cpu", True)
    texts = {name: path.read_text("utf-8") for name, path in files.items() if path.suffix in (".json", ".csv", ".txt")}
    texts["trace.json.gz"] = gzip.decompress(files["trace.json.gz"].read_bytes()).decode()
    with np.load(files["model.npz"]) as arrays:
        texts["model.npz"] = str(arrays["machine"])
        assert arrays["lstm.weight_hh_l1"].shape == (32, 8) and arrays["lstm.weight_hh_l1"].dtype == np.float16
    assert texts.keys() == files.keys()
    for name, text in texts.items():
        for fact in (facts["card"], facts["torch"], facts["Python"], facts["sources"]):
            assert fact in text, name
    assert texts["summary.txt"] in ended.stdout and len(texts["summary.txt"].splitlines()) < 60


def test_an_engine_that_is_here_is_right_and_timed_and_one_that_is_not_is_a_row_that_says_so(whole):
    results = given.read(whole[0])
    checks, groups = results["correctness"]["items"], results["benchmark"]["items"]
    for name, check in checks.items():
        if name.startswith(tuple(HERE)) and "second derivative" not in name:
            assert check["right"] is True and check["error"] <= check["bound"], name
        else:
            assert name.startswith(("torch", "triton", "graph")) and ("did not run" in check or check["right"])
    assert groups.keys() == {f"4x2x3x5 {precision}" for precision in ("float32", "TF32", "bfloat16", "float16")}
    for group in groups.values():
        assert group["rows"].keys() == {" ".join(peer) for peer in ROWS}
        for name, row in group["rows"].items():
            if name.startswith((*HERE, "plain", REFERENCE[0])):
                assert row["both"]["ratio"] > 0 and row["forward"]["ms"] > 0 and row.get("differs", 0) < 0.05
            else:
                assert row.get("did not run") or row["both"]["ratio"] > 0
        assert group["rows"]["torch.nn.LSTM none"]["both"]["ratio"] == 1
    compiled = results["compiled"]["items"]["loop default 4x2x3x5"]["rows"]["torch.compile of the loop diagonal"]
    assert compiled["both"]["ms"] > 0 and compiled["differs"] < 1e-3
    assert results["compiled"]["items"]["layer auto"]["right"]


def test_the_tables_hold_every_point_and_every_measure_of_the_training(whole):
    folder, _ = whole
    curves, log = (
        [*csv.DictReader(path.read_text("utf-8").splitlines()[1:])]
        for path in (folder / "curves.csv", folder / "train.csv")
    )
    assert len(curves) == 3 * 2 * 2 * 2
    assert {(row["sweep"], row[row["sweep"]]) for row in curves} == {
        ("T", "2"),
        ("T", "3"),
        ("B", "1"),
        ("B", "2"),
        ("H", "3"),
        ("H", "4"),
    }
    assert all(float(row["ms"]) > 0 and float(row["ratio"]) > 0 for row in curves)
    steps = [int(row["step"]) for row in log]
    assert steps == sorted(set(steps)) and len(steps) > 3
    found = given.read(folder)["train"]["items"]["train"]
    assert found["steps"] == steps[-1] and found["measures"] == len(steps)
    assert found["validation bits"] == pytest.approx(min(float(row["validation_bits"]) for row in log), rel=1e-4)
    assert float(log[-1]["learning_rate"]) < float(log[len(log) // 4]["learning_rate"])
    assert all(0 < found[name] < 10 for name in found if "bits" in name) and len(found["samples"]) == 2


def test_what_feeds_a_step_and_every_precision_are_timed_and_each_operation_is_listed(whole):
    feeding, losses, timeline = (
        [*csv.DictReader((whole[0] / name).read_text("utf-8").splitlines()[1:])]
        for name in ("feeding.csv", "precision.csv", "timeline.csv")
    )
    assert {row["row"] for row in feeding} == {*WAYS} - ON_A_GPU and all(float(row["ratio"]) > 0 for row in feeding)
    kinds = {row["row"] for row in losses}
    assert kinds == {f"{name} none" for name in ("float32", "float16", "bfloat16")} | {
        "float32 diagonal",
        "bfloat16 diagonal",
    }
    assert all(3 < float(row["bits"]) < 9 for row in losses) and len(losses) == 4 * len(kinds)
    assert {row["row"] for row in timeline} == {"plain loop diagonal", "torch.nn.LSTM none", "layer auto diagonal"}
    assert [row["name"] for row in timeline if row["row"] == "torch.nn.LSTM none"] == ["aten::lstm"]
    loop = [row for row in timeline if row["row"] == "plain loop diagonal"]
    assert sum(row["name"] == "aten::mm" for row in loop) == int(loop[0]["T"])
    began = [float(row["began"]) for row in loop]
    assert began == sorted(began) and began[0] == 0


def test_what_is_done_is_not_measured_again_unless_that_is_wanted(whole):
    folder, _ = whole
    before = given.read(folder)
    states = supervise.run(means(folder), [*supervise.STAGES], 30, again=False)
    assert states == dict.fromkeys(supervise.STAGES, "done before, kept")
    assert given.read(folder) == before
    supervise.run(means(folder), ["tiles"], 30, again=True)
    after = given.read(folder)
    assert [name for name in after if after[name] != before[name]] == ["tiles"]
    assert supervise.run(means(folder, peephole="diagonal"), ["train"], 30, again=False) == {"train": "done, 1"}
    with np.load(folder / "model.npz") as arrays:
        assert arrays["lstm.weight_ch_l0"].shape == (3, 8)


def test_stages_that_find_no_time_are_cut_and_the_table_says_so(tmp_path):
    ended = start(tmp_path, "--minutes", "0.01", "--stages", "correctness", "benchmark", "train")
    assert ended.returncode == 0
    assert len(re.findall(r"^(?:correctness|benchmark|train) +cut", ended.stdout, re.MULTILINE)) == 3


def test_whoever_ends_it_gets_the_table_and_no_process_is_left(tmp_path):
    whole = [sys.executable, "-m", "benchmarks.gpu", *TINY, "--out", str(tmp_path), "--stages", "train"]
    process = subprocess.Popen(whole, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while not given.read(tmp_path).get("train", {}).get("running"):
        assert process.poll() is None
        time.sleep(0.1)
    process.terminate()
    printed, _ = process.communicate()
    assert process.returncode == 1 and re.search(r"^train +failed: interrupted", printed, re.MULTILINE)
    time.sleep(3)
    before = (tmp_path / given.NAME).stat().st_mtime
    time.sleep(1)
    assert (tmp_path / given.NAME).stat().st_mtime == before < time.time() - 3


PLANTED = """
import os, time
from benchmarks.gpu.speed import Group
from benchmarks.gpu.units import ROWS
from benchmarks.peers import REFERENCE

def end(): os._exit(3)
def hang(): time.sleep(60)
def fail(): raise ArithmeticError("planted")
def wrong(): return {"error": float("nan"), "where": "y", "right": False}

def rows(given):
    group = Group(given, "rows", (2, 1, 2, 3), "float32")
    group.add(REFERENCE, ROWS[REFERENCE])
    group.add(("ends", "none"), lambda I, H: os._exit(4))
    group.add(("torch", "full"), ROWS["torch", "full"])
    return group.measured(given.until)

def items(given):
    return {"fails": fail, "ends": end, "hangs": hang, "rows": lambda: rows(given), "good": lambda: {"value": 1}}
"""


@pytest.fixture
def plant(tmp_path, monkeypatch):
    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        return supervise.Stage(name, 120, 12)

    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return write


def test_what_fails_ends_its_process_or_hangs_is_a_row_and_the_rest_goes_on(plant, tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "STAGES", {"planted": plant("planted", PLANTED)})
    states = supervise.run(means(tmp_path), ["planted"], 30, again=False)
    entry = given.read(tmp_path)["planted"]
    assert states == {"planted": "done, 5"} and entry["items"].keys() == {"fails", "ends", "hangs", "rows", "good"}
    assert entry["items"]["good"]["value"] == 1
    reasons = {name: entry["items"][name].get("did not run") for name in ("fails", "ends", "hangs")}
    assert reasons["fails"].startswith("ArithmeticError: planted (planted.py:")
    assert reasons["ends"] == "exit code 3" and reasons["hangs"] == "no sign for 12 s, ended by force"
    rows = entry["items"]["rows"]["rows"]
    assert rows["ends none"] == {"did not run": "at rows: exit code 4"} and rows["torch full"]["both"]["ratio"] > 0


def test_after_a_stage_that_fails_the_next_one_runs_and_the_end_is_not_zero(plant, tmp_path, monkeypatch, capfd):
    stages = {
        "broken": plant("broken", "def items(given): raise LookupError('planted')"),
        "wrong": plant("planted_wrong", PLANTED.replace('"fails": fail, "ends": end, "hangs": hang, ', "")),
    }
    monkeypatch.setattr(supervise, "STAGES", stages)
    monkeypatch.setattr(command, "STAGES", stages)
    code = command.main([*TINY, "--out", str(tmp_path / "out"), "--minutes", "30"])
    printed = capfd.readouterr().out
    assert code == 1
    assert re.search(r"^broken +failed: LookupError: planted", printed, re.MULTILINE)
    assert re.search(r"^wrong +done, 2", printed, re.MULTILINE)
