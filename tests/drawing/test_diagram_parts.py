"""What a reader sees in a drawn unit: its lines, heads, dots, parts, letters and lit parts, each written out here."""

import itertools
import math
import re
from collections import Counter

import numpy as np
import pytest
from helpers.drawn import SVG, Extent, along, corners, lines, marks, places, read

from lstm_ref import diagrams
from lstm_ref.companion import exercises
from lstm_ref.diagrams.nodes import NODES
from lstm_ref.gates import ORDERS
from lstm_ref.svg.palette import SIGNALS

STYLES = ("pipe", "cell", "older")
PLAIN = {style: read(diagrams.draw(style)) for style in STYLES}
PLANTED = {f"{style}, planted": read(diagrams.draw(style, exercises.planted())) for style in STYLES}
LOOK = {"kept": "c_prev", "let_in": "g_t", "squashed": "c_t"}
PIPES = {("c_prev", "times_f"), ("times_f", "plus"), ("plus", "c_out")}
SIGN = {"product": [(-1, -1), (1, 1), (-1, 1), (1, -1)], "box": [(-1, 0), (1, 0), (0, -1), (0, 1)]}
SIGN["sum"] = SIGN["box"]
LETTERS = {
    **{"x_t": "xt", "h_prev": "ht−1", "c_prev": "Ct−1", "c_out": "Ct", "h_out": "ht", "h_up": "ht", "cell": "Cell"},
    **{"b_f": "bf", "b_i": "bi", "b_g": "bg", "b_o": "bo", "tanh_c": "tanh", "tanh_g": "tanh"},
    **{"sigmoid_f": "σ", "sigmoid_i": "σ", "sigmoid_o": "σ", "f": "ftσ", "i": "itσ", "g": "gttanh", "o": "otσ"},
}
COPIES = {f"{name}@box_{net}" for name in ("x_t", "h_prev") for net in ORDERS["article"]}
PLACES = {
    "pipe": set(NODES),
    "cell": set(NODES) - {"x_t", "h_prev", "c_prev", "c_out"} | {"cell"} | COPIES,
    "older": {*ORDERS["article"], "cell", "times_f", "times_i", "tanh_c", "times_o", "h_out"} | COPIES,
}
LIT_WIRES = {
    "memory": "c_prev>times_f times_f>plus plus>c_out",
    "forget valve": "x_t>box_f h_prev>box_f c_prev>box_f b_f>box_f box_f>sigmoid_f",
    "new memory": "x_t>box_i h_prev>box_i c_prev>box_i b_i>box_i box_i>sigmoid_i "
    "x_t>box_g h_prev>box_g b_g>box_g box_g>tanh_g",
    "joint": "c_prev>times_f sigmoid_f>times_f times_f>plus sigmoid_i>times_i tanh_g>times_i times_i>plus plus>c_out",
    "output": "x_t>box_o h_prev>box_o b_o>box_o plus>box_o box_o>sigmoid_o plus>c_out plus>tanh_c tanh_c>times_o "
    "sigmoid_o>times_o times_o>h_out times_o>h_up",
}
LIT_PLACES = {
    "pipe": {
        "memory": "c_prev times_f plus c_out",
        "forget valve": "x_t h_prev c_prev b_f box_f sigmoid_f",
        "new memory": "x_t h_prev c_prev b_i box_i sigmoid_i b_g box_g tanh_g",
        "joint": "c_prev sigmoid_f times_f sigmoid_i tanh_g times_i plus c_out",
        "output": "x_t h_prev b_o box_o sigmoid_o plus c_out tanh_c times_o h_out h_up",
    },
    "cell": {
        "memory": "cell times_f plus",
        "forget valve": "x_t@box_f h_prev@box_f cell b_f box_f sigmoid_f",
        "new memory": "x_t@box_i h_prev@box_i x_t@box_g h_prev@box_g cell b_i box_i sigmoid_i b_g box_g tanh_g",
        "joint": "cell sigmoid_f times_f sigmoid_i tanh_g times_i plus",
        "output": "x_t@box_o h_prev@box_o b_o box_o sigmoid_o plus cell tanh_c times_o h_out h_up",
    },
    "older": {
        "memory": "cell times_f",
        "forget valve": "x_t@box_f h_prev@box_f cell f",
        "new memory": "x_t@box_i h_prev@box_i x_t@box_g h_prev@box_g cell i g",
        "joint": "cell f times_f i g times_i",
        "output": "x_t@box_o h_prev@box_o cell o tanh_c times_o h_out",
    },
}


