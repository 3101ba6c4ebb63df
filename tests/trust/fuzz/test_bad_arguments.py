"""Every public function, called with one argument spoilt: it refuses and names it; nothing else that was given changes.

`valid_calls` has a call that each function takes. Hypothesis picks the argument and what stands in its place. A value
that happens to be fine for an argument, by `is_fine`, may be taken.
"""

import contextlib
import copy
import importlib
import inspect
import math
import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import valid_calls
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

import lstm_ref.companion
from lstm_ref.training import fit

pytestmark = [
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Glyph:UserWarning"),  # which the font does not have
    pytest.mark.filterwarnings("ignore:Seems like:UserWarning"),  # of a copied trainer
    pytest.mark.filterwarnings("ignore:Glyph:UserWarning"),  # of a letter that no font here has
    pytest.mark.filterwarnings("ignore:dropout option:UserWarning"),  # of torch's, in a layer that is alone
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="a clock that interrupts a call"),
]
SECONDS = 10
"""How long a call may take: nothing here is large."""

ODD = (
    *(None, "nonsense", "", b"x", True, -1, 10**30, -(10**30), 1e300, math.nan, math.inf, 1j, object(), int, print),
    *([], {}, (), [[1], [2, 3]], [None], {"nonsense": 1}, slice(3), Path("nowhere")),
    *(
        np.ma.masked_array([1.0, 2.0], [False, True]),
        np.zeros((1, 2)).view(np.matrix),
        torch.zeros(2),
        np.datetime64("NaT", "D"),
        np.array([None, 1], object),
    ),
)
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
DTYPES = some.sampled_from([np.float32, np.float64, np.int8, bool, complex, "U1", "datetime64[M]"])
# Small or absurd: a number in between may be fine, and take its time.
NUMBERS = some.integers(-5, 5) | some.integers(10**10) | some.integers(None, -(10**10))
SPOILT = some.sampled_from(ODD) | NUMBERS | some.floats() | some.text() | arrays.arrays(DTYPES, SHAPES)

ALLOWED = {
    **dict.fromkeys(("unit.sigmoid z", "tasks.softmax logits", "svg.number value"), "real numbers of any shape"),
    "training.checkpoints.write state": "what is written is checked when it is read",
    "probing.set_memory values": "numbers that fit its units; True counts as 1",
    "Table rows": "whatever can be written in a cell",
    "Table header": "any iterable of texts, a dict among them",
    "ledger.error_bound counted": "True is every month",
    "gradients.step_backward d_h_t": "0 stands for zeros",
    "gradients.step_backward d_c_t": "0 stands for zeros",
    **dict.fromkeys((f"explorer.Explorer {name}" for name in ("x_t", "h_prev", "c_prev")), "numbers of any kind"),
    "plots.signals element": "one element or several",
    "probes.fit elements": "one element or several",
    "probing.set_memory units": "one element or several, or none",
    "training.Settings seed": "whole numbers beyond 2**31 are seeds too",
    "UnitWeights.zeros dtype": "what NumPy takes for float32 or float64",
    "UnitWeights.random dtype": "what NumPy takes for float32 or float64",
}
"""What may be taken although it looks odd, and why."""

ITS_OWN_WORDS = {
    "answer": "a function of the caller's, which fails by itself",
    "rows": "an iterable of the caller's, which fails by itself",
    "path": "a file that is not there, or a name that no system takes",
    "folder": "a folder that cannot be made, or a name that no system takes",
}
"""The arguments of which an error may speak in its own words, and why."""

PARTS = ("h0", "c0", "h_prev", "c_prev", "trace", "named", "name", "input_size", "labels")
"""What errors call parts of an argument: of hx, of a step, of weights, of a table, of sizes, of what is drawn."""

CALLS = dict(valid_calls.calls(Path()))


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """Work in a folder that holds a finished run."""
    place = tmp_path_factory.mktemp("here")
    fit(valid_calls.trainer(), place / "kept")
    with contextlib.chdir(place):
        yield place


def function(name):
    """Return what a reader means by a name such as "unit.step"."""
    first, *inner = name.split(".")
    if hasattr(lstm_ref.companion, first):
        thing = getattr(lstm_ref.companion, first)
    elif inner and first.islower():
        thing = importlib.import_module(f"lstm_ref.{first}")
    else:
        thing = getattr(lstm_ref, first)
    for part in inner:
        thing = getattr(thing, part)
    return thing


NO_DEFAULT = inspect.Parameter("other", inspect.Parameter.KEYWORD_ONLY)


def is_fine(value, valid, parameter):
    """Return whether a value of any kind is one that an argument with such a valid value may take."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if value is None and (parameter.default is None or "None" in str(parameter.annotation)):
        return True
    if isinstance(valid, np.ndarray) and not isinstance(value, (list, tuple, dict)):
        # What NumPy reads as such an array without a loss, as a matrix or a tensor; and an array that fits by luck.
        return isinstance(value, (np.ndarray, torch.Tensor)) and not isinstance(value, np.ma.MaskedArray)
    if isinstance(valid, bool):
        return isinstance(value, (bool, np.bool_))
    if isinstance(valid, int):
        return number and value == int(value) and abs(value) < 2**31
    if isinstance(valid, float):
        return number and math.isfinite(value)
    if isinstance(valid, (str, Path)):
        return isinstance(value, (str, Path))
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and isinstance(valid, (list, tuple))
    return isinstance(value, type(valid)) or (isinstance(value, (list, tuple, dict)) and not value)


def outcome(call, own, arguments):
    """Return the error of a call, or None; a call that takes too long fails the test."""

    def late(number, frame):
        raise TimeoutError(f"no answer within {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        call(*own, **arguments)
    except TimeoutError:
        raise
    except Exception as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def bits(value):
    """Return what tells one array, or dict or tuple of them, from another."""
    if isinstance(value, dict):
        return [bits(each) for each in value.items()]
    if isinstance(value, (list, tuple)):
        return [bits(each) for each in value]
    return value.tobytes() if isinstance(value, np.ndarray) else None


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(data=some.data())
def test_an_argument_that_does_not_fit_is_refused_by_name(name, data):
    call, arguments = function(name), copy.deepcopy(CALLS[name])
    own = [arguments.pop("self")] if "self" in arguments else []
    spoilt = data.draw(some.sampled_from(sorted(arguments)), label="argument")
    valid, value = arguments[spoilt], data.draw(SPOILT, label="value")
    arguments[spoilt] = value
    before, error = bits(arguments), outcome(call, own, arguments)
    assert bits(arguments) == before, "an argument was changed"
    if error is None:
        parameter = inspect.signature(call).parameters.get(spoilt, NO_DEFAULT)
        assert f"{name} {spoilt}" in ALLOWED or is_fine(value, valid, parameter), "taken, and should not be"
    elif spoilt not in ITS_OWN_WORDS:
        # Of two arguments that do not fit together an error may name the other.
        named = re.match(r"(\w+)[^:]*: expected .*got ", str(error), re.DOTALL)
        assert named and named[1] in (*arguments, *PARTS), f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("name", CALLS)
def test_the_call_that_is_spoilt_is_one_that_goes_through(name, folder, tmp_path):
    arguments = copy.deepcopy(CALLS[name])
    own = [arguments.pop("self")] if "self" in arguments else []
    shutil.copytree(folder / "kept", tmp_path / "kept")
    with contextlib.chdir(tmp_path):
        assert outcome(function(name), own, arguments) is None
