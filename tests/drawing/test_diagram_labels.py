"""What is written and shown on a drawn unit: labels, numbers, bars, handles, water, the legend and the words."""

import itertools
import re
from collections import Counter
from functools import cache

import numpy as np
import pytest
from helpers.drawn import SVG, Extent, along, lines, marks, places, read

from lstm_ref import UnitWeights, diagrams, unroll
from lstm_ref.diagrams.values import BARS

STYLES = ("pipe", "cell")
NINE = ("x_t", "h_prev", "c_prev", "f_t", "i_t", "g_t", "o_t", "c_t", "h_t")
SYMBOLS = {
    **{"c_prev": "Ct−1", "f_t": "ft", "i_t": "it", "g_t": "gt", "o_t": "ot", "c_t": "Ct"},
    **{"kept": "ft Ct−1", "let_in": "it gt", "squashed": "tanh Ct"},
    **{"z_f": "zf", "z_i": "zi", "z_g": "zg", "z_o": "zo"},
}
NAMED = {
    "pipe": {"f_t": 1, "i_t": 1, "g_t": 1, "o_t": 1},
    "cell": {"f_t": 1, "i_t": 1, "g_t": 1, "o_t": 1, "c_prev": 3, "c_t": 3},
}
BESIDE = ("x_t", "h_prev", "b_f", "b_i", "b_g", "b_o")
OPEN = {
    "pipe": {("times_f", "f_t"): 0, ("times_i", "i_t"): 90, ("times_o", "o_t"): 90},
    "cell": {("times_f", "f_t"): 90, ("times_i", "i_t"): 90, ("times_o", "o_t"): 90},
}
BETWEEN = {"c_prev": ("c_prev", "times_f"), "kept": ("times_f", "plus"), "c_t": ("plus", "c_out")}
LEGEND = {
    "input": "xt x_t",
    "last output": "ht−1 h_prev",
    "old memory": "Ct−1 c_prev",
    "memory": "Ct c_t",
    "output": "ht h_t",
    "forget valve": "ft f_t",
    "new-memory valve": "it i_t",
    "new memory": "gt g_t",
    "output valve": "ot o_t",
    "sum of weighted inputs": "box",
    "bias of a network": "bias",
    "sigmoid": "sigmoid",
    "hyperbolic tangent": "tanh",
    "element-wise product": "product",
    "element-wise sum": "sum",
}
OWN = {
    "pipe": {"pipe of the memory": "wall bore"},
    "cell": {"cell with the memory": "cell"},
    "older": {"a whole network": "gate", "cell with the memory": "cell"},
}


@cache
def alive(style, H):
    """A drawing of one step of a unit with H memories, with everything that can be shown."""
    rng = np.random.default_rng(H)
    weights = UnitWeights.random(H, H, "full", rng=rng)
    trace = unroll(weights, rng.normal(size=(3, H)), rng.normal(size=H), 2 * rng.normal(size=H))
    return read(diagrams.draw(style, trace=trace, t=1, weights=weights))


def pictures():
    return [(style, None, read(diagrams.draw(style, order=True))) for style in STYLES] + [
        (style, H, alive(style, H)) for style in STYLES for H in (1, 2, 3)
    ]


def written(root):
    """The symbols, numbers and bars on a drawing: (signal, whether it is its symbol, extent)."""
    found = []
    for node, extent in marks(root):
        signal = node.get("data-symbol") or node.get("data-signal")
        if node.tag == f"{SVG}rect" and node.get("data-full") == str(BARS[1]):
            floor = float(node.get("data-floor"))
            found.append((signal, False, Extent(extent.left, extent.right, floor - BARS[1], floor)))
        elif signal and node.tag == f"{SVG}text":
            found.append((signal, bool(node.get("data-symbol")), extent))
    return found


def test_each_symbol_is_that_of_its_signal_and_none_is_missing():
    for style, H, root in pictures():
        symbols = [node for node in root.iter() if node.get("data-symbol")]
        for node in symbols:
            assert "".join(node.itertext()) == SYMBOLS[node.get("data-symbol")]
        expected = (dict.fromkeys(SYMBOLS, 1) if H else {}) | NAMED[style]
        assert Counter(node.get("data-symbol") for node in symbols) == expected


def test_each_label_stands_by_its_own_line_or_circle_and_would_not_stand_better_by_another_s():
    for style, H, root in pictures():
        carried, circles, labels = {}, {}, {}
        for line in lines(root):
            carried.setdefault(line.carries, []).extend(along(line.corners, 3))
        for place, extent in places(root).items():
            if place.partition("@")[0] in BESIDE:
                circles.setdefault(place.partition("@")[0], []).append(extent.middle)
        carried |= circles
        for number, (signal, is_symbol, extent) in enumerate(written(root)):
            labels.setdefault((signal, number if is_symbol else None), []).append(extent)
        gaps = {
            label: {
                signal: min(extent.gap(point) for extent in extents for point in points)
                for signal, points in carried.items()
            }
            for label, extents in labels.items()
        }
        for signal in {signal for signal, _ in labels}:
            assert min(gap[signal] for (name, _), gap in gaps.items() if name == signal) < 30, (style, H, signal)
        for one, two in itertools.combinations(gaps, 2):
            if one[0] != two[0]:
                exchanged = gaps[one][two[0]] + gaps[two][one[0]]
                assert gaps[one][one[0]] + gaps[two][two[0]] < exchanged, (style, H, one, two)


