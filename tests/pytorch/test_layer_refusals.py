"""What our layer refuses, by name: inputs, starts and options that do not fit."""

import pytest
import torch
from helpers.layers import LOOKING, B, H, I, T
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_ref.layer import LSTM

X, STATE = torch.zeros(T, B, I), torch.zeros(1, B, H)


@pytest.mark.parametrize(
    ("input", "hx", "message"),
    [
        (X.double(), None, "input: expected torch.float32 like the weights, got torch.float64"),
        (X.int(), None, "input: expected torch.float32 like the weights, got torch.int32"),
        (X, (STATE.double(), STATE), "h0: expected torch.float32 like the weights, got torch.float64"),
        (X, (STATE, STATE.double()), "c0: expected torch.float32 like the weights, got torch.float64"),
        (X[:, :, :2], None, r"input: expected \(T, B, I\), .* I = 3, .* got, with time first, \(6, 5, 2\)"),
        (X[0, 0], None, r"input: expected .* got, with time first, \(3,\)"),
        (X[None], None, r"input: expected .* got, with time first, \(1, 6, 5, 3\)"),
        (X[:0], None, r"input: expected .* T and B at least 1, got, with time first, \(0, 5, 3\)"),
        (X[:, :0], None, r"input: expected .* T and B at least 1, got, with time first, \(6, 0, 3\)"),
        (X, (STATE[:, :2], STATE), r"h0: expected \(layers \* directions, B, H\) = \(1, 5, 4\), got \(1, 2, 4\)"),
        (X, (STATE, STATE[:, :, :2]), r"c0: expected .* \(1, 5, 4\), got \(1, 5, 2\)"),
        (X, (STATE[0], STATE[0]), r"h0: expected .* \(1, 5, 4\), got \(5, 4\)"),
        (X, STATE, "hx: expected a pair, h0 and c0, got Tensor"),
        (X, (), "hx: expected a pair, h0 and c0, got tuple of length 0"),
        (X, [], "hx: expected a pair, h0 and c0, got list of length 0"),
        (X, 3, "hx: expected a pair, h0 and c0, got int$"),
        (X, (STATE,), "hx: expected a pair, h0 and c0, got tuple of length 1"),
        (X, (STATE, STATE, STATE), "hx: expected a pair, h0 and c0, got tuple of length 3"),
        (X.to("meta"), None, "input: expected it on cpu like the weights, got meta"),
        (X, (STATE, STATE.to("meta")), "c0: expected it on cpu like the weights, got meta"),
        (X[:, 0], (STATE, STATE), r"h0: expected .* \(1, 1, 4\), got \(1, 5, 1, 4\)"),
    ],
)
def test_what_the_layer_can_not_use_is_refused_by_name(input, hx, message):
    for peephole in LOOKING:
        with pytest.raises(ValueError, match=message):
            LSTM(I, H, peephole=peephole)(input, hx)


@pytest.mark.parametrize("sequences", [1, 3])
def test_a_packed_batch_refuses_a_start_of_another_number_of_sequences(sequences):
    packed = pack_padded_sequence(X[:, :2], torch.tensor([3, 6]), enforce_sorted=False)
    with pytest.raises(ValueError, match=rf"h0: expected .* = \(1, 2, 4\), got \(1, {sequences}, 4\)"):
        LSTM(I, H, peephole="diagonal")(packed, (STATE[:, :sequences],) * 2)


def test_an_unknown_option_is_refused_by_name():
    with pytest.raises(ValueError, match=r"peephole: expected one of .*'diagonal', 'full'.* got 'Full'"):
        LSTM(I, H, peephole="Full")
    with pytest.raises(ValueError, match=r"engine: expected one of .*'auto', 'numpy', .* got 'cuda'"):
        LSTM(I, H, engine="cuda")
    with pytest.raises(TypeError, match="proj_size"):
        LSTM(I, H, proj_size=2)
    lstm = LSTM(I, H, peephole="full")
    lstm.engine = "typo"
    with pytest.raises(ValueError, match=r"engine: expected one of .* got 'typo'"):
        lstm(X)
