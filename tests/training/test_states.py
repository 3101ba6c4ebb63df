"""Parity and the shell game, and how a unit of the family is trained in the place of the LSTM."""

import numpy as np
import pytest
import torch

from experiments.states import Parity, ShellGame
from experiments.variants import GatedModel
from lstm_ref import family
from lstm_ref.training import Settings, Trainer


def test_the_parity_is_that_of_all_ones_so_far():
    x = np.random.default_rng(0).integers(0, 2, (30, 4))
    for t in range(30):
        assert np.array_equal(Parity().states(x)[t], [sum(x[: t + 1, b]) % 2 for b in range(4)])


def test_the_ball_goes_where_its_cup_is_swapped_to():
    x, ball = np.random.default_rng(1).integers(0, 3, (50, 1)), 0
    states = ShellGame().states(x)
    for t, still in enumerate(x[:, 0]):
        one, other = (cup for cup in range(3) if cup != still)
        ball = other if ball == one else one if ball == other else ball
        assert states[t, 0] == ball


@pytest.mark.parametrize("task", [Parity(T=8), ShellGame(T=8)])
def test_a_run_is_solved_only_if_right_at_every_step_of_longer_sequences(task):
    def knows(x, state=None):
        return np.eye(task.output_size)[task.states(x)], None

    def slips_at_the_end(x, state=None):
        answers = knows(x)[0]
        answers[-1] = np.roll(answers[-1], 1, axis=-1)
        return answers, None

    rng = np.random.default_rng(2)
    assert task.measure(knows, rng) == (1.0, True)
    score, solved = task.measure(slips_at_the_end, rng)
    assert not solved and score == 1 - 1 / 64
    assert task.last_right(knows, rng, 20) == 1.0 and task.last_right(slips_at_the_end, rng, 20) == 0.0


def test_a_unit_takes_the_place_of_the_lstm_and_begins_as_the_task_begins_an_lstm():
    settings = Settings("adding", {"T": 20}, hidden_size=3, device="cpu", precision="float32")
    task = Trainer(settings).task
    model = GatedModel(family.UNITS["coupled"], settings, task)
    weights = {name: weight.detach().clone() for name, weight in model.lstm.weights.items()}
    assert torch.allclose(weights["b_f"], torch.full((3,), float(np.log(20))))
    assert weights["R_f"].abs().max() <= settings.start.get("R", 3**-0.5)
    trainer = Trainer(settings, model)
    trainer.step()
    assert trainer.model is model and not torch.equal(model.lstm.weights["W_f"], weights["W_f"])
