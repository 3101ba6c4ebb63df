"""The package as a whole: what importing it costs, and what it ships."""

import subprocess
import sys

import numpy as np

from lstm_ref.data import load_souvenirs


def test_the_core_needs_numpy_alone():
    code = """
import sys
before = set(sys.modules)
import lstm_ref, lstm_ref.data, lstm_ref.diagrams, lstm_ref.interop, lstm_ref.companion.ledger, lstm_ref.companion.exercises
print(sorted({name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['lstm_ref', 'numpy']"


def test_the_ledger_has_seven_whole_years_and_each_peaks_in_december():
    months, sales = load_souvenirs()
    assert (months[0], months[-1]) == (np.datetime64("1987-01"), np.datetime64("1993-12"))
    assert (np.diff(months) == np.timedelta64(1, "M")).all()
    assert (sales > 0).all()
    assert (sales.reshape(7, 12).argmax(axis=1) == 11).all()
