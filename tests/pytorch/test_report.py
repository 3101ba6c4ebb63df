"""A report holds the numbers of the traces in one file, and stays small."""

import base64
import json
import re

import numpy as np
import pytest
import torch
from torch import nn

from lstm_ref.inspector import report, report_of, traces
from lstm_ref.interop import export_onnx
from lstm_ref.layer import LSTM


def data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def numbers(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.fixture(scope="module")
def lstm():
    torch.manual_seed(1)
    return nn.LSTM(3, 5, num_layers=2)


def test_the_numbers_of_every_layer_are_in_the_page(lstm):
    x = torch.randn(7, 2, 3)
    layers = data(report(lstm, x, sequence=1).html)["layers"]
    assert [layer["name"] for layer in layers] == ["l0", "l1"]
    for layer, trace in zip(layers, traces(lstm, x).values()):
        one = trace.sequence(1)
        assert np.abs(numbers(layer["f_t"], "<u2").reshape(7, 5) / 65535 - one.f_t).max() < 1e-5
        assert np.abs(numbers(layer["g_t"], "<u2").reshape(7, 5) / 65535 * 2 - 1 - one.g_t).max() < 2e-5
        assert np.array_equal(numbers(layer["c_t"], "<f4").reshape(7, 5), one.c_t)


def test_200_steps_of_64_elements_take_less_than_300_kb():
    assert len(report(nn.LSTM(5, 64), torch.randn(200, 5)).html.encode()) < 300_000


def test_the_page_asks_for_nothing_from_elsewhere(lstm):
    page = report(lstm, torch.randn(7, 3)).html
    assert not re.findall(r'(?:src|href)=|url\((?!#|["\']?#)|@import|\bimport\b|fetch\(', page)
    assert set(re.findall(r"https?://[^\s\"'\\]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_labels_and_titles_are_text_and_nothing_else(lstm):
    evil = "</script><script>alert(1)</script>"
    page = report(lstm, torch.randn(2, 3), labels=[evil, "b"], title=evil).html
    assert evil not in page and data(page)["layers"][0]["labels"] == [evil, "b"]


@pytest.mark.parametrize(
    "label", ["<!--<script>", "{{script}}", "{{data}}<img src=x onerror=alert(1)>", "\u2028</style>"]
)
def test_no_label_title_or_name_is_read_as_a_part_of_the_page(label, lstm):
    trace = traces(lstm, torch.randn(2, 3))["l0"]
    page = report_of({label: trace}, labels=[label, "b"], title=label).html
    (layer,) = data(page)["layers"]
    assert layer["name"] == layer["labels"][0] == label
    assert page.count("<script") == 2 and "<img" not in page and page.count("</style>") == 1


def test_a_gate_that_is_always_open_keeps_its_memory_for_ever():
    layer = nn.LSTM(1, 2)
    with torch.no_grad():
        layer.bias_ih_l0[2] = 1000
    assert "over 4 (0)</td>" in report(layer, torch.zeros(4, 1)).html


def test_the_table_says_how_far_the_valves_are_open():
    layer = LSTM(1, 2, peephole="diagonal")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.bias_ih_l0[2:4] = torch.tensor([5.0, 0.0])  # the forget valves
    page = report(layer, torch.zeros(4, 1)).html
    row = re.findall(r"<td>(.*?)</td>", page)
    assert row == ["2", "0.75", "0% / 50%", "0.50", "0% / 0%", "0.50", "0% / 0%", "over 4", "over 4 (0)"]


def test_a_file_of_onnx_has_a_report_too(tmp_path):
    path = report(export_onnx(nn.LSTM(3, 4)), np.ones((5, 1, 3), np.float32)).save(tmp_path / "report.html")
    (layer,) = data(path.read_text(encoding="utf-8"))["layers"]
    assert (layer["name"], layer["T"], layer["H"]) == ("LSTM 0 forward", 5, 4)


def test_a_report_is_saved_under_a_name_that_browsers_open(lstm, tmp_path):
    with pytest.raises(ValueError, match=r"path: expected a name that ends in .html, got '.*gates.png'"):
        report(lstm, torch.randn(2, 3)).save(tmp_path / "gates.png")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"labels": ["a"]}, ValueError, "labels: expected one for each of the 7 steps of l0, got 1"),
        ({"sequence": 2}, IndexError, "sequence: expected one of 2, got 2"),
    ],
)
def test_what_does_not_fit_is_refused(lstm, options, error, message):
    with pytest.raises(error, match=message):
        report(lstm, torch.randn(7, 2, 3), **options)
