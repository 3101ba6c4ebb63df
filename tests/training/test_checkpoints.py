"""Checkpoints: written so that a run may end between any two acts, and refused by name where they are not whole."""

import io
import os
import pathlib
import pickle
import re
import shutil
from unittest import mock

import numpy as np
import pytest
import torch
from helpers.runs import run, same, state, text, trainer

from lstm_ref import files
from lstm_ref.training import CheckpointError, Trainer, checkpoints, fit, logs, resume


class Killed(BaseException):
    pass


def dying(function, after, call):
    """Let a function end the run at its n-th call, before or after it has done its work."""
    calls = []

    def dies(*inputs, **options):
        calls.append(1)
        if len(calls) < call:
            return function(*inputs, **options)
        if after:
            function(*inputs, **options)
        raise Killed

    return dies


def half_written(write):
    """Write half of the bytes only, not under the file's name, and end the run."""

    def half(path, data):
        if path.suffix != ".pt":
            return write(path, data)
        path.with_suffix(".tmp").write_bytes(data[: len(data) // 2])
        raise Killed

    return half


# What is written: first who holds the folder, then at each save the checkpoint and the log; each time with two calls of
# fsync, for the file and the folder, and a rename.
MOMENTS = {
    "half the file is written": (files, "write", half_written),
    "the file is written": (os, "fsync", lambda function: dying(function, False, 7)),
    "the folder has the new name": (os, "fsync", lambda function: dying(function, True, 8)),
    "before the file gets its name": (pathlib.Path, "replace", lambda function: dying(function, False, 4)),
    "after the file has its name": (pathlib.Path, "replace", lambda function: dying(function, True, 4)),
    "before an old one is dropped": (pathlib.Path, "unlink", lambda function: dying(function, False, 1)),
    "after an old one is dropped": (pathlib.Path, "unlink", lambda function: dying(function, True, 1)),
    "the rows are in the log": (logs, "write", lambda function: dying(function, True, 3)),
    "the measure is taken": (Trainer, "measure", lambda function: dying(function, True, 3)),
    "the log is being made anew": (logs, "write", lambda function: dying(function, False, 1)),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_ends_between_any_two_acts_of_writing_goes_on_as_if_it_had_not(moment, tmp_path):
    run(tmp_path / "alone")
    owner, name, dies = MOMENTS[moment]
    with mock.patch.object(owner, name, dies(getattr(owner, name))), pytest.raises(Killed):
        run(tmp_path / "killed")
    written = checkpoints.found(tmp_path / "killed")
    assert all(checkpoints.read(path)["steps"] == int(path.stem[-8:]) for path in written)
    if written:
        fit(resume(tmp_path / "killed", "cpu"), tmp_path / "killed")
    else:
        run(tmp_path / "killed")
    assert same(state(tmp_path / "killed"), state(tmp_path / "alone"))
    assert text(tmp_path / "killed") == text(tmp_path / "alone")
    assert len(checkpoints.found(tmp_path / "killed")) == 2


def test_a_run_resumed_after_any_of_its_steps_ends_as_one_left_alone(tmp_path):
    alone = run(tmp_path / "alone")
    training = trainer()
    for step in range(1, 12):
        training.step()
        if training.due:
            training.report()
        path = checkpoints.write(tmp_path / "steps", step, training.state_dict())
        training = resume(path, "cpu")
        assert training.steps == step
    fit(training)
    assert same(training.state_dict(), alone.state_dict())


def test_a_finished_run_resumed_takes_no_step_and_keeps_its_log(tmp_path):
    run(tmp_path)
    before = text(tmp_path), state(tmp_path)
    training = resume(tmp_path, "cpu")
    rows = fit(training, tmp_path)
    assert training.steps == 12 and len(rows) == 6 and text(tmp_path) == before[0] and same(state(tmp_path), before[1])


def test_a_resumed_run_has_the_best_weights_and_counts_on_towards_its_patience(tmp_path):
    training = run(tmp_path, steps=6)
    again = resume(tmp_path, "cpu")
    assert same(again.best, training.best) and again.measures_since_best == training.measures_since_best
    assert again.settings == training.settings


def test_numbers_of_numpy_in_the_settings_do_not_make_a_checkpoint_unreadable(tmp_path):
    run(tmp_path, steps=np.int64(2), learning_rate=np.float64(0.01), seed=np.int64(1), clip=np.float32(0.5))
    assert resume(tmp_path, "cpu").settings.clip == 0.5


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A folder with the checkpoints of steps 10 and 12."""
    folder = tmp_path_factory.mktemp("good")
    run(folder)
    return folder


@pytest.fixture
def copied(good, tmp_path):
    """The two checkpoints of a copy of that folder, which a test may spoil."""
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    return checkpoints.found(tmp_path)


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
def test_a_damaged_checkpoint_is_refused_by_name_and_the_one_before_it_offered(damage, good, copied, tmp_path):
    before, last = copied
    last.write_bytes(DAMAGE[damage](last.read_bytes()))
    for path in (last, tmp_path):
        with pytest.raises(CheckpointError) as refused:
            resume(path, "cpu")
        first, second = str(refused.value).split("\n")
        assert first.startswith(f"{last}: ") and second == f"The last good one before it: {before}"
    fit(resume(before, "cpu"), tmp_path)
    assert same(state(tmp_path), state(good)) and text(tmp_path) == text(good)


def test_one_flipped_bit_anywhere_is_refused_or_does_no_harm(good, copied):
    whole, last, refused = state(good), copied[-1], 0
    data = last.read_bytes()
    for place in np.linspace(0, 0.999, 60):
        last.write_bytes(flipped(data, place))
        try:
            assert same(checkpoints.read(last), whole), place
        except CheckpointError:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    "what",
    [{"model": {"weight": torch.zeros(3)}}, torch.zeros(3), [1, 2], {"format": "somebody's checkpoint 2"}],
    ids=["a model", "a tensor", "a list", "another's"],
)
def test_a_file_of_torch_that_is_no_checkpoint_is_refused(what, copied):
    before, last = copied
    torch.save(what, last)
    with pytest.raises(CheckpointError, match=re.escape(f"{last}: expected a checkpoint of lstm_ref")) as refused:
        resume(last, "cpu")
    assert str(before) in str(refused.value)


class Command:
    """What a pickle runs when it is read."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_pickle_that_would_run_code_is_refused_and_not_run(form, copied, tmp_path):
    before, last = copied
    payload = {"format": f"lstm_ref checkpoint {checkpoints.VERSION}", "steps": 1, "trap": Command(tmp_path / "sprung")}
    if form == "torch":
        torch.save(payload, last)
    else:
        last.write_bytes(pickle.dumps(payload))
    with pytest.raises(CheckpointError, match=re.escape(str(last))) as refused:
        resume(tmp_path, "cpu")
    assert str(before) in str(refused.value) and str(refused.value).count("\n") == 1
    assert "weights_only" not in str(refused.value) and not (tmp_path / "sprung").exists()


def test_a_checkpoint_of_another_version_says_so(good, copied):
    _, last = copied
    for version in (1, checkpoints.VERSION + 1):
        torch.save({"format": f"lstm_ref checkpoint {version}", "steps": 12}, last)
        with pytest.raises(CheckpointError, match=f"expected version {checkpoints.VERSION}, got {version}, of another"):
            resume(last, "cpu")


NAN = torch.full((4, 2), torch.nan)
EDITS = {
    "steps": [-5, 13, "12", None, True],
    "sequences": [-1],
    "losses": [0.5],
    "measures_since_best": [-1],
    "rows": [None],
    "rng": [{}, {"bit_generator": "MT19937"}],
    "loss": [0.25, torch.tensor(torch.nan)],
    "state": [(torch.zeros(1, 2, 3),) * 2, 3],
    "best": [{"weights": {"a": NAN}}, 7],
    "settings": [{}, {"task": "dancing"}],
    "model": [{}, {"lstm.weight_ih_l0": NAN}],
    "optimiser": [{}],
    "schedule": [None],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in EDITS.items() for value in values])
def test_an_edited_checkpoint_is_refused_and_the_good_one_before_it_offered(name, value, copied):
    before, last = copied
    checkpoints.write(last.parent, 12, state(last) | {name: value})
    with pytest.raises(CheckpointError) as refused:
        resume(last, "cpu")
    first, second = str(refused.value).split("\n")
    assert first.startswith(f"{last}: ") and second == f"The last good one before it: {before}"


def test_what_is_missing_from_a_checkpoint_is_named(good, copied):
    for name in state(good):
        torch.save({"format": f"lstm_ref checkpoint {checkpoints.VERSION}"} | without(state(good), name), copied[-1])
        with pytest.raises(CheckpointError, match=f"expected the whole state of a run, and {name} is missing"):
            resume(copied[-1], "cpu")


def without(state, name):
    return {key: value for key, value in state.items() if key != name}


def test_a_moment_of_the_optimiser_of_another_shape_is_refused(good, copied):
    edited = state(good)
    edited["optimiser"]["state"][0]["exp_avg"] = torch.zeros(1)
    checkpoints.write(copied[-1].parent, 12, edited)
    with pytest.raises(CheckpointError, match=r"optimiser.exp_avg: expected shape that of its weights = \(12, 2\)"):
        resume(copied[-1], "cpu")


def test_only_a_checkpoint_that_is_good_is_offered(copied, tmp_path):
    checkpoints.write(tmp_path, 10, state(copied[0]) | {"model": {"a": NAN}})
    copied[1].write_bytes(b"")
    with pytest.raises(CheckpointError) as refused:
        resume(tmp_path, "cpu")
    assert "before" not in str(refused.value) and "None" not in str(refused.value)


def test_without_an_older_checkpoint_none_is_offered(tmp_path):
    path = tmp_path / "step-00000100.pt"
    path.write_bytes(b"")
    (tmp_path / "step-00000200.pt").write_bytes(b"")
    with pytest.raises(CheckpointError) as refused:
        resume(path)
    assert "before" not in str(refused.value) and "None" not in str(refused.value)


def test_a_folder_without_checkpoints_and_a_file_that_is_not_there_are_refused_by_name(tmp_path):
    (tmp_path / "step-00000100.tmp").write_bytes(b"half")
    with pytest.raises(CheckpointError, match=re.escape(f"{tmp_path}: expected a folder with checkpoints")):
        resume(tmp_path)
    with pytest.raises(CheckpointError, match="no such file"):
        resume(tmp_path / "step-00000100.pt")


def test_a_temporary_file_left_over_does_no_harm(good, copied, tmp_path):
    copied[-1].rename(copied[-1].with_suffix(".tmp"))
    (tmp_path / "log.tmp").write_bytes(b"half")
    fit(resume(tmp_path, "cpu"), tmp_path)
    assert same(state(tmp_path), state(good)) and not list(tmp_path.glob("*.tmp"))


def test_a_checkpoint_is_of_a_step_from_0_on_and_makes_the_folders_that_are_not_there(copied, tmp_path):
    folder = tmp_path / "not" / "there"
    assert checkpoints.found(checkpoints.write(folder, 0, state(copied[0])).parent) == [folder / "step-00000000.pt"]
    with pytest.raises(ValueError, match=r"^step: expected a whole number, at least 0, got -1$"):
        checkpoints.write(tmp_path, -1, state(copied[0]))


def test_the_last_two_checkpoints_are_kept(good):
    assert [path.name for path in checkpoints.found(good)] == ["step-00000010.pt", "step-00000012.pt"]


def test_a_run_that_goes_on_from_an_older_checkpoint_keeps_its_own_and_drops_the_later_ones(copied, tmp_path):
    copied[0].rename(tmp_path / "step-00000002.pt")
    checkpoints.write(tmp_path, 3, {})
    assert [path.name for path in checkpoints.found(tmp_path)] == ["step-00000002.pt", "step-00000003.pt"]
