"""The figure of the family: what it computes in a page is what lstm_ref computes, for every unit."""

import json

import numpy as np
import pytest
from helpers.alive import LOADER, PHONE, alive, drawn, marks, state_of, static, turn, values
from helpers.visit import SCHEMES, violations

from lstm_ref import family
from lstm_ref.explorer import FamilyExplorer
from lstm_ref.explorer.figure import script
from lstm_ref.svg.picture import number

CHOSEN = ("lstm", "slstm", "mlstm", "delta-net")
WALK = script("family").partition("export default")[0] + "\nreturn jobs.map((job) => walk(...job));"


def settle(explorer, rng):
    """Set a figure's numbers at random, within the sliders' reach."""
    explorer.x_t = round(rng.uniform(-2, 2), 2)
    explorer.memories = {
        name: {memory: round(rng.uniform(0 if memory[0] in "nfio" else -2, 2), 2) for memory in memories}
        for name, memories in explorer.memories.items()
    }
    explorer.numbers = {
        name: {weight: round(rng.uniform(-2, 2), 2) for weight in numbers} for name, numbers in explorer.numbers.items()
    }


def test_the_walk_in_a_page_is_that_of_the_package_for_every_unit(browser):
    explorer, rng = FamilyExplorer(tuple(family.UNITS)), np.random.default_rng(0)
    described, jobs, expected = json.loads(explorer.described), [], []
    for _ in range(2):
        settle(explorer, rng)
        for name in family.UNITS:
            explorer.unit = name
            incoming = {"x_t": explorer.x_t} | explorer.memories[name]
            jobs.append([described[name]["parts"], explorer.numbers[name], incoming])
            expected.append({signal: value[0] for signal, value in explorer.signals.items()})
    with browser.new_context() as context:
        page = context.new_page()
        found = page.evaluate("([code, jobs]) => new Function('jobs', code)(jobs)", [WALK, jobs])
    assert len(found) == 2 * len(family.UNITS)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-6, rel=1e-6)


def test_whatever_is_chosen_and_set_the_page_shows_what_the_package_draws(browser, tmp_path):
    explorer, rng = FamilyExplorer(CHOSEN), np.random.default_rng(1)
    with alive(browser, tmp_path, explorer) as (_, [root]):
        assert marks(root) == drawn(static(explorer))
        for name in CHOSEN:
            explorer.unit = name
            settle(explorer, rng)
            root.get_by_role("combobox", name="Unit").select_option(family.UNITS[name].words)
            turns = {f"memories {name} {memory}": value for memory, value in explorer.memories[name].items()}
            turns |= {f"numbers {name} {weight}": value for weight, value in explorer.numbers[name].items()}
            assert turn(root, turns | {"x_t": explorer.x_t}) == drawn(static(explorer))
            sliders = root.locator(".panel:visible input")
            assert sliders.count() == len(turns) + 1
            assert all(slider.get_attribute("aria-valuetext") for slider in sliders.all())


def test_the_keys_choose_a_unit_and_it_is_said(browser, tmp_path):
    explorer = FamilyExplorer(CHOSEN)
    with alive(browser, tmp_path, explorer) as (page, [root]):
        root.get_by_role("combobox", name="Unit").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        explorer.unit = "mlstm"
        said = root.locator("[aria-live=polite]").inner_text()
        now = {signal: number(value[0]) for signal, value in explorer.signals.items()}
        assert said.startswith("The mLSTM: ") and said.endswith(f"The output h is {now['h_t']}.")
        assert f"S goes from {now['S_prev']} to {now['S_t']}" in said
        root.get_by_text("other weights").click()
        assert root.get_by_role("slider", name="weight b k").is_visible()
        root.get_by_text("zf = Wf xt + bf").click()
        assert root.get_by_role("slider", name="weight of the input W f").is_visible()


@pytest.mark.parametrize("name", CHOSEN)
def test_a_button_takes_the_unit_one_step_on(browser, tmp_path, name):
    explorer = FamilyExplorer(CHOSEN)
    explorer.unit = name
    with alive(browser, tmp_path, explorer) as (_, [root]):
        for _ in range(3):
            said = explorer.signals
            carried = {memory: said[memory.replace("_prev", "_t")][0] for memory in explorer.memories[name]}
            explorer.memories = explorer.memories | {name: carried}
            root.get_by_role("button", name="One step on").click()
            assert marks(root) == drawn(static(explorer))


def test_a_button_puts_everything_back(browser, tmp_path):
    with alive(browser, tmp_path, FamilyExplorer(CHOSEN)) as (_, [root]):
        before = marks(root)
        root.get_by_role("combobox").select_option("slstm")
        assert values(turn(root, {"memories slstm n_prev": 3})) != values(before)
        root.get_by_role("button", name="Put everything back").click()
        assert marks(root) == before and root.get_by_role("combobox").input_value() == "lstm"


def test_a_figure_follows_its_model_and_lets_go_of_it(browser):
    explorer = FamilyExplorer(CHOSEN)
    with browser.new_context() as context:
        page = context.new_page()
        page.evaluate(LOADER, state_of(explorer))
        explorer.unit, explorer.x_t = "delta-net", -1.25
        page.evaluate("figure.model.set('x_t', -1.25); figure.model.set('unit', 'delta-net')")
        root = page.locator(".lstm-alive")
        assert marks(root) == drawn(static(explorer))
        assert root.locator("select").input_value() == "delta-net"
        page.evaluate("figure.leave()")
        assert page.evaluate("[figure.calls.length, figure.el.childElementCount]") == [0, 0]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_fits_a_phone_and_keeps_the_rules_of_accessibility(browser, tmp_path, scheme):
    with alive(browser, tmp_path, FamilyExplorer(CHOSEN), color_scheme=scheme, viewport=PHONE) as (page, [root]):
        root.get_by_role("combobox").select_option("mlstm")
        for fold in page.locator("summary:visible").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert violations(page) == []
        window = root.get_by_role("group", name="Drawing")
        assert window.evaluate("node => [node.tabIndex, node.scrollWidth > node.clientWidth]") == [0, True]
        controls = page.locator(":is(input, select, button, summary):visible").all()
        sizes = [control.bounding_box() for control in controls]
        assert len(sizes) > 20 and all(min(size["width"], size["height"]) >= 24 for size in sizes)
