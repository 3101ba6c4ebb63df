"""Runs that are killed, interrupted or shared out, and go on: they end as those that were left alone.

A start of PyTorch takes seconds, so this file runs itself in a process of its own, which starts once and then splits
off each run as the command line would start it: ``python -m lstm_ref train``.
"""

import io
import json
import os
import pathlib
import pickle
import random
import re
import runpy
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from unittest import mock

import numpy as np
import pytest
import torch

from lstm_ref.training import CheckpointError, Settings, Trainer, checkpoints, fit, logs, resume

torch.set_num_threads(1)
ROOT = str(pathlib.Path(__file__).resolve().parents[2])
ENVIRONMENT = os.environ | {"PYTHONPATH": ROOT, "OMP_NUM_THREADS": "1"}
KILLS = 4
CASES = {
    "peepholes": "adding --set T=20 --set batch_size=8 --peephole diagonal --hidden-size 4 --steps 90 --every 5",
    "a stream": "continual-reber --set T=20 --hidden-size 4 --steps 60 --every 12",
    "dropout": "adding --set T=20 --num-layers 2 --dropout 0.3 --hidden-size 4 --steps 60 --every 5",
}
SHARED = {
    "adding": "adding --set T=20 --steps 30 --every 5",
    "continual-reber": "continual-reber --set T=20 --hidden-size 4 --steps 30 --every 15",
}


# ---- the process that splits off runs


