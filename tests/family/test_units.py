"""Every unit of the family: its step is its wires, its wires are the paper's equations, there and back."""

import inspect

import numpy as np
import pytest
import torch
from helpers.family_matrices import ORACLES as MATRICES
from helpers.family_vectors import ORACLES as VECTORS

from lstm_ref import family
from lstm_ref.diagrams.walk import forward
from lstm_ref.diagrams.wiring import Wire
from lstm_ref.family import UNITS
from lstm_ref.gated_layer import GatedLayer

T, B, I, H, K = 40, 3, 4, 5, 2
ORACLES = VECTORS | MATRICES
SCANNED = [name for name, unit in UNITS.items() if unit.scans]


def problem(name, T=T, seed=0, B=B):
    """The unit, weights without any symmetry, an input, memories that are not 0, and a gradient of the outputs."""
    unit, rng = UNITS[name], np.random.default_rng(seed)
    weights = unit.random(I, H, K, rng=rng)
    weights = {key: rng.normal(size=weight.shape) for key, weight in weights.items()}
    first = family.first_memories(unit, weights, (B,))
    start = {key: rng.normal(size=memory.shape) for key, memory in first.items()}
    return unit, weights, rng.normal(size=(T, B, I)), start, rng.normal(size=(T, B, H))


def as_tensors(arrays):
    return {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}


def by_oracle(name, weights, x, start):
    """The outputs and the last memories, by the names that they have in the unit."""
    h, last = ORACLES[name](weights, x, {key.removesuffix("_prev"): memory for key, memory in start.items()})
    return h, {f"{key}_t": memory for key, memory in last.items()}


def distance(found, expected):
    """The largest difference, as a share of the largest number where that is above 1."""
    expected = expected.detach().numpy() if isinstance(expected, torch.Tensor) else expected
    return np.abs(found - expected).max() / max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("name", UNITS)
def test_a_step_its_wires_and_the_published_equations_agree(name):
    unit, weights, x, start, _ = problem(name)
    steps, wires = family.unroll(unit, weights, x, start), family.follow_all(unit, weights, x, start)
    assert all(distance(steps[key], wires[key]) < 1e-12 for key in steps)
    h, last = by_oracle(name, as_tensors(weights), torch.tensor(x), as_tensors(start))
    for key, expected in [("h_t", h), *last.items()]:
        found = wires[key] if expected is h else wires[key][-1]
        assert distance(found, expected) < 1e-12, key


