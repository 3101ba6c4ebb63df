"""The folder of a run: one writer at a time, nothing of another's lost, and a way out when it cannot be written."""

import errno
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import pytest
import torch
from helpers.runs import run, same, state, text, trainer

from lstm_ref import __main__ as command
from lstm_ref import files
from lstm_ref.training import FolderError, Trainer, checkpoints, fit, resume
from lstm_ref.training.folder import claimed, locked

HOLD = "import sys; from pathlib import Path; from lstm_ref.training.folder import locked\n" + (
    "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def held_elsewhere(folder):
    """Let another process hold a folder; give that process."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], **pipes) as other:
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()


def after_step(steps, act):
    """Let a run do something after so many steps."""
    step = Trainer.step

    def stepping(self):
        step(self)
        if self.steps == steps:
            act(self)

    return mock.patch.object(Trainer, "step", stepping)


@pytest.mark.slow
def test_a_folder_into_which_another_process_writes_is_refused_and_its_writer_named(tmp_path, capsys):
    run(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("[ls]*")}
    with held_elsewhere(tmp_path) as other:
        expected = (
            f"{re.escape(str(tmp_path))}: expected a folder into which no other run writes, got one held by process"
        )
        with pytest.raises(FolderError, match=f"^{expected} {other.pid} on .*delete {tmp_path / '.lock'}$"):
            fit(resume(tmp_path, "cpu"), tmp_path)
        for line in (f"train --resume {tmp_path}", f"train adding --folder {tmp_path}"):
            assert command.main([*line.split(), "--device", "cpu"]) == 74
            said, complaint = capsys.readouterr()
            assert said == "" and re.match(f"lstm_ref: {expected}", complaint) and complaint.count("\n") == 1
    assert {path.name: path.read_bytes() for path in tmp_path.glob("[ls]*")} == before
    # The other one was killed: nothing of its hold is left.
    fit(resume(tmp_path, "cpu"), tmp_path)


def test_a_process_may_hold_a_folder_twice_and_says_so_until_it_lets_go(tmp_path):
    tmp_path = tmp_path / "not" / "there"
    with locked(tmp_path) as outer:
        with claimed(tmp_path, own=False) as inner:
            assert inner == outer == (tmp_path / ".holder").read_text() and f"process {os.getpid()} on " in inner
        assert (tmp_path / ".holder").exists()
    assert not (tmp_path / ".holder").exists()


@pytest.mark.parametrize("table", ["", "steps,loss\n", "a,b\n1,2\n"], ids=["empty", "a header", "another's"])
def test_a_log_that_stands_in_the_folder_already_is_left_as_it_is(table, tmp_path):
    (tmp_path / "log.csv").write_text(table)
    with pytest.raises(ValueError, match=re.escape(f"folder: {tmp_path} holds log.csv of a run already; name another")):
        run(tmp_path)
    assert (tmp_path / "log.csv").read_text() == table and not checkpoints.found(tmp_path)


def test_another_run_is_refused_and_the_same_one_goes_on(tmp_path):
    training = trainer(steps=6)
    fit(training, tmp_path)
    with pytest.raises(
        ValueError, match=r"holds step-00000006.pt of a run already; go on with --resume .*, or name ano"
    ):
        run(tmp_path)
    assert len(fit(training, tmp_path)) == 3 and state(tmp_path)["steps"] == 6


def test_a_log_that_is_lost_is_written_again_from_the_checkpoint(tmp_path):
    run(tmp_path)
    before = text(tmp_path)
    (tmp_path / "log.csv").unlink()
    fit(resume(tmp_path, "cpu"), tmp_path)
    assert text(tmp_path) == before


def saved_place(error):
    """Return the folder in which a message says that the run is saved."""
    return Path(re.fullmatch(r".*\. The run is saved in (\S+): go on with --resume \1", str(error))[1])


def goes_on(place, alone):
    """Return whether a run that was saved elsewhere ends as one left alone."""
    fit(resume(place, "cpu"), place)
    return same(state(place), state(alone)) and text(place) == text(alone)


def test_a_full_disk_leaves_what_was_there_and_the_run_is_saved_elsewhere(tmp_path):
    run(tmp_path / "alone")
    sync, calls = os.fsync, []

    def full_once(handle):
        calls.append(handle)
        if len(calls) == 7:  # of the second checkpoint
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    with mock.patch.object(files.os, "fsync", full_once), pytest.raises(FolderError) as full:
        run(tmp_path / "run")
    words = f"{tmp_path / 'run'}: not written after step 4: [Errno 28] No space left on device: '{tmp_path / 'run'}"
    assert str(full.value).startswith(words)
    assert [each.name for each in checkpoints.found(tmp_path / "run")] == ["step-00000002.pt"]
    assert not list((tmp_path / "run").glob("*.tmp"))
    assert state(saved_place(full.value))["steps"] == 4 and goes_on(saved_place(full.value), tmp_path / "alone")


def test_where_nothing_can_be_written_the_last_good_checkpoint_is_named(tmp_path):
    def full(trainer):
        stack.enter_context(mock.patch.object(files.os, "fsync", side_effect=OSError(errno.ENOSPC, "full")))

    with ExitStack() as stack, after_step(3, full), pytest.raises(FolderError) as error:
        run(tmp_path / "run")
    last = tmp_path / "run" / "step-00000002.pt"
    assert str(error.value).endswith(f"Nothing could be saved elsewhere; the last good checkpoint is {last}")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_can_no_longer_be_changed_at_all_still_says_where_the_run_is_saved(tmp_path):
    def read_only(_):
        write = files.write

        def refused(path, data):
            if path.parent.name == "run":
                raise PermissionError(errno.EPERM, "Operation not permitted", str(path))
            write(path, data)

        stack.enter_context(mock.patch.object(files, "write", refused))
        stack.enter_context(mock.patch.object(Path, "unlink", side_effect=PermissionError(errno.EPERM, "no")))

    run(tmp_path / "alone")
    with ExitStack() as stack, after_step(3, read_only), pytest.raises(FolderError, match="not permitted") as error:
        run(tmp_path / "run")
    assert goes_on(saved_place(error.value), tmp_path / "alone")


def test_a_folder_that_goes_while_a_run_writes_into_it_does_not_take_the_run_with_it(tmp_path):
    run(tmp_path / "alone")
    with (
        after_step(5, lambda _: shutil.rmtree(tmp_path / "run")),
        pytest.raises(FolderError, match="it has gone") as gone,
    ):
        run(tmp_path / "run")
    assert not (tmp_path / "run").exists() and goes_on(saved_place(gone.value), tmp_path / "alone")


def test_another_folder_in_the_place_of_the_one_that_was_held_is_not_written_into(tmp_path):
    def replaced(_):
        shutil.rmtree(tmp_path / "run")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / ".holder").write_text("process 1 on another machine")

    with after_step(5, replaced), pytest.raises(FolderError, match="another stands in its place, held by process 1 on"):
        run(tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".holder"]


@pytest.mark.parametrize("what", ["loss", "weights"])
def test_a_run_that_meets_nan_ends_at_once_with_status_1_and_names_the_last_good_checkpoint(what, tmp_path, capsys):
    def spoil(trainer):
        with torch.no_grad():
            (trainer.loss if what == "loss" else trainer.model.read_out.bias).fill_(torch.nan)

    line = "train adding --set T=20 --hidden-size 3 --steps 12 --every 2 --quiet --device cpu --folder"
    with after_step(7, spoil):
        assert command.main([*line.split(), str(tmp_path)]) == 1
    (complaint,) = capsys.readouterr().err.splitlines()
    subject, last = {"loss": "the loss is", "weights": "the weights are"}[what], tmp_path / "step-00000006.pt"
    assert complaint == (
        f"lstm_ref: after step 7 {subject} not finite; a lower learning rate may help. The last good checkpoint: {last}"
    )
    assert [path.name for path in checkpoints.found(tmp_path)] == ["step-00000004.pt", "step-00000006.pt"]
