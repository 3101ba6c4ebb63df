"""Parity and the shell game, and how a unit of the family is trained in the place of the LSTM."""

import numpy as np
import pytest
import torch

from experiments.scans import lstm_sums_first, sums_first
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


@pytest.mark.parametrize(("name", "way"), [("lstm", lstm_sums_first), ("min-gru", sums_first)])
def test_a_loop_whose_sums_are_computed_first_says_what_the_unit_says(name, way):
    unit, rng = family.UNITS[name], np.random.default_rng(3)
    weights, x = unit.random(3, 4, rng=rng), rng.normal(size=(20, 3))
    assert np.allclose(way(unit, weights, x), family.unroll(unit, weights, x)["h_t"], rtol=0, atol=1e-12)


def test_a_delta_rule_with_a_rate_of_2_follows_five_cups():
    swaps = [(one, other) for one in range(5) for other in range(one)]
    places = np.arange(5.0)
    keys = np.array([np.eye(5)[one] - np.eye(5)[other] for one, other in swaps]) / np.sqrt(2)
    unit = family.UNITS["delta-net-to-2"]
    weights = unit.random(len(swaps), 1, 5, rng=np.random.default_rng(0))
    # All mirrors meet where the memory, which begins at 0, is as far from them as the places of the cups are.
    weights |= {"W_k": keys.T, "W_v": -(keys @ places)[None], "W_b": np.zeros((1, len(swaps))), "b_b": np.full(1, 50.0)}
    x, cups = np.random.default_rng(1).integers(0, len(swaps), 3000), places.copy()
    memory = np.zeros((5, 1))
    for symbol in x:
        one, other = swaps[symbol]
        cups[[one, other]] = cups[[other, one]]
        memory = unit.step(family.Weights(weights), np.eye(len(swaps))[symbol], memory)["S_t"]
    assert np.array_equal(np.rint(memory[:, 0] + places), cups)
