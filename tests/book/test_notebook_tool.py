"""The notebook tool keeps what it is given, and refuses what does not run cleanly."""

import subprocess
import sys
from copy import deepcopy

import notebooks as nb
import pytest
from helpers.tiny_chapter import VIEW
from normal_form import WIDGET_STATE, WIDGET_VIEW, is_normal, to_json


def test_a_view_survives_the_way_to_a_notebook_and_back(notebook):
    assert nb.to_view(nb.from_view(VIEW)) == VIEW
    assert nb.to_view(notebook) == VIEW


def test_executing_twice_gives_the_same_bytes(notebook, tmp_path):
    assert to_json(nb.execute(deepcopy(notebook), tmp_path)) == to_json(notebook)


def test_normal_form_fixes_ids_counts_and_metadata(notebook):
    assert is_normal(to_json(notebook))
    for spoil in (
        lambda book: book.cells[0].update(id="other"),
        lambda book: book.cells[1].update(execution_count=5),
        lambda book: book.metadata.update(authors=[]),
        lambda book: book.cells[-2].metadata.update(execution={}),
        lambda book: book.cells[-2].metadata.update(cellView="code"),
        lambda book: book.cells[-2].outputs.insert(0, deepcopy(book.cells[-2].outputs[0])),
    ):
        spoilt = deepcopy(notebook)
        spoil(spoilt)
        assert not is_normal(to_json(spoilt))
    assert not is_normal(to_json(notebook).rstrip("\n"))


def outputs(notebook, kind):
    every = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [output.data for output in every if kind in output.get("data", {})]


def test_a_widget_keeps_its_picture_and_its_state_under_numbered_models(notebook):
    first, again = outputs(notebook, WIDGET_VIEW)
    assert first == again and first.keys() == {"text/plain", "image/svg+xml", WIDGET_VIEW}
    states = notebook.metadata.widgets[WIDGET_STATE].state
    assert first[WIDGET_VIEW].model_id == "model-1" and states.keys() == {"model-1", "model-2"}
    assert states["model-1"].state.figure == "counter"
    assert states["model-1"].state.layout == "IPY_MODEL_model-2"
    assert None not in states["model-2"].state.values()


def test_normal_form_fixes_models(notebook):
    for spoil in (
        lambda states: states.update(other=states["model-2"]),
        lambda states: states["model-2"].state.update(width=None),
        lambda states: states["model-1"].state.pop("layout"),
    ):
        spoilt = deepcopy(notebook)
        spoil(spoilt.metadata.widgets[WIDGET_STATE].state)
        assert not is_normal(to_json(spoilt))
    for output in outputs(spoilt := deepcopy(notebook), WIDGET_VIEW):
        output[WIDGET_VIEW].model_id = "model-3"
    assert not is_normal(to_json(spoilt))


def test_nbval_holds_a_widget_to_its_picture_and_text_but_not_to_its_model(notebook, tmp_path):
    (tmp_path / "01_same.ipynb").write_text(to_json(notebook), encoding="utf-8")
    for kind in ("image/svg+xml", "text/plain"):
        spoilt = deepcopy(notebook)
        outputs(spoilt, WIDGET_VIEW)[0][kind] += " "
        (tmp_path / f"02_other_{kind[:4]}.ipynb").write_text(to_json(spoilt), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True)
    failed = [line.split("::")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed == ["FAILED 02_other_imag.ipynb", "FAILED 02_other_text.ipynb"], done.stdout


def test_a_solution_is_folded_on_the_site_in_jupyterlab_and_in_colab(notebook):
    (metadata,) = [cell.metadata for cell in notebook.cells if "4 - 1" in cell.source]
    assert metadata.tags == ["solution", "hide-cell"]
    assert metadata.jupyter.source_hidden and metadata.cellView == "form"
    assert metadata.mystnb.code_prompt_show == "Show the solution"
    assert metadata.mystnb.image.alt.startswith("A second drawing")


def test_a_fold_says_on_the_site_what_is_in_it(notebook):
    (metadata,) = [cell.metadata for cell in notebook.cells if "def diagram" in cell.source]
    assert metadata.tags == ["hide-cell"]
    assert metadata.mystnb.code_prompt_show == "Show how they are made"
    assert metadata.mystnb.code_prompt_hide == "Hide how they are made"


@pytest.mark.parametrize(
    "source", ["1 / 0", "import warnings; warnings.warn('old')", "import sys; sys.stderr.write('x')"]
)
def test_a_failing_cell_leaves_the_old_notebook_as_it_was(source, tmp_path, monkeypatch):
    monkeypatch.setattr(nb, "BOOK", tmp_path)
    monkeypatch.setattr(nb, "TEXT", tmp_path)
    (tmp_path / "01_a.md").write_text(f"# 1. A\n\n```python\n{source}\n```\n", encoding="utf-8")
    (tmp_path / "01_a.ipynb").write_text("old", encoding="utf-8")
    with pytest.raises(nb.NotebookError, match=r"stderr|division by zero"):
        nb.write_command(["01"])
    assert (tmp_path / "01_a.ipynb").read_text(encoding="utf-8") == "old"


def test_unknown_metadata_and_unknown_names_are_refused(tmp_path):
    with pytest.raises(nb.NotebookError, match="alT"):
        nb.from_view('# 1. A\n\n```python alT="x"\n1\n```\n')
    with pytest.raises(nb.NotebookError, match="no 09"):
        nb.find(tmp_path, ".md", ["09"])
