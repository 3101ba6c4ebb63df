"""The drawn diagrams: lines that end at their parts, one graph in every style, values that are the trace's."""

import math
import os
import re
from dataclasses import replace

import numpy as np
import pytest
from helpers.drawn import SVG, lines, read
from helpers.processes import python

from lstm_ref import UnitWeights, diagrams, unroll
from lstm_ref.companion import exercises
from lstm_ref.diagrams import follow
from lstm_ref.diagrams.layouts import LAYOUTS
from lstm_ref.diagrams.nodes import NODES, PARTS
from lstm_ref.diagrams.shapes import HALF
from lstm_ref.svg.picture import number
from lstm_ref.unit import Step

WIRINGS = {kind: diagrams.unit_wiring(kind) for kind in ("none", "full")} | {"planted": exercises.planted()}


def places_at(layout, point, picture):
    """The places whose edge, as the picture draws it, goes through a point, or whose middle it is."""
    found = set()
    for group in (node for node in picture.iter() if node.get("data-place")):
        place = layout.places[group.get("data-place")]
        dx, dy = abs(point[0] - place.x), abs(point[1] - place.y)
        circle = group.find(f".//{SVG}circle")
        if circle is not None:
            distance = math.hypot(dx, dy) - float(circle.get("r"))
        else:
            kind = next(node.get("class") for node in group.iter() if node.get("class") in HALF)
            distance = max(dx - HALF[kind][0], dy - HALF[kind][1])
        if abs(distance) < 0.7 or dx == dy == 0:
            found.add(group.get("data-place"))
    return found


def stands_for(layout, name):
    return layout.places[name].of or (name.partition("@")[0],)


@pytest.mark.parametrize("wires", WIRINGS)
@pytest.mark.parametrize("style", LAYOUTS)
def test_each_line_leaves_a_part_that_has_its_signal_and_meets_the_part_it_is_for(style, wires):
    layout, picture = LAYOUTS[style], read(diagrams.draw(style, WIRINGS[wires]))
    pipes = [line for line in lines(picture) if line.is_pipe]
    for line in lines(picture):
        ends = {node for name in places_at(layout, line.corners[-1], picture) for node in stands_for(layout, name)}
        assert line.end in ends, line
        begins = {node for name in places_at(layout, line.corners[0], picture) for node in stands_for(layout, name)}
        x, y = line.corners[0]
        begins |= {
            pipe.start
            for pipe in pipes
            if y == pipe.corners[0][1] + 15 and pipe.corners[0][0] < x < pipe.corners[-1][0]
        }
        assert line.carries in {NODES[node].gives for node in begins}, line


@pytest.mark.parametrize("wires", WIRINGS)
@pytest.mark.parametrize("style", LAYOUTS)
def test_the_lines_drawn_are_the_wires_of_the_unit(style, wires):
    layout, wiring = LAYOUTS[style], WIRINGS[wires]
    hidden = {wire for wire in wiring.wires if len(set(layout.ends(wire))) == 1}
    assert {line[:2] for line in lines(read(diagrams.draw(style, wiring)))} == set(wiring.wires) - hidden


@pytest.mark.parametrize("wires", WIRINGS)
def test_the_pipe_and_the_cell_are_the_same_graph(wires):
    graphs = [{line[:3] for line in lines(read(diagrams.draw(style, WIRINGS[wires])))} for style in ("pipe", "cell")]
    assert graphs[0] == graphs[1] == {(*wire, NODES[wire.start].gives) for wire in WIRINGS[wires].wires}


def test_the_older_diagram_hides_what_is_inside_its_gates_and_nothing_else():
    drawn = {line[:2] for line in lines(read(diagrams.draw("older")))}
    hidden = {wire for wire in diagrams.unit_wiring().wires if wire.start[:2] in ("b_", "bo")} | {("plus", "c_out")}
    assert drawn == set(diagrams.unit_wiring().wires) - hidden


@pytest.mark.parametrize("style", LAYOUTS)
def test_the_order_stands_on_the_boxes_when_asked(style):
    written = {
        node.get("data-order"): int(node.text)
        for node in read(diagrams.draw(style, order=True)).iter()
        if node.get("data-order")
    }
    order = diagrams.unit_wiring().order()
    assert written == {name: order[name] for name in written}
    assert {order[name] for name in written} == {1, 2, 3, 4}
    assert not [node for node in read(diagrams.draw(style)).iter() if node.get("data-order")]


