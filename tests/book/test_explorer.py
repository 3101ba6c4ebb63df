"""The interactive unit: what it computes in a page is what lstm_ref computes."""

import itertools

import numpy as np
import pytest
from helpers.alive import LOADER, PHONE, alive, drawn, marks, state_of, static, turn, values
from helpers.explorers import some_unit
from helpers.visit import SCHEMES, violations

from lstm_ref import Trace, UnitWeights, step
from lstm_ref.diagrams import draw, follow, unit_wiring
from lstm_ref.explorer import Explorer
from lstm_ref.explorer.figure import script
from lstm_ref.svg import palette
from lstm_ref.svg.picture import number
from lstm_ref.weights import PEEPHOLES

SIZES = list(itertools.product((1, 2), (1, 2)))
HIGH = {"x_t": 2, "h_prev": 1, "c_prev": 3}


def names(lists, *path):
    """The name of the slider of each number, with its place."""
    for place in np.ndindex(np.shape(lists)):
        yield " ".join(map(str, (*path, *place))), place


def settings(rng, explorer):
    """Random numbers within the sliders' reach for all that goes in: what to set, and the same by name."""
    turns, named = {}, {}
    sizes = {**{key: getattr(explorer, key) for key in HIGH}, **explorer.numbers}
    for key, lists in sizes.items():
        array = named[key] = np.zeros(np.shape(lists))
        path = (key,) if key in HIGH else ("numbers", key)
        for name, place in names(lists, *path):
            high = HIGH.get(key, 5)
            array[place] = turns[name] = round(rng.uniform(-high, high), 2)
    return turns, named


def weights_of(named, peephole):
    kinds = {"none": lambda P: None, "diagonal": np.diag, "full": lambda P: P}
    looks = {key: kinds[peephole](named[key]) for key in ("P_f", "P_i", "P_o")}
    return UnitWeights(**{key: array for key, array in named.items() if key not in HIGH} | looks)


def hold(found, expected):
    """Hold every value on the page to these signals, and these signals to be on the page."""
    held = values(found)
    wanted = {(key, k): value for key, array in expected.items() for k, value in enumerate(array)}
    assert held.keys() == wanted.keys()
    for key, value in wanted.items():
        assert held[key] == pytest.approx(value, abs=1e-6, rel=1e-6), key


@pytest.mark.parametrize("peephole", PEEPHOLES)
@pytest.mark.parametrize(("I", "H"), SIZES)
def test_whatever_is_set_the_page_shows_what_the_package_computes_and_draws(browser, tmp_path, I, H, peephole):
    rng = np.random.default_rng([I, H, PEEPHOLES.index(peephole)])
    explorer = some_unit(I, H)
    with alive(browser, tmp_path, explorer) as (_, [root]):
        root.get_by_role("radio", name=peephole).check()
        for _ in range(6):
            turns, named = settings(rng, explorer)
            found = turn(root, turns)
            signals, weights = [named[key] for key in HIGH], weights_of(named, peephole)
            known = follow(unit_wiring(peephole), weights, *signals)
            hold(found, known)
            stepped = step(*signals, weights)._asdict()
            hold([mark for mark in found if mark["data-signal"] in stepped], stepped)
            trace = Trace(*(signal[None] for signal in stepped.values()), weights)
            assert found == drawn(draw("pipe", trace=trace, weights=weights, full=3).svg)


