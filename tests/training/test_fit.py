"""A whole run: when it measures and stops, what it keeps, and what it writes."""

import copy
import sys
from unittest import mock

import numpy as np
import pytest
import torch
from helpers.trainers import trainer

from lstm_ref import tasks
from lstm_ref.training import Trainer, fit, logs, resume


def test_a_short_training_solves_the_adding_problem_and_stops_there():
    training = trainer("adding", {"T": 30}, hidden_size=None, learning_rate=0.02, steps=3000)
    rows = fit(training)
    assert training.finished and training.steps < 3000 and training.best["solved"]
    assert [row["solved"] for row in rows] == [False] * (len(rows) - 1) + [True]
    assert rows[-1]["score"] == 1.0 and rows[-1]["sequences"] == 32 * training.steps
    assert training.best["steps"] == training.steps == rows[-1]["steps"]
    assert training.task.measure(training.answer, np.random.default_rng(99)).score > 0.99


def scripted(scores, solved=()):
    """Let the measures of the adding problem be these, one after the other."""
    found = [tasks.Measure(float(score), k in solved) for k, score in enumerate(scores)]
    return mock.patch.object(tasks.Adding, "measure", side_effect=found)


def test_the_weights_of_the_best_measure_are_kept():
    training, seen = trainer(steps=14, every=2), {}
    with scripted([0.1, 0.5, 0.4, 0.5, 0.7, 0.6, 0.2]):
        while not training.finished:
            training.step()
            if training.steps % 2 == 0:
                training.measure()
                seen[training.steps] = copy.deepcopy(training.model.state_dict())
    assert training.steps == 14
    assert (training.best["score"], training.best["solved"], training.best["steps"]) == (0.7, False, 10)
    assert training.best["weights"].keys() == seen[10].keys()
    assert all(torch.equal(weight, seen[10][name]) for name, weight in training.best["weights"].items())
    assert not torch.equal(training.best["weights"]["read_out.bias"], seen[14]["read_out.bias"])


def test_a_run_stops_after_so_many_measures_without_a_better_one():
    training = trainer(steps=100, every=2, patience=3)
    with scripted([0.1, 0.1, 0.2, 0.2, 0.1, 0.2, 0.9]):
        rows = fit(training)
    assert [row["score"] for row in rows] == [0.1, 0.1, 0.2, 0.2, 0.1, 0.2]
    assert training.finished and training.steps == 12 and training.best["steps"] == 6


def test_a_run_stops_when_solved_and_when_its_steps_are_done():
    solved, done = trainer(steps=100, every=2), trainer(steps=5, every=2)
    with scripted([0.1, 0.3], solved={1}):
        assert [row["solved"] for row in fit(solved)] == [False, True] and solved.steps == 4
    with scripted([0.1, 0.2, 0.3]):
        assert [row["steps"] for row in fit(done)] == [2, 4, 5] and done.finished


def test_the_loss_in_a_row_is_the_mean_of_the_steps_since_the_row_before():
    training, losses, step = trainer(steps=6, every=3), [], Trainer.step
    with mock.patch.object(Trainer, "step", lambda self: losses.append(step(self).item())):
        rows = fit(training)
    assert [row["loss"] for row in rows] == pytest.approx([np.mean(losses[:3]), np.mean(losses[3:])], rel=1e-6)
    assert [row["sequences"] for row in rows] == [9, 18]
    assert all(tuple(row) == logs.COLUMNS for row in rows)


def test_a_run_writes_what_it_returns_into_its_log(tmp_path):
    rows = fit(trainer(steps=6, every=2), tmp_path)
    assert logs.read(tmp_path / "log.csv") == rows and len(rows) == 3


def of_board(folder):
    """Return the points that TensorBoard reads of a run."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    board = reader.EventAccumulator(str(folder)).Reload()
    return {name: [(each.step, each.value) for each in board.Scalars(name)] for name in board.Tags()["scalars"]}


def test_where_tensorboard_is_installed_it_reads_of_a_run_what_the_table_says(tmp_path):
    of_board(tmp_path)
    fit(trainer(steps=4, every=2), tmp_path)
    rows = fit(resume(tmp_path, "cpu", steps=8), tmp_path)
    assert [row["steps"] for row in rows] == [2, 4, 6, 8]
    for name in logs.COLUMNS[2:5]:
        assert of_board(tmp_path)[name] == [(row["steps"], pytest.approx(row[name], rel=1e-6)) for row in rows]


@pytest.mark.parametrize("fails", ["at once", "as it is told something"])
def test_a_tensorboard_that_cannot_write_does_not_take_a_run_with_it(tmp_path, monkeypatch, fails):
    board = mock.MagicMock()
    (board.SummaryWriter if fails == "at once" else board.SummaryWriter.return_value.flush).side_effect = OSError(
        "full"
    )
    monkeypatch.setattr(logs, "find_spec", lambda name: name == "tensorboard")
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", board)
    assert len(fit(trainer(steps=4, every=2), tmp_path)) == 2
    assert board.SummaryWriter.return_value.add_scalar.call_count == 0


def test_a_row_that_was_cut_short_is_left_out(tmp_path):
    rows = fit(trainer(steps=4, every=2), tmp_path)
    text = (tmp_path / "log.csv").read_bytes()
    last = text.rindex(b"\n", 0, -1) + 1
    for length in range(last, len(text)):
        (tmp_path / "log.csv").write_bytes(text[:length])
        assert logs.read(tmp_path / "log.csv") == rows[:1], text[:length]
