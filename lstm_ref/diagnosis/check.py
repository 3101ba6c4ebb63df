"""Is this an LSTM? `check_lstm` compares somebody else's unit with ours, and finds out what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagnosis.names import Names
from lstm_ref.diagnosis.subjects import Subject, subject
from lstm_ref.diagnosis.trial import Trial
from lstm_ref.diagnosis.variants import Signals
from lstm_ref.diagnosis.verdict import Verdict
from lstm_ref.peepholes import PEEPHOLES
from lstm_ref.signatures import checked

__all__ = ["check_lstm"]


@checked
def check_lstm(
    lstm: Any,
    names: Mapping[str, str] | None = None,
    *,
    backward: Callable[..., Any] | None = None,
    call: Callable[..., Any] | None = None,
    autograd: bool = False,
    peephole: str | None = None,
    seed: int = 0,
) -> Verdict:
    """Find out whether something is an LSTM, what is the first of it to differ, and why: see `lstm_ref.diagnosis`.

    Parameters
    ----------
    lstm : function, torch.nn.Module, onnx.ModelProto or path of an ONNX file
        One layer in one direction, of these makes.
    names : dict from str to str, optional
        What each weight, parameter or initialiser holds, as ``{"weight_ih": "W ifgo"}``: see
        `lstm_ref.diagnosis.names`. Unless given, the names of ``torch.nn.LSTM``, or W, R, B and P of an ONNX node.
    backward : function, optional
        ``backward(weights, x, h0, c0, d_h)``, which returns a dict with gradients of a loss whose gradient by h_t is
        d_h: by some of the weights' names, and by "x", "h0" and "c0". Modules need none, for autograd has theirs.
    call : function, optional
        ``call(module, x, h0, c0)``, for a module that is not called like ``torch.nn.LSTM``, such as a cell.
    autograd : bool
        Whether the function takes tensors, so that autograd has its gradients.
    peephole : {"none", "diagonal", "full"}, optional
        Unless given, "diagonal" where the names have peepholes.
    seed : int
        Another one draws other numbers.

    Raises
    ------
    TypeError
        If `lstm` is none of these, or returns something else.
    ValueError
        If the names do not say where every weight is, or what comes out has another shape; the message says which.
    """
    checks.one_of("peephole", peephole or "none", PEEPHOLES)
    checks.whole_number("seed", seed, 0)
    tried, words = subject(lstm, names, backward=backward, call=call, autograd=autograd)
    read = Names.read(words)
    peephole = peephole or ("diagonal" if read.peepholes else "none")
    if (peephole != "none") != read.peepholes:
        which = "with P of f, i and o" if peephole != "none" else "without P"
        raise ValueError(f"names: expected weights {which}, as peephole={peephole!r} has it, got {dict(words)}")
    return _verdict(tried, Trial.draw(read, tried.sizes(read), peephole, tried.dtype, tried.takes_state, seed))


def _verdict(tried: Subject, trial: Trial) -> Verdict:
    found, faults = _observed(tried, trial)
    unseen = () if tried.takes_state else ("a state before the first step, for the model takes none",)
    expected = trial.signals()
    missing = (*(name for name in expected if name not in found), *unseen)
    first = _first(trial, found, expected)
    if first:
        agreed = tuple(name for name in found if trial.close(found[name], expected[name]).all())
        guesses = tuple(trial.forward_guesses(found))
        return Verdict(*first, guesses, faults, agreed, (*missing, "gradients (fix this first)"))
    return _way_back(tried, trial, Verdict(faults=faults, agreed=tuple(found), unseen=missing))


def _observed(tried: Subject, trial: Trial) -> tuple[Signals, tuple[str, ...]]:
    """Return what a forward pass hands out, in the order in which it is made, and what else is wrong with it."""
    given = trial.given
    found = {name: array.copy() for name, array in tried.signals(*given).items()}
    expected = trial.signals()
    for name, array in found.items():
        checks.shape(name, array, expected[name].shape, "(B, H)" if "last" in name else "(T, B, H)")
    before, after = _by_name(*trial.given), _by_name(*given)
    faults = [f"it changes {name} in place" for name in before if not np.array_equal(before[name], after[name])]
    again = tried.signals(*trial.given)
    if set(again) != set(found) or not all(trial.close(again[name], found[name]).all() for name in found):
        faults.append("called again with the same numbers it gives others: it keeps a state, or draws at random")
    return {name: found[name] for name in expected if name in found}, tuple(faults)


def _by_name(weights: dict[str, Array], x: Array, h0: Array, c0: Array) -> dict[str, Array]:
    return {**weights, "x": x, "h0": h0, "c0": c0}


def _first(trial: Trial, found: Signals, expected: Signals) -> tuple[str, int | None, float, float] | None:
    """Return the first signal that differs, its step, and what it is there and should be; None if all are right."""
    for t in range(len(trial.x)):
        for name in found:
            if "last" not in name and not trial.close(found[name][t], expected[name][t]).all():
                return name, t, *_widest(found[name][t], expected[name][t])
    for name in found:
        if not trial.close(found[name], expected[name]).all():
            return name, None, *_widest(found[name], expected[name])
    return None


def _widest(found: Array, expected: Array) -> tuple[float, float]:
    """Return the number that differs most, as it should be and as it is."""
    at = np.unravel_index(np.argmax(np.nan_to_num(np.abs(found - expected), nan=np.inf)), found.shape)
    return float(expected[at]), float(found[at])


def _way_back(tried: Subject, trial: Trial, ahead: Verdict) -> Verdict:
    """Return the verdict on gradients, where the forward pass is right."""
    d_h = trial.d_h.copy()
    found = tried.gradients(*trial.given, d_h)
    if found is None:
        return replace(ahead, unseen=(*ahead.unseen, "gradients"))
    if not np.array_equal(d_h, trial.d_h):
        ahead = replace(ahead, faults=(*ahead.faults, "it changes d_h in place"))
    expected = trial.gradients()
    unknown = [name for name in found if name not in expected]
    if unknown:
        raise ValueError(f"backward: expected gradients by some of {tuple(expected)}, got {unknown[0]!r}")
    for name, gradient in found.items():
        checks.shape(f"backward[{name!r}]", gradient, expected[name].shape, "that of what it is the gradient of,")
    same = {name: bool(trial.close(found[name], expected[name]).all()) for name in expected if name in found}
    missing = [f"d_{name}" for name in expected if name not in found]
    ahead = replace(
        ahead,
        agreed=(*ahead.agreed, *(f"d_{name}" for name in same if same[name])),
        unseen=(*ahead.unseen, *missing),
    )
    wrong = [name for name in same if not same[name]]
    if not wrong:
        return ahead
    at = _widest(found[wrong[0]], expected[wrong[0]])
    guesses = tuple(trial.backward_guesses(found))
    return replace(ahead, first=f"d_{wrong[0]}", expected=at[0], got=at[1], guesses=guesses)
