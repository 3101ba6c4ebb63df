"""The interactive figures of a whole sequence and of one valve, and all figures in a notebook."""

import re

import notebooks as nb
import numpy as np
import pytest
from chapter import Chapter
from chapter_form import living_figures
from helpers.alive import LOADER, PHONE, alive, drawn, marks, state_of, turn, values
from helpers.visit import SCHEMES, violations
from normal_form import to_json

from lstm_ref import UnitWeights, unroll
from lstm_ref.companion import ledger
from lstm_ref.data import load_souvenirs
from lstm_ref.diagrams import draw, follow, unit_wiring
from lstm_ref.diagrams.single_valve import valve
from lstm_ref.explorer import TimeMachine, Valve

months, sales = load_souvenirs()
rng = np.random.default_rng(0)
SHOP = ledger.weights()
SOME = UnitWeights.random(3, 4, "full", rng=rng)
TRACES = {
    "a year of the ledger": (unroll(SHOP, ledger.inputs(months, sales)[:14]), SHOP),
    "random": (unroll(SOME, 3 * rng.normal(size=(9, 3)), rng.normal(size=4), rng.normal(size=4)), SOME),
    "no weights": (unroll(SOME, rng.normal(size=(5, 3))), None),
}
VIEW = """# A try

```python
from lstm_ref import unroll
from lstm_ref.companion import ledger
from lstm_ref.data import load_souvenirs
from lstm_ref.explorer import Explorer, TimeMachine, Valve

months, sales = load_souvenirs()
weights = ledger.weights()
TimeMachine(unroll(weights, ledger.inputs(months, sales)), months, weights)
```

```python
Explorer()
```

```python
Valve()
```
"""


@pytest.mark.parametrize("name", TRACES)
def test_every_step_shows_that_steps_values_in_both_styles(browser, tmp_path, name):
    trace, weights = TRACES[name]
    machine = TimeMachine(trace, weights=weights)
    with alive(browser, tmp_path, machine) as (_, [root]):
        for style in ("pipe", "cell"):
            root.get_by_role("radio", name=f"a {style}").check()
            for t in range(len(trace)):
                found = turn(root, {"t": t})
                assert found == drawn(draw(style, trace=trace, t=t, weights=weights).svg), (style, t)
                for (signal, k), value in values(found).items():
                    if signal in trace[t]._fields:
                        assert value == pytest.approx(getattr(trace[t], signal)[k], abs=1e-12, rel=1e-8)
                if weights:
                    known = follow(unit_wiring(weights.peephole), weights, *trace[t][:3])
                    assert values(found)["z_o", 0] == pytest.approx(known["z_o"][0], rel=1e-8)


def test_the_sentence_names_the_month_once_the_slider_rests(browser, tmp_path):
    trace, weights = TRACES["a year of the ledger"]
    with alive(browser, tmp_path, TimeMachine(trace, months[:14], weights)) as (page, [root]):
        slider, said = root.get_by_role("slider", name="step t"), root.locator("[aria-live=polite]")
        turn(root, {"t": 10})
        assert said.inner_text().startswith("January 1987. Of an old memory of 0 and 0 ")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "December 1987"
        assert said.inner_text().startswith("December 1987. ")


def test_buttons_step_back_and_forward_and_stop_at_the_ends(browser, tmp_path):
    with alive(browser, tmp_path, TimeMachine(TRACES["no weights"][0])) as (_, [root]):
        slider = root.get_by_role("slider")
        back, forward = (root.get_by_role("button", name=f"Step {way}") for way in ("back", "forward"))
        seen = []
        for button in [back] + [forward] * 5 + [back]:
            button.click()
            seen.append(slider.get_attribute("aria-valuetext"))
        assert seen == [f"step {t}" for t in (0, 1, 2, 3, 4, 4, 3)]


