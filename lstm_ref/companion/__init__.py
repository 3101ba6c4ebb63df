"""What only the book uses: the shop's ledger, checks of the exercises, tables of results, and probes of a memory."""

from lstm_ref.companion import exercises, ledger, probing, results
from lstm_ref.companion.results import Table

__all__ = ["Table", "exercises", "ledger", "probing", "results"]
