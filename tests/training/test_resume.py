"""Runs that are killed, interrupted or shared out, and go on: they end as those that were left alone."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import split_runs
from helpers.runs import same, state, text
from helpers.split_runs import CASES, KILLS, SHARED

from lstm_ref.training import checkpoints, logs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix", reason="processes that split off"),
]

# Warnings are errors, but for one of torch 2.5: it leaves a temporary folder to the end.
STRICT = [sys.executable, "-W", "error", "-W", "ignore:Implicitly cleaning up:ResourceWarning"]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The folder of all runs, and the steps at which they were killed."""
    folder = tmp_path_factory.mktemp("runs")
    command = [*STRICT, split_runs.__file__, str(folder)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert found.stderr == ""
    return folder, json.loads(found.stdout)


@pytest.mark.parametrize("name", CASES)
def test_a_run_killed_at_random_moments_ends_bit_for_bit_as_one_left_alone(name, done):
    folder, kills = done
    assert len(kills[name]) == KILLS
    killed, alone = folder / name / "killed", folder / name / "alone"
    assert same(state(killed), state(alone)) and state(alone)["steps"] in (60, 90)
    assert text(killed) == text(alone)
    assert [path.name for path in checkpoints.found(killed)] == [path.name for path in checkpoints.found(alone)]
    assert not list(killed.glob("*.tmp"))


def test_no_kill_leaves_a_checkpoint_that_does_not_read_and_they_fall_at_different_moments(done):
    _, kills = done
    steps = [step for each in kills.values() for step in each]
    assert None not in steps and len(set(steps)) > 3, kills


def test_ctrl_c_saves_and_says_how_to_go_on_and_that_command_ends_as_a_run_left_alone(done, tmp_path):
    folder = tmp_path / "a run"
    command = [*STRICT, "-m", "lstm_ref", "train", *CASES["dropout"].split(), "--quiet"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": tmp_path}
    with subprocess.Popen([*command, "--folder", str(folder)], **pipes) as running:
        while running.poll() is None and not checkpoints.found(folder):
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        said, complaints = running.communicate()
    assert running.returncode == 128 + signal.SIGINT and complaints == ""
    *_, hint = said.splitlines()
    stopped, command = re.fullmatch(r"Stopped after step (\d+)\. Go on with: python (.*)", hint).groups()
    assert state(folder)["steps"] == int(stopped) < 60
    again = subprocess.run([sys.executable, *shlex.split(command), "--quiet"], **pipes)
    assert again.returncode == 0 and again.stderr == "" and "Stopped" not in again.stdout
    alone = done[0] / "dropout" / "alone"
    assert same(state(folder), state(alone)) and text(folder) == text(alone)


def losses(folder):
    return np.array([row["loss"] for row in logs.read(folder / "log.csv")])


def close(folder, other):
    found, expected = state(folder)["model"], state(other)["model"]
    return found.keys() == expected.keys() and all((found[name] - expected[name]).abs().max() < 1e-4 for name in found)


def test_two_processes_under_torchrun_have_the_losses_of_one_with_the_whole_batch(done, tmp_path):
    one = done[0] / "adding" / "one"
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = ["-m", "lstm_ref", "train", *SHARED["adding"].split(), "--folder", str(tmp_path), "--quiet"]
    found = subprocess.run([*launcher, *command], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("2 process(es)") == 1 and found.stderr.strip() == ""
    assert len(losses(tmp_path)) == 6 and np.abs(losses(tmp_path) - losses(one)).max() < 1e-5
    assert close(tmp_path, one) and state(tmp_path)["sequences"] == state(one)["sequences"] == 30 * 32


def test_two_processes_share_out_a_stream_and_its_memory(done):
    one, two = done[0] / "continual-reber" / "one", done[0] / "continual-reber" / "two"
    assert np.abs(losses(two) - losses(one)).max() < 1e-5 and close(two, one)
    for part, expected in zip(state(two)["state"], state(one)["state"]):
        assert part.shape == expected.shape == (1, 16, 4) and (part - expected).abs().max() < 1e-4
    assert state(two)["carry"] == state(one)["carry"] and state(two)["rng"] == state(one)["rng"]


@pytest.mark.parametrize("way", ["two, then one", "one, then two"])
def test_a_checkpoint_of_one_number_of_processes_goes_on_in_another(way, done):
    one, both = done[0] / "continual-reber" / "one", done[0] / "continual-reber" / way
    assert np.abs(losses(both) - losses(one)).max() < 1e-5 and close(both, one)
    assert state(both)["steps"] == 30