@pytest.mark.parametrize("style", ["pipe", "cell"])
@pytest.mark.parametrize(("H", "I"), [(1, 1), (2, 3), (5, 2)])
@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
def test_the_values_on_the_wires_are_those_of_the_step(style, H, I, peephole):
    rng = np.random.default_rng(H)
    weights = UnitWeights.random(I, H, peephole, rng=rng)
    trace = unroll(weights, rng.normal(size=(4, I)), rng.normal(size=H), 2 * rng.normal(size=H))
    signals = follow(diagrams.unit_wiring(peephole), weights, trace.x_t, trace.h_prev, trace.c_prev)
    for t in (0, 2, -1):
        picture = read(diagrams.draw(style, trace=trace, t=t, weights=weights))
        shown = {}
        for node in picture.iter():
            if node.get("data-signal"):
                name, element, value = node.get("data-signal"), int(node.get("data-element")), node.get("data-value")
                expected = (signals[name] if name.startswith("b_") else signals[name][t])[element]
                assert float(value) == pytest.approx(expected, rel=1e-8)
                looks_right(node, expected)
                shown.setdefault(name, set()).add(element)
        assert shown == {name: set(range(I if name == "x_t" else H)) for name in signals}


def looks_right(node, value):
    if node.tag == f"{SVG}text":
        assert node.text == number(value)
    elif node.tag == f"{SVG}rect":
        full, floor = float(node.get("data-full")), float(node.get("data-floor"))
        height = full * min(1, abs(value) / float(node.get("data-limit")))
        assert float(node.get("height")) == pytest.approx(height, abs=0.006)
        assert float(node.get("y")) == pytest.approx(floor - height, abs=0.006)
        assert ("below" in node.get("class").split()) == (value < 0)
    else:
        angle = float(re.match(r"rotate\(([-\d.]+) ", node.get("transform"))[1])
        assert angle - float(node.get("data-open")) == pytest.approx(90 * (1 - value), abs=0.006)


def test_up_to_two_elements_are_numbers_and_more_are_bars():
    for H, numbers in ((2, True), (3, False)):
        weights = UnitWeights.random(1, H, rng=np.random.default_rng(1))
        picture = read(diagrams.draw(trace=unroll(weights, np.ones((1, 1)))))
        assert any(node.get("data-signal") == "f_t" for node in picture.iter(f"{SVG}text")) == numbers


def test_without_the_weights_the_nine_signals_and_the_three_between_them_are_shown():
    weights = UnitWeights.random(1, 1, rng=np.random.default_rng(1))
    picture = read(diagrams.draw("cell", trace=unroll(weights, np.ones((2, 1)))))
    shown = {node.get("data-signal") for node in picture.iter() if node.get("data-signal")}
    assert shown == {*Step._fields, "kept", "let_in", "squashed"}


def test_water_stands_at_the_memory_and_full_is_the_largest_of_the_trace_or_what_is_asked():
    weights = UnitWeights.random(1, 1, rng=np.random.default_rng(1))
    trace = unroll(weights, np.ones((6, 1)), c0=np.array([-2.0]))
    for full, limit in ((None, 2.0), (8.0, 8.0)):
        water = [
            node
            for node in read(diagrams.draw(trace=trace, full=full)).iter(f"{SVG}rect")
            if node.get("data-signal") == "c_prev"
        ]
        assert [float(node.get("height")) for node in water] == [28 * 2 / limit]


ALL = {
    "whole": lambda: diagrams.draw(legend=True),
    "chain": diagrams.chain,
    **{
        f"{style} {part}": lambda style=style, part=part: diagrams.draw(style, lit=part)
        for style in LAYOUTS
        for part in PARTS
    },
    "cell": lambda: diagrams.draw("cell"),
    "older": lambda: diagrams.draw("older", order=True),
    "planted": lambda: diagrams.draw("older", exercises.planted()),
}


@pytest.mark.parametrize("name", ALL)
def test_a_diagram_is_the_same_text_each_time_and_stands_alone(name):
    picture = ALL[name]()
    assert picture.svg == ALL[name]().svg
    root = read(picture)
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids)) == 3
    assert not re.search(r"href|@import|url\((?!#)|NaN|None", picture.svg)


@pytest.mark.parametrize("name", ALL)
def test_a_diagram_s_rules_are_for_itself_alone_and_for_what_it_has(name):
    root = read(ALL[name]())
    own = root.get("class").split()[1]
    rules = root.find(f"{SVG}style").text.strip().splitlines()
    starts = (f".{own} ", f".{own}{{", f"svg.{own}:root{{", f"@supports(color:light-dark(red,red)){{.{own}{{")
    starts += (f"@media(max-width:600px){{.{own}{{", f"@media(max-width:600px) and (max-aspect-ratio:1){{.{own}:has(")
    assert [rule for rule in rules if not rule.startswith(starts)] == []
    assert "--paper:#ffffff" in rules[1] and "--paper:light-dark(#ffffff,#121212)" in rules[2]
    assert ("handle" in "".join(rules)) == (root.find(".//*[@class='handle']") is not None)


