"""The figures: the same text each time, drawn at their numbers, legible in light, in dark and without colour."""

import dataclasses
import itertools
import re

import matplotlib
import numpy as np
import pytest
from helpers.drawn import SVG, corners, read
from matplotlib import pyplot

from lstm_ref import Trace, plots
from lstm_ref.svg import palette
from lstm_ref.svg.picture import Picture
from lstm_ref.unit import VALVES

MONTHS = np.arange("2001-01", "2003-01", dtype="datetime64[M]")


def trace(T=8, H=2, seed=0, batch=()):
    rng = np.random.default_rng(seed)
    drawn = {name: rng.uniform(0 if name in VALVES else -1, 1, (T, *batch, H)) for name in palette.SIGNALS}
    return Trace(**drawn)


CALLS = {
    "signals": lambda: plots.signals(trace()),
    "signals of months": lambda: plots.signals(trace(24, 1), ("x_t", "g_t", "h_prev", "c_prev"), times=MONTHS),
    "valves": lambda: plots.valves(trace()),
    "valves of months": lambda: plots.valves(trace(24, 3), ("f_t",), times=MONTHS),
    "lines": lambda: plots.lines([1, 2, 3], {"low": [1, 2, 4], "high": [10, 20, 50]}, "step", "size"),
    "lines by powers": lambda: plots.lines([1, 2], {"one": [1, 1e-5], "two": [1, 1e3]}, "step", "size", log_y=True),
    "curves": lambda: plots.curves({"one": ([1, 2], [3, 1]), "two": ([2, 8], [2, 5])}, "T", "ms", marks={"best": 0.5}),
    "curves by powers": lambda: plots.curves({"one": ([16, 64], [3, 100])}, "T", "ms", log=True),
    "timeline": lambda: plots.timeline({"loop": [(0, 10, True), (12, 3, False)], "one": [(5, 2, False)]}, "us"),
    "bars": lambda: plots.bars(["a", "b"], {"one": [1, -2], "two": [3, 1200]}, "error"),
    "machine": lambda: plots.machine(
        [(".in", 0, "a"), (0, 0, "b"), (0, "box", "c"), ("box", 1, "d")],
        {".in": (0, 0), 0: (0.3, 0), "box": (0.6, 0.5), 1: (1, 0.5)},
        "a machine",
    ),
    "spread": lambda: plots.spread({"one": [1, 2, 30], "two": [5]}, "steps"),
    "pipe": lambda: plots.pipe([0, 0.25, 1], 0.8),
    "t_joint": lambda: plots.t_joint(0.9, 1.2, 0.5, -0.8),
    "output_valve": lambda: plots.output_branch(1.7, 0.4),
    "characters": lambda: plots.characters("if a:\n    b\n", np.linspace(-1, 1, 12), "a title"),
}


@pytest.fixture(scope="module")
def pictures():
    return {name: call() for name, call in CALLS.items()}


def shapes(picture, name):
    """The corners (N, 2) of each shape drawn under one class."""
    groups = [group for group in read(picture).iter(f"{SVG}g") if group.get("class") == name]
    found = [np.array(corners(group.find(f"{SVG}path").get("d"))) for group in groups]
    assert found, f"nothing is drawn under {name}"
    return found


def height(picture, name):
    corners = shapes(picture, name)[0]
    return np.ptp(corners[:, 1])


def texts(picture):
    return re.findall(r"<!-- (.*?) -->", picture.svg)


@pytest.mark.parametrize("name", CALLS)
def test_a_figure_has_the_same_text_whatever_the_settings_and_changes_none(name, pictures):
    with matplotlib.rc_context({"font.size": 30, "svg.hashsalt": None, "axes.grid": False}):
        before = dict(matplotlib.rcParams)
        assert CALLS[name]().svg == pictures[name].svg
        assert dict(matplotlib.rcParams) == before and pyplot.get_fignums() == []


