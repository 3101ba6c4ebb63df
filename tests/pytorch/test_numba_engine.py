"""The compiled engine: its turns and panels, and what it compiles and keeps."""

import os
import shutil

import numpy as np
import pytest
from helpers.engines import CLOSE, agree, problem, run
from helpers.processes import python

import lstm_ref
from lstm_ref.engines import numba_engine as compiled
from lstm_ref.engines import numba_kernels, numpy_engine
from lstm_ref.weights import PEEPHOLES

START = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import torch
    from lstm_ref.engines import choose
    from lstm_ref.layer import LSTM
    LSTM(3, 4, peephole="diagonal", engine=ENGINE)(torch.ones(5, 2, 3))[0].sum().backward()
from lstm_ref.engines.numba_kernels import backward_loop, forward_loop
print(choose(ENGINE, torch.ones(1)).__name__)
for loop in (forward_loop, backward_loop):
    print(sum(loop.stats.cache_hits.values()), sum(loop.stats.cache_misses.values()))
print(*[each.message for each in caught], sep="\\n")
"""


@pytest.mark.parametrize("rows", [1, 6, 8, 21, 22])
@pytest.mark.parametrize("memories", [1, 7])
@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_turns_of_any_length_give_the_same(peephole, memories, rows, monkeypatch):
    arrays = problem(7, 3, peephole, memories=memories)
    monkeypatch.setattr(compiled, "ROWS", rows)
    turns = compiled._turns(7, 3)
    assert len(turns) == {1: 7, 6: 4, 8: 4, 21: 1, 22: 1}[rows]
    agree(run(compiled, *arrays), run(numpy_engine, *arrays), CLOSE["float64"])


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_products_in_panels_of_columns_give_the_same(peephole, monkeypatch):
    arrays = problem(4, 3, peephole, H=20)
    monkeypatch.setattr(compiled, "WIDTHS", (8, 8))
    monkeypatch.setattr(compiled, "SMALL", 8 * 3 * 4 * 20)
    R = arrays[6]
    assert compiled._panels(R.T, 3).shape == (10, 20, 8) and compiled._panels(R, 3).shape == (3, 80, 8)
    agree(run(compiled, *arrays), run(numpy_engine, *arrays), CLOSE["float64"])


@pytest.mark.parametrize(("rows", "shape"), [(31, (1, 256, 100)), (40, (4, 256, 32)), (160, (5, 256, 24))])
def test_panels_side_by_side_are_the_matrix_and_their_products_are_small(rows, shape):
    M = np.random.default_rng(3).normal(size=(256, 100))
    panels = compiled._panels(M, rows)
    assert panels.shape == shape and panels.flags.c_contiguous
    assert rows * panels[0].size <= compiled.SMALL
    side_by_side = np.concatenate(list(panels), axis=1)
    assert np.array_equal(side_by_side[:, :100], M) and not side_by_side[:, 100:].any()


@pytest.mark.parametrize("peephole", PEEPHOLES)
def test_arrays_of_any_layout_are_not_compiled_for_again(peephole):
    d_h, d_c, x, h0, c0, W, R, b, P = arrays = problem(5, 3, peephole, memories=5)
    d_h, d_c = (np.broadcast_to(each[:1, :1], each.shape) for each in (d_h, d_c))
    arrays = d_h, d_c, x, h0, c0, W, R, b, P
    want, before = run(numpy_engine, *arrays), [len(loop.signatures) for loop in _loops(run(compiled, *arrays))]
    x, h0, W, R = (each.T.copy().T for each in (x, h0, W, R))
    b, P = np.repeat(b, 2)[::2], None if P is None else P.T.copy().T
    agree(run(compiled, d_h, d_c, x, h0, c0, W, R, b, P), want, CLOSE["float64"])
    assert [len(loop.signatures) for loop in _loops()] == before


def _loops(_=None):
    return numba_kernels.forward_loop, numba_kernels.backward_loop


@pytest.mark.slow
@pytest.mark.long
def test_a_second_process_compiles_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    code = START.replace("ENGINE", "'auto'")
    assert python("-c", code).split("\n") == ["lstm_ref.engines.numba_engine", "0 1", "0 1", "", ""]
    assert python("-c", code).split("\n") == ["lstm_ref.engines.numba_engine", "1 0", "1 0", "", ""]


@pytest.mark.slow
@pytest.mark.long
def test_where_nothing_can_be_kept_the_layer_compiles_and_warns_once(tmp_path, monkeypatch):
    folder = tmp_path / "lstm_ref"
    shutil.copytree(os.path.dirname(lstm_ref.__file__), folder, ignore=shutil.ignore_patterns("__pycache__"))
    # A file stands where numba would make its folder: that stops even an administrator.
    (folder / "engines" / "__pycache__").touch()
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, str(folder / "engines" / "__pycache__"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    name, *kept, warning, end = python("-c", START.replace("ENGINE", "'auto'"), cwd=tmp_path).split("\n")
    assert (name, kept, end) == ("lstm_ref.engines.numba_engine", ["0 1", "0 1"], "")
    assert warning.startswith("engine: 'compiled' takes some seconds") and "NUMBA_CACHE_DIR" in warning
