"""The LSTMs whose weights are in a file of PyTorch or of safetensors."""

from __future__ import annotations

import pickle
import re
import zipfile
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_ref import checks
from lstm_ref.peepholes import kind_of
from lstm_ref.signatures import checked

if TYPE_CHECKING:
    from lstm_ref.layer import LSTM

FIRST = re.compile(r"((?:.*\.)?)weight_ih_l0")
INSIDE = ("state_dict", "model_state_dict", "model")
"""By which names a file may hold a state dict beside other things."""


@checked
def load_layers(path: str | PathLike[str]) -> dict[str, LSTM]:
    """Return every ``torch.nn.LSTM``, or layer of ours, whose weights are in a file, by the name it had in its model.

    Parameters
    ----------
    path : path
        A state dict, as ``torch.save(model.state_dict(), path)`` writes it, alone or under one of the names
        "state_dict", "model_state_dict" and "model"; or a file that ends in ".safetensors", as
        ``safetensors.torch.save_file(model.state_dict(), path)`` writes it. Nothing in the file is run.

    Returns
    -------
    dict from str to lstm_ref.layer.LSTM
        Ready for evaluation, with time first; the name is "" if the weights have no prefix.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds something else; the message says what to do.
    ImportError
        If a file of safetensors is given, and the package is not installed.
    """
    state = _state(Path(path))
    for name in INSIDE:
        state = state[name] if isinstance(state, dict) and isinstance(state.get(name), dict) else state
    names = map(str, state) if isinstance(state, dict) else ()
    prefixes = [found[1] for name in names if (found := FIRST.fullmatch(name))]
    if not prefixes:
        raise ValueError(f"path: expected the weights of a torch.nn.LSTM, got none in {str(path)!r}")
    return {prefix.rstrip("."): _layer(state, prefix) for prefix in prefixes}


def _state(path: Path) -> Any:
    torch = checks.package("torch", "torch")
    if not path.is_file():
        raise FileNotFoundError(f"path: expected a file of PyTorch, got {str(path)!r}, and there is no such file")
    if path.suffix == ".safetensors":
        safetensors = checks.package("safetensors.torch", "book")
        try:
            return safetensors.load_file(path)
        except Exception as error:
            raise ValueError(f"path: expected a file of safetensors, got {str(path)!r}, which is none") from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not zipfile.is_zipfile(path):
            raise ValueError(f"path: expected a file of torch.save, got {str(path)!r}, which is none") from error
        wanted = "a state dict, as torch.save(model.state_dict(), ...) writes it"
        raise ValueError(f"path: expected {wanted}, got {str(path)!r}, which has more in it than numbers") from error
    except Exception as error:
        raise ValueError(f"path: expected a file of torch.save, got {str(path)!r}, which is none") from error


def _layer(state: dict[str, Any], prefix: str) -> LSTM:
    """Return the layer whose weights have names that begin so."""
    from lstm_ref.layer import LSTM

    form = re.compile(re.escape(prefix) + r"((?:weight|bias)_\w\w_l(\d+)(?:_reverse)?)")
    own = {found[1]: each for name, each in state.items() if (found := form.fullmatch(str(name)))}
    W, R = own["weight_ih_l0"], own.get("weight_hh_l0")
    if R is not None and W.shape[0] != 4 * R.shape[1] and "weight_hr_l0" not in own:
        raise ValueError(
            f"path: expected the weights of an LSTM, got others, of a GRU or a plain RNN: {prefix}weight_ih_l0"
        )
    if R is None or "weight_hr_l0" in own or tuple(R.shape) != (W.shape[0], W.shape[0] // 4):
        raise ValueError(f"path: expected an LSTM without projections, got {prefix}weight_ih_l0 of {tuple(W.shape)}")
    layers = 1 + max(int(name.split("_l")[1].partition("_")[0]) for name in own)
    layer = LSTM(
        W.shape[1],
        R.shape[1],
        layers,
        bias="bias_ih_l0" in own,
        bidirectional="weight_ih_l0_reverse" in own,
        peephole=kind_of(own.get("weight_ch_l0"), stacked=True),
        dtype=W.dtype,
    )
    try:
        layer.load_state_dict(own)
    except RuntimeError as error:
        raise ValueError(f"path: expected all weights of {prefix or 'a layer'}, got {sorted(own)}") from error
    return layer.eval()
