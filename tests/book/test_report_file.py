"""The report of an LSTM lives from the disk, without a network, in light and in dark, and on a phone."""

import numpy as np
import pytest
import torch
from helpers.visit import DESK, PHONE, violations

from lstm_ref.inspector import report, report_of, traces

LABELS = [f"letter {letter}" for letter in "abcdefghijkl"]
COLOURS = """() => ['--paper', '--f_t'].map((name) => {
  const probe = document.body.appendChild(document.createElement('b'));
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour.match(/\\d+/g).map(Number);
})"""
PIXEL = """([t, k]) => {
  const context = document.querySelector('#maps canvas').getContext('2d', { willReadFrequently: true });
  return [...context.getImageData(t, k, 1, 1).data];
}"""
VALUE = "(signal) => document.querySelector(`#machine [data-signal=${signal}]`).dataset.value"


@pytest.fixture(scope="module")
def lstm():
    torch.manual_seed(4)
    return torch.nn.LSTM(3, 6, bidirectional=True)


@pytest.fixture(scope="module")
def x():
    return torch.randn(12, 3, generator=torch.Generator().manual_seed(5))


@pytest.fixture(scope="module")
def address(lstm, x, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return report(lstm, x, labels=LABELS).save(folder / "report.html").as_uri()


@pytest.fixture(params=[(PHONE, "dark"), (DESK, "light")], ids=str)
def page(request, browser, address):
    viewport, scheme = request.param
    with browser.new_context(viewport=viewport, color_scheme=scheme, offline=True) as context:
        page = context.new_page()
        said = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        yield page
        assert said == []


def test_the_page_fits_and_breaks_no_rule_of_accessibility(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_a_place_in_a_map_is_shown_below_with_its_true_numbers(page, lstm, x):
    trace = traces(lstm, x)["l0_reverse"]
    page.get_by_label("Layer").select_option("l0_reverse")
    canvas = page.get_by_role("img", name="forget valve of 6")
    box = canvas.bounding_box()
    t, element = 8, 4
    canvas.click(position={"x": box["width"] * (t + 0.5) / 12, "y": box["height"] * (element + 0.5) / 6})
    for signal in ("f_t", "i_t", "g_t", "o_t", "c_t", "h_t", "c_prev"):
        assert abs(float(page.evaluate(VALUE, signal)) - getattr(trace, signal)[t, element]) < 1e-4
    assert page.locator("#machine").get_by_text("letter i").count()


def test_every_step_and_element_is_reached_by_keyboard(page, lstm, x):
    trace = traces(lstm, x)["l0"]
    page.get_by_role("slider", name="element").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("slider", name="step").focus()
    page.keyboard.press("End")
    assert abs(float(page.evaluate(VALUE, "c_t")) - trace.c_t[-1, 1]) < 1e-6
    assert page.get_by_role("slider", name="element").input_value() == "1"


def test_the_maps_have_the_colour_of_each_value(page, lstm, x):
    f_t = traces(lstm, x)["l0"].f_t
    paper, ink = np.array(page.evaluate(COLOURS))
    for t, k in ((0, 0), (3, 5), (11, 2)):
        expected = paper + f_t[t, k] * (ink - paper)
        assert np.abs(np.array(page.evaluate(PIXEL, [t, k])[:3]) - expected).max() <= 1.01


def test_another_layer_with_fewer_steps_and_elements_can_be_chosen(browser, tmp_path):
    torch.manual_seed(6)
    long, short = (
        traces(torch.nn.LSTM(2, 8), torch.randn(20, 2))["l0"],
        traces(torch.nn.LSTM(2, 1), torch.randn(5, 2))["l0"],
    )
    path = report_of({"long": long, "short": short}).save(tmp_path / "two.html")
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        said = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        page.get_by_role("slider", name="step").press("End")
        page.get_by_role("slider", name="element").press("End")
        page.get_by_label("Layer").select_option("short")
        assert abs(float(page.evaluate(VALUE, "c_t")) - short.c_t[-1, 0]) < 1e-6
        page.get_by_label("Layer").select_option("long")
        assert abs(float(page.evaluate(VALUE, "c_t")) - long.c_t[4, 0]) < 1e-6
        assert said == []