@pytest.mark.parametrize("name", UNITS)
def test_the_first_step_begins_as_the_paper_says(name):
    unit, weights, x, _, _ = problem(name, T=3, seed=1)
    start = family.first_memories(unit, weights, (B,))
    h, _ = by_oracle(name, as_tensors(weights), torch.tensor(x), as_tensors(start))
    np.testing.assert_allclose(family.unroll(unit, weights, x)["h_t"], h.detach().numpy(), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", UNITS)
def test_the_wires_walked_back_give_the_gradients_of_the_published_equations(name):
    unit, weights, x, start, d_h = problem(name)
    found = family.gradients(unit, weights, x, d_h, start)
    given = as_tensors(weights) | as_tensors(start) | as_tensors({"x": x})
    h, _ = by_oracle(name, {key: given[key] for key in weights}, given["x"], {key: given[key] for key in start})
    (h * torch.tensor(d_h)).sum().backward()
    for key, tensor in given.items():
        expected = np.zeros(tensor.shape) if tensor.grad is None else tensor.grad
        assert distance(found[key], expected) < 1e-8, key


@pytest.mark.parametrize("name", SCANNED)
def test_all_steps_at_once_are_the_steps_one_after_the_other(name):
    for T in (1, 2, 33, 71):
        unit, weights, x, start, _ = problem(name, T=T)
        steps, scan = family.follow_all(unit, weights, x, start), family.all_at_once(unit, weights, x, start)
        assert scan["h_t"].shape == steps["h_t"].shape
        assert distance(scan["h_t"], steps["h_t"]) < 1e-10


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_a_scan_exactly_if_no_valve_looks_back(name):
    unit, weights, x, _, _ = problem(name, T=2)
    assert bool(unit.scans) == (unit.looks_back == [])
    if not unit.scans:
        with pytest.raises(ValueError, match=f"unit: .*got {name}, in which {unit.looks_back[0]}"):
            family.all_at_once(unit, weights, x)


@pytest.mark.parametrize("name", UNITS)
def test_the_layer_is_the_unit_and_learns_by_the_same_gradients(name):
    unit, weights, x, start, d_h = problem(name, T=35)
    torch.set_default_dtype(torch.float64)
    try:
        layer = GatedLayer(unit, weights)
    finally:
        torch.set_default_dtype(torch.float32)
    x, halves = torch.tensor(x), []
    state = tuple(map(torch.tensor, start.values()))
    for part in (x[:20], x[20:]):
        h, state = layer(part, state)
        halves.append(h)
    h = torch.cat(halves)
    expected = family.follow_all(unit, weights, x.numpy(), start)["h_t"]
    assert distance(h.detach().numpy(), expected) < 1e-10
    (h * torch.tensor(d_h)).sum().backward()
    gradients = family.gradients(unit, weights, x.numpy(), d_h, start)
    for key, weight in layer.weights.items():
        assert distance(weight.grad.numpy(), gradients[key]) < 1e-8, key


@pytest.mark.parametrize("name", UNITS)
def test_a_step_can_be_read_at_a_glance(name):
    assert len(inspect.getsource(UNITS[name].step).splitlines()) <= 15


@pytest.mark.parametrize("name", UNITS)
def test_weights_are_counted_and_named_and_begin_where_the_unit_says(name):
    unit, rng = UNITS[name], np.random.default_rng(3)
    weights = unit.random(I, H, K, rng=rng)
    assert unit.count(I, H, K) == sum(weight.size for weight in weights.values())
    assert unit.sizes(weights)["H"] == H and {"W", "b"} & {key[0] for key in weights}
    for key, value in unit.begins.items():
        assert key not in weights or np.all(weights[key] == value)


def disagrees(unit, wires, weights, known, step):
    """Whether wires say anything else than the unit's step computes."""
    nodes = unit.wiring.nodes
    try:
        changed = type(unit.wiring)(tuple(wires), unit.wiring.words, nodes)
        for name, node in nodes.items():
            if node.kind == "output" and [nodes[start].gives for start in changed.into(name)] != [node.gives]:
                return True
        found = forward(changed, weights, known)
    except (ValueError, KeyError, IndexError):
        return True
    if any(name not in found or np.shape(found[name]) != value.shape for name, value in step.items()):
        return True
    return not all(np.abs(found[name] - value).max() <= 1e-9 for name, value in step.items())


@pytest.mark.parametrize("name", UNITS)
def test_a_wire_removed_or_moved_or_one_too_many_is_noticed(name):
    # A larger batch, for of two signals the larger one alone is seen.
    unit, weights, x, memories, _ = problem(name, T=1, seed=5, B=16)
    wires, nodes = unit.wiring.wires, unit.wiring.nodes
    said = weights, {"x_t": x[0], **memories}, unit.step(family.Weights(weights), x[0], **memories)
    starts = [start for start, node in nodes.items() if node.kind != "output"]
    ends = [end for end, node in nodes.items() if node.kind not in ("input", "bias")]
    with np.errstate(all="ignore"):
        assert not disagrees(unit, wires, *said)
        for wire in wires:
            rest = [other for other in wires if other != wire]
            assert disagrees(unit, rest, *said), f"{wire} removed"
            for start in starts:
                if Wire(start, wire.end) not in wires:
                    moved = [Wire(start, wire.end) if other == wire else other for other in wires]
                    assert disagrees(unit, moved, *said), f"{wire} from {start}"
        for start in starts:
            for end in ends:
                if Wire(start, end) not in wires:
                    assert disagrees(unit, (*wires, Wire(start, end)), *said), f"{start} {end} added"


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_says_where_it_is_from_what_becomes_of_its_memory_and_what_it_cannot_do(name):
    unit = UNITS[name]
    assert unit.name == name and all([unit.words, unit.source, unit.pipe, unit.cannot])
    assert repr(unit) == f"Unit({name!r})"
