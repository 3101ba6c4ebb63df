"""What only the book uses: ledger and forecasts, checks of exercises, results as tables, marks to beat, and probes."""

from lstm_ref.companion import exercises, forecast, ledger, marks, patching, probes, probing, results
from lstm_ref.companion.results import Table

__all__ = ["Table", "exercises", "forecast", "ledger", "marks", "patching", "probes", "probing", "results"]
