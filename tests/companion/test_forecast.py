"""Forecasts of the shop: the networks and Adam are torch's, nothing of later years leaks in, and the choice is kept."""

from itertools import product

import numpy as np
import pytest
import torch

from experiments.forecast import GRID, SEEDS, UPDATES
from lstm_ref.companion import forecast
from lstm_ref.data import load_results, load_souvenirs

SALES = load_souvenirs().sales
SETTINGS = {"hidden_size": 3, "rate": 0.01, "logs": True, "calendar": True}


def test_the_loop_and_its_gradients_are_those_of_torch():
    rng = np.random.default_rng(0)
    x, d_h = rng.normal(size=(9, 2)), rng.normal(size=(9, 3))
    theirs = torch.nn.RNN(2, 3, dtype=torch.float64)
    named = {"W": theirs.weight_ih_l0, "R": theirs.weight_hh_l0, "b": theirs.bias_ih_l0}
    with torch.no_grad():
        theirs.bias_hh_l0.zero_()
    h, back = forecast.loop({name: array.detach().numpy() for name, array in named.items()}, x)
    output = theirs(torch.from_numpy(x))[0]
    (output * torch.from_numpy(d_h)).sum().backward()
    assert np.abs(h - output.detach().numpy()).max() < 1e-12
    for name, d in back(d_h).items():
        assert np.abs(d - named[name].grad.numpy()).max() < 1e-12, name


def test_adam_moves_as_that_of_torch():
    target = np.arange(5.0)
    theirs = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([theirs], lr=0.1)
    ours = forecast.adam({"w": np.zeros(5)}, lambda weights: {"w": 4 * (weights["w"] - target) ** 3}, 0.1)
    for _ in range(20):
        optimiser.zero_grad()
        ((theirs - torch.from_numpy(target)) ** 4).sum().backward()
        optimiser.step()
        assert np.abs(next(ours)["w"] - theirs.detach().numpy()).max() < 1e-12


@pytest.mark.parametrize("network", forecast.NETWORKS)
def test_training_fits_the_years_it_sees_and_no_later_month_changes_an_earlier_forecast(network):
    early, late = forecast.forecasts(network, SALES, 60, 0, (1, 150), **SETTINGS)
    missed = np.abs(np.stack([early, late]) - SALES[1:])[:, :59].mean(axis=1)
    assert missed[1] < missed[0] / 3
    other = SALES.copy()
    other[70:] *= 2
    again = forecast.forecasts(network, other, 60, 0, (150,), **SETTINGS)[0]
    assert np.array_equal(again[:70], late[:70]) and not np.array_equal(again[70:], late[70:])


@pytest.mark.parametrize(("logs", "calendar"), [*product((True, False), repeat=2)])
def test_what_a_network_is_given_and_the_way_back_to_money(logs, calendar):
    x, target, money = forecast.scaled(SALES, 60, logs=logs, calendar=calendar)
    assert x.shape == (83, 13 if calendar else 1)
    assert np.allclose(money(target), SALES[1:]) and np.allclose(x[1:, 0], target[:-1])
    values = np.append(x[0, 0], target)[:60]
    assert abs(values.mean()) < 1e-12 and abs(values.std() - 1) < 1e-12
    assert not calendar or x[:, 1:].argmax(axis=1).tolist() == [t % 12 for t in range(83)]


def test_the_choice_on_1991_is_kept_setting_by_setting_and_can_be_made_again():
    rows = load_results("forecast")
    wanted = product(forecast.NETWORKS, *GRID.values(), UPDATES)
    assert [tuple(row.values())[:-2] for row in rows] == list(wanted)
    setting = {name: rows[0][name] for name in GRID}
    runs = [forecast.forecasts("loop", SALES[:60], 48, seed, UPDATES[:1], **setting)[0] for seed in SEEDS]
    missed = np.abs(np.array(runs) - SALES[1:60])[:, -12:].mean(axis=0)
    assert abs(rows[0]["error"] - missed.mean()) <= 1 and abs(rows[0]["december"] - missed[-1]) <= 1
