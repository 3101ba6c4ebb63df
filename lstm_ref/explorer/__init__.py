"""Interactive figures of the unit, for notebooks and for pages without a kernel. They need the package anywidget.

>>> from lstm_ref.explorer import Explorer
>>> Explorer()
Explorer(I=1, H=1, peephole='diagonal')

What moves is computed in the page, by the JavaScript beside this file; `unit.js` there is `lstm_ref.unit` again.
"""

from lstm_ref.checks import installed

with installed("book"):
    from lstm_ref.explorer.explorer import Explorer
    from lstm_ref.explorer.family import FamilyExplorer
    from lstm_ref.explorer.joint import Joint
    from lstm_ref.explorer.ledger import Ledger
    from lstm_ref.explorer.nudge import Nudge
    from lstm_ref.explorer.tanks import Tanks
    from lstm_ref.explorer.time_machine import TimeMachine
    from lstm_ref.explorer.valve import Valve

__all__ = ["Explorer", "FamilyExplorer", "Joint", "Ledger", "Nudge", "Tanks", "TimeMachine", "Valve"]
