"""The book's figures: each call draws one and returns it as a `lstm_ref.svg.Picture`.

Nothing here touches matplotlib's settings or its list of open figures.
"""

from lstm_ref.checks import installed

with installed("book"):
    from lstm_ref.plots.charts import bars, lines, signals, valves
    from lstm_ref.plots.machine import machine
    from lstm_ref.plots.measured import curves, timeline
    from lstm_ref.plots.pipe import output_branch, pipe, t_joint
    from lstm_ref.plots.runs import spread
    from lstm_ref.plots.text import characters

__all__ = [
    "bars",
    "characters",
    "curves",
    "lines",
    "machine",
    "output_branch",
    "pipe",
    "signals",
    "spread",
    "t_joint",
    "timeline",
    "valves",
]
