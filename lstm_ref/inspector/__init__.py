"""Every signal inside a trained LSTM, at every step, and a report of it that anybody can open.

A unit that runs backwards has a trace in its own order: its first step is the sequence's last. `backwards` turns any of
its signals round, so that it stands beside the input and beside the other direction:

>>> h_t = backwards(trace.h_t, trace.lengths)  # doctest: +SKIP

For `lstm_ref.plots`, `lstm_ref.diagrams` and `lstm_ref.explorer`, which show one sequence, take ``trace.sequence(b)``
of a batch.
"""

from lstm_ref.inspector.layers import backwards, onnx_traces
from lstm_ref.inspector.models import model_file_traces, traces
from lstm_ref.inspector.report import Report, report, report_of
from lstm_ref.inspector.saved import load_layers

__all__ = [
    "Report",
    "backwards",
    "load_layers",
    "model_file_traces",
    "onnx_traces",
    "report",
    "report_of",
    "traces",
]
