"""The README: its commands and examples do what it says, its links lead somewhere, and it stays short."""

import re
import shlex
import subprocess
import sys
import time

import numpy as np
import onnxruntime
import pytest
import torch
from helpers.book import ROOT
from helpers.runs import state

from lstm_ref.__main__ import parser
from lstm_ref.layer import LSTM
from lstm_ref.training import checkpoints

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def command(part):
    """The one command line of the README that holds the part, as words, without its comment."""
    lines = "".join(blocks("sh")).splitlines()
    (found,) = [line for line in lines if part in line]
    words = shlex.split(found, comments=True)
    return [sys.executable, *(["-m", "torch.distributed.run"] if words[0] == "torchrun" else []), *words[1:]]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def test_the_layer_its_gates_and_its_onnx_file_are_what_the_readme_says(folder, capsys):
    names = {}
    for source in blocks("python"):
        exec(compile(source, "README.md", "exec"), names)
    assert capsys.readouterr().out.startswith("Everything that was checked agrees with an LSTM.\n")
    layer, x, output = names["layer"], names["x"], names["output"].detach().numpy()
    assert layer.peephole == "diagonal" and "torch.nn.LSTM(8, 16" in blocks("python")[0]
    assert names["trace"].f_t.shape == (50, 16)
    assert (folder / "gates.svg").read_text(encoding="utf-8").startswith("<svg")
    assert '"name":"l1"' in (folder / "report.html").read_text(encoding="utf-8")
    session = onnxruntime.InferenceSession("layer.onnx", providers=["CPUExecutionProvider"])
    start = np.random.default_rng(0).normal(size=(2, 2, 4, 16)).astype(np.float32)
    h, *_ = session.run(["h", "h_last", "c_last"], {"x": x.numpy(), "h0": start[0], "c0": start[1]})
    expected = layer(x, tuple(torch.from_numpy(start)))[0].detach().numpy()
    np.testing.assert_allclose(h, expected, atol=1e-6)
    assert np.abs(h - output).max() > 1e-3


def test_weights_of_an_nn_lstm_load_into_the_layer_and_give_its_outputs():
    torch.manual_seed(0)
    theirs, ours = torch.nn.LSTM(8, 16, 2), LSTM(8, 16, 2, peephole="diagonal")
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(5, 3, 8)
    torch.testing.assert_close(ours(x)[0], theirs(x)[0])


@pytest.mark.slow
@pytest.mark.long
def test_a_training_that_is_killed_is_resumed_and_goes_to_its_end(folder):
    train, resume = command("train adding --set T=50 --steps"), command("--resume")
    run = folder / resume[-1]
    with subprocess.Popen([*train, "--quiet"]) as killed:
        while killed.poll() is None and not checkpoints.found(run):
            time.sleep(0.02)
        killed.kill()
    stopped = state(run)["steps"]
    subprocess.run([*resume, "--quiet"], check=True)
    assert stopped < state(run)["steps"] and state(run)["best"]["solved"]


@pytest.mark.parametrize("part", ["train text", "train table"])
def test_the_commands_for_ones_own_data_parse(part):
    words = command(part)
    given = parser().parse_args(words[1:])
    assert given.task == part.split()[1] and given.file


@pytest.mark.slow
@pytest.mark.long
def test_torchrun_trains_what_the_command_trains(folder):
    torchrun = command("torchrun")
    subprocess.run([*torchrun, "--steps", "4", "--every", "2", "--quiet"], check=True)
    assert state(folder / torchrun[-1])["steps"] == 4


def test_the_readme_has_fewer_than_120_lines():
    assert len(README.splitlines()) < 120


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https:)([^)]+)\)", README))
def test_a_link_leads_to_a_file_of_the_repository(target):
    assert (ROOT / target).exists()


def test_every_picture_is_described():
    pictures = re.findall(r"!\[(.*?)\]", README)
    assert pictures
    assert all(len(description.split()) > 5 for description in pictures)


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_a_target_that_the_readme_names_is_in_the_makefile(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