@pytest.mark.parametrize("name", CALLS)
def test_a_figure_is_a_small_document_that_says_what_it_is(name, pictures):
    picture = pictures[name]
    root = read(picture)
    assert root.tag == f"{SVG}svg" and root.find(f"{SVG}title").text == picture.title == root.get("aria-label")
    assert repr(picture) == f"<Picture: {picture.title}>" and picture._repr_svg_() == picture.svg
    assert len(picture.svg) < 60_000 and "matplotlib" not in picture.svg.lower()
    ids = re.findall(r'\bid="([^"]+)"', picture.svg)
    assert len(ids) == len(set(ids)) and set(ids) == set(re.findall(r'(?:url\(|href=")#([^")]+)', picture.svg))


@pytest.mark.parametrize("name", CALLS)
def test_every_colour_of_a_figure_has_its_dark_value(name, pictures):
    head, body = pictures[name].svg.split("</style>")
    rules = set(re.findall(r'\[(fill|stroke)="(#\w+)"\]\{\1:(#\w+)\}', head))
    used = set(re.findall(r'(fill|stroke)="(#\w+)"', body))
    dark = {colour.light: colour.dark for colour in palette.colours()}
    assert used and rules == {(kind, light, dark[light]) for kind, light in used}
    assert "style" not in re.sub(r'style="[^"#]*"', "", body), "a colour inside a style would outrank the dark rules"


def test_pictures_keep_their_ids_apart(pictures):
    ids = [set(re.findall(r'\bid="([^"]+)"', picture.svg)) for picture in pictures.values()]
    assert not any(one & two for one, two in itertools.combinations(ids, 2))


