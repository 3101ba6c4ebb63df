"""The interactive figures in Python: what can be set, what is refused, and what they are made of."""

import gzip
import re

import numpy as np
import pytest
from helpers.explorers import some_unit
from helpers.random_unit import problem

from lstm_ref import UnitWeights, diagrams, step, unroll
from lstm_ref.diagrams.single_valve import valve
from lstm_ref.explorer import Explorer, Joint, Ledger, Nudge, Tanks, TimeMachine, Valve
from lstm_ref.explorer.figure import FOLDER
from lstm_ref.explorer.time_machine import MONTHS
from lstm_ref.svg import palette
from lstm_ref.unit import sigmoid
from lstm_ref.weights import PEEPHOLES


def test_a_reader_can_change_the_unit_from_python():
    explorer = Explorer()
    explorer.x_t = np.array([0.25])
    assert explorer.x_t == [0.25] and explorer.step.x_t == 0.25
    rng = np.random.default_rng(0)
    for peephole in PEEPHOLES:
        weights = UnitWeights.random(1, 1, peephole, rng=rng)
        explorer.weights = weights
        assert explorer.peephole == peephole
        assert all(np.array_equal(weights.to_dict()[name], value) for name, value in explorer.weights.to_dict().items())
        given = [np.array(getattr(explorer, name)) for name in ("x_t", "h_prev", "c_prev")]
        assert all(map(np.array_equal, explorer.step, step(*given, weights)))
    explorer.by_hand, explorer.openings = True, {"f_t": [0.5], "i_t": [0.0], "o_t": [1]}
    assert explorer.step.c_t == 0.5 and explorer.step.h_t == np.tanh(0.5)


def test_the_valves_begin_by_hand_where_the_networks_left_them():
    explorer = Explorer()
    assert explorer.openings["f_t"][0] == pytest.approx(explorer.step.f_t[0], abs=0.005)
    assert explorer.step.f_t == sigmoid(-0.5 * 0.8 + 0.5 * 0.2 + 0.3 * 1.0 + 1.0)


def test_a_figure_shows_itself_as_a_picture_of_its_own_name():
    explorer = some_unit(1, 2, "diagonal")
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == repr(explorer) == "Explorer(I=1, H=2, peephole='diagonal')"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert re.match(rf'<svg data-figure="{explorer.figure}" ', data["image/svg+xml"])
    assert metadata == {}
    same, moved = some_unit(1, 2, "diagonal"), some_unit(1, 2, "diagonal")
    moved.c_prev = [0.25, 0.5]
    for widget in (same, moved):
        widget._repr_mimebundle_()
    assert same.figure == explorer.figure != moved.figure


def test_scripts_and_styles_are_small_and_ask_for_nothing():
    texts = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir() if path.suffix in (".js", ".css")}
    code = [text for name, text in texts.items() if name.endswith(".js")]
    assert len(gzip.compress("".join(texts.values()).encode())) < 40_000
    assert sum(len(text.splitlines()) for text in code) < 660
    assert len(texts["unit.js"].splitlines()) < 100
    assert not re.search(r"https?:|^\s*import\b|import\(|fetch|url\(", "".join(texts.values()), re.MULTILINE)


def test_the_colours_of_the_controls_are_the_palettes():
    style = (FOLDER / "figure.css").read_text(encoding="utf-8")
    pairs = {tuple(pair) for pair in re.findall(r"light-dark\((#\w+), (#\w+)\)", style)}
    assert len(pairs) >= 5 and pairs <= {tuple(colour) for colour in (*palette.colours(), *palette.FILLS.values())}


WEIGHTS, (X, *_), _ = problem(5, 1, 3, 4)
TRACE = unroll(WEIGHTS, X[:, 0])
FIGURES = {"explorer": Explorer, "time machine": lambda: TimeMachine(TRACE), "valve": Valve}
YEAR = np.arange(1.0, 13.0)
OPEN = {"f_t": [1.5], "i_t": [0], "o_t": [0]}


def test_steps_are_named_by_month_day_or_number():
    days = np.arange("1991-12-30", "1992-01-04", dtype="datetime64[D]")
    assert TimeMachine(TRACE, days).labels[1:3] == ["1991-12-31", "1992-01-01"]
    early = np.arange("1969-11", "1970-04", dtype="datetime64[M]")
    assert TimeMachine(TRACE, early).labels[:3] == ["November 1969", "December 1969", "January 1970"]
    assert (len(MONTHS), TimeMachine(TRACE).labels[4]) == (12, "step 4")


