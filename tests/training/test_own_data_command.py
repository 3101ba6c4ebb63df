"""``lstm-ref`` on data and models of one's own: train, lengthen, sample, inspect, and the verdict at the end."""

import csv
import json
import re

import numpy as np
import onnx
import pytest
import torch
from helpers.commands import refusal, run

from lstm_ref.inspector import load_layers
from lstm_ref.interop import export_onnx
from lstm_ref.layer import LSTM

QUICK = "--hidden-size 4 --steps 6 --every 3 --quiet --device cpu"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a text and a table, and a run of each."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "notes.txt").write_text("Où est la mémoire? " * 100, encoding="utf-8")
    rows = "".join(f"day {k},{k % 7 + k / 50}\n" for k in range(90))
    (folder / "sales.csv").write_text("day,sales\n" + rows, encoding="utf-8")
    return folder


def trained(task, options, made, folder, capsys):
    """Train quickly on one of the files; return the folder of the run, and what was said."""
    file = made / {"text": "notes.txt", "table": "sales.csv"}[task]
    line = f"train {task} --file {file} {options} --set batch_size=4 {QUICK} --folder {folder}"
    status, said, complaint = run(line, capsys)
    assert (status, complaint) == (0, "")
    return folder, said


@pytest.fixture
def text_run(made, tmp_path, capsys):
    return trained("text", "--set T=10", made, tmp_path / "text", capsys)


@pytest.fixture
def table_run(made, tmp_path, capsys):
    return trained("table", "--column sales --horizon 7", made, tmp_path / "table", capsys)


def test_a_run_on_a_text_ends_with_a_verdict_beside_tables_of_its_characters(text_run):
    _, said = text_run
    _, measured, told, *errors, verdict = said.splitlines()
    assert "(nats)" in measured and "(bits a character of the text for validation, with a minus)" in measured
    assert re.fullmatch(
        r"With the weights of step [36], the best in validation \(score \S+\), on the last .* \(bits a character\):",
        told,
    )
    found = {name: float(value) for name, value in (line.strip().rsplit(maxsplit=1) for line in errors)}
    assert list(found) == ["the model", "what follows each character", "how often each occurs"]
    best = min(list(found)[1:], key=found.get)
    assert ("above" if found["the model"] > found[best] else "below") in verdict and best in verdict