def test_save_writes_the_same_text(tmp_path):
    picture = Picture("<svg/>\n", "nothing")
    picture.save(tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_bytes() == b"<svg/>\n"
    with pytest.raises(ValueError, match=r"path: expected a name that ends in .svg, got '.*picture.png'"):
        picture.save(tmp_path / "picture.png")


@pytest.mark.parametrize(("openings", "c_prev"), [([0, 0.25, 0.5, 1], 1), ([0.9, 0.3], 0.6), ([0.4], -1.5), ([1], 3)])
def test_the_water_stands_as_high_as_the_numbers(openings, c_prev):
    picture = plots.pipe(openings, c_prev)
    full = height(picture, "lstm-in-0") / abs(c_prev)
    for row, opening in enumerate(openings):
        assert height(picture, f"lstm-in-{row}") == pytest.approx(abs(c_prev) * full, abs=0.03)
        assert height(picture, f"lstm-left-{row}") == pytest.approx(opening * abs(c_prev) * full, abs=0.03)
        slab, water = shapes(picture, f"lstm-gate-{row}")[0], shapes(picture, f"lstm-in-{row}")[0]
        assert water[:, 1].max() - slab[:, 1].max() == pytest.approx(opening * np.ptp(slab[:, 1]), abs=0.03)
    assert texts(picture)[0] == f"comes in: {c_prev:g}".replace("-", "\N{MINUS SIGN}")


JOINTS = [(0.8, 0.9, 0.5, 0.6), (0.9, 1.2, 0.7, -0.8), (0.5, 0.2, 0.9, -0.9), (1, -2, 1, -0.5)]


@pytest.mark.parametrize("values", JOINTS)
def test_the_joint_adds_what_the_two_valves_let_through(values):
    f_t, c_prev, i_t, g_t = values
    picture = plots.t_joint(*values)
    kept, let_in = f_t * c_prev, i_t * g_t
    full = height(picture, "lstm-c_prev") / abs(c_prev)
    drawn = {"lstm-kept": kept, "lstm-g_t": g_t, "lstm-let-in": let_in, "lstm-c_t": kept + let_in}
    if kept * let_in < 0:
        drawn |= {"lstm-joint-rest": kept + let_in, "lstm-joint-taken": min(abs(kept), abs(let_in))}
    else:
        drawn |= {"lstm-joint-kept": kept, "lstm-joint-let-in": let_in}
    for name, amount in drawn.items():
        assert height(picture, name) == pytest.approx(abs(amount) * full, abs=0.03), name
    assert ("dashed: taken away" in " ".join(texts(picture))) == (kept * let_in < 0)
    assert ("hatched: below zero" in " ".join(texts(picture))) == (min(c_prev, g_t, kept + let_in) < 0)


@pytest.mark.parametrize(("c_t", "o_t"), [(1.8, 0.6), (-0.7, 0.8), (0.3, 1), (3, 0)])
def test_the_branch_lets_out_the_squashed_memory_times_the_opening(c_t, o_t):
    picture = plots.output_branch(c_t, o_t)
    full = height(picture, "lstm-c_t") / abs(c_t)
    for name, amount in {"branch": c_t, "squashed": np.tanh(c_t), "h_t": o_t * np.tanh(c_t)}.items():
        assert height(picture, f"lstm-{name}") == pytest.approx(abs(amount) * full, abs=0.03), name
    assert height(picture, "lstm-gate-o_t") == pytest.approx(full, abs=0.03), "the branch is 1 high at its valve"


def straight(drawn, values):
    """Whether drawn heights are the values on one common scale that goes up the page."""
    slope, start = np.polyfit(values, drawn, 1)
    return slope < 0 and np.abs(slope * values + start - drawn).max() < 0.03


def test_signals_are_drawn_at_their_values():
    values = trace(12, 3)
    picture = plots.signals(values, ("f_t", "c_t"), element=(0, 2))
    for name in ("f_t", "c_t"):
        drawn = [shapes(picture, f"lstm-{name}-{element}")[0][:, 1] for element in (0, 2)]
        assert straight(np.concatenate(drawn), getattr(values, name)[:, [0, 2]].T.ravel())
    assert "lstm-f_t-1" not in picture.svg


def test_signals_that_are_no_numbers_leave_their_rows_empty():
    nothing = dataclasses.replace(trace(), f_t=np.full((8, 2), np.nan))
    assert "lstm-f_t-1" in plots.signals(nothing, ("f_t",)).svg


def test_lines_are_drawn_at_their_values():
    series = {"low": np.array([3.0, 1, 2]), "high": np.array([100.0, 1e4, 1e3])}
    for log_y, scale in ((False, np.asarray), (True, np.log10)):
        picture = plots.lines(MONTHS[:3], series, "", "size", log_y=log_y)
        drawn = np.concatenate([shapes(picture, f"lstm-line-{place}")[0][:, 1] for place in (0, 1)])
        assert straight(drawn, scale(np.concatenate(list(series.values()))))


def test_a_line_in_a_signal_s_style_shares_its_style_with_no_other():
    picture = plots.lines([0, 1], {"pipe": [1, 1], "other": [1, 2]}, "", "", styles={"pipe": "c_t"})
    pipe, other = re.findall(r'class="lstm-line-\d">\n<path [^>]*', picture.svg)
    assert palette.SIGNALS["c_t"].stroke.colour.light in pipe
    assert "dasharray" in other and "dasharray" not in pipe


def test_labels_stand_at_the_ends_of_lines_or_in_a_key_where_these_meet():
    apart = plots.lines([0, 1], {"low": [0, 0], "high": [0, 9]}, "", "")
    wordy = plots.lines([0, 1], {"low": [0, 0], "a label as long as this": [0, 9]}, "", "")
    meeting = plots.lines([0, 1], {str(place): [place, 5 + place / 1000] for place in range(5)}, "", "")
    ends = {label: label in texts(apart) for label in ("low", "high")}
    assert ends == {"low": True, "high": True} and "lstm-legend" not in apart.svg
    assert all(str(place) in texts(meeting) for place in range(5))
    assert "lstm-legend" in meeting.svg and "lstm-legend" in wordy.svg


def test_bars_are_as_high_as_their_numbers_which_are_written():
    series = {"one": [12.0, 30], "two": [1500, -700]}
    picture = plots.bars(["a", "b"], series, "error")
    drawn = [np.ptp(bar[:, 1]) for place in (0, 1) for bar in shapes(picture, f"lstm-bar-{place}")]
    assert np.allclose(drawn, np.abs([12, 30, 1500, -700]) * max(drawn) / 1500, atol=0.03)
    assert {"12", "30", "1,500", "\N{MINUS SIGN}700"} <= set(texts(picture))


def test_numbers_wider_than_their_bars_are_turned_upright():
    wide, narrow = ({str(k): [number] * 8 for k in range(4)} for number in (1e6, 1))
    turned = ["rotate(-90" in plots.bars(list("abcdefgh"), series, "").svg for series in (wide, narrow)]
    assert turned == [True, False]


def test_every_run_is_a_mark_at_its_number_and_a_stroke_stands_at_the_median():
    runs = {"one": [1.0, 2.0, 30.0], "two": [5.0]}
    picture = plots.spread(runs, "steps")
    marks = [
        float(mark.get("x"))
        for place in (0, 1)
        for group in read(picture).iter(f"{SVG}g")
        if group.get("class") == f"lstm-runs-{place}"
        for mark in group.iter(f"{SVG}use")
    ]
    medians = [shapes(picture, f"lstm-median-{place}")[0][0, 0] for place in (0, 1)]
    assert straight([-x for x in marks + medians], np.array([1, 2, 30, 5, 2, 5]))


@pytest.mark.parametrize(("log", "scale"), [(False, np.asarray), (True, np.log10)])
def test_curves_are_drawn_at_their_own_points(log, scale):
    series = {"short": ([1.0, 4.0], [3.0, 100.0]), "long": ([2.0, 8.0, 64.0], [50.0, 7.0, 20.0])}
    picture = plots.curves(series, "T", "ms", log=log)
    drawn = np.concatenate([shapes(picture, f"lstm-line-{place}")[0] for place in (0, 1)])
    x, y = (np.concatenate([pair[k] for pair in series.values()]) for k in (0, 1))
    assert straight(-drawn[:, 0], scale(x)) and straight(drawn[:, 1], scale(y))


def test_a_mark_stands_at_its_height_and_is_named():
    low, high = (plots.curves({"one": ([0, 1], [0, 10])}, "", "", marks={"the mark": level}) for level in (2, 8))
    assert "the mark" in texts(low)
    assert low.svg != high.svg and texts(low) == texts(high)


def test_a_timeline_draws_each_block_from_its_start_for_its_length_and_products_apart():
    picture = plots.timeline({"loop": [(0, 10, True), (12, 3, False), (20, 5, False), (30, 6, True)]}, "us")
    spans = {}
    for kind in (True, False):
        [group] = (group for group in read(picture).iter(f"{SVG}g") if group.get("class") == f"lstm-loop-{kind}")
        blocks = [np.array(corners(path.get("d")))[:, 0] for path in group.iter(f"{SVG}path")]
        spans[kind] = [number for x in blocks for number in (x.min(), np.ptp(x))]
    first, scale = spans[True][0], spans[True][1] / 10
    assert [(spans[True][2] - first) / scale, spans[True][3] / scale] == pytest.approx([30, 6], abs=0.1)
    assert [(spans[False][0] - first) / scale, spans[False][1] / scale] == pytest.approx([12, 3], abs=0.1)
    assert [(spans[False][2] - first) / scale, spans[False][3] / scale] == pytest.approx([20, 5], abs=0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.curves({}, "", ""), "series: expected 1 to 5 of them, got 0"),
        (lambda: plots.curves({"a": ([1, 2], [1])}, "", ""), r"series\['a'\]: expected as many heights as places"),
        (lambda: plots.curves({"a": ([0, 2], [1, 1])}, "", "", log=True), "expected numbers above zero"),
        (lambda: plots.timeline({}, ""), "rows: expected at least one"),
        (lambda: plots.timeline({"a": []}, ""), r"rows: .* got \['a'\]"),
    ],
)
def test_what_can_not_be_drawn_of_measurements_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_machine_has_a_shape_for_each_state_an_arrow_for_each_symbol_and_their_texts():
    picture = CALLS["machine"]()
    assert picture.svg.count('class="lstm-state"') == 3 and picture.svg.count('class="lstm-arrow"') == 4
    assert {"a", "b", "c", "d", "box"} <= set(texts(picture)) and ".in" not in texts(picture)


