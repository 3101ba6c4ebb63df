"""The cheat sheet says what the chapters say and what the package does. Its one sheet is printed in test_site.py."""

import json
import re

import library_arrays
import numpy as np
import pytest
from helpers.book import ROOT

from lstm_ref import UnitWeights, step
from lstm_ref.gates import ORDERS
from lstm_ref.gradients import step_backward, weight_gradients
from lstm_ref.unit import Step

SHEET = (ROOT / "book" / "cheat_sheet.md").read_text(encoding="utf-8")
FORTH, BACK, WEIGHTS = re.findall(r"\$\$\n(.*?)\n\$\$", SHEET, re.DOTALL)
SIGNS = [
    (r"\\begin\{aligned\}|\\end\{aligned\}|&|\\qquad|\\,", " "),
    (r"\\leftarrow", "="),
    (r"\\(sigma|tanh)", r"\1"),
    (r"\\odot", "*"),
    (r"_\{t-1\}", "_prev"),
    (r"\^2", "**2"),
    (r"(d?\w+)\s+(\w+)\^\\top", r"np.outer(\1, \2)"),
    (r"([WR])_(\w)\^\\top (\w+)", r"\1_\2.T @ \3"),
    (r"\b([WR]_\w) (\w+)", r"\1 @ \2"),
    (r"\b(\w_t) \((?=1)", r"\1 * ("),
]


def lines(tex):
    """The lines of some equations, as Python that computes them."""
    tex = re.sub(r"\\\\\n&\\qquad", " ", tex).replace("& d", r"\\ d")
    for sign, code in SIGNS:
        tex = re.sub(sign, code, tex)
    return [line.strip() for line in tex.split("\\\\") if line.strip()]


@pytest.fixture
def names():
    """A unit of 3 inputs and 4 elements, what goes into one step of it and what comes back."""
    rng = np.random.default_rng(0)
    weights = UnitWeights.random(3, 4, "diagonal", rng=rng)
    x_t, h_t, C_t, d_h, d_c = (rng.normal(size=size) for size in (3, 4, 4, 4, 4))
    given = {"x_t": x_t, "h_prev": h_t, "C_prev": C_t, "dh_t": d_h, "dC_t": d_c}
    functions = {"np": np, "tanh": np.tanh, "sigma": lambda z: 1 / (1 + np.exp(-z))}
    return weights, given, functions | weights.to_dict() | given


def computed(names, *parts):
    for part in parts:
        for line in lines(part):
            exec(line, names)
    return names


def test_its_way_forwards_is_what_the_unit_computes(names):
    weights, given, place = names
    taken = step(given["x_t"], given["h_prev"], given["C_prev"], weights)
    found = computed(place, FORTH)
    for signal in ("f_t", "i_t", "g_t", "o_t", "h_t"):
        np.testing.assert_allclose(found[signal], getattr(taken, signal), atol=1e-14)
    np.testing.assert_allclose(found["C_t"], taken.c_t, atol=1e-14)


def test_its_way_back_is_what_the_gradients_are(names):
    weights, given, place = names
    taken = step(given["x_t"], given["h_prev"], given["C_prev"], weights)
    back = step_backward(taken, weights, given["dh_t"], given["dC_t"])
    found = computed(place, FORTH, BACK, WEIGHTS)
    for ours, theirs in (("dz_f", "z_f"), ("dz_i", "z_i"), ("dz_g", "z_g"), ("dz_o", "z_o")):
        np.testing.assert_allclose(found[ours], getattr(back, theirs), atol=1e-14)
    np.testing.assert_allclose(found["dh_prev"], back.h_prev, atol=1e-14)
    np.testing.assert_allclose(found["dC_prev"], back.c_prev, atol=1e-14)
    batch = [type(one)(*(array[None] for array in one)) for one in (taken, back)]
    assert isinstance(batch[0], Step)
    gradients = weight_gradients(*batch, "diagonal")
    for name in ("W_f", "R_f", "b_f", "P_f"):
        np.testing.assert_allclose(found[f"d{name}"], gradients[name], atol=1e-14)


@pytest.mark.parametrize(
    ("part", "chapter"), [(FORTH, "05_whole_unit"), (BACK, "07_learning_backwards"), (WEIGHTS, "07_learning_backwards")]
)
def test_its_equations_are_those_of_the_chapter_that_it_links_to(part, chapter):
    cells = json.loads((ROOT / "book" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [cell for cell in cells if part in "".join(cell["source"])]
    assert f"]({chapter}.ipynb)" in SHEET


def test_it_has_the_orders_of_four_libraries_as_the_package_has_them():
    rows = {row[0]: row[1].replace("$", "").replace(" ", "") for row in library_arrays.rows()}
    keys = {"PyTorch": "torch", "Keras": "keras", "ONNX": "onnx", "TensorFlow 1": "tensorflow1"}
    assert rows == {name: ORDERS[key] for name, key in keys.items()}
    assert "{library-arrays}" in SHEET


def test_its_arrays_have_the_names_and_shapes_of_the_notation():
    notation = (ROOT / "book" / "notation.md").read_text(encoding="utf-8")
    listed = {
        (name, shape) for name, shape in re.findall(r"^\| `(\w+)` \| [^|]+ \| (\([^)]+\)) \|$", notation, re.MULTILINE)
    }
    for library, _, *cells in library_arrays.rows()[:3]:
        found = set(re.findall(r"`(\w+)` (\([^)]+\))", " ".join(cells)))
        assert found and found <= listed, library


def test_its_numbers_are_how_many_a_unit_has():
    shapes, numbers = re.findall(r"^\| (?:shape of one|numbers in all) .*", SHEET, re.MULTILINE)
    assert shapes == "| shape of one | (H, I) | (H, H) | (H,) | (H,) | (H, H) |"
    I, H = 3, 4
    counts = [
        eval(re.sub(r"(?<=\d)(?=[HI])|(?<=H)(?=I)", "*", cell.replace("^", "**")), {"I": I, "H": H})
        for cell in re.findall(r"\$(.*?)\$", numbers)
    ]
    for peephole, extra in (("none", 0), ("diagonal", counts[3]), ("full", counts[4])):
        assert UnitWeights.random(I, H, peephole, rng=np.random.default_rng(0)).count == sum(counts[:3]) + extra
