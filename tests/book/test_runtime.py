"""What Python in the page is made of: where its wheels come from, and which cells it cannot run."""

import hashlib
import json
from http.client import IncompleteRead
from io import BytesIO

import pytest
import run_needs
import runtime

FILES = {"numpy.whl": b"numbers", "matplotlib.whl": b"pictures", "six.whl": b"six"}


@pytest.fixture
def pyodide(tmp_path):
    """A folder with a lock file of three tiny packages, and one that the book leaves out."""
    depends = {"numpy": [], "matplotlib": ["numpy", "six", "pytz"], "six": [], "pytz": []}
    packages = {
        name: {
            "name": name.title(),
            "file_name": f"{name}.whl",
            "depends": others,
            "sha256": hashlib.sha256(FILES.get(f"{name}.whl", b"")).hexdigest(),
        }
        for name, others in depends.items()
    }
    folder = tmp_path / "pyodide"
    folder.mkdir()
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": {}, "packages": packages}), encoding="utf-8")
    return folder


def source(files, asked=None):
    def give(names):
        if asked is not None:
            asked.append(list(names))
        return {name: files[name] for name in names if name in files}

    return give


def test_the_lock_file_keeps_what_the_book_needs_and_no_more(pyodide):
    packages = runtime.lock(pyodide)["packages"]
    assert list(packages) == ["matplotlib", "numpy", "six"]
    assert packages["matplotlib"]["depends"] == ["numpy", "six"]


def test_what_the_first_source_lacks_comes_from_the_second(pyodide, tmp_path):
    asked = []
    first, second = source({"six.whl": b"six"}), source(FILES, asked)
    assert runtime.fetch(tmp_path / "got", pyodide, [first, second]) == tmp_path / "got"
    assert {path.name: path.read_bytes() for path in (tmp_path / "got").iterdir()} == FILES
    assert asked == [["matplotlib.whl", "numpy.whl"]]


def test_a_file_with_a_wrong_hash_is_refused(pyodide, tmp_path):
    wrong = source(FILES | {"numpy.whl": b"something else"})
    assert runtime.fetch(tmp_path / "got", pyodide, [wrong]) is None
    assert not (tmp_path / "got" / "numpy.whl").exists()


def test_nothing_is_asked_for_that_is_there(pyodide, tmp_path):
    asked = []
    runtime.fetch(tmp_path / "got", pyodide, [source(FILES)])
    assert runtime.fetch(tmp_path / "got", pyodide, [source(FILES, asked)]) is not None
    assert asked == []


def test_a_file_that_was_cut_short_is_got_again(pyodide, tmp_path):
    runtime.fetch(tmp_path / "got", pyodide, [source(FILES)])
    (tmp_path / "got" / "six.whl").write_bytes(b"s")
    runtime.fetch(tmp_path / "got", pyodide, [source(FILES)])
    assert (tmp_path / "got" / "six.whl").read_bytes() == b"six"


def test_without_pyodide_there_is_nothing_to_fetch(tmp_path):
    assert runtime.fetch(tmp_path / "got", tmp_path, [source(FILES)]) is None


def test_a_download_that_breaks_off_leaves_it_to_the_next_source(monkeypatch, tmp_path):
    class Broken(BytesIO):
        def read(self, *arguments):
            raise IncompleteRead(b"half")

    (tmp_path / "package.json").write_text('{"version": "1"}', encoding="utf-8")
    monkeypatch.setattr(runtime, "PYODIDE", tmp_path)
    monkeypatch.setattr(runtime, "urlopen", lambda *arguments, **options: Broken())
    assert runtime.from_release(["numpy.whl"]) == {}


def test_as_a_command_it_leaves_word_whether_the_wheels_could_be_had(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(runtime, "READY", tmp_path / "got" / "ready")
    monkeypatch.setattr(runtime, "LACKING", tmp_path / "got" / "lacking")
    for got, word in ((None, "lacking"), (tmp_path, "ready")):
        monkeypatch.setattr(runtime, "fetch", lambda got=got: got)
        runtime.main()
        assert [path.name for path in (tmp_path / "got").iterdir()] == [word]
    assert capsys.readouterr().err.count("could not be had") == 1


def test_a_cell_needs_what_it_uses_of_an_absent_package():
    assert run_needs.needs(["import torch", "torch.ones(3)", "print(3)"]) == {"2": "torch"}


def test_a_cell_needs_what_made_its_names():
    cells = ["import torch, numpy as np", "x = torch.ones(3)\ny = 1", "y", "def f(x):\n    return x", "x = 1", "x"]
    assert run_needs.needs(cells) == {"2": "torch", "3": "torch"}


def test_a_cell_of_imports_runs_less_what_is_absent_and_its_settings():
    assert run_needs.needs(["import torch\nfrom lstm_ref.layer import LSTM\ntorch.set_num_threads(1)", "LSTM"]) == {
        "2": "torch"
    }


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("import os, subprocess as other", "other.run(['ls'])"),
        ("from threading import Lock, Thread", "Thread()"),
        ("import torch.nn as nn", "nn.Linear(1, 1)"),
        ("import numpy as np, torch as t", "t.ones(3)"),
        ("from torch import nn, ones as some", "some(3)"),
    ],
)
def test_a_cell_needs_what_it_uses_of_it_however_that_was_imported(line, use):
    package = next(name for name in (*run_needs.ABSENT, *run_needs.UNABLE) if name in line)
    assert run_needs.needs([line, use, "1"]) == {"2": package}


def test_a_function_needs_what_it_would_use():
    assert run_needs.needs(["import torch", "def f(n):\n    return torch.ones(n)", "f(3)"]) == {
        "2": "torch",
        "3": "torch",
    }