def test_a_run_on_a_table_writes_each_forecast_beside_what_came(table_run, made):
    folder, said = table_run
    assert f"Forecasts: {folder / 'forecasts.csv'}, {folder / 'forecasts.svg'}" in said
    rows = list(csv.DictReader((folder / "forecasts.csv").read_text(encoding="utf-8").splitlines()))
    sales = dict(csv.reader((made / "sales.csv").read_text(encoding="utf-8").splitlines()))
    assert all(float(row["sales"]) == float(sales[row["row"]]) for row in rows if row["sales"])
    last = [row for row in rows if row["known to"] == "day 89"]
    assert [row["row"] for row in last] == [f"end + {k}" for k in range(1, 8)] and not any(row["sales"] for row in last)
    errors = [abs(float(row["same as last season"]) - float(row["sales"])) for row in rows if row["sales"]]
    assert max(errors) == pytest.approx(0.14, abs=1e-4)
    assert (folder / "forecasts.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_finished_run_can_be_lengthened_and_says_where_it_goes_on_even_when_quiet(text_run, capsys):
    folder, _ = text_run
    status, said, _ = run(f"train --resume {folder} --steps 9 --quiet --device cpu", capsys)
    assert status == 0 and "goes on after step 6 of 9\n" in said and "after 9 steps: " in said
    words = "lstm_ref: steps: expected 9 or more, counted from the run's beginning, got 2"
    assert refusal(f"train --resume {folder} --steps 2 --quiet --device cpu", capsys) == words


def test_a_run_that_ran_out_of_patience_says_so_and_can_be_lengthened(made, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(made)
    line = "table --file sales.csv --column sales --horizon 7 --learning-rate 9 --every 1 --patience 2 --device cpu"
    _, said, _ = run(f"train {line} --quiet --steps 50 --folder {tmp_path / 'run'}", capsys)
    assert "Ended early: no better score in 2 measures (--patience); goes on with --resume and --steps." in said
    done = int(re.search(r"after (\d+) steps", said)[1])
    _, said, _ = run(f"train --resume {tmp_path / 'run'} --steps 50 --quiet", capsys)
    assert done < int(re.search(r"after (\d+) steps:", said)[1])


def test_a_run_whose_text_has_gone_says_so_and_not_that_its_checkpoint_is_bad(text_run, made, capsys):
    folder, _ = text_run
    moved = (made / "notes.txt").rename(made / "elsewhere.txt")
    status, _, complaint = run(f"train --resume {folder} --steps 9 --quiet", capsys)
    moved.rename(made / "notes.txt")
    words = f"lstm_ref: file: expected a text file, got '{made / 'notes.txt'}', and there is no such file\n"
    assert (status, complaint) == (74, words)


def test_a_model_writes_without_its_text_and_the_same_for_the_same_seed(text_run, made, tmp_path, capsys):
    folder, _ = text_run
    line = f"sample {folder} --text 'Où est' --length 40 --seed 3"
    first, second = run(line, capsys), run(line, capsys)
    assert first == second and first[0] == 0
    assert first[1].startswith("Où est") and len(first[1]) == 6 + 40 + 1
    assert run(line.replace("3", "4"), capsys)[1] != first[1]


def test_what_cannot_write_is_refused(table_run, capsys):
    folder, _ = table_run
    words = "lstm_ref: path: expected a run of text or characters, got one of 'table'"
    assert refusal(f"sample {folder}", capsys) == words


def layers_in(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])["layers"]


def test_a_report_of_a_run_shows_what_its_model_reads(text_run, tmp_path, capsys):
    folder, _ = text_run
    status, said, _ = run(f"inspect {folder} --out {tmp_path / 'report.html'}", capsys)
    assert status == 0 and said.startswith(f"{tmp_path / 'report.html'}: ")
    (layer,) = layers_in(tmp_path / "report.html")
    assert layer["name"] == "lstm.l0" and len(layer["labels"]) == 10
    assert set("".join(layer["labels"])) <= set("'Où est la mémoire? ")


@pytest.fixture
def saved(tmp_path):
    model = torch.nn.Module()
    model.encoder = torch.nn.LSTM(3, 5, num_layers=2, bidirectional=True)
    model.head = LSTM(10, 4, peephole="diagonal", dtype=torch.float64)
    torch.save({"epoch": 3, "state_dict": model.state_dict()}, tmp_path / "model.pt")
    return model, tmp_path / "model.pt"


def test_every_layer_of_a_file_is_found_with_its_weights(saved):
    model, path = saved
    layers = load_layers(path)
    assert list(layers) == ["encoder", "head"] and layers["head"].peephole == "diagonal"
    x = torch.randn(6, 2, 3)
    assert torch.allclose(layers["encoder"](x)[0], model.encoder(x)[0], atol=1e-6)
    assert torch.equal(layers["head"].weight_ch_l0, model.head.weight_ch_l0)


def test_a_file_of_pytorch_has_a_report(saved, tmp_path, capsys):
    status, _, complaint = run(f"inspect {saved[1]} --steps 9 --out {tmp_path / 'a.html'}", capsys)
    assert (status, complaint) == (0, "")
    found = layers_in(tmp_path / "a.html")
    encoder = [f"encoder.l{k}{way}" for k in "01" for way in ("", "_reverse")]
    assert [each["name"] for each in found] == [*encoder, "head.l0"]
    assert {each["T"] for each in found} == {9}


def test_a_file_of_onnx_has_a_report_of_what_it_is_given(saved, tmp_path, capsys):
    onnx.save(export_onnx(saved[0].encoder), tmp_path / "model.onnx")
    np.save(tmp_path / "x.npy", np.ones((7, 1, 3), np.float32))
    for line, steps in ((f"--x {tmp_path / 'x.npy'}", 7), ("--steps 11", 11)):
        status, _, complaint = run(f"inspect {tmp_path / 'model.onnx'} {line} --out {tmp_path / 'b.html'}", capsys)
        assert (status, complaint) == (0, "") and {each["T"] for each in layers_in(tmp_path / "b.html")} == {steps}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.pt", "path: expected a file of PyTorch, got '.*', and there is no such file"),
        ("whole.pt", r"path: expected a state dict, as torch.save\(model.state_dict\(\), ...\) writes it, got"),
        ("gru.pt", "path: expected the weights of an LSTM, got others, of a GRU or a plain RNN"),
        ("part.pt", r"path: expected all weights of a layer, got \['bias_hh_l0', .*'weight_ih_l1'"),
        ("text.pt", "path: expected a file of torch.save, got 'text.pt', which is none"),
        ("model.pt --out gates.svg", "path: expected a name that ends in .html, got 'gates.svg'"),
        ("other.pt", "path: expected the weights of a torch.nn.LSTM, got none in"),
        ("projected.pt", "path: expected an LSTM without projections, got"),
        ("broken.onnx", "MODEL: expected an ONNX file, got"),
        ("words.onnx", r"--x: expected a file with what the model reads, 'words' of shape \(batch, time\), got none"),
        ("model.pt --x nowhere.npy", "--x: expected a file of numpy.save, got '.*', and there is no such file"),
        (
            "model.pt --x wide.npy",
            r"--x: expected what encoder reads, \(T, I\) or \(T, B, I\) with I = 3, got \(4, 9\)",
        ),
    ],
)
def test_a_file_that_cannot_be_inspected_is_refused_in_one_line(saved, tmp_path, monkeypatch, capsys, name, words):
    monkeypatch.chdir(tmp_path)
    torch.save(torch.nn.LSTM(2, 3), "whole.pt")
    torch.save(torch.nn.Linear(2, 3).state_dict(), "other.pt")
    torch.save(torch.nn.GRU(2, 3).state_dict(), "gru.pt")
    part = torch.nn.LSTM(2, 3, num_layers=2).state_dict()
    torch.save({name: each for name, each in part.items() if name != "weight_hh_l1"}, "part.pt")
    (tmp_path / "text.pt").write_text("a,b", encoding="utf-8")
    torch.save(torch.nn.LSTM(2, 3, proj_size=1).state_dict(), "projected.pt")
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    reader = export_onnx(torch.nn.LSTM(2, 3))
    reader.graph.input[0].CopyFrom(
        onnx.helper.make_tensor_value_info("words", onnx.TensorProto.INT64, ["batch", "time"])
    )
    onnx.save(reader, "words.onnx")
    np.save("wide.npy", np.ones((4, 9)))
    status, said, complaint = run(f"inspect {name}", capsys)
    assert status in (2, 74) and said == "" and complaint.count("\n") == 1
    assert re.match(f"lstm_ref: {words}", complaint)