def test_no_two_texts_or_bars_overlap_and_all_are_on_the_canvas():
    for style, H, root in pictures():
        texts = [(node.text, extent) for node, extent in marks(root) if node.tag == f"{SVG}text"]
        texts += [(signal, extent) for signal, _, extent in written(root) if extent.bottom - extent.top == BARS[1]]
        for (one, here), (two, there) in itertools.combinations(texts, 2):
            assert not here.overlaps(there) or (H == 3 and one == two), (style, H, one, two, here, there)
        _, _, width, height = map(float, root.get("viewBox").split())
        for node, (left, right, top, bottom) in marks(root):
            assert left >= 0 and right <= width and top >= 0 and bottom <= height, (style, H, node.attrib)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("H", [1, 2, 3])
def test_each_valve_has_its_handle_open_along_what_it_lets_through(style, H):
    root = alive(style, H)
    pivots = {"{:g},{:g}".format(*extent.middle): name for name, extent in places(root).items()}
    found = {}
    for node, extent in marks(root):
        if str(node.get("class")).startswith("handle"):
            signal, element = node.get("data-signal"), int(node.get("data-element"))
            x, y = map(float, node.get("data-pivot").split(","))
            assert extent.middle == (x, y) and extent.right - extent.left == (34 if element else 20)
            assert node.get("class").split() == ["handle"] + ["thin"] * bool(element)
            angle, *pivot = map(float, re.findall(r"[-\d.]+", node.get("transform")))
            opened = float(node.get("data-open"))
            assert pivot == [x, y] and angle - opened == pytest.approx(
                90 * (1 - float(node.get("data-value"))), abs=0.006
            )
            found.setdefault((pivots[node.get("data-pivot")], signal), []).append((element, opened))
    assert found == {valve: [(k, opened) for k in range(H)] for valve, opened in OPEN[style].items()}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("H", [1, 2, 3])
def test_water_stands_in_its_own_stretch_of_pipe_or_half_of_the_cell_all_to_one_measure(style, H):
    root = alive(style, H)
    ends = {line[:2]: [x for x, _ in line.corners] for line in lines(root)}
    cell = next((extent for node, extent in marks(root) if node.get("class") == "cell"), None)
    water = {}
    for node, extent in marks(root):
        if "water" in str(node.get("class")) and node.get("data-full") != str(BARS[1]):
            floor, full = float(node.get("data-floor")), float(node.get("data-full"))
            tank = Extent(extent.left, extent.right, floor - full, floor)
            water.setdefault(node.get("data-signal"), []).append((int(node.get("data-element")), tank))
    assert set(water) == ({"c_prev", "kept", "c_t"} if style == "pipe" else {"c_prev", "c_t"})
    for signal, tanks in water.items():
        assert [element for element, _ in tanks] == list(range(H))
        for (_, one), (_, two) in itertools.pairwise(tanks):
            assert one.bottom == two.top if H == 2 else one.right == pytest.approx(two.left, abs=0.11)
        left, right = tanks[0][1].left, tanks[-1][1].right
        top, bottom = min(tank.top for _, tank in tanks), max(tank.bottom for _, tank in tanks)
        if style == "pipe":
            assert ends[BETWEEN[signal]][0] <= left < right - 40 < right <= ends[BETWEEN[signal]][-1]
            assert (top, bottom) == (104, 132)
        else:
            middle = cell.middle[0]
            assert cell.left < left < right <= middle if signal == "c_prev" else middle <= left < right < cell.right
            assert cell.top < top < bottom - 40 < bottom < cell.bottom
    limits = {node.get("data-limit") for node in root.iter() if node.get("data-signal") in ("c_prev", "kept", "c_t")}
    assert len(limits - {None}) == 1


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("H", [2, 3])
def test_elements_stand_in_order_numbers_downwards_and_bars_to_the_right(style, H):
    found = {}
    for node, extent in marks(alive(style, H)):
        if node.get("class") == "value" or node.get("data-full") == str(BARS[1]):
            found.setdefault(node.get("data-signal"), []).append((int(node.get("data-element")), extent))
    assert set(found) == {*NINE, *SYMBOLS, "b_f", "b_i", "b_g", "b_o"}
    for row in found.values():
        assert [element for element, _ in row] == list(range(H))
        across = {extent.left for _, extent in row}
        down = [extent.top for _, extent in row]
        assert (len(across) == 1 and down == sorted(set(down))) if H == 2 else len(across) == H


