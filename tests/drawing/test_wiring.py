"""The wiring that the diagrams are drawn from is that of `lstm_ref.unit`, wire by wire."""

import inspect
from functools import cache
from itertools import product

import numpy as np
import pytest

from lstm_ref import UnitWeights, unit, unroll
from lstm_ref.companion import exercises
from lstm_ref.diagrams import nodes
from lstm_ref.diagrams.evaluate import follow
from lstm_ref.diagrams.nodes import NODES
from lstm_ref.diagrams.wiring import Wire, Wiring, unit_wiring
from lstm_ref.unit import Step
from lstm_ref.weights import PEEPHOLES

BOXES = {
    "box_f": unit.forget_valve,
    "box_i": unit.new_memory_valve,
    "box_g": unit.new_memory,
    "box_o": unit.output_valve,
}
BIASES = ("b_f", "b_i", "b_g", "b_o")
NETS = {"f_t": "forget_valve", "i_t": "new_memory_valve", "g_t": "new_memory", "o_t": "output_valve"}


@cache
def given(peephole):
    """A random unit of this peephole, and signals to put in."""
    rng = np.random.default_rng(11)
    weights = UnitWeights.random(3, 2, peephole, rng=rng)
    weights = weights.replace(**{name: rng.normal(size=2) for name in BIASES})
    return weights, {"x_t": rng.normal(size=3), **{name: rng.normal(size=2) for name in ("h_prev", "c_prev", "c_t")}}


def nudged(array):
    return array + np.linspace(0.1, 0.2, len(array))


@cache
def what_moves_a_box(network, peephole):
    """The inputs and biases whose change changes what one network of the unit returns."""
    weights, signals = given(peephole)
    names = [name for name in inspect.signature(network).parameters if name != "weights"]
    put = {name: signals[name] for name in names}
    still = network(**put, weights=weights)
    moved = {name for name in names if np.any(network(**put | {name: nudged(put[name])}, weights=weights) != still)}
    for name in BIASES:
        other = weights.replace(**{name: nudged(getattr(weights, name))})
        if np.any(network(**put, weights=other) != still):
            moved.add(name)
    return moved


@cache
def what_a_signal_moves(name, peephole):
    """The signals of a step that change when one of them is changed."""
    weights, signals = given(peephole)
    put = {key: signals[key] for key in ("x_t", "h_prev", "c_prev")}
    before = unit.step(**put, weights=weights)
    with pytest.MonkeyPatch.context() as patch:
        if name in NETS:
            network = getattr(unit, NETS[name])
            patch.setattr(unit, NETS[name], lambda *arguments: nudged(network(*arguments)))
        else:
            put[name] = nudged(put[name])
        after = unit.step(**put, weights=weights)
    return {key for key in Step._fields if np.any(getattr(before, key) != getattr(after, key))}


def downstream(wires, signal):
    """The signals of a step that a signal reaches along the wires, itself included."""
    reached = {name for name, node in NODES.items() if node.gives == signal and node.kind != "output"}
    while more := {wire.end for wire in wires.wires if wire.start in reached} - reached:
        reached |= more
    return {NODES[name].gives for name in reached} & set(Step._fields)


def disagreements(wires, peephole):
    """Everything that the wires say otherwise than `lstm_ref.unit` computes it."""
    wires, (weights, signals), found = Wiring(tuple(wires)), given(peephole), []
    for box, network in BOXES.items():
        said, does = {NODES[start].gives for start in wires.into(box)}, what_moves_a_box(network, peephole)
        found += [f"{box}: drawn {said}, computed {does}"] if said != does else []
    for name in ("x_t", "h_prev", "c_prev", *NETS):
        said, does = downstream(wires, name), what_a_signal_moves(name, peephole)
        found += [f"{name}: drawn to reach {said}, moves {does}"] if said != does else []
    trace = unroll(weights, np.stack([signals["x_t"]] * 2), signals["h_prev"], signals["c_prev"])
    for name, arrives in (("c_out", trace.c_prev[1]), ("h_out", trace.h_prev[1]), ("h_up", trace.h_t[0])):
        said = {NODES[start].gives for start in wires.into(name)}
        does = {key for key in Step._fields[3:] if np.array_equal(getattr(trace, key)[0], arrives)}
        found += [f"{name}: drawn {said}, computed {does}"] if said != does else []
    try:
        values = follow(wires, weights, signals["x_t"], signals["h_prev"], signals["c_prev"])
    except (ValueError, TypeError, KeyError) as error:
        return [*found, f"cannot be computed: {error}"]
    step = unit.step(signals["x_t"], signals["h_prev"], signals["c_prev"], weights)
    wrong = [name for name in Step._fields if not np.allclose(values[name], getattr(step, name), rtol=0, atol=1e-12)]
    return found + [f"computed along the wires, {name} differs" for name in wrong]


def called(value):
    return value if isinstance(value, str) else " to ".join(value)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_every_wire_carries_what_its_box_depends_on_and_no_wire_is_missing(peephole):
    assert disagreements(unit_wiring(peephole).wires, peephole) == []


WIRES = [(kind, wire) for kind in PEEPHOLES for wire in unit_wiring(kind).wires]


@pytest.mark.parametrize(("peephole", "wire"), WIRES, ids=called)
def test_a_wire_taken_away_is_noticed(peephole, wire):
    rest = [other for other in unit_wiring(peephole).wires if other != wire]
    assert disagreements(rest, peephole)


