"""Whether numba can keep on disk what it compiles. (In the file of the loops, a change here would discard them.)"""

import warnings

from numba import njit


def may_keep() -> bool:
    """Say whether numba finds a folder that it may write to; warn if not.

    The loops are then compiled again in every process. For work of more than a few seconds that is still better than
    NumPy's engine.
    """
    try:
        njit(may_keep, cache=True)
    except RuntimeError as error:
        warnings.warn(
            "engine: 'compiled' takes some seconds at its first call in every process, because numba can keep nothing "
            f"on disk ({error}). Set NUMBA_CACHE_DIR to a folder that can be written to, or choose engine='numpy'.",
            stacklevel=2,
        )
        return False
    return True