def test_a_valve_is_described_and_figures_are_named_by_what_they_show():
    assert "half is gone after 6.58 steps" in valve().alt
    assert "nothing fades" in valve(1.0).alt and "all is gone" in valve(0.0).alt
    assert repr(TimeMachine(TRACE)) == "TimeMachine(5 steps, I=3, H=4)"
    assert repr(Valve()) == "Valve(opening=0.9, steps=24)"
    assert repr(Joint()) == "Joint(f_t=0.5, c_prev=0.8, i_t=0.75, g_t=0.4)"
    assert repr(Ledger(YEAR)) == "Ledger(years=1, valve='forget')"
    assert repr(Tanks()) == "Tanks('full', first=0.8, second=0.5)"
    assert repr(Nudge(0.5)) == "Nudge(scale=0.5)"


@pytest.mark.parametrize(
    ("make", "given", "error", "message"),
    [
        (Explorer, [UnitWeights.zeros(3, 1)], ValueError, r"weights: expected I and H .* at most 2, got UnitWeights\("),
        (Explorer, [[1.0]], TypeError, "weights: expected UnitWeights"),
        (TimeMachine, [[1.0]], TypeError, "trace: expected a Trace"),
        (TimeMachine, [unroll(WEIGHTS, np.zeros((2, 3, 3)))], ValueError, "trace: expected one sequence"),
        (TimeMachine, [unroll(WEIGHTS, np.full((2, 3), np.nan))], ValueError, "x_t: expected finite numbers"),
        (TimeMachine, [TRACE, np.arange(5.0)], TypeError, "times: expected datetime64, got float64"),
        (TimeMachine, [TRACE, np.arange("2001", "2005", dtype="M8[Y]")], ValueError, r"times: .* \(5,\), got \(4,\)"),
        (Joint, [1.5], ValueError, "f_t: expected a number from 0 to 1, got 1.5"),
        (Joint, [0.5, 0.8, 0.5, -2], ValueError, "g_t: expected a number from -1 to 1"),
        (diagrams.joint, [0.5, 0.8, 2.0], ValueError, "i_t: expected a number from 0 to 1"),
        (Nudge, [3.0], ValueError, "scale: expected a number from 0 to 2, got 3.0"),
        (Tanks, ["full", 2.5], ValueError, "first: expected a number from 0 to 2, got 2.5"),
        (Ledger, [YEAR[:5]], ValueError, "sales: expected 12 numbers for each year"),
        (Ledger, [np.full(12, np.inf)], ValueError, "sales: expected finite numbers"),
        (Ledger, [YEAR, "input"], ValueError, "valve: expected one of .*forget"),
        (Valve, [0.5, 0], ValueError, "steps: expected a whole number, at least 1"),
        (Valve, [0.5, 2.5], TypeError, "steps: expected a whole number, got 2.5"),
        *(
            (make, [bad], ValueError, "opening: expected a number")
            for make in (valve, Valve)
            for bad in (-1, 2, np.nan)
        ),
    ],
)
def test_what_a_figure_cannot_show_is_refused(make, given, error, message):
    with pytest.raises(error, match=message):
        make(*given)


@pytest.mark.parametrize(
    ("figure", "name", "value", "error", "message"),
    [
        ("time machine", "t", -1, IndexError, "t: expected a step of 5"),
        ("time machine", "t", 5, IndexError, "t: expected a step of 5"),
        ("valve", "opening", 2, ValueError, "opening: expected a number from 0 to 1, got 2"),
        ("explorer", "x_t", [1.0, 2.0], ValueError, r"x_t: expected shape \(I\) = \(1,\), got \(2,\)"),
        ("explorer", "c_prev", [np.nan], ValueError, "c_prev: expected finite numbers"),
        ("explorer", "openings", {"f_t": [0.5]}, ValueError, "openings: expected f_t, i_t, o_t, got f_t"),
        ("explorer", "openings", OPEN, ValueError, "openings: expected numbers from 0 to 1"),
        ("explorer", "numbers", {"W_f": [[1.0]]}, ValueError, "numbers: expected W_f, R_f, P_f"),
        ("explorer", "weights", UnitWeights.zeros(2, 1), ValueError, r"W_f: expected .* = \(1, 1\), got \(1, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(figure, name, value, error, message):
    figure = FIGURES[figure]()
    before = figure.get_state()
    with pytest.raises(error, match=message):
        setattr(figure, name, value)
    assert figure.get_state() == before
