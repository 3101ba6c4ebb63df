"""The LSTM as the article draws it: memory as water in a pipe, and the valves that control it.

>>> from lstm_ref import UnitWeights, unroll

`lstm_ref.unit` is one step, `lstm_ref.sequence` a whole sequence, `lstm_ref.gradients` the way back; the rest of the
package runs, shows and checks them. The core needs NumPy alone.
"""

from lstm_ref.diagnosis import check_lstm
from lstm_ref.gradients import Gradients, backward
from lstm_ref.sequence import Trace, unroll
from lstm_ref.unit import Step, step
from lstm_ref.weights import UnitWeights

__all__ = ["Gradients", "Step", "Trace", "UnitWeights", "backward", "check_lstm", "step", "unroll"]
__version__ = "0.1.0"
