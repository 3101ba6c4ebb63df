"""Weights and layers of ``torch.nn.LSTM`` and of `lstm_ref.layer.LSTM`. Source: the documentation of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.interop.arrays import fitting, unit_of_stacks
from lstm_ref.peepholes import AXES, kind_of
from lstm_ref.signatures import checked
from lstm_ref.weights import UnitWeights

if TYPE_CHECKING:
    import torch

ORDER = ORDERS["torch"]
WEIGHTS = "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_ch"


@checked
def to_torch(weights: UnitWeights, suffix: str = "_l0") -> dict[str, Array]:
    """Return the weights as the state of a one-layer ``torch.nn.LSTM``, as NumPy arrays by name.

    These are ``weight_ih_l0`` (4H, I), ``weight_hh_l0`` (4H, H), ``bias_ih_l0`` and ``bias_hh_l0`` (4H,).
    The networks stand in the order i, f, g, o. PyTorch adds two biases where one is enough: ours goes into
    ``bias_ih_l0``, and ``bias_hh_l0`` is zero.

    Parameters
    ----------
    weights : UnitWeights
    suffix : str
        How the names end: "" for ``torch.nn.LSTMCell``, "_l1_reverse" for the second layer's way back.

    Raises
    ------
    ValueError
        If the unit has a peephole, which ``torch.nn.LSTM`` has not; `to_layer` takes it.
    """
    if weights.peephole != "none":
        raise ValueError(f"weights: expected peephole 'none', which torch.nn.LSTM has, got {weights.peephole!r}")
    bias = weights.stack("b", ORDER)
    return {
        "weight_ih" + suffix: weights.stack("W", ORDER),
        "weight_hh" + suffix: weights.stack("R", ORDER),
        "bias_ih" + suffix: bias,
        "bias_hh" + suffix: np.zeros_like(bias),
    }


@checked
def to_layer(weights: UnitWeights, suffix: str = "_l0") -> dict[str, Array]:
    """Return the weights as the state of `lstm_ref.layer.LSTM`: that of `to_torch`, and the peephole.

    The peephole is ``weight_ch_l0``, (3, H) or (3, H, H), in the order i, f, o; a unit without one has no such array.
    """
    state = to_torch(weights.replace(P_f=None, P_i=None, P_o=None), suffix)
    if weights.peephole != "none":
        state["weight_ch" + suffix] = np.stack([weights.to_dict()[f"P_{net}"] for net in LOOKING["torch"]])
    return state


def from_torch(state: Mapping[str, Any], suffix: str = "_l0") -> UnitWeights:
    """Return the weights of one layer and direction of a ``torch.nn.LSTM`` or `lstm_ref.layer.LSTM`, or of a cell.

    Parameters
    ----------
    state : dict from name to array or tensor
        As ``lstm.state_dict()`` returns it; names that do not end in the suffix are not looked at.
    suffix : str
        As for `to_torch`.

    Returns
    -------
    UnitWeights
        With a peephole if the state has ``weight_ch_l0``.

    Raises
    ------
    TypeError
        If `state` is no dict, or an array is not of float32 or float64, or not of the others' dtype.
    ValueError
        If an array is missing or its shape does not fit, or the layer has projections (``weight_hr_l0``).
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"state: expected a dict from name to array, as state_dict(), got {type(state).__name__}")
    if not isinstance(suffix, str):
        raise TypeError(f"suffix: expected a text, got {type(suffix).__name__}")
    if "weight_hr" + suffix in state:
        raise ValueError(f"state: expected a layer without projections, got weight_hr{suffix}")
    wanted = {"weight_hh": "4H H", "weight_ih": "4H I"}
    if "bias_ih" + suffix in state or "bias_hh" + suffix in state:
        wanted |= {"bias_ih": "4H", "bias_hh": "4H"}
    if "weight_ch" + suffix in state:
        wanted["weight_ch"] = " ".join(("3", *AXES[kind_of(state["weight_ch" + suffix], stacked=True)]))
    for name in wanted:
        if name + suffix not in state:
            raise ValueError(f"state: expected {name + suffix}, got the names {sorted(state)}")
    R, W, *others = fitting(*((name + suffix, state[name + suffix], axes) for name, axes in wanted.items()))
    P = others.pop() if "weight_ch" in wanted else ()
    return unit_of_stacks(ORDER, W, R, sum(others, np.zeros(len(R), R.dtype)), P)


def units(lstm: torch.nn.LSTM) -> dict[str, UnitWeights]:
    """Return the weights of every layer and direction of a ``torch.nn.LSTM``, in its order.

    Parameters
    ----------
    lstm : torch.nn.LSTM
        Or `lstm_ref.layer.LSTM`.

    Returns
    -------
    dict from str to UnitWeights
        By "l0", "l0_reverse", "l1" and so on: the ends of PyTorch's names.

    Raises
    ------
    TypeError
        If `lstm` is no ``torch.nn.LSTM``, or its numbers are not float32 or float64.
    ValueError
        If it has projections.
    """
    names_of_layer = suffixes(lstm)
    if lstm.proj_size:
        raise ValueError(f"lstm: expected one without projections, got proj_size={lstm.proj_size}")
    found = {}
    for suffix in names_of_layer:
        names = [name + suffix for name in WEIGHTS]
        # What it computes with, which a parametrised or pruned layer keeps beside its parameters.
        found[suffix[1:]] = from_torch({name: getattr(lstm, name) for name in names if hasattr(lstm, name)}, suffix)
    return found


def suffixes(lstm: torch.nn.RNNBase) -> list[str]:
    """Return the ends of a ``torch.nn.LSTM``'s parameter names, one for each layer and direction, in their order.

    Raises
    ------
    TypeError
        If `lstm` is no ``torch.nn.LSTM``.
    """
    torch = checks.package("torch", "torch")
    if getattr(lstm, "mode", None) != "LSTM" or not isinstance(lstm, torch.nn.RNNBase):
        raise TypeError(f"lstm: expected a torch.nn.LSTM, or a layer of lstm_ref, got {type(lstm).__name__}")
    directions = ("", "_reverse") if lstm.bidirectional else ("",)
    return [f"_l{layer}{direction}" for layer in range(lstm.num_layers) for direction in directions]
