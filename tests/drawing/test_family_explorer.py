"""The figure of the family in Python: what it computes and draws, and what it refuses."""

import itertools
import json

import numpy as np
import pytest
from helpers.alive import drawn, static, values
from helpers.drawn import along, lines, marks, places, read

from lstm_ref import family
from lstm_ref.explorer import FamilyExplorer
from lstm_ref.family.drawing import draw

SMALL = ("gru", "delta-net")
CROSSED = {"mlstm": {"k_t", "n_prev"}}
"""Values that reach over a wire where they have as many digits as there can be."""


@pytest.fixture(scope="module")
def explorer():
    return FamilyExplorer()


def arrays(axes, numbers):
    """Return numbers as arrays along some axes, of length 1 each."""
    return {name: np.full((1,) * len(axes[name]), value) for name, value in numbers.items()}


def test_every_unit_of_the_menu_shows_what_the_package_computes(explorer):
    for name in json.loads(explorer.described):
        explorer.unit, unit = name, family.UNITS[name]
        weights = arrays(unit.axes_of_weights, explorer.numbers[name])
        start = arrays(unit.memories, explorer.memories[name])
        found = family.follow_all(unit, weights, np.array([[explorer.x_t]]), start)
        signals = explorer.signals
        assert all(signals[signal] == value[0].ravel() for signal, value in found.items())
        assert found.keys() | set(unit.axes_of_weights) >= signals.keys()
        held = values(drawn(static(explorer)))
        named = {signal for signal in signals if signal.endswith("_t") and signal != "x_t"}
        assert named <= {signal for signal, _ in held}
        assert all(value == pytest.approx(signals[signal][0], rel=1e-8) for (signal, _), value in held.items())


def test_at_first_no_signal_is_next_to_nothing_and_weights_of_one_name_are_alike(explorer):
    for name in json.loads(explorer.described):
        explorer.unit, unit = name, family.UNITS[name]
        open_or_shut = {part.gives for part in unit.wiring.parts if part.kind == "sigmoid"}
        for signal in open_or_shut | {"h_t"}:
            assert abs(explorer.signals[signal][0]) > 0.05 and (signal == "h_t" or explorer.signals[signal][0] < 0.95)
    assert explorer.numbers["lstm"]["W_g"] == explorer.numbers["gru"]["W_g"] != explorer.numbers["gru"]["W_z"]
    assert explorer.numbers["lstm"]["b_f"] == 1.0 and explorer.numbers["rg-lru"]["L"] == -2.0
    assert explorer.memories["slstm"] == {"h_prev": 0.2, "c_prev": 1.0, "n_prev": 1.0, "m_prev": 0.0}


def test_a_page_can_hold_it(explorer):
    assert len(json.dumps(explorer.get_state())) < 250_000


def test_a_reader_can_change_it_from_python():
    explorer = FamilyExplorer(SMALL)
    assert repr(explorer) == "FamilyExplorer('gru', one of 2 units)"
    explorer.x_t = 0
    explorer.numbers = explorer.numbers | {"gru": dict.fromkeys(explorer.numbers["gru"], 0)}
    explorer.memories = explorer.memories | {"gru": {"h_prev": np.float32(0.5)}}
    assert explorer.signals["h_t"] == [0.25] and explorer.signals["b_z"] == [0.0]
    first = static(explorer)
    explorer.unit = "delta-net"
    assert "DeltaNet" in static(explorer) and "DeltaNet" not in first


@pytest.mark.parametrize(
    ("units", "error", "message"),
    [
        (["gru", "gru"], ValueError, "units: expected names, each once, got gru, gru"),
        ([], ValueError, "units: expected names, each once, got none"),
        (["lstm", "GRU"], ValueError, "units: expected one of .*, got 'GRU'"),
        ("gru", TypeError, "units: expected a sequence of a text, got 'gru'"),
    ],
)
def test_a_menu_of_what_is_no_unit_is_refused(units, error, message):
    with pytest.raises(error, match=message):
        FamilyExplorer(units)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("unit", "lstm", r"unit: expected one of \('gru', 'delta-net'\), got 'lstm'"),
        ("x_t", np.nan, "x_t: expected a finite number, got nan"),
        ("memories", {"gru": {}}, "memories: expected gru, delta-net, got gru"),
        ("memories", {"gru": {}, "delta-net": {}}, r"memories\['gru'\]: expected h_prev, got none"),
        ("memories", {"gru": {"h_prev": "a"}, "delta-net": {"S_prev": 1}}, r"\['h_prev'\]: expected a finite number"),
        ("numbers", {"gru": 1.0, "delta-net": {}}, r"numbers\['gru'\]: expected b_z, .*, got float"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(name, value, message):
    explorer = FamilyExplorer(SMALL)
    before = explorer.get_state()
    with pytest.raises(ValueError, match=message):
        setattr(explorer, name, value)
    assert explorer.get_state() == before


@pytest.mark.parametrize("name", family.UNITS)
@pytest.mark.parametrize("elements", [1, 2])
def test_values_lie_on_the_canvas_beside_each_other_and_beside_the_parts(name, elements):
    unit = family.UNITS[name]
    values = {signal: np.full(elements, -0.1234) for signal in unit.wiring.symbols}
    root = read(draw(unit, "all", values))
    texts = [(node, extent) for node, extent in marks(root) if node.get("data-signal") or node.get("data-symbol")]
    _, _, width, height = map(float, root.get("viewBox").split())
    for node, (left, right, top, bottom) in texts:
        assert left >= 0 and right <= width and top >= 0 and bottom <= height, node.attrib
    for (one, here), (two, there) in itertools.combinations(texts, 2):
        assert not here.overlaps(there), (one.attrib, two.attrib)
    if elements == 1:
        for (node, extent), (place, part) in itertools.product(texts, places(root).items()):
            assert not extent.overlaps(part), (node.attrib, place)
        ways = [along(line.corners, 2) for line in lines(root)]
        crossed = {
            node.get("data-signal")
            for node, extent in texts
            if any(extent.gap(point) == 0 for way in ways for point in way)
        }
        assert crossed <= CROSSED.get(name, set())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"p_t": np.zeros(1)}, "values: expected signals of gru, got 'p_t'"),
        ({"z_t": np.zeros((1, 1))}, r"values\['z_t'\]: expected shape \(1,\) or \(2,\), got \(1, 1\)"),
        ({"z_t": np.zeros(3)}, r"values\['z_t'\]: expected shape \(1,\) or \(2,\), got \(3,\)"),
        ({"z_t": np.array([np.inf])}, r"values\['z_t'\]: expected finite numbers"),
    ],
)
def test_values_that_cannot_be_written_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        draw(family.UNITS["gru"], "all", values)


def test_values_are_said_too_and_a_picture_without_them_stays_as_it_is():
    unit = family.UNITS["gru"]
    assert draw(unit, values={}).svg == draw(unit).svg and "Values" not in draw(unit).alt
    some = {"x_t": np.array([0.5]), "z_t": np.array([0.25, 1.5]), "keep": np.array([0.75])}
    assert draw(unit, values=some).alt.endswith(" Values: x_t 0.5, z_t 0.25 and 1.5.")