@pytest.mark.parametrize("name", ALL)
def test_a_diagram_has_a_title_and_a_description_for_those_who_listen(name):
    picture = ALL[name]()
    root = read(picture)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert (title.text, description.text) == (picture.title, picture.alt)
    assert len(description.text) > 80


def test_the_alternative_text_says_every_wire_into_a_box():
    assert "The box with b_o sums x_t, h_t-1, b_o and C_t." in diagrams.draw().alt
    assert "The box with b_g sums x_t, h_t-1 and b_g." in diagrams.draw("cell").alt
    assert "The box with b_o sums x_t, h_t-1 and b_o." in diagrams.draw(wiring=diagrams.unit_wiring("none")).alt
    assert "Circle o_t takes x_t, h_t-1 and C_t-1." in diagrams.draw("older", exercises.planted()).alt
    assert len({ALL[name]().alt for name in ALL if name.startswith("pipe")}) == len(PARTS)


def test_a_diagram_saves_to_a_file(tmp_path):
    diagrams.draw("cell").save(tmp_path / "cell.svg")
    assert (tmp_path / "cell.svg").read_text(encoding="utf-8") == diagrams.draw("cell").svg


SEEDLESS = """
import hashlib
from lstm_ref import diagrams
from lstm_ref.companion import exercises
from lstm_ref.explorer import Explorer, Joint, Ledger, Nudge, Tanks, Valve
pictures = [diagrams.draw(style, lit=part) for style in ("pipe", "cell", "older") for part in diagrams.PARTS]
pictures += [diagrams.chain(), diagrams.draw("older", exercises.planted()), diagrams.draw(order=True, legend=True)]
figures = Explorer(), Joint(), Ledger([1.0] * 12), Nudge(), Tanks(), Valve()
living = [widget._repr_mimebundle_()[0]["image/svg+xml"] for widget in figures]
print(hashlib.sha256("".join([picture.svg for picture in pictures] + living).encode()).hexdigest())
"""


def test_pictures_do_not_depend_on_the_order_of_a_hash():
    pytest.importorskip("anywidget")

    def run(seed):
        variables = os.environ | {"PYTHONHASHSEED": seed}
        return python("-c", SEEDLESS, env=variables)

    assert run("1") == run("2") != ""


def test_wrong_arguments_are_named():
    rng = np.random.default_rng(0)
    weights = UnitWeights.random(1, 1, rng=rng)
    trace, batch = unroll(weights, np.ones((2, 1))), unroll(weights, np.ones((2, 3, 1)))
    for error, message, arguments in (
        (ValueError, "style: .*'tube'", {"style": "tube"}),
        (ValueError, "lit: .*'gate'", {"lit": "gate"}),
        (TypeError, "trace: .*Step", {"trace": trace[0]}),
        (ValueError, r"trace: .*\(2, 3, 1\)", {"trace": batch}),
        (IndexError, "t: .*2 steps, got 2", {"trace": trace, "t": 2}),
        (ValueError, "style: the older", {"style": "older", "trace": trace}),
        (ValueError, "order: .*beside a trace", {"order": True, "trace": trace}),
        (ValueError, "wiring: .*'none'", {"wiring": diagrams.unit_wiring("full"), "trace": trace}),
        (TypeError, "wiring: .*Wiring or None, got 'none'", {"wiring": "none"}),
        (TypeError, "t: .*whole number, got 1.0", {"trace": trace, "t": 1.0}),
        (TypeError, "t: .*whole number, got True", {"trace": trace, "t": True}),
        (ValueError, "full: .*above 0, got 0", {"trace": trace, "full": 0}),
        (ValueError, "c_t: .*finite", {"trace": replace(trace, c_t=np.array([[1.0], [np.nan]]))}),
        (TypeError, "weights: .*UnitWeights or None, got 3", {"trace": trace, "weights": 3}),
        (
            ValueError,
            "weights: .*'none', got 'full'",
            {"trace": trace, "weights": UnitWeights.random(1, 1, "full", rng=rng)},
        ),
        (ValueError, "weights: .*another f_t", {"trace": trace, "weights": weights.replace(b_f=weights.b_f - 1)}),
        (ValueError, "weights: .*others", {"weights": UnitWeights.random(1, 1, rng=rng), "trace": trace}),
    ):
        with pytest.raises(error, match=message):
            diagrams.draw(**arguments)