@pytest.mark.parametrize(("I", "H"), SIZES)
def test_valves_turned_by_hand_do_what_the_hand_says(browser, tmp_path, I, H):
    rng = np.random.default_rng([I, H])
    explorer = some_unit(I, H)
    with alive(browser, tmp_path, explorer) as (_, [root]):
        root.get_by_role("radio", name="I turn the valves").check()
        for _ in range(6):
            turns, named = settings(rng, explorer)
            opened = {key: rng.uniform(0, 1, H).round(2) for key in ("f_t", "i_t", "o_t")}
            for key, array in opened.items():
                turns |= {name: array[place] for name, place in names(array, "openings", key)}
            found = turn(root, turns)
            x_t, h_prev, c_prev = (named[key] for key in HIGH)
            z_g = named["W_g"] @ x_t + named["R_g"] @ h_prev + named["b_g"]
            kept, let_in = opened["f_t"] * c_prev, opened["i_t"] * np.tanh(z_g)
            squashed = np.tanh(kept + let_in)
            hold(
                found,
                {
                    **{key: named[key] for key in (*HIGH, "b_g")},
                    **opened,
                    "z_g": z_g,
                    "g_t": np.tanh(z_g),
                    "kept": kept,
                    "let_in": let_in,
                    "c_t": kept + let_in,
                    "squashed": squashed,
                    "h_t": opened["o_t"] * squashed,
                },
            )
            explorer.by_hand, explorer.openings = True, opened
            explorer.numbers = {key: named[key] for key in explorer.numbers}
            explorer.x_t, explorer.h_prev, explorer.c_prev = x_t, h_prev, c_prev
            hold([mark for mark in found if mark["data-signal"] in explorer.step._fields], explorer.step._asdict())
            assert found == drawn(static(explorer))


def test_what_is_on_the_page_at_first_is_the_static_picture(browser, tmp_path):
    explorers = [Explorer(), some_unit(2, 2, "none"), some_unit(2, 1, "full")]
    with alive(browser, tmp_path, *explorers) as (_, roots):
        for explorer, root in zip(explorers, roots, strict=True):
            assert marks(root) == drawn(static(explorer))


def test_the_keys_move_a_slider_and_its_value_is_said(browser, tmp_path):
    explorer = Explorer()
    with alive(browser, tmp_path, explorer) as (page, [root]):
        slider = root.get_by_role("slider", name="old memory C t minus 1")
        said = root.locator("[aria-live=polite]")
        before = said.inner_text()
        turn(root, {"c_prev 0": -1.5})
        assert said.inner_text() == before
        slider.focus()
        assert slider.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        fills = root.locator(".water.below").evaluate_all("nodes => nodes.map(node => getComputedStyle(node).fill)")
        assert fills and all(fill.startswith("url(") for fill in fills)
        explorer.c_prev = [-1.47]
        assert slider.get_attribute("aria-valuetext") == "\N{MINUS SIGN}1.47"
        hold([mark for mark in marks(root) if mark["data-signal"] == "h_t"], {"h_t": explorer.step.h_t})
        assert f"the output is {number(explorer.step.h_t[0])}." in said.inner_text()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert root.get_by_role("radio", name="I turn the valves").is_checked()


def test_a_button_puts_everything_back(browser, tmp_path):
    with alive(browser, tmp_path, some_unit(2, 2, "diagonal")) as (_, [root]):
        before = marks(root)
        turn(root, {"x_t 1": 2, "numbers P_f 0 0": -5, "openings f_t 0": 0})
        root.get_by_role("radio", name="none").check()
        root.get_by_role("radio", name="I turn the valves").check()
        assert len(marks(root)) != len(before)
        root.get_by_role("button", name="Put everything back").click()
        assert marks(root) == before
        assert root.get_by_role("radio", name="diagonal").is_checked()


@pytest.mark.parametrize(("kind", "drawn_wires", "rows"), [("none", 0, 0), ("diagonal", 3, 6), ("full", 3, 12)])
def test_the_kind_of_peephole_says_what_is_wired_and_what_can_be_set(browser, tmp_path, kind, drawn_wires, rows):
    with alive(browser, tmp_path, some_unit(2, 2)) as (_, [root]):
        root.get_by_role("radio", name=kind).check()
        for fold in root.locator("summary").all():
            fold.click()
        carried = '[data-to^="box_"]:is([data-carries="c_prev"], [data-carries="c_t"])'
        assert root.locator(f"path{carried}").count() == drawn_wires
        letters = root.locator("details").first.locator("i").all_inner_texts()
        assert "".join(dict.fromkeys(letters)) == "WRPb"
        sliders = root.locator('input[name^="numbers P"]').all()
        assert sum(slider.is_visible() for slider in sliders) == rows


