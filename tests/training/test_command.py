"""``python -m lstm_ref train``: what it says, what it refuses, and with which status."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.commands import refusal, run

from lstm_ref import __main__ as command
from lstm_ref import __version__, tasks
from lstm_ref.commands import train
from lstm_ref.training import Settings, checkpoints, resume

QUICK = "--set T=20 --set batch_size=4 --hidden-size 3 --steps 4 --every 2 --quiet --device cpu"


@pytest.fixture
def finished(tmp_path, capsys):
    """The folder of a run of four steps."""
    status, *_ = run(f"train adding {QUICK} --folder {tmp_path / 'run'}", capsys)
    assert status == 0
    return tmp_path / "run"


# ---- help


def test_help_tells_a_newcomer_what_there_is_what_to_type_and_what_happens(capsys):
    status, said, complaint = run("train --help", capsys)
    assert status == 0 and complaint == ""
    for task in tasks.TASKS:
        assert task in said
    for needed in (
        "python -m lstm_ref train adding\n",
        "--resume runs/big",
        "torchrun --nproc-per-node 2 -m lstm_ref train",
        "Ctrl-C",
        "log.csv",
        "sensible default",
        "T=200",
        "auto, cpu, cuda, cuda:1, mps",
        "runs/TASK",
        "{none,diagonal,full}",
    ):
        assert " ".join(needed.split()) in " ".join(said.split()), needed
    assert max(map(len, said.splitlines())) <= 120


def test_every_option_is_explained_in_help(capsys):
    _, said, _ = run("train --help", capsys)
    options = said[said.index("\noptions:") : said.index("\nexamples:")]
    entries = re.split(r"\n  (?=-)", options)[1:]
    assert len(entries) == 24
    for entry in entries:
        assert len(entry.split("  ", 1)[-1].split()) >= 2, entry


def test_the_examples_of_the_help_are_command_lines_that_parse(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("own words " * 1000)
    Path("sales.csv").write_text("sales\n" + "".join(f"{k}\n" for k in range(99)))
    lines = re.findall(r"-m lstm_ref (train [^\n(]+)", train.EXAMPLES)
    assert len(lines) == 9
    for line in lines:
        given = command.parser().parse_args(shlex.split(line))
        if given.task:
            Settings(given.task, train.options(given))


def test_the_command_of_the_package_offers_train(capsys):
    status, said, _ = run("--help", capsys)
    assert status == 0 and "train a model on a task" in said
    assert run("", capsys)[0] == 2


def test_the_command_says_its_version_and_bears_the_name_it_was_started_by(capsys, monkeypatch):
    assert run("--version", capsys) == (0, f"lstm_ref {__version__}\n", "")
    monkeypatch.setattr(sys, "argv", ["/usr/bin/lstm-ref"])
    assert run("train --help", capsys)[1].startswith("usage: lstm-ref train ")


@pytest.mark.parametrize("line", ["train", "train adding", "train --resume runs/big", "train --help"])
def test_without_torch_training_says_what_to_install_and_help_is_there_all_the_same(line):
    code = "import sys; sys.modules['torch'] = None; from lstm_ref.__main__ import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *line.split()], capture_output=True, text=True)
    refusal = 'lstm_ref: torch: expected it installed, as by pip install "lstm_ref[torch]"\n'
    assert (done.returncode, done.stderr) == ((0, "") if "--help" in line else (2, refusal))


# ---- a run


def test_a_run_says_what_it_trains_where_it_writes_and_how_it_ended(tmp_path, capsys):
    folder = tmp_path / "new" / "run"
    status, said, complaint = run(f"train adding {QUICK} --folder {folder} --peephole full", capsys)
    assert status == 0 and complaint == ""
    first, measured, last = said.splitlines()
    weights = sum(weight.numel() for weight in resume(folder, "cpu").model.parameters())
    assert first == (f"adding: {weights} weights, peephole full, on cpu in float32, 1 process(es); into {folder}")
    scored = r"score \S+ \(the share of sequences that are right\)"
    assert re.fullmatch(rf"after 4 steps: loss \S+ \(squared error\), {scored}", measured) and last == "not solved"
    names = [".lock", "log.csv", "step-00000002.pt", "step-00000004.pt"]
    there = sorted(path.name for path in folder.iterdir())
    assert [name for name in there if not name.startswith("events.")] == names  # those are TensorBoard's


def test_every_option_of_the_command_reaches_the_settings(tmp_path, capsys):
    line = (
        f"train adding --set T=22 --set batch_size=4 --hidden-size 3 --num-layers 2 --dropout 0.25 --peephole diagonal "
        f"--held-open io --steps 3 --learning-rate 0.5 --warm-up 0.1 --clip 2 --seed 7 --every 3 --patience 9 "
        f"--device cpu --precision float64 --quiet --folder {tmp_path}"
    )
    assert run(line, capsys)[0] == 0
    assert resume(tmp_path, "cpu").settings == Settings(
        "adding",
        {"T": 22, "batch_size": 4},
        hidden_size=3,
        num_layers=2,
        dropout=0.25,
        peephole="diagonal",
        held_open="io",
        steps=3,
        learning_rate=0.5,
        warm_up=0.1,
        clip=2.0,
        seed=7,
        every=3,
        patience=9,
        device="cpu",
        precision="float64",
    )


def test_without_a_folder_a_run_goes_into_runs_and_the_name_of_its_task(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(f"train adding {QUICK}", capsys)[0] == 0
    assert len(checkpoints.found(tmp_path / "runs" / "adding")) == 2


def test_a_run_goes_on_from_a_folder_and_from_a_file_into_the_same_folder_or_another(finished, tmp_path, capsys):
    for place in (finished, checkpoints.found(finished)[0]):
        status, said, complaint = run(f"train --resume {place} --quiet --device cpu", capsys)
        assert status == 0 and complaint == "" and f"into {finished}\n" in said and "after 4 steps" in said
    status, said, _ = run(
        f"train --resume {checkpoints.found(finished)[0]} --folder {tmp_path / 'other'} --quiet --device cpu", capsys
    )
    assert status == 0 and [path.name for path in checkpoints.found(tmp_path / "other")] == ["step-00000004.pt"]


def test_the_bar_is_drawn_on_the_second_channel_and_not_when_quiet(tmp_path, capsys):
    pytest.importorskip("tqdm")
    _, said, bar = run(f"train adding {QUICK.replace('--quiet', '')} --folder {tmp_path}", capsys)
    assert "4/4" in bar and "score" in bar and "4/4" not in said


def test_the_process_prints_no_warning_and_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "lstm_ref", "train", "adding", "--device", "nonsense"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "lstm_ref: device: expected one such as cpu, cuda or mps, got 'nonsense'\n"


# ---- what is refused


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("train", "TASK: expected one of adding, .*, or --resume PATH, got nothing"),
        ("train multiplying", "invalid choice: 'multiplying'"),
        ("train adding --device nonsense", "device: expected one such as cpu, cuda or mps, got 'nonsense'"),
        ("train adding --device xpu:77", "device: expected one that this machine has, got 'xpu:77'"),
        ("train adding --set T", "--set: expected NAME=VALUE, got 'T'"),
        ("train adding --set T=long", "T: expected a whole number, at least 20, got 'long'"),
        ("train adding --set T=3", "T: expected a whole number, at least 20, got 3"),
        ("train adding --set every=3", r"options: expected some of \('T', 'marks', 'batch_size'\) .*, got 'every'"),
        ("train adding --folder ''", "argument --folder: expected the name of a file or folder, got ''"),
        ("train --resume ''", "argument --resume: expected the name of a file or folder, got ''"),
        (
            "train adding --hidden-size 100000000",
            "hidden_size: expected what fits into .* GB, got what needs 6.4e.* GB",
        ),
        ("train adding --steps 10000000000", "steps: expected a whole number, at most 2147483647, got 10000000000"),
        ("train adding --learning-rate inf", "learning_rate: expected a number above 0, got inf"),
        (
            "train adding --seed 18446744073709551616",
            "seed: expected a whole number, got 18446744073709551616",
        ),
        ("train counting --set letters=4", "letters: expected a whole number, at most 3, got 4"),
        ("train adding --hidden-size 0", "hidden_size: expected a whole number, at least 1, got 0"),
        ("train adding --hidden-size many", "--hidden-size"),
        ("train adding --peephole half", "invalid choice: 'half'"),
        ("train adding --held-open g", "held_open: expected some of the letters f, i, o, got 'g'"),
        ("train adding --precision float8", "invalid choice: 'float8'"),
        ("train adding --learning-rate 0", "learning_rate: expected a number above 0, got 0.0"),
        ("train adding --dropout 0.5", "dropout: expected 0 with one layer"),
        ("train adding --warm-up 3", "warm_up: expected a number from 0 to 1, got 3.0"),
        ("train adding --patience 0", "patience: expected a whole number, at least 1, got 0"),
        ("train adding --seed -1", "seed: expected a whole number, at least 0, got -1"),
        ("train --resume nowhere", "nowhere: expected a checkpoint, and there is no such file"),
        ("train --resume .", "expected a folder with checkpoints, step-.*, and found none"),
        ("dance", "invalid choice: 'dance'"),
    ],
)
def test_a_mistake_ends_with_status_2_and_one_clear_line(line, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert re.search(words, refusal(line, capsys))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_where_there_is_none_is_refused(capsys):
    for name in ("cuda", "cuda:1"):
        assert refusal(f"train adding --device {name}", capsys) == (
            f"lstm_ref: device: expected one that this machine has, got '{name}'"
        )


def test_a_folder_that_holds_a_run_is_not_written_over(finished, tmp_path, capsys):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    line = refusal(f"train adding {QUICK} --folder {finished}", capsys)
    assert line == (
        f"lstm_ref: folder: {finished} holds step-00000004.pt of a run already; "
        f"go on with --resume {finished}, or name another"
    )
    assert run(f"train adding {QUICK} --folder {tmp_path / 'other'}", capsys)[0] == 0
    line = refusal(f"train --resume {tmp_path / 'other'} --folder {finished}", capsys)
    assert f"{finished} holds step-00000004.pt of a run already" in line
    assert {path.name: path.read_bytes() for path in finished.iterdir()} == before


@pytest.mark.parametrize("more", ["adding", "--hidden-size 4", "--set T=30", "--seed 0"])
def test_beside_a_checkpoint_there_is_no_other_setting(more, finished, capsys):
    line = refusal(f"train {more} --resume {finished}", capsys)
    assert line.startswith("lstm_ref: --resume: expected no other setting than --steps beside it")


def test_a_damaged_checkpoint_ends_with_status_2_and_the_offer_of_the_one_before(finished, capsys):
    before, last = checkpoints.found(finished)
    last.write_bytes(last.read_bytes()[:-100])
    status, said, complaint = run(f"train --resume {finished} --quiet", capsys)
    assert status == 2 and said == ""
    first, second = complaint.splitlines()
    assert (
        first.startswith(f"lstm_ref: {last}: cut short or damaged")
        and second == f"The last good one before it: {before}"
    )
    assert run(f"train --resume {before} --quiet --device cpu", capsys)[0] == 0
    assert checkpoints.read(finished)["steps"] == 4


def test_a_folder_that_cannot_be_made_ends_with_status_74_and_its_name(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    status, said, complaint = run(f"train adding {QUICK} --folder {tmp_path / 'file' / 'run'}", capsys)
    assert (status, said) == (74, "") and len(complaint.splitlines()) == 1 and str(tmp_path / "file") in complaint
