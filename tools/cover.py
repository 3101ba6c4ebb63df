"""Draw the picture of the README and of the first page: the ledger's unit through seven years.

python tools/cover.py          writes book/images/ledger.svg
"""

from dataclasses import replace
from pathlib import Path

from lstm_ref import ledger, plots, unroll
from lstm_ref.data import load_souvenirs

PATH = Path(__file__).resolve().parents[1] / "book" / "images" / "ledger.svg"


def draw():
    """Return the Picture."""
    months, sales = load_souvenirs()
    trace = unroll(ledger.weights(), ledger.inputs(months, sales))
    trace = replace(trace, c_t=trace.c_t / ledger.SCALE, h_t=trace.h_t / ledger.SCALE)
    return plots.signals(trace, ("f_t", "o_t", "c_t", "h_t"), times=months, element=0)


if __name__ == "__main__":
    draw().save(PATH)