def test_a_figure_follows_its_model_and_lets_go_of_it(browser):
    explorer = Explorer()
    with browser.new_context() as context:
        page = context.new_page()
        page.evaluate(LOADER, state_of(explorer))
        explorer.x_t, explorer.peephole = [-1.25], "none"
        page.evaluate("figure.model.set('x_t', [-1.25]); figure.model.set('peephole', 'none')")
        root = page.locator(".lstm-alive")
        assert marks(root) == drawn(static(explorer))
        assert root.locator("input[name='x_t 0']").input_value() == "-1.25"
        assert number(explorer.step.c_t[0]) in root.locator("[aria-live]").inner_text()
        page.evaluate("figure.leave()")
        assert page.evaluate("[figure.calls.length, figure.el.childElementCount]") == [0, 0]


def test_sliders_are_called_what_the_palette_calls_their_signals(browser, tmp_path):
    with alive(browser, tmp_path, Explorer()) as (_, [root]):
        root.get_by_role("radio", name="I turn the valves").check()
        for key in ("x_t", "h_prev", "c_prev", "f_t", "i_t", "o_t"):
            symbol, words, _ = palette.SIGNALS[key]
            spoken = symbol.translate(str.maketrans({"_": " ", "-": " minus ", "$": "", "{": "", "}": ""}))
            assert root.get_by_role("slider", name=f"{words} {spoken}", exact=True).is_visible()


def test_the_hand_takes_the_valves_over_as_the_networks_have_set_them(browser, tmp_path):
    with alive(browser, tmp_path, some_unit(2, 2)) as (_, [root]):
        turn(root, {"x_t 0": 1.5, "h_prev 1": -0.5})
        before = values(marks(root))
        root.get_by_role("radio", name="I turn the valves").check()
        after = values(marks(root))
        for valve in itertools.product(("f_t", "i_t", "o_t"), (0, 1)):
            assert after[valve] == pytest.approx(before[valve], abs=0.0051)


def test_a_finger_that_scrolls_over_a_slider_turns_nothing(browser, tmp_path):
    with alive(browser, tmp_path, Explorer()) as (_, [root]):
        slider = root.locator('input[name="x_t 0"]')
        before = slider.input_value()
        slider.dispatch_event("pointerdown")
        turn(root, {"x_t 0": -1.27})
        assert slider.input_value() == "-1.27"
        slider.dispatch_event("pointercancel")
        assert slider.input_value() == before


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_fits_a_phone_and_keeps_the_rules_of_accessibility(browser, tmp_path, scheme):
    with alive(browser, tmp_path, some_unit(2, 2), Explorer(), color_scheme=scheme, viewport=PHONE) as (page, roots):
        roots[1].get_by_role("radio", name="I turn the valves").check()
        for fold in page.locator("summary:visible").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert violations(page) == []
        sizes = [control.bounding_box() for control in page.locator(":is(input, button, summary):visible").all()]
        assert len(sizes) > 40 and all(min(size["width"], size["height"]) >= 24 for size in sizes)
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
        assert len(ids) == len(set(ids)) >= 9


def test_the_page_writes_numbers_as_python_does(browser):
    rng = np.random.default_rng(0)
    large = [999.4999, 999.5, 999.50001, 1001.5, 123456.7, 1e9]
    small = [0.0, 1e-4, 9.9949e-5, 9.996e-5, 3.6e-5]
    some = [*large, *small, *(rng.normal(size=4000) * 10.0 ** rng.integers(-30, 9, 4000))]
    with browser.new_context() as context:
        page = context.new_page()
        code = script("marks") + "\nreturn values.map(number);"
        shown = page.evaluate("([code, values]) => new Function('values', code)(values)", [code, some])
    assert shown == [number(value) for value in some]
