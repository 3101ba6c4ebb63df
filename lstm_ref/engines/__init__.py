"""The unit over a whole sequence and back again, arranged to be fast: in NumPy, numba's loops, torch, Triton's kernels.

Every engine is a module with the same two functions, described in `lstm_ref.engines.numpy_engine`. NumPy's serves
`lstm_ref.unroll` and `lstm_ref.backward`; `lstm_ref.layer` takes the one that `choose` returns.
"""

from lstm_ref.engines import numpy_engine
from lstm_ref.engines.choosing import ENGINES, choose

__all__ = ["ENGINES", "choose", "numpy_engine"]