def split_off(arguments, output, environment=None):
    """Run ``python -m lstm_ref train`` with arguments in a process of its own, and return its number."""
    child = os.fork()
    if child:
        return child
    try:
        with open(output, "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.environ.update(environment or {})
        sys.argv = ["lstm_ref", "train", *arguments, "--quiet"]
        runpy.run_module("lstm_ref", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code or 0)
    finally:
        os._exit(99)


def whole(arguments, output, environments=(None,)):
    """Run to the end, in as many processes as there are environments; raise with what they said if one fails."""
    children = [split_off(arguments, f"{output}.{k}", each) for k, each in enumerate(environments)]
    codes = [os.waitpid(child, 0)[1] for child in children]
    if any(codes):
        said = [pathlib.Path(f"{output}.{k}").read_text() for k in range(len(codes))]
        raise RuntimeError(f"{arguments}: {codes}: {said}")


def killed(arguments, folder, output, rng, alone):
    """Kill a run of `alone` seconds again and again; return the step after each kill, None if a file did not read."""
    steps = []
    while len(steps) < KILLS:
        any_yet = folder.is_dir() and checkpoints.found(folder)
        child = split_off(["--resume", str(folder)] if any_yet else [*arguments, "--folder", str(folder)], output)
        time.sleep(rng.uniform(0, 0.4 * alone))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            if os.waitstatus_to_exitcode(status):
                raise RuntimeError(pathlib.Path(output).read_text())
            # It had ended before; begin anew, with less patience.
            shutil.rmtree(folder)
            alone /= 2
            continue
        try:
            read = [checkpoints.read(path)["steps"] for path in (checkpoints.found(folder) if folder.is_dir() else [])]
            steps.append(read[-1] if read else 0)
        except CheckpointError:
            steps.append(None)
    return steps


def torchrun_would_say():
    """Return the environments that torchrun gives to two processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [common | {"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(2)]


def runs(folder):
    """Do all runs, one after the other, each into a folder of its own; return what became of the kills."""
    Trainer(Settings("adding", {"T": 20}, hidden_size=4, peephole="diagonal", device="cpu")).step()
    rng, found = random.Random(5), {}
    for name, line in CASES.items():
        place, arguments = folder / name, line.split()
        began = time.perf_counter()
        whole([*arguments, "--folder", str(place / "alone")], folder / "alone.txt")
        alone = time.perf_counter() - began
        found[name] = killed(arguments, place / "killed", folder / "killed.txt", rng, alone)
        again = checkpoints.found(place / "killed")
        go_on = ["--resume", str(place / "killed")] if again else [*arguments, "--folder", str(place / "killed")]
        whole(go_on, folder / "killed.txt")
    for name, line in SHARED.items():
        arguments = line.split()
        whole([*arguments, "--folder", str(folder / name / "one")], folder / "one.txt")
        if name == "continual-reber":
            # Somebody else may take the free port in between.
            for attempt in range(3):
                try:
                    two = ["--folder", str(folder / name / "two")]
                    whole([*arguments, *two], folder / "two.txt", torchrun_would_say())
                    break
                except RuntimeError:
                    if attempt == 2:
                        raise
            first, *_ = checkpoints.found(folder / name / "two")
            (folder / name / "two, then one").mkdir()
            shutil.copy(first, folder / name / "two, then one")
            whole(["--resume", str(folder / name / "two, then one")], folder / "one.txt")
            first, *_ = checkpoints.found(folder / name / "one")
            (folder / name / "one, then two").mkdir()
            shutil.copy(first, folder / name / "one, then two")
            go_on = ["--resume", str(folder / name / "one, then two")]
            whole(go_on, folder / "two.txt", torchrun_would_say())
    return found


if __name__ == "__main__":
    print(json.dumps(runs(pathlib.Path(sys.argv[1]))))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The folder of all runs, and the steps at which they were killed."""
    folder = tmp_path_factory.mktemp("runs")
    found = subprocess.run(
        [sys.executable, "-W", "error", __file__, str(folder)], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert found.returncode == 0, found.stderr
    assert found.stderr == ""
    return folder, json.loads(found.stdout)


def same(one, other):
    """Return whether two states are equal, bit for bit."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def state(folder):
    return checkpoints.read(folder)


def text(folder):
    return (folder / "log.csv").read_bytes()


# ---- killed


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


def trainer(**settings):
    settings = {"hidden_size": 3, "steps": 12, "every": 2, "device": "cpu"} | settings
    return Trainer(Settings("adding", {"T": 20, "batch_size": 4}, **settings))


def small(folder=None, **settings):
    training = trainer(**settings)
    fit(training, folder)
    return training


class Killed(BaseException):
    pass


def dying(function, after, call):
    """Let a function end the run at its n-th call, before or after it has done its work."""
    calls = []

    def run(*inputs, **options):
        calls.append(1)
        if len(calls) < call:
            return function(*inputs, **options)
        if after:
            function(*inputs, **options)
        raise Killed

    return run


def half_saved(save):
    """Save half of the bytes only, and end the run."""

    def run(state, file):
        save(state, file)
        file.truncate(file.tell() // 2)
        raise Killed

    return run


MOMENTS = {
    "half the file is written": (torch, "save", half_saved),
    "the file is written": (os, "fsync", lambda function: dying(function, False, 3)),
    "the folder has the new name": (os, "fsync", lambda function: dying(function, True, 4)),
    "before the file gets its name": (pathlib.Path, "replace", lambda function: dying(function, False, 3)),
    "after the file has its name": (pathlib.Path, "replace", lambda function: dying(function, True, 3)),
    "before an old one is dropped": (pathlib.Path, "unlink", lambda function: dying(function, False, 1)),
    "after an old one is dropped": (pathlib.Path, "unlink", lambda function: dying(function, True, 1)),
    "the row is in the log": (logs.Log, "add", lambda function: dying(function, True, 3)),
    "the measure is taken": (Trainer, "measure", lambda function: dying(function, True, 3)),
    "the log is being made anew": (logs.Log, "_rewrite", lambda function: dying(function, False, 1)),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_ends_between_any_two_acts_of_writing_goes_on_as_if_it_had_not(moment, tmp_path):
    small(tmp_path / "alone")
    owner, name, dies = MOMENTS[moment]
    with mock.patch.object(owner, name, dies(getattr(owner, name))), pytest.raises(Killed):
        small(tmp_path / "killed")
    written = checkpoints.found(tmp_path / "killed")
    assert all(checkpoints.read(path)["format"] == checkpoints.FORMAT for path in written)
    if written:
        fit(resume(tmp_path / "killed", "cpu"), tmp_path / "killed")
    else:
        small(tmp_path / "killed")
    assert same(state(tmp_path / "killed"), state(tmp_path / "alone"))
    assert text(tmp_path / "killed") == text(tmp_path / "alone")
    assert len(checkpoints.found(tmp_path / "killed")) == 2


def test_a_run_resumed_after_any_of_its_steps_ends_as_one_left_alone(tmp_path):
    alone = small(tmp_path / "alone")
    training = trainer()
    for step in range(1, 12):
        training.step()
        if step % 2 == 0:
            training.measure()
            training.mean_loss()
        path = checkpoints.write(tmp_path / "steps", step, training.state_dict())
        training = resume(path, "cpu")
        assert training.steps == step
    fit(training)
    assert same(training.state_dict(), alone.state_dict())


def test_a_finished_run_resumed_takes_no_step_and_keeps_its_log(tmp_path):
    small(tmp_path)
    before = text(tmp_path), state(tmp_path)
    training = resume(tmp_path, "cpu")
    rows = fit(training, tmp_path)
    assert training.steps == 12 and len(rows) == 6 and text(tmp_path) == before[0] and same(state(tmp_path), before[1])


def test_a_resumed_run_has_the_best_weights_and_counts_on_towards_its_patience(tmp_path):
    training = small(tmp_path, steps=6)
    again = resume(tmp_path, "cpu")
    assert same(again.best, training.best) and again.measures_since_best == training.measures_since_best
    assert again.settings == training.settings


def test_numbers_of_numpy_in_the_settings_do_not_make_a_checkpoint_unreadable(tmp_path):
    small(tmp_path, steps=np.int64(2), learning_rate=np.float64(0.01), seed=np.int64(1), clip=np.float32(0.5))
    assert resume(tmp_path, "cpu").settings.clip == 0.5


# ---- checkpoints that are not whole, or not ours


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A folder with the checkpoints of steps 10 and 12."""
    folder = tmp_path_factory.mktemp("good")
    small(folder)
    return folder


def broken(good, folder, change):
    """Copy a run and change the bytes of its last checkpoint; return this file and the one before it."""
    shutil.copytree(good, folder, dirs_exist_ok=True)
    before, last = checkpoints.found(folder)
    last.write_bytes(change(last.read_bytes()))
    return before, last


def flipped(data, place):
    place = round(place * len(data))
    return data[:place] + bytes([data[place] ^ 0x40]) + data[place + 1 :]


def in_weights(data):
    """Flip one bit of the read-out's weights."""
    numbers = torch.load(io.BytesIO(data), weights_only=True)["model"]["read_out.weight"].numpy().tobytes()
    return flipped(data, data.index(numbers) / len(data))


DAMAGE = {
    "nothing left": lambda data: b"",
    "one byte left": lambda data: data[:1],
    "the first 100 bytes": lambda data: data[:100],
    "half of it": lambda data: data[: len(data) // 2],
    "all but the last byte": lambda data: data[:-1],
    "all but the last 4000 bytes": lambda data: data[:-4000],
    "its second half": lambda data: data[len(data) // 2 :],
    "zeros in the middle": lambda data: data[:3000] + bytes(4096) + data[7096:],
    "one bit of the weights": in_weights,
    "a text": lambda data: b"steps,sequences\r\n1,2\r\n",
    "zeros alone": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_refused_by_name_and_the_one_before_it_offered(damage, good, tmp_path):
    before, last = broken(good, tmp_path, DAMAGE[damage])
    for path in (last, tmp_path):
        with pytest.raises(CheckpointError) as refused:
            resume(path, "cpu")
        first, second = str(refused.value).split("\n")
        assert first.startswith(f"{last}: ") and second == f"The one before it: {before}"
    fit(resume(before, "cpu"), tmp_path)
    assert same(state(tmp_path), state(good)) and text(tmp_path) == text(good)


def test_one_flipped_bit_anywhere_is_refused_or_does_no_harm(good, tmp_path):
    whole, refused = state(good), 0
    for place in np.linspace(0, 0.999, 60):
        _, last = broken(good, tmp_path, lambda data, place=place: flipped(data, place))
        try:
            assert same(checkpoints.read(last), whole), place
        except CheckpointError:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    "what",
    [{"model": {"weight": torch.zeros(3)}}, torch.zeros(3), [1, 2], {"format": "lstm_ref checkpoint 0"}],
    ids=["a model", "a tensor", "a list", "an older format"],
)
def test_a_file_of_torch_that_is_no_checkpoint_is_refused(what, good, tmp_path):
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    before, last = checkpoints.found(tmp_path)
    torch.save(what, last)
    with pytest.raises(CheckpointError, match=re.escape(f"{last}: expected a file that says")) as refused:
        resume(last, "cpu")
    assert str(before) in str(refused.value)


class Command:
    """What a pickle runs when it is read."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_pickle_that_would_run_code_is_refused_and_not_run(form, good, tmp_path):
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    before, last = checkpoints.found(tmp_path)
    payload = {"format": checkpoints.FORMAT, "steps": 1, "trap": Command(tmp_path / "sprung")}
    if form == "torch":
        torch.save(payload, last)
    else:
        last.write_bytes(pickle.dumps(payload))
    with pytest.raises(CheckpointError, match=re.escape(str(last))) as refused:
        resume(tmp_path, "cpu")
    assert str(before) in str(refused.value) and str(refused.value).count("\n") == 1
    assert "weights_only" not in str(refused.value) and not (tmp_path / "sprung").exists()


def test_without_an_older_checkpoint_none_is_offered(tmp_path):
    path = tmp_path / "step-00000100.pt"
    path.write_bytes(b"")
    (tmp_path / "step-00000200.pt").write_bytes(b"")
    with pytest.raises(CheckpointError) as refused:
        resume(path)
    assert "before" not in str(refused.value)


def test_a_folder_without_checkpoints_and_a_file_that_is_not_there_are_refused_by_name(tmp_path):
    (tmp_path / "step-00000100.tmp").write_bytes(b"half")
    with pytest.raises(CheckpointError, match=re.escape(f"{tmp_path}: expected a folder with checkpoints")):
        resume(tmp_path)
    with pytest.raises(CheckpointError, match="no such file"):
        resume(tmp_path / "step-00000100.pt")


def test_a_temporary_file_left_over_does_no_harm(good, tmp_path):
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    before, last = checkpoints.found(tmp_path)
    last.rename(last.with_suffix(".tmp"))
    (tmp_path / "log.tmp").write_bytes(b"half")
    fit(resume(tmp_path, "cpu"), tmp_path)
    assert same(state(tmp_path), state(good)) and not list(tmp_path.glob("*.tmp"))


def test_the_last_two_checkpoints_are_kept(good):
    assert [path.name for path in checkpoints.found(good)] == ["step-00000010.pt", "step-00000012.pt"]


def test_a_run_that_goes_on_from_an_older_checkpoint_keeps_its_own_and_drops_the_later_ones(good, tmp_path):
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    older, _ = checkpoints.found(tmp_path)
    older.rename(tmp_path / "step-00000002.pt")
    checkpoints.write(tmp_path, 3, {})
    assert [path.name for path in checkpoints.found(tmp_path)] == ["step-00000002.pt", "step-00000003.pt"]


# ---- interrupted


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_saves_and_says_how_to_go_on_and_that_command_ends_as_a_run_left_alone(done, tmp_path):
    folder = tmp_path / "a run"
    command = [sys.executable, "-W", "error", "-m", "lstm_ref", "train", *CASES["dropout"].split(), "--quiet"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": ENVIRONMENT, "cwd": tmp_path}
    with subprocess.Popen([*command, "--folder", str(folder)], **pipes) as running:
        while running.poll() is None and not checkpoints.found(folder):
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        said, complaints = running.communicate()
    assert running.returncode == 0 and complaints == ""
    *_, hint = said.splitlines()
    stopped, command = re.fullmatch(r"Stopped after step (\d+)\. Go on with: python (.*)", hint).groups()
    assert state(folder)["steps"] == int(stopped) < 60
    again = subprocess.run([sys.executable, *shlex.split(command), "--quiet"], **pipes)
    assert again.returncode == 0 and again.stderr == "" and "Stopped" not in again.stdout
    alone = done[0] / "dropout" / "alone"
    assert same(state(folder), state(alone)) and text(folder) == text(alone)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step_at_hand_and_a_second_one_at_once(number, tmp_path):
    training = trainer(steps=50, every=50)
    handlers, step = signal.getsignal(number), Trainer.step

    def with_signal(self):
        step(self)
        if self.steps == 7:
            os.kill(os.getpid(), number)

    with mock.patch.object(Trainer, "step", with_signal):
        assert fit(training, tmp_path) == []
    assert training.steps == 7 and not training.finished and state(tmp_path)["steps"] == 7
    assert signal.getsignal(number) == handlers

    def with_two(self):
        step(self)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)

    with mock.patch.object(Trainer, "step", with_two), pytest.raises(KeyboardInterrupt):
        fit(training, tmp_path)
    assert signal.getsignal(number) == handlers


def test_without_a_folder_there_is_nothing_to_save_and_ctrl_c_is_as_ever():
    def interrupted(self):
        os.kill(os.getpid(), signal.SIGINT)

    with mock.patch.object(Trainer, "step", interrupted), pytest.raises(KeyboardInterrupt):
        fit(trainer(steps=50, every=50))


# ---- shared out


def losses(folder):
    return np.array([row["loss"] for row in logs.read(folder / "log.csv")])


def close(folder, other):
    found, expected = state(folder)["model"], state(other)["model"]
    return found.keys() == expected.keys() and all((found[name] - expected[name]).abs().max() < 1e-4 for name in found)


def test_two_processes_under_torchrun_have_the_losses_of_one_with_the_whole_batch(done, tmp_path):
    one = done[0] / "adding" / "one"
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = ["-m", "lstm_ref", "train", *SHARED["adding"].split(), "--folder", str(tmp_path), "--quiet"]
    found = subprocess.run([*launcher, *command], capture_output=True, text=True, env=ENVIRONMENT)
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
    assert np.abs(losses(both) - losses(one)[1:]).max() < 1e-5 and close(both, one)
    assert state(both)["steps"] == 30


def test_a_batch_that_cannot_be_shared_out_evenly_is_refused():
    with mock.patch("lstm_ref.training.trainer.rank_and_world", lambda: (0, 3)):
        with pytest.raises(ValueError, match=r"^batch_size: expected a multiple of 3 processes, got 32$"):
            Trainer(Settings("adding"))
