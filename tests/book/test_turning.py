"""The T-joint, the nudge and the ledger in a browser: what a reader turns, the page computes as Python does."""

import numpy as np
import pytest
from helpers.alive import PHONE, alive, drawn, marks, turn, values
from helpers.visit import SCHEMES, violations

from lstm_ref.data import load_souvenirs
from lstm_ref.diagrams import joint
from lstm_ref.explorer import Joint, Ledger, Nudge, Tanks
from lstm_ref.explorer.ledger import LIMITS, SCALE

SALES = load_souvenirs()[1][-36:]


def same(found, expected):
    """Whether marks are the same but for the last of their nine digits, and show the same."""
    for mark, other in zip(found, expected, strict=True):
        assert mark["data-value"] == pytest.approx(other["data-value"], rel=1e-6, abs=1e-9)
        assert (mark["data-signal"], mark["class"]) == (other["data-signal"], other["class"])
        for name in ("y", "height"):
            assert float(mark.get(name, 0)) == pytest.approx(float(other.get(name, 0)), abs=0.02)
    return len(found) > 0


@pytest.mark.parametrize(
    ("f_t", "i_t", "g_t"), [(0.0, 1.0, 1.0), (1.0, 0.0, -1.0), (0.13, 0.82, -0.6), (0.97, 0.31, 0.25)]
)
def test_the_joint_shows_what_python_draws(browser, tmp_path, f_t, i_t, g_t):
    with alive(browser, tmp_path, Joint()) as (_, [root]):
        assert marks(root) == drawn(joint().svg)
        found = turn(root, {"f_t": f_t, "i_t": i_t, "g_t": g_t})
        assert same(found, drawn(joint(f_t, 0.8, i_t, g_t).svg))
        assert values(found)["c_t", 0] == pytest.approx(f_t * 0.8 + i_t * g_t)


@pytest.mark.parametrize("scale", [0, 0.35, 0.9, 1.25, 2])
def test_a_nudge_is_carried_as_in_python(browser, tmp_path, scale):
    with alive(browser, tmp_path, Nudge()) as (_, [root]):
        found = turn(root, {"scale": scale})
        assert same(found, drawn(Nudge(scale)._diagram().svg))
        held = values(found)
        left = Nudge(scale).left
        within = (left > 1e-4) & (left < 1e4)
        powers = np.array([held["nudge", k] for k in range(48)])
        assert 10.0 ** (powers[within] - 4) == pytest.approx(left[within], rel=1e-6)
        assert set(powers[left <= 1e-4]) <= {0.0}


@pytest.mark.parametrize(
    ("valve", "turns"),
    [
        ("forget", {"b_f": 2, "W_f": -60}),
        ("forget", {"b_f": 0, "W_f": 0}),
        ("forget", {"b_f": 30, "W_f": -29.5}),
        ("output", {"threshold": 0}),
        ("output", {"threshold": 165_000}),
        ("output", {"threshold": 400_000}),
    ],
)
def test_the_ledger_adds_up_its_years_as_in_python(browser, tmp_path, valve, turns):
    expected = Ledger(SALES, valve)
    for name, value in turns.items():
        setattr(expected, name, value)
    with alive(browser, tmp_path, Ledger(SALES, valve)) as (_, [root]):
        assert same(marks(root), drawn(Ledger(SALES, valve)._diagram().svg))
        found = turn(root, turns)
        assert same(found, drawn(expected._diagram().svg))
        memory = [values(found)["c_t", t] for t in range(36)]
        assert memory == pytest.approx(expected.trace.c_t[:, 0] / SCALE, rel=1e-6)


def test_what_a_reader_turns_is_said_once_it_rests(browser, tmp_path):
    widgets = Joint(), Nudge(), Ledger(SALES), Ledger(SALES, "output"), Tanks()
    keys = {
        ("new memory g t", "Home"): "Of the old memory 0.4 stays, of the new \N{MINUS SIGN}0.75 comes in",
        ("scale of the weights", "Home"): "After 12 steps 0 of the nudge is left",
        ("bias of the forget valve b f", "Home"): "At the end the memory is",
        ("threshold", "Home"): "The output valve is open in 36 of 36 months.",
        (
            "old memory, second element",
            "End",
        ): "The first valve lets \N{ALMOST EQUAL TO}0 of 0.8 pass, the second 2 of 2.",
    }
    with alive(browser, tmp_path, *widgets) as (page, roots):
        for root, ((name, key), words) in zip(roots, keys.items()):
            root.get_by_role("slider", name=name).focus()
            page.keyboard.press(key)
            assert words in root.locator("[aria-live=polite]").inner_text()


def test_sliders_reach_as_far_as_python_lets_them(browser, tmp_path):
    with alive(browser, tmp_path, Ledger(SALES), Ledger(SALES, "output")) as (page, _):
        for slider in page.get_by_role("slider").all():
            name, *ends = (slider.get_attribute(attribute) for attribute in ("name", "min", "max"))
            assert tuple(map(float, ends)) == LIMITS[name]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_they_fit_a_phone_and_keep_the_rules_of_accessibility(browser, tmp_path, scheme):
    widgets = Joint(), Nudge(), Ledger(SALES), Ledger(SALES, "output"), Tanks()
    with alive(browser, tmp_path, *widgets, color_scheme=scheme, viewport=PHONE) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert violations(page) == []


@pytest.mark.parametrize(
    "turns", [{"first": 0.5, "second": 1.5}, {"first": 1.5, "second": 0.99}, {"first": 2, "second": 2}]
)
@pytest.mark.parametrize("peephole", ["diagonal", "full"])
def test_the_valves_of_two_tanks_see_what_their_peephole_lets_them(browser, tmp_path, peephole, turns):
    expected = Tanks(peephole, **turns)
    with alive(browser, tmp_path, Tanks("full" if peephole == "diagonal" else "diagonal")) as (_, [root]):
        root.get_by_role("radio", name=peephole).check()
        found = turn(root, turns)
        assert same(found, drawn(expected._diagram().svg))
        shown = root.locator("svg [data-kind]").all()
        assert [kind.get_attribute("data-kind") for kind in shown if kind.is_visible()] == [peephole]
        seen = np.array([turns["first"], turns["second"]]) if peephole == "diagonal" else np.array([turns["second"], 0])
        assert [round(values(found)["f_t", k]) for k in range(2)] == (seen < 1).astype(int).tolist()