def strokes(root):
    """Every line that is seen: (its look, its corners)."""
    paths = [path for path in root.iter(f"{SVG}path") if (path.get("class") or "").startswith("wire ")]
    return [(path.get("class").split()[1], corners(path.get("d"))) for path in paths]


def direction(start, end):
    length = math.dist(start, end)
    return round((end[0] - start[0]) / length, 2), round((end[1] - start[1]) / length, 2)


@pytest.mark.parametrize("style", STYLES)
def test_each_part_has_its_own_shape_its_sign_and_its_letters(style):
    groups = [node for node in PLAIN[style].iter() if node.get("data-place")]
    assert {group.get("data-place") for group in groups} == PLACES[style] and len(groups) == len(PLACES[style])
    for group in groups:
        name = group.get("data-place").partition("@")[0]
        kind = "gate" if name in ORDERS["article"] else "cell" if name == "cell" else NODES[name].kind
        outline = next(node for node in group.iter() if node.get("class") and node.tag != f"{SVG}g")
        assert outline.get("class") == kind, name
        assert ("C" in outline.get("d", ""), "L" in outline.get("d", "")) == (kind == "sigmoid", kind == "tanh"), name
        assert "".join(group.itertext()) == LETTERS.get(name, ""), name
        signs = [node for node in group.iter() if node.get("class") == "sign"]
        x, y = places(PLAIN[style])[group.get("data-place")].middle
        seen = [[(np.sign(a - x), np.sign(b - y)) for a, b in corners(sign.get("d"))] for sign in signs]
        assert seen == ([SIGN[kind]] if kind in SIGN else []), name


@pytest.mark.parametrize("style", STYLES)
def test_the_drawing_and_its_letters_stay_on_the_canvas(style):
    chain = read(diagrams.chain())
    chain.remove(next(node for node in chain if node.get("class") == "upright"))  # it has a canvas of its own
    for root in (read(diagrams.draw(style, order=True, legend=True)), chain):
        _, _, width, height = map(float, root.get("viewBox").split())
        for node, (left, right, top, bottom) in marks(root):
            assert left >= 0 and right <= width and top >= 0 and bottom <= height, (node.attrib, node.text)


def test_the_chain_that_stands_upright_stays_on_its_own_canvas():
    chain = read(diagrams.chain())
    chain.remove(next(node for node in chain if node.get("class") == "lying"))
    (paper, canvas), *drawn = [one for one in marks(chain) if one[0].get("height") != chain.get("height")]
    assert paper.get("class") == "paper" and len(drawn) > 100
    for node, (left, right, top, bottom) in drawn:
        assert canvas.left <= left and right <= canvas.right, (node.attrib, node.text)
        assert canvas.top <= top and bottom <= canvas.bottom, (node.attrib, node.text)


def test_the_columns_of_the_pipe_are_f_i_g_and_o_from_left_to_right_each_box_below_its_activation_function():
    at = {name: extent.middle for name, extent in places(PLAIN["pipe"]).items()}
    columns = [at[f"box_{net}"] for net in ORDERS["article"]]
    assert columns == sorted(columns) and len({x for x, _ in columns}) == 4 and len({y for _, y in columns}) == 1
    for box, house in (("box_f", "sigmoid_f"), ("box_i", "sigmoid_i"), ("box_g", "tanh_g"), ("box_o", "sigmoid_o")):
        assert at[house][0] == at[box][0] and at[house][1] < at[box][1] - 30
    memory = [at[name] for name in ("c_prev", "times_f", "plus", "c_out")]
    assert memory == sorted(memory) and len({y for _, y in memory}) == 1


