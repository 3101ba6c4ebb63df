"""One mark for each run: how far the results of a training lie apart. `lstm_ref.plots` hands it out."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from lstm_ref.plots import chart_parts as axes
from lstm_ref.svg.palette import INK, SERIES
from lstm_ref.svg.picture import drawn, figure


@drawn
def spread(groups, xlabel):
    """Draw every run as a mark, a row for each group, and a stroke at the group's median.

    Parameters
    ----------
    groups : dict of str to array
        The label of each group, from top to bottom, and a number for each of its runs.
    xlabel : str

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If there is no group, a group has no run, or a number is not finite.
    """
    groups = {label: np.asarray(values, dtype=float) for label, values in groups.items()}
    if not groups:
        raise ValueError("groups: expected at least one")
    for label, values in groups.items():
        if values.ndim != 1 or not values.size or not np.isfinite(values).all():
            raise ValueError(f"groups[{label!r}]: expected finite numbers, one for each run, got {values}")
    fig = figure(0.9 + 0.42 * len(groups))
    ax = fig.subplots()
    for row, values in enumerate(groups.values()):
        stroke = SERIES[row % len(SERIES)]
        marks = {"color": stroke.colour.light, "marker": stroke.marker, "linestyle": "", "markersize": 6}
        heights = row + _apart(len(values))
        ax.plot(values, heights, **marks, alpha=0.8, clip_on=False, gid=f"lstm-runs-{row}")
        ax.plot([np.median(values)] * 2, [row - 0.36, row + 0.36], color=INK.light, gid=f"lstm-median-{row}")
    ax.set_yticks(range(len(groups)), groups)
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.grid(False, axis="y")
    ax.set_xlabel(xlabel)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(axes.thousands)
    return fig, xlabel


def _apart(count):
    """Return how far above or below its row each mark stands, so that equal ones are seen."""
    return 0.24 * np.resize([-1, 0, 1], count) if count > 1 else np.zeros(1)