def test_cells_are_shaded_as_far_as_the_valve_is_open_and_their_numbers_stand_out():
    openings = np.linspace(0, 1, 11)
    values = dataclasses.replace(trace(11, 1), f_t=openings[:, None].copy())
    picture = plots.valves(values, ("f_t",))
    assert picture.svg.count('class="lstm-f_t"') == 10, "a shut valve leaves the paper bare"
    for opening in openings[1:]:
        shaded = f'fill="{palette.SHADE.light}"' + (f' style="fill-opacity:{opening:.1f}"' if opening < 1 else "")
        assert re.search(rf'class="lstm-f_t">\n<path d="[^"]*"[^>]*{shaded}', picture.svg), opening
    assert {f"{opening:.2f}" for opening in openings} <= set(texts(picture))
    assert palette.SIGNALS["f_t"].stroke.colour.light not in picture.svg, "no piece of a line that is not drawn"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.machine([(0, 2, "a")], {0: (0, 0)}, ""), "arrows: expected states that have a place, got 2"),
        (lambda: plots.pipe([0.5, 1.2]), "openings: expected a number from 0 to 1"),
        (lambda: plots.pipe([]), "openings: expected 1 to 6"),
        (lambda: plots.pipe([1], np.inf), "c_prev: expected a finite"),
        (lambda: plots.t_joint(-0.1, 1, 1, 1), "f_t: expected a number from 0 to 1"),
        (lambda: plots.t_joint(1, 1, np.nan, 1), "i_t: expected a number from 0 to 1"),
        (lambda: plots.t_joint(1, 1, 1, np.nan), "g_t: expected a finite"),
        (lambda: plots.output_branch(1, 2), "o_t: expected a number from 0 to 1"),
        (lambda: plots.signals(trace(), ("f_t", "gate")), "names: .*'gate'"),
        (lambda: plots.signals(trace(), ()), "names: expected at least one"),
        (lambda: plots.signals(trace(batch=(3,))), r"trace: expected one sequence.*\(8, 3, 2\)"),
        (lambda: plots.signals(trace(), times=MONTHS), r"times: expected 8 dates.*\(24,\)"),
        (lambda: plots.signals(trace(), times=np.arange(8)), "times: expected 8 dates.*int"),
        (lambda: plots.signals(trace(), element=2), "element: expected whole numbers from 0 to 1, got 2 to 2"),
        (lambda: plots.signals(trace(H=7)), "element: expected 1 to 6 in a row"),
        (lambda: plots.valves(trace(), ("c_t",)), "names: expected valves.*'c_t'"),
        (
            lambda: plots.lines([1, 2], {"a": [1, 2, 3]}, "", ""),
            r"series\['a'\]: expected shape \(N,\) = \(2,\), got \(3,\)",
        ),
        (lambda: plots.lines([1, 2], {}, "", ""), "series: expected 1 to 5"),
        (lambda: plots.lines([1, 2], {"a": [0, 1]}, "", "", log_y=True), r"series\['a'\]: .*above 0"),
        (lambda: plots.lines([1, 2], {"a": [0, 1]}, "", "", styles={"b": "c_t"}), "styles: expected labels.*'b'"),
        (lambda: plots.lines([1, 2], {"a": [0, 1]}, "", "", styles={"a": "red"}), "styles: expected signals.*'red'"),
        (lambda: plots.bars(["a"], {"one": [1, 2]}, ""), r"series\['one'\]: expected shape \(N,\) = \(1,\)"),
        (lambda: plots.bars(["a"], {"one": [np.nan]}, ""), r"series\['one'\]: expected finite"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
