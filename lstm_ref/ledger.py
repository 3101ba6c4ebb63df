"""The souvenir shop's ledger as a unit set by hand: no training, every weight chosen for a reason.

The memory has two elements: the year-to-date total of all months, and that of November and December alone. The forget
valve shuts each January, the new-memory valve lets in what should be counted, the output valve reports each December.
"""

import numpy as np

from lstm_ref.unit import UnitWeights, sigmoid

SCALE = 1e-10
"""One unit of the ledger's money, as the unit of this book sees it: small, so that tanh hardly bends it."""

DRIVE = 30.0
"""What goes into the sigmoid of a valve set by hand: at +30 it is open, at -30 shut, both to within 1e-13."""

INPUT_SIZE = 13
JANUARY, NOVEMBER, DECEMBER = 1, 11, 12


def inputs(months, sales, scale=SCALE):
    """Return x (T, 13): the month's sales times `scale`, then twelve numbers of which the month's own is 1.

    Parameters
    ----------
    months : array (T,) of datetime64[M]
    sales : array (T,)
        Sales of each month, in the ledger's money.
    scale : float
        What one unit of money becomes.
    """
    x = np.zeros((len(months), INPUT_SIZE))
    x[:, 0] = sales * scale
    x[np.arange(len(months)), 1 + months.astype(int) % 12] = 1
    return x


def weights():
    """Return the weights of the ledger's unit (I = 13, H = 2, no peephole)."""
    shop = UnitWeights.zeros(INPUT_SIZE, 2)
    W_f, W_i, W_g, W_o = (np.zeros((2, INPUT_SIZE)) for _ in range(4))
    W_f[:, JANUARY] = -2 * DRIVE
    W_i[1, [NOVEMBER, DECEMBER]] = 2 * DRIVE
    W_g[:, 0] = 1
    W_o[:, DECEMBER] = 2 * DRIVE
    return shop.replace(
        W_f=W_f,
        b_f=np.array([DRIVE, DRIVE]),
        W_i=W_i,
        b_i=np.array([DRIVE, -DRIVE]),
        W_g=W_g,
        W_o=W_o,
        b_o=np.array([-DRIVE, -DRIVE]),
    )


def error_bound(counted, scale=SCALE):
    """Return how far a year's report, h / scale, can be from the plain sum of the sales counted that year.

    Parameters
    ----------
    counted : array (years, 12)
        Sales that should be counted, zero where a month should not.
    scale : float

    Returns
    -------
    array (years,)
        In the ledger's money. tanh(z) is short of z by at most z**3 / 3: once for each month as it comes in, once for
        the year's total as it goes out. A valve is wrong by at most sigmoid(-DRIVE), at fewer than 40 places (12 months
        forgetting, 12 months letting in, one reporting, the year before left over), each at most the largest year.
    """
    totals = counted.sum(axis=1)
    squashed = scale**2 / 3 * ((counted**3).sum(axis=1) + totals**3)
    return squashed + 40 * sigmoid(-DRIVE) * totals.max()
