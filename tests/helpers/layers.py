"""Layers of PyTorch, its own and ours: every kind of them, called in every form, with all that they answer."""

import itertools

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from lstm_ref.engines.choosing import ON_A_CPU
from lstm_ref.layer import LSTM
from lstm_ref.weights import PEEPHOLES

T, B, I, H = 6, 5, 3, 4
LENGTHS = [3, 6, 1, 3, 5]
LOOKING = PEEPHOLES[1:]
ENGINES = ON_A_CPU
FORMS = "batched", "unbatched", "packed", "packed in order"
DOUBLE = {"dtype": torch.float64}


def kinds(layers):
    """Return the options of every kind of layer, by its name."""
    found = {}
    for number, both_ways, batch_first, bias in itertools.product(layers, *[(False, True)] * 3):
        words = f"{number} layers", "both ways" * both_ways, "batch first" * batch_first, "no bias" * (not bias)
        found[", ".join(filter(None, words))] = {
            "num_layers": number,
            "bidirectional": both_ways,
            "batch_first": batch_first,
            "bias": bias,
        }
    return found


def layer(make=LSTM, seed=5, **options):
    torch.manual_seed(seed)
    return make(I, H, **(DOUBLE | options))


def problem(lstm, form="batched"):
    """Return x and hx for a layer, leaves that ask for their gradient, and the input made of x."""
    torch.manual_seed(6)
    rows, dtype = lstm.num_layers * (1 + lstm.bidirectional), lstm.weight_ih_l0.dtype
    x, (h0, c0) = torch.randn(T, B, I, **DOUBLE).to(dtype), torch.randn(2, rows, B, H, **DOUBLE).to(dtype)
    if form == "unbatched":
        x, h0, c0 = x[:, 0], h0[:, 0], c0[:, 0]
    elif form == "batched" and lstm.batch_first:
        x = x.transpose(0, 1)
    x, h0, c0 = (array.clone().requires_grad_() for array in (x, h0, c0))
    if form == "packed":
        return x, (h0, c0), pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    if form == "packed in order":
        return x, (h0, c0), pack_padded_sequence(x, torch.tensor(sorted(LENGTHS, reverse=True)))
    return x, (h0, c0), x


def outcome(lstm, form="batched", hx=True):
    """Return a layer's three outputs, and the gradients of a random sum of them by x, h0, c0 and each parameter."""
    x, states, input = problem(lstm, form)
    y, (h, c) = lstm(input, states if hx else None)
    outputs = (y.data if isinstance(y, PackedSequence) else y), h, c
    torch.manual_seed(7)
    loss = sum((torch.randn(output.shape, **DOUBLE).to(output.dtype) * output).sum() for output in outputs)
    named = {"x": x} | dict(zip(("h0", "c0"), states if hx else ())) | dict(lstm.named_parameters())
    return y, (h, c), dict(zip(("y", "h", "c"), outputs)), dict(zip(named, torch.autograd.grad(loss, named.values())))


def agree(found, want, bound):
    """Hold tensors by name to others: their shapes, dtypes and numbers."""
    for name, expected in want.items():
        assert found[name].shape == expected.shape and found[name].dtype == expected.dtype, name
        assert (found[name] - expected).abs().max() <= bound, (name, (found[name] - expected).abs().max())


def close(found, want, bound=1e-12):
    """Return whether the tensors of two lists are the same pair by pair."""
    return all((one - other).abs().max() <= bound for one, other in zip(found, want, strict=True))


def zeroed(lstm):
    """Let the peepholes of a layer be zero."""
    with torch.no_grad():
        for name, weight in lstm.named_parameters():
            weight *= "weight_ch" not in name
    return lstm
