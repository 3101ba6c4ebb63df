"""What only the book uses: the shop's ledger and forecasts, checks of the exercises, results as tables, and probes."""

from lstm_ref.companion import exercises, forecast, ledger, probing, results
from lstm_ref.companion.results import Table

__all__ = ["Table", "exercises", "forecast", "ledger", "probing", "results"]
