"""The units inside a ``torch.nn.LSTM``: one for each layer and direction. Source: its documentation."""

from lstm_ref.interop import from_torch

WEIGHTS = "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_ch"


def units(lstm):
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
    import torch

    if not isinstance(lstm, torch.nn.LSTM):
        raise TypeError(f"lstm: expected a torch.nn.LSTM, got {type(lstm).__name__}")
    if lstm.proj_size:
        raise ValueError(f"lstm: expected one without projections, got proj_size={lstm.proj_size}")
    found = {}
    for suffix in suffixes(lstm):
        names = [name + suffix for name in WEIGHTS]
        # What it computes with, which a parametrised or pruned layer keeps beside its parameters.
        found[suffix[1:]] = from_torch({name: getattr(lstm, name) for name in names if hasattr(lstm, name)}, suffix)
    return found


def suffixes(lstm):
    """Return the ends of a ``torch.nn.LSTM``'s parameter names, one for each layer and direction, in their order."""
    directions = ("", "_reverse") if lstm.bidirectional else ("",)
    return [f"_l{layer}{direction}" for layer in range(lstm.num_layers) for direction in directions]
