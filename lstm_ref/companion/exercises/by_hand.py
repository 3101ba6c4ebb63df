"""Holding a valve that the reader set by hand against what it should do in every month of the ledger."""

import numpy as np

from lstm_ref.companion import ledger
from lstm_ref.companion.exercises.grading import TOLERANCE, show
from lstm_ref.data import MONTHS, load_souvenirs

MONTH = np.arange(84) % 12
"""The month of each step of the ledger, January being 0."""


def hold(valve, expected, **changes):
    """Return the verdict on the ledger's weights with some `changes`.

    Parameters
    ----------
    valve : function
        Of `lstm_ref.unit`: the valve that was set.
    expected : array (84, 2)
        How far open it should be.
    changes : array
        Weights by name.
    """
    try:
        weights = ledger.weights().replace(**changes)
    except (TypeError, ValueError) as error:
        return f"not yet: {error}"
    x, zero = ledger.inputs(*load_souvenirs()), np.zeros((84, 2))
    openings = valve(x, zero, zero, weights)
    wrong = np.flatnonzero(np.abs(openings - expected).max(axis=1) > TOLERANCE)
    if len(wrong) == 0:
        return "right"
    first = wrong[0]
    stands = show(openings[first].round(6))
    return f"not yet: in {MONTHS[MONTH[first]]} the valve stands at {stands}, expected {show(expected[first])}"