@pytest.mark.parametrize(("motion", "pace"), [("no-preference", 700), ("reduce", 2000)])
def test_it_plays_on_to_the_end_and_from_there_starts_again(browser, tmp_path, motion, pace):
    with alive(browser, tmp_path, TimeMachine(TRACES["no weights"][0]), reduced_motion=motion) as (page, [root]):
        slider, said = root.get_by_role("slider"), root.locator("[aria-live=polite]")
        page.clock.install(time=0)
        page.clock.pause_at(60)
        root.get_by_role("button", name="Play").click()
        page.clock.run_for(pace - 10)
        assert slider.input_value() == "0"
        page.clock.run_for(20)
        assert slider.input_value() == "1" and said.inner_text().startswith("step 0")
        root.get_by_role("button", name="Pause").click()
        page.clock.run_for(5 * pace)
        assert slider.input_value() == "1" and said.inner_text().startswith("step 1")
        root.get_by_role("button", name="Play").click()
        page.clock.run_for(9 * pace)
        assert slider.input_value() == "4" and said.inner_text().startswith("step 4")
        root.get_by_role("button", name="Play").click()
        page.clock.run_for(pace + 10)
        assert slider.input_value() == "1"


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_water_and_valves_move_from_step_to_step_unless_little_motion_is_wanted(browser, tmp_path, motion):
    trace = TRACES["no weights"][0]
    with alive(browser, tmp_path, TimeMachine(trace), reduced_motion=motion) as (page, [root]):
        page.clock.install(time=0)
        page.clock.pause_at(60)
        root.get_by_role("button", name="Play").click()
        page.clock.run_for((2000 if motion == "reduce" else 700) + 225)
        halfway = marks(root)
        page.clock.run_for(300)
        before, after = (drawn(draw("pipe", trace=trace, t=t).svg) for t in (0, 1))
        assert marks(root) == after
        columns = [k for k, mark in enumerate(after) if "height" in mark]
        parts = [float(halfway[k]["data-value"]) - before[k]["data-value"] for k in columns]
        whole = [after[k]["data-value"] - before[k]["data-value"] for k in columns]
        expected = 1.0 if motion == "reduce" else 0.5
        assert parts == pytest.approx([expected * value for value in whole], abs=0.06 * max(map(abs, whole)))
        assert max(map(abs, whole)) > 0.1
        texts = [(mark["text"], other["text"]) for mark, other in zip(halfway, before) if "height" not in mark]
        assert motion == "reduce" or all(text == other for text, other in texts)


def test_it_stops_playing_where_its_page_lets_go_of_it(browser):
    machine = TimeMachine(TRACES["no weights"][0])
    machine.playing = True
    with browser.new_context() as context:
        page = context.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(60)
        page.evaluate(LOADER, state_of(machine))
        page.clock.run_for(800)
        page.evaluate("figure.leave()")
        page.clock.run_for(2000)
        assert page.evaluate("[figure.model.get('t'), figure.calls.length, figure.el.childElementCount]") == [1, 0, 0]


@pytest.mark.parametrize("steps", [1, 24, 40])
def test_a_valve_shows_what_python_draws(browser, tmp_path, steps):
    with alive(browser, tmp_path, Valve(0.9, steps)) as (_, [root]):
        assert marks(root) == drawn(valve(0.9, steps).svg)
        for opening in (0, 0.01, 0.3, 0.51, 0.77, 0.99, 1):
            found = turn(root, {"opening": opening})
            assert found == drawn(valve(opening, steps).svg)
            held = values(found)
            assert held["kept", 0] == opening
            assert [held["left", k] for k in range(steps + 1)] == pytest.approx(opening ** np.arange(steps + 1.0))


def test_a_valves_half_life_is_said_in_words(browser, tmp_path):
    with alive(browser, tmp_path, Valve(0.02)) as (page, [root]):
        said, slider = root.locator("[aria-live=polite]"), root.get_by_role("slider", name="forget valve f t")
        slider.focus()
        for keys, words in [
            (["ArrowLeft"], "half-life is 0.151 steps"),
            (["ArrowLeft"], "nothing of the memory is left"),
            (["End"], "the memory stays as it is"),
            (["ArrowLeft"], "At each step 0.99 of the memory stays: its half-life is 69 steps."),
        ]:
            for key in keys:
                page.keyboard.press(key)
            assert words in said.inner_text()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_they_fit_a_phone_and_keep_the_rules_of_accessibility(browser, tmp_path, scheme):
    widgets = [TimeMachine(*TRACES["random"][:1]), Valve()]
    with alive(browser, tmp_path, *widgets, color_scheme=scheme, viewport=PHONE) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert violations(page) == []
        sizes = [control.bounding_box() for control in page.locator(":is(input, button):visible").all()]
        assert len(sizes) == 7 and all(min(size["width"], size["height"]) >= 24 for size in sizes)


def test_a_notebook_keeps_them_all_within_its_size(tmp_path):
    notebook = nb.execute(nb.from_view(VIEW), tmp_path)
    text = to_json(notebook)
    (tmp_path / "figures.ipynb").write_text(text, encoding="utf-8")
    assert living_figures(Chapter(tmp_path, notebook)) == []
    assert len(re.findall("<svg data-figure=", text)) == 3
    assert len(text.encode()) < 300_000
