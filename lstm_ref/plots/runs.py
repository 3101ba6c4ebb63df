"""One mark for each run: how far the results of a training lie apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.plots.chart_parts import tick_label
from lstm_ref.signatures import checked
from lstm_ref.svg import INK, SERIES, drawn, figure


@drawn
@checked
def spread(groups: Mapping[str, ArrayLike], xlabel: str) -> tuple[Figure, str]:
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
    runs = {label: checks.numbers(f"groups[{label!r}]", values) for label, values in groups.items()}
    if not runs:
        raise ValueError("groups: expected at least one")
    for label, values in runs.items():
        if values.ndim != 1 or not values.size or not np.isfinite(values).all():
            raise ValueError(f"groups[{label!r}]: expected finite numbers, one for each run, got {values}")
    fig = figure(0.9 + 0.42 * len(runs))
    ax = fig.subplots()
    for row, values in enumerate(runs.values()):
        stroke = SERIES[row % len(SERIES)]
        # Above, on and below the row by turns, so that equal ones are seen.
        apart = np.resize([-0.24, 0, 0.24], len(values)) if len(values) > 1 else np.zeros(1)
        ax.plot(
            values,
            row + apart,
            color=stroke.colour.light,
            marker=stroke.marker,
            linestyle="",
            markersize=6,
            alpha=0.8,
            clip_on=False,
            gid=f"lstm-runs-{row}",
        )
        ax.plot([np.median(values)] * 2, [row - 0.36, row + 0.36], color=INK.light, gid=f"lstm-median-{row}")
    ax.set_yticks(range(len(runs)), runs)
    ax.set_ylim(len(runs) - 0.5, -0.5)
    ax.grid(False, axis="y")
    ax.set_xlabel(xlabel)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(tick_label)
    return fig, xlabel
