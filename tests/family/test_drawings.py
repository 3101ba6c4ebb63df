"""The drawings of the family: every wire is drawn, ends at its parts and passes by all others."""

import itertools

import pytest
from helpers.drawn import SVG, lines, read

from lstm_ref import family
from lstm_ref.diagrams.grid import grid_layout
from lstm_ref.diagrams.shapes import HALF, RADIUS
from lstm_ref.family import UNITS


def places(unit):
    """Where parts stand and how far each reaches: {name: (left, top, right, bottom)}."""
    layout, found = unit.layout, {}
    for name, (x, y, *_) in layout.places.items():
        kind = layout.kind(name)
        width, height = (RADIUS[kind], RADIUS[kind]) if kind in RADIUS else HALF[kind]
        found[name] = (x - width, y - height, x + width, y + height)
    return layout, found


@pytest.mark.parametrize("name", UNITS)
def test_the_drawing_has_the_wires_of_the_unit_and_no_others(name):
    unit = UNITS[name]
    drawn = [(line.start, line.end) for line in lines(read(family.draw(unit, "all")))]
    assert sorted(drawn) == sorted(map(tuple, unit.wiring.wires))


@pytest.mark.parametrize("name", UNITS)
def test_a_wire_ends_at_its_parts_and_passes_by_the_others(name):
    unit = UNITS[name]
    layout, reach = places(unit)
    for line in lines(read(family.draw(unit, "all"))):
        own = layout.ends(unit.wiring.wires[0]._replace(start=line.start, end=line.end))
        (x0, y0), (x1, y1) = line.corners[0], line.corners[-1]
        left, top, right, bottom = reach[own[1]]
        assert left - 1 <= x1 <= right + 1 and top - 1 <= y1 <= bottom + 1, line
        left, top, right, bottom = reach[own[0]]
        in_pipe = any(ends[0] == own[0] for ends in layout.pipes) and abs((top + bottom) / 2 - y0) <= 15
        assert in_pipe or (left - 1 <= x0 <= right + 1 and top - 1 <= y0 <= bottom + 1), line
        for (ax, ay), (bx, by) in itertools.pairwise(line.corners):
            for other, (left, top, right, bottom) in reach.items():
                if other not in own:
                    inside = min(ax, bx) < right and max(ax, bx) > left and min(ay, by) < bottom and max(ay, by) > top
                    straight = ax == bx or ay == by
                    assert not (inside and straight), f"{line.start} to {line.end} runs through {other}"


@pytest.mark.parametrize("name", UNITS)
def test_no_part_stands_on_another(name):
    _, reach = places(UNITS[name])
    for (one, a), (other, b) in itertools.combinations(reach.items(), 2):
        apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        assert apart, f"{one} stands on {other}"


@pytest.mark.parametrize("name", UNITS)
def test_what_is_new_is_lit_and_the_alternative_text_says_what_it_does(name):
    unit = UNITS[name]
    picture = family.draw(unit)
    lit = set(unit.new.split())
    assert lit <= set(unit.wiring.nodes)
    grey = next(group for group in read(picture).iter(f"{SVG}g") if group.get("class") == "dim")
    shown = {place.get("data-place") for place in grey.iter(f"{SVG}g") if place.get("data-place")}
    assert not shown & lit
    assert picture.alt.endswith("The rest is grey.")
    whole = family.draw(unit, "all").alt
    for part in unit.wiring.parts:
        if part.kind not in ("input", "bias", "output"):
            assert f" {unit.wiring.symbols[part.gives].translate(str.maketrans('', '', '${}'))} is " in whole, part.name


def test_a_part_without_a_place_is_named():
    unit = UNITS["gru"]
    with pytest.raises(ValueError, match="table: expected a place for every part, got none for reset"):
        grid_layout(unit.wiring, unit.grid.replace("reset", "."), "")
    with pytest.raises(ValueError, match="lit: expected one of"):
        family.draw(unit, "old")
