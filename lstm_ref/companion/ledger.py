"""The souvenir shop's ledger as a unit set by hand: no training, every weight chosen for a reason.

The memory has two elements: the year-to-date total of all months, and that of November and December alone. The forget
valve shuts each January, the new-memory valve lets in what should be counted, the output valve reports each December.
"""

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.signatures import checked
from lstm_ref.unit import UnitWeights, sigmoid

SCALE = 1e-10
"""What one unit of the ledger's money becomes as an input. It is small, so that tanh hardly bends it."""

DRIVE = 30.0
"""What goes into the sigmoid of a valve set by hand. At +30 the valve is open, at -30 shut, both to within 1e-13."""

INPUT_SIZE = 13
JANUARY, NOVEMBER, DECEMBER = 1, 11, 12


@checked
def inputs(months: ArrayLike, sales: ArrayLike, scale: float = SCALE) -> Array:
    """Return x (T, 13): the month's sales times `scale`, then twelve numbers of which the month's own is 1.

    Parameters
    ----------
    months : array (T,) of datetime64[M]
    sales : array (T,)
        Sales of each month, in the ledger's money.
    scale : float
        What one unit of money becomes.

    Raises
    ------
    TypeError
        If `months` are not datetime64[M].
    ValueError
        If there is not one number of sales for each month.
    """
    sales, months = checks.numbers("sales", sales, ndim=1), checks.plain("months", months, "datetime64[M]")
    checks.above_zero("scale", scale)
    if months.dtype != np.dtype("datetime64[M]"):
        raise TypeError(f"months: expected datetime64[M], got {months.dtype}")
    if months.ndim != 1:
        raise ValueError(f"months: expected shape (T,), got {months.shape}")
    checks.shape("sales", sales, (len(months),), "(T,)")
    if np.isnat(months).any():
        raise ValueError(f"months: expected months, got NaT at {int(np.isnat(months).argmax())}")
    x = np.zeros((len(months), INPUT_SIZE))
    x[:, 0] = sales * scale
    x[np.arange(len(months)), 1 + months.astype(int) % 12] = 1
    return x


def weights() -> UnitWeights:
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


@checked
def error_bound(sold: ArrayLike, counted: ArrayLike = True, scale: float = SCALE) -> Array:
    """Return how far a year's report, h / scale, can be from the plain sum of the sales counted in it.

    tanh(z) is short of z by at most z**3 / 3: once for each counted month as it comes in, once for the year's total as
    it goes out. And a valve is off by at most sigmoid(-DRIVE) of what passes it: the new-memory valve in 12 months, the
    forget valve in 12 (one of them lets the year before leak in), the output valve once. That is 25 times; 40 leave
    room for rounding. Nothing that passes is larger than the largest year.

    Parameters
    ----------
    sold : array (years, 12)
        All sales.
    counted : array (12,) of bool, optional
        The months that the new-memory valve lets in; all of them unless given.
    scale : float
        What one unit of money becomes as an input.

    Returns
    -------
    array (years,)
        In the ledger's money.
    """
    sold = np.abs(checks.numbers("sold", sold, ndim=2))
    checks.shape("sold", sold, (len(sold), 12), "(years, 12)")
    if counted is not True:
        counted = checks.plain("counted", counted, "12 of bool")
        if counted.shape != (12,) or counted.dtype != bool:
            raise ValueError(f"counted: expected 12 of bool, got shape {counted.shape} of {counted.dtype}")
    checks.above_zero("scale", scale, most=1)
    let_in = np.where(counted, sold, 0.0)
    squashed = scale**2 / 3 * ((let_in**3).sum(axis=1) + let_in.sum(axis=1) ** 3)
    return squashed + 40 * sigmoid(-DRIVE) * sold.sum(axis=1).max()