def test_around_the_cell_and_in_the_older_diagram_each_network_stands_where_the_words_say():
    at = {style: {name: extent.middle for name, extent in places(PLAIN[style]).items()} for style in STYLES[1:]}
    sides = {"cell": {"box_f": "right", "box_i": "lower left", "box_g": "lower right", "box_o": "upper left"}}
    sides["older"] = {"g": "left", "i": "upper left", "o": "upper right", "f": "lower"}
    for style, said in sides.items():
        x, y = at[style]["cell"]
        for name, words in said.items():
            across, down = at[style][name][0] - x, at[style][name][1] - y
            assert ("left" in words, "right" in words) == (across < 0, across > 0), name
            assert ("upper" in words, "lower" in words) == (down < -80, down > 80), name


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("part", [None, *LIT_WIRES])
def test_each_line_ends_in_a_head_that_points_the_way_it_runs(style, part):
    root = read(diagrams.draw(style, lit=part))
    drawn = [(look, points[-1], direction(*points[-2:])) for look, points in strokes(root)]
    heads = []
    for path in (path for path in root.iter(f"{SVG}path") if (path.get("class") or "").startswith("head ")):
        for one in path.get("d").removesuffix(" z").split(" z "):
            tip, *base = corners(one)
            behind = tuple(np.mean(base, axis=0))
            assert 6 < math.dist(tip, behind) < 10 and 6 < math.dist(*base) < 10
            heads.append((path.get("class").split()[1], tip, direction(behind, tip)))
    assert sorted(heads, key=str) == [
        (look, pytest.approx(tip, abs=0.1), pytest.approx(way, abs=0.03)) for look, tip, way in sorted(drawn, key=str)
    ]


@pytest.mark.parametrize("style", STYLES)
def test_there_is_a_dot_wherever_two_wires_of_one_signal_part_and_nowhere_else(style):
    dots = [node for node in PLAIN[style].iter(f"{SVG}circle") if node.get("class").startswith("dot")]
    counted = Counter(dot.get("class") for dot in dots)
    assert counted == ({"dot x_t": 3, "dot h_prev": 3, "dot c_prev": 1} if style == "pipe" else {})
    assert len({(dot.get("cx"), dot.get("cy")) for dot in dots}) == len(dots)


@pytest.mark.parametrize("part", [None, *LIT_WIRES])
def test_from_each_dot_the_wires_of_its_signal_go_different_ways(part):
    root = read(diagrams.draw("pipe", lit=part))
    for dot in (node for node in root.iter(f"{SVG}circle") if node.get("class").startswith("dot")):
        at, ways = (float(dot.get("cx")), float(dot.get("cy"))), []
        for line in (line for line in lines(root) if line.carries == dot.get("class").split()[1] and not line.is_pipe):
            way = along(line.corners)
            on = [k for k, point in enumerate(way) if math.dist(at, point) < 0.1]
            ways += [(direction(way[on[0] - 1], at), direction(at, way[on[-1] + 1]))] if on else []
        assert len({before for before, _ in ways}) == 1 and len({after for _, after in ways}) == 2, dot.attrib


@pytest.mark.parametrize("style", [*PLAIN, *PLANTED])
def test_no_line_runs_through_a_part(style):
    groups = [group for group in (PLAIN | PLANTED)[style].iter() if group.get("data-place")]
    circles = {group.get("data-place") for group in groups if group.find(f".//{SVG}circle") is not None}
    for name, (left, right, top, bottom) in places((PLAIN | PLANTED)[style]).items():
        within = Extent(left + 1, right - 1, top + 1, bottom - 1)
        for look, points in strokes((PLAIN | PLANTED)[style]):
            depths = [
                (right - left) / 2 - 1 - math.dist(point, within.middle) if name in circles else -within.gap(point)
                for point in along(points)
            ]
            assert max(depths) < 0, (look, points, name)


@pytest.mark.parametrize("style", [*PLAIN, *PLANTED])
def test_lines_of_two_signals_share_no_stretch(style):
    ways = [(line, np.array(along(line.corners, 2))) for line in lines((PLAIN | PLANTED)[style]) if not line.is_pipe]
    for (one, some), (two, others) in itertools.combinations(ways, 2):
        near = (np.abs(some[:, None] - others).max(axis=2) < 4).any(axis=1)
        longest = max((len(list(run)) for is_near, run in itertools.groupby(near) if is_near), default=0)
        assert longest <= 5 or one.carries == two.carries, (one, two)


@pytest.mark.parametrize("style", ["cell", "older"])
def test_the_new_memory_goes_from_the_sum_into_the_cell_and_all_else_leaves_from_there(style):
    at = places(PLAIN[style])
    began = {line[:2]: line.corners[0] for line in lines(PLAIN[style]) if line.start in ("plus", "c_prev")}
    from_cell = {("c_prev", "times_f"), ("c_prev", "box_f"), ("c_prev", "box_i"), ("plus", "tanh_c"), ("plus", "box_o")}
    assert set(began) - {("plus", "c_out")} == from_cell
    assert {wire for wire, start in began.items() if at["cell"].gap(start) < 0.1} == from_cell
    into = [line.corners for line in lines(PLAIN[style]) if line[:2] == ("plus", "c_out")]
    assert [(at["plus"].gap(way[0]), at["cell"].gap(way[-1])) for way in into] == [(0, 0)] * (style == "cell")


