"""The single cells of chapter 9 against the package's unit, and what their result file holds."""

import numpy as np
import pytest
import torch

import lstm_ref
from experiments import one_cell
from lstm_ref import UnitWeights
from lstm_ref.data import load_results
from lstm_ref.tasks import Delays, Spikes


def unit(drawn, peephole):
    """Return one cell's weights as those of a unit, and its read-out."""
    named = dict(zip(one_cell.NAMES, drawn))
    weights = {name: np.full((1,) if name[0] in "bP" else (1, 1), value) for name, value in named.items()}
    read_out = named["V"], named["v"]
    kept = {name: value for name, value in weights.items() if name[0] in "WRb" or (peephole and name[0] == "P")}
    return UnitWeights(**kept), read_out


@pytest.mark.parametrize("kind", range(len(one_cell.KINDS)), ids=map(str, one_cell.KINDS))
def test_a_cell_with_an_output_tanh_is_the_unit_of_the_package(kind):
    weights, (peephole, tanh) = one_cell.begin({"b_f": 1.5}), one_cell.kinds()
    cell = kind * one_cell.SEEDS + 3
    assert (bool(peephole[cell]), bool(tanh[cell])) == (one_cell.KINDS[kind][0] == "diagonal", one_cell.KINDS[kind][1])
    x = np.random.default_rng(0).normal(size=(12, 2))
    logits = one_cell.unroll(weights, torch.tensor(x), peephole, tanh)[:, cell].numpy()
    of_unit, (V, v) = unit(weights[:, cell, 0].numpy(), bool(peephole[cell]))
    trace = lstm_ref.unroll(of_unit, x[..., None])
    if tanh[cell]:
        np.testing.assert_allclose(logits, V * trace.h_t[..., 0] + v, rtol=0, atol=1e-12)
    else:
        assert np.abs(logits - V * trace.h_t[..., 0] - v).max() > 1e-3
        np.testing.assert_allclose(logits[0], (V * trace.o_t * trace.c_t)[0, :, 0] + v, rtol=0, atol=1e-12)


def test_a_seed_begins_alike_in_every_kind():
    weights = one_cell.begin({"b_f": 1.5}).reshape(len(one_cell.NAMES), len(one_cell.KINDS), -1)
    assert (weights == weights[:, :1]).all() and len(weights[0, 0].unique()) == one_cell.SEEDS
    assert (weights[one_cell.NAMES.index("b_f")] == 1.5).all()


@pytest.mark.parametrize("task", [Spikes(3), Delays(3)])
def test_a_few_batches_of_every_kind_are_trained(task):
    rows = list(one_cell.learn(task, 2))
    assert len(rows) == len(one_cell.KINDS) * one_cell.SEEDS
    assert {row["steps"] for row in rows} == {2} and {row["weights"] for row in rows} == {14, 17}


def test_the_results_have_every_seed_of_every_kind_and_task():
    found = [
        (row["task"], row["every"], row["peephole"], row["output_tanh"], row["seed"])
        for row in load_results("one_cell")
    ]
    assert found == [
        (type(task).__name__.lower(), task.every, *kind, seed)
        for task in one_cell.TASKS
        for kind in one_cell.KINDS
        for seed in range(one_cell.SEEDS)
    ]