@pytest.mark.parametrize("style", OWN)
def test_each_sign_of_the_legend_stands_beside_its_words(style):
    height = float(read(diagrams.draw(style)).get("viewBox").split()[3])
    below = [(node, extent) for node, extent in marks(read(diagrams.draw(style, legend=True))) if extent.top > height]
    below = [(node, extent) for node, extent in below if node.get("class") not in ("sign", "title", None) or node.text]
    rows = {}
    for node, extent in below:
        if node.get("class") == "words" and not len(node):
            beside = [
                "".join(other.itertext()) or other.get("class").removeprefix("wire ")
                for other, at in below
                if extent.left - 110 < at.left < extent.left and abs(at.middle[1] - extent.middle[1]) < 12
            ]
            rows["".join(node.itertext())] = beside
    letters = {"bias": ["bias", "b"], "sigmoid": ["sigmoid", "σ"], "tanh": ["tanh", "tanh"]}
    circles = ("input", "last output", "old memory", "memory", "output")
    expected = LEGEND | OWN[style]
    shown = {kind: ["input", *row.split()] if kind in circles else row.split() for kind, row in expected.items()}
    if style == "older":
        shown["old memory"][-1] += " dashed"
    assert rows == {kind: letters.get(row[0], row) for kind, row in shown.items() if kind in rows}
    missing = {"sum of weighted inputs", "bias of a network", "sigmoid", "element-wise sum"}
    assert set(expected) - set(rows) == (missing if style == "older" else set())


def chain_as_read(lying):
    """The units of a chain, and what stands in its ports: the places of each unit, and letters by middle."""
    root = read(diagrams.chain())
    group = next(node for node in root.iter() if node.get("class") == ("lying" if lying else "upright"))
    units = [node for node in group if node.get("class") == "tiny"]
    ports = [node for node in group if node.get("transform") and node not in units]
    found = [(next(marks(port))[1].middle, "".join(port.itertext())) for port in ports]
    return units, [{name: extent.middle for name, extent in places(unit).items()} for unit in units], found


@pytest.mark.parametrize("lying", [True, False])
def test_the_chain_is_three_whole_units_with_the_memory_above_and_each_step_s_own_input_and_output(lying):
    units, at, found = chain_as_read(lying)
    assert [{line[:2] for line in lines(one)} for one in units] == [set(diagrams.unit_wiring().wires)] * 3
    ports = {}
    for middle, words in found:
        # Upright, all is turned by a quarter: what is above stands at the right.
        x, y = middle if lying else (middle[1], -middle[0])
        ports.setdefault(round(y), []).append((x, words))
    (up, above), (pipe, memory), (bus, below), (down, inputs) = (
        (y, [words for _, words in sorted(row)]) for y, row in sorted(ports.items())
    )
    assert memory == ["Ct−2", "Ct−1", "Ct", "Ct+1"] and below == ["ht−2", "ht−1", "ht", "ht+1"]
    assert above == ["ht−1", "ht", "ht+1"] and inputs == ["xt−1", "xt", "xt+1"]
    for k, one in enumerate(at):
        turned = {name: (x, y) if lying else (y, -x) for name, (x, y) in one.items()}
        for y, j, name in ((pipe, k, "c_prev"), (pipe, k + 1, "c_out"), (bus, k, "h_prev"), (bus, k + 1, "h_out")):
            assert (sorted(ports[y])[j][0], y) == pytest.approx(turned[name], abs=0.6)
        for y, name in ((up, "h_up"), (down, "x_t")):
            assert (sorted(ports[y])[k][0], y) == pytest.approx(turned[name], abs=16)
            assert sorted(ports[y])[k][0] == pytest.approx(turned[name][0], abs=0.1)


@pytest.mark.parametrize("style", ["pipe", "cell", "older"])
def test_the_alternative_text_names_the_valve_of_each_product_and_tells_the_order(style):
    for kind, order in (
        ("full", "f_t, i_t and g_t, then C_t, then o_t, then h_t"),
        ("none", "f_t, i_t, g_t and o_t, then C_t, then h_t"),
    ):
        alt = diagrams.draw(style, diagrams.unit_wiring(kind), order=True).alt
        for valve, rest in (("f_t", "C_t-1"), ("i_t", "g_t"), ("o_t", "tanh C_t")):
            assert f" The valve {valve} lets through {rest}." in alt
        assert f" The numbers say when: {order}." in alt and alt.count(" The valve ") == 3


@pytest.mark.parametrize(
    ("memory", "words"), [([-2.5], "−2.5"), ([-2.5, 3], "−2.5 and 3"), ([3, -2.5, 1], "−2.5 to 3 in 3 elements")]
)
def test_the_alternative_text_tells_each_of_the_nine_values_with_its_sign(memory, words):
    weights = UnitWeights.random(1, len(memory), rng=np.random.default_rng(1))
    trace = unroll(weights, -np.ones((1, 1)), c0=np.array(memory, float))
    told = re.search(r" Values at step 0: (.*)\.$", diagrams.draw(trace=trace).alt)[1]
    assert re.findall(r"([xhCfigo]_t(?:-1)?) ", told) == [
        "x_t",
        "h_t-1",
        "C_t-1",
        "f_t",
        "i_t",
        "g_t",
        "o_t",
        "C_t",
        "h_t",
    ]
    assert told.startswith("x_t −1, ") and f", C_t-1 {words}, f_t " in told