@pytest.mark.parametrize("style", STYLES)
def test_each_line_looks_like_the_signal_it_comes_from_and_only_old_memory_is_ever_dashed(style):
    dashed = {("c_prev", "times_f"), ("c_prev", "box_f"), ("c_prev", "box_i")} if style == "older" else set()
    for path in (path for path in PLAIN[style].iter(f"{SVG}path") if path.get("data-from")):
        wire, signal = (path.get("data-from"), path.get("data-to")), path.get("data-carries")
        kind = "bore" if style == "pipe" and wire in PIPES else "wire"
        assert path.get("class").split() == [kind, LOOK.get(signal, signal)] + ["dashed"] * (wire in dashed), wire
    pipes = [path.get("class") for path in PLAIN[style].iter(f"{SVG}path")]
    within = [pipes[k + 1] for k, classes in enumerate(pipes) if str(classes).startswith("bore")]
    assert within == ["wire c_prev", "wire c_prev", "wire c_t"] * (style == "pipe")


@pytest.mark.parametrize("style", STYLES)
def test_each_of_the_nine_signals_has_its_own_colour_and_pattern_of_line_but_in_the_older_diagram(style):
    sheet = PLAIN[style].find(f"{SVG}style").text
    rules = dict(re.findall(r" \.wire\.(\w+)\{([^}]*)\}", sheet))
    rules.pop("dashed", None)
    assert set(rules) == set(SIGNALS)
    assert {name: rule.partition(";")[0] for name, rule in rules.items()} == {n: f"stroke:var(--{n})" for n in rules}
    patterns = [rule.partition(";")[2] for rule in rules.values()]
    assert len(set(patterns)) == len(patterns)
    plain = [node for node in PLAIN[style].iter(f"{SVG}g") if "plain" in (node.get("class") or "").split()]
    assert len(plain) == (style == "older")
    assert (".plain .wire{stroke-dasharray:none}" in sheet) == (style == "older")
    assert bool(re.search(r"\.plain \.wire\.dashed\{stroke-dasharray:\d", sheet)) == (style == "older")


@pytest.mark.parametrize("style", STYLES)
def test_each_number_of_the_order_stands_at_its_box_product_or_sum(style):
    root, hidden = (
        read(diagrams.draw(style, order=True)),
        {f"box_{net}": net for net in ORDERS["article"]} | {"plus": "cell"},
    )
    numbered = [name for name in places(root) if name[:3] in ("box", "tim", "plu", "cel") or name in ORDERS["article"]]
    discs = [node for node in root.iter(f"{SVG}circle") if node.get("class") == "order"]
    written = {node.get("data-order"): node for node in root.iter(f"{SVG}text") if node.get("data-order")}
    assert set(written) == {name for name in NODES if name[:3] in ("box", "tim", "plu")}
    assert [[disc.get("cx"), float(disc.get("cy")) + 4] for disc in discs] == [
        [text.get("x"), float(text.get("y"))] for text in written.values()
    ]
    for name, text in written.items():
        at = float(text.get("x")), float(text.get("y")) - 4
        nearest = min(numbered, key=lambda place: places(root)[place].gap(at))
        assert nearest == (hidden.get(name, name) if style == "older" else name)
        assert places(root)[nearest].gap(at) < 8, name


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("part", LIT_WIRES)
def test_what_is_lit_is_what_the_article_lights(style, part):
    root = read(diagrams.draw(style, lit=part))
    dim = next(node for node in root.iter(f"{SVG}g") if node.get("class") == "dim")
    bright = next(node for group in root.iter(f"{SVG}g") if dim in group for node in group if node is not dim)
    drawn = {line[:2] for line in lines(PLAIN[style])}
    expected = {tuple(wire.split(">")) for wire in LIT_WIRES[part].split()} & drawn
    assert {line[:2] for line in lines(bright)} == expected and {line[:2] for line in lines(dim)} == drawn - expected
    lit = {node.get("data-place") for node in bright.iter() if node.get("data-place")}
    assert lit == set(LIT_PLACES[style][part].split())
    assert {node.get("data-place") for node in dim.iter() if node.get("data-place")} == PLACES[style] - lit
    shown = {node.get("data-symbol") for node in bright.iter() if node.get("data-symbol")}
    assert shown <= {line.carries for line in lines(bright)}
