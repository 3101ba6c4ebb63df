"""Is this an LSTM, and if not, what is wrong with it?

`check_lstm` gives a unit drawn weights, an input of five steps and a state before it, and compares every number that
comes out with `lstm_ref.unroll` and `lstm_ref.backward`. Where one differs, it tries the known mistakes, and then every
two of them, until one gives the same numbers. What is checked is one of these:

- A function ``forward(weights, x, h0, c0)`` of arrays: weights a dict by its own names, x (T, B, I), h0 and c0 (B, H).
  It returns h_t (T, B, H), or (h_t, (h_last, c_last)), or a dict of signals by the names f_t, i_t, g_t, o_t, c_t, h_t,
  (T, B, H), h_last and c_last, (B, H). The more it shows, the more the verdict can say.
- A module of PyTorch that is called like ``torch.nn.LSTM``. It is not changed.
- An ONNX model with inputs x (T, B, I), h0 and c0 (1, B, H), or x alone; onnx's reference evaluator runs it.

`lstm_ref.diagnosis.names` says how to name the weights. The known mistakes stand in the modules ``wrong_...``, each as
the part of a unit that it exchanges; `lstm_ref.diagnosis.slips` makes more by rule. In the words of a verdict dh and dc
are the gradients of h_t and c_t, and df, di, dg and do those of the four sums.
"""

from lstm_ref.diagnosis import names
from lstm_ref.diagnosis.check import check_lstm
from lstm_ref.diagnosis.verdict import Mistake, Verdict

__all__ = ["Mistake", "Verdict", "check_lstm", "names"]