STARTS = [name for name, node in NODES.items() if node.kind != "output"]
ENDS = [name for name, node in NODES.items() if node.kind not in ("input", "bias")]
STRANGE = [
    (kind, Wire(start, end))
    for kind, start, end in product(PEEPHOLES, STARTS, ENDS)
    if Wire(start, end) not in unit_wiring(kind).wires
]


@pytest.mark.parametrize(("peephole", "wire"), STRANGE, ids=called)
def test_a_wire_added_or_moved_to_another_part_is_noticed(peephole, wire):
    wires = unit_wiring(peephole).wires
    assert disagreements([*wires, wire], peephole)
    for moved in (other for other in wires if other.start == wire.start and other.end in BOXES):
        assert disagreements([wire if other == moved else other for other in wires], peephole)


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_two_wires_that_change_places_are_noticed(peephole):
    wires = unit_wiring(peephole).wires
    ends = {"sigmoid_f": "times_i", "sigmoid_i": "times_f"}
    swapped = [Wire(wire.start, ends.get(wire.start, wire.end)) for wire in wires]
    assert disagreements(swapped, peephole)


def test_without_a_peephole_no_memory_goes_into_a_box():
    memories = {"c_prev", "plus"}
    assert not [wire for wire in unit_wiring("none").wires if wire.start in memories and wire.end in BOXES]


@pytest.mark.parametrize(("peephole", "last"), [("none", (1, 3)), ("diagonal", (3, 4)), ("full", (3, 4))])
def test_the_memory_comes_before_an_output_valve_that_looks_at_it(peephole, last):
    order = unit_wiring(peephole).order()
    assert [order[name] for name in ("box_f", "box_i", "box_g", "times_f", "times_i", "plus")] == [1, 1, 1, 2, 2, 2]
    assert (order["box_o"], order["times_o"]) == last


def test_the_computation_follows_batches_and_sequences_too():
    rng = np.random.default_rng(3)
    weights = UnitWeights.random(2, 3, "diagonal", rng=rng)
    trace = unroll(weights, rng.normal(size=(6, 4, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))
    values = follow(unit_wiring(), weights, trace.x_t, trace.h_prev, trace.c_prev)
    for name in Step._fields:
        np.testing.assert_allclose(values[name], getattr(trace, name), rtol=0, atol=1e-12)


def test_the_planted_errors_are_two_exchanged_memories_one_wire_too_many_and_one_too_few():
    right, wrong = set(unit_wiring().wires), set(exercises.planted().wires)
    assert right - wrong == {("plus", "box_o"), ("c_prev", "box_i"), ("h_prev", "box_f")}
    assert wrong - right == {("c_prev", "box_o"), ("plus", "box_i"), ("c_prev", "box_g")}


def test_an_activation_function_without_its_sum_is_named():
    weights, signals = given("full")
    wires = Wiring(tuple(wire for wire in unit_wiring().wires if wire != ("box_g", "tanh_g")))
    with pytest.raises(ValueError, match="wires: expected one signal into tanh_g, got 0"):
        follow(wires, weights, signals["x_t"], signals["h_prev"], signals["c_prev"])


@pytest.mark.parametrize(
    ("name", "axes"), [("x_t", r"\(\.\.\., I\)"), ("h_prev", r"\(\.\.\., H\)"), ("c_prev", r"\(\.\.\., H\)")]
)
def test_a_signal_of_another_size_than_the_weights_is_named(name, axes):
    weights, signals = given("diagonal")
    starts = {each: signals[each] for each in ("x_t", "h_prev", "c_prev")}
    with pytest.raises(ValueError, match=f"^{name}: expected shape {axes}"):
        follow(unit_wiring("diagonal"), weights, **starts | {name: starts[name][..., :1]})


def test_parts_that_wait_for_each_other_are_named():
    with pytest.raises(ValueError, match="plus -> box_i -> sigmoid_i -> times_i -> plus"):
        exercises.planted().order()


@pytest.mark.parametrize("start", [name for name, node in NODES.items() if node.kind == "output"])
def test_no_wire_begins_at_an_output(start):
    with pytest.raises(ValueError, match=f"wires: .*from an output.*{start}"):
        Wiring((*unit_wiring().wires, Wire(start, "box_f")))


@pytest.mark.parametrize("end", [name for name, node in NODES.items() if node.kind in ("input", "bias")])
def test_no_wire_ends_at_an_input_or_a_bias(end):
    with pytest.raises(ValueError, match=f"wires: .*into an input.*{end}"):
        Wiring((*unit_wiring().wires, Wire("plus", end)))


@pytest.mark.parametrize("wire", unit_wiring().wires, ids=called)
def test_no_wire_is_there_twice(wire):
    with pytest.raises(ValueError, match=r"wires: .*twice"):
        Wiring((*unit_wiring().wires, wire))


TO_G = Wiring((*unit_wiring().wires, Wire("c_prev", "box_g")))


@pytest.mark.parametrize(
    ("call", "given", "message"),
    [
        (Wiring, [(Wire("x_t", "box_x"),)], "wires: .*'box_x'"),
        (Wiring, [set(unit_wiring().wires)], "wires: expected pairs of parts, in the order .* got set"),
        (unit_wiring, ["half"], "peephole: .*'half'"),
        (nodes.lit_parts, ["valve"], "lit: .*'valve'"),
        (follow, [TO_G, given("full")[0], np.zeros(3), np.zeros(2), np.zeros(2)], "c_prev goes to box_g"),
    ],
)
def test_bad_wiring_is_refused_with_its_reason(call, given, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(*given)
