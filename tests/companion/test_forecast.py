"""Forecasts of the shop: the networks and Adam are torch's, nothing of later years leaks in, and the choice is kept."""

from itertools import product

import numpy as np
import pytest
import torch

from experiments.forecast import GRID, SEEDS, UPDATES
from lstm_ref.companion import forecast
from lstm_ref.data import load_results, load_souvenirs

SALES = load_souvenirs().sales


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


@pytest.mark.parametrize("scale", forecast.SCALES)
@pytest.mark.parametrize("network", forecast.NETWORKS)
def test_training_helps_and_no_later_month_changes_an_earlier_forecast(network, scale):
    settings = {"hidden_size": 3, "rate": 0.03, "scale": scale, "calendar": True}
    early, late = forecast.trained(network, SALES, 60, 0, (1, 100), **settings)
    missed = np.abs(np.stack([early, late]) - SALES[60:]).mean(axis=1)
    assert early.shape == (24,) and missed[1] < missed[0]
    other = SALES.copy()
    other[70:] *= 2
    again = forecast.trained(network, other, 60, 0, (100,), **settings)[0]
    assert np.array_equal(again[:11], late[:11]) and not np.array_equal(again[11:], late[11:])


@pytest.mark.parametrize(
    ("name", "scale", "months", "decembers"),
    [
        ("last year", "sales", 8251, 29800),
        ("last year", "changes", 2472, 3250),
        ("window of 13", "sales", 4890, 17853),
        ("three numbers", "sales", 4831, 19720),
    ],
)
def test_the_simple_forecasts_miss_by_what_earlier_chapters_find(name, scale, months, decembers):
    missed = np.abs(forecast.simple(name, SALES, 60, scale) - SALES[60:])
    assert (round(missed.mean()), round(missed[11::12].mean())) == (months, decembers)


def test_every_scale_has_a_way_back_to_money():
    t = np.arange(1, 84)
    for scale in forecast.SCALES:
        assert np.allclose(forecast.money(forecast.scaled(SALES, scale)[t], SALES, t, scale), SALES[t])


def test_the_choice_on_1991_is_kept_setting_by_setting_and_can_be_made_again():
    rows = load_results("forecast")
    assert [tuple(row.values())[:-2] for row in rows] == [*product(forecast.NETWORKS, *GRID.values(), UPDATES)]
    setting = {name: rows[0][name] for name in GRID}
    runs = [forecast.trained("loop", SALES[:60], 48, seed, UPDATES[:1], **setting)[0] for seed in SEEDS]
    missed = np.abs(np.array(runs) - SALES[48:60]).mean(axis=0)
    assert abs(rows[0]["error"] - missed.mean()) <= 1 and abs(rows[0]["december"] - missed[-1]) <= 1
