"""What was measured: curves with marks to beat, each over its own points, and when what ran on a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.plots import chart_parts
from lstm_ref.signatures import checked
from lstm_ref.svg import INK, MUTED, SERIES, drawn, figure

Span = tuple[float, float, bool]


@drawn
@checked
def curves(
    series: Mapping[str, tuple[ArrayLike, ArrayLike]],
    xlabel: str,
    ylabel: str,
    log: bool = False,
    marks: Mapping[str, float] | None = None,
) -> tuple[Figure, str]:
    """Draw labelled curves, each over points of its own, and grey lines that they have to pass.

    Parameters
    ----------
    series : dict of str to (array (N,), array (N,))
        The label of each curve, where its points stand and how high.
    xlabel, ylabel : str
    log : bool
        Whether both axes go by powers; all numbers must then be above zero.
    marks : dict of str to float, optional
        Labels and heights of level lines.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If a curve's points do not fit together, there are no curves or too many, or a number cannot stand on a
        logarithmic axis.
    """
    points = _checked(series, log)
    fig = figure(3.6)
    ax = fig.subplots()
    for place, ((label, (x, y)), stroke) in enumerate(zip(points.items(), SERIES)):
        chart_parts.line(ax, x, y, stroke, label=label, gid=f"lstm-line-{place}")
    if log:
        ax.set(xscale="log", yscale="log")
        ax.set_xticks(sorted({float(each) for x, _ in points.values() for each in x}))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(FuncFormatter(chart_parts.tick_label))
    ax.xaxis.set_major_formatter(FuncFormatter(chart_parts.tick_label))
    ax.set(title=ylabel, xlabel=xlabel)
    for label, level in (marks or {}).items():
        _level(ax, label, level)
    if len(points) > 1:
        chart_parts.legend_above(fig, points)
    return fig, ylabel


def _checked(series: Mapping[str, tuple[ArrayLike, ArrayLike]], log: bool) -> dict[str, tuple[Array, Array]]:
    """Return the points of each curve."""
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError(f"series: expected 1 to {len(SERIES)} of them, got {len(series)}")
    points = {}
    for label, (x, y) in series.items():
        points[label] = checks.numbers(f"series[{label!r}]", x), checks.numbers(f"series[{label!r}]", y)
    for label, (x, y) in points.items():
        if x.ndim != 1 or x.shape != y.shape or not x.size:
            raise ValueError(f"series[{label!r}]: expected as many heights as places, got {x.shape} and {y.shape}")
        if log and min(x.min(), y.min()) <= 0:
            raise ValueError(f"series[{label!r}]: expected numbers above zero on logarithmic axes")
    return points


def _level(ax: Axes, label: str, level: float) -> None:
    """Draw a level line, with its label to the right of it."""
    ax.axhline(level, color=MUTED.light, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
    ax.annotate(
        label,
        (1, level),
        (6, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=chart_parts.SMALL,
        annotation_clip=False,
    )


@drawn
@checked
def timeline(rows: Mapping[str, Sequence[Span]], xlabel: str) -> tuple[Figure, str]:
    """Draw what ran when: a row of blocks for each label, dark for matrix products and light for everything else.

    Parameters
    ----------
    rows : dict of str to sequence of (start, length, whether it is a matrix product)
        From top to bottom.
    xlabel : str

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If there is no row, or a row has no block.
    """
    if not rows or not all(rows.values()):
        raise ValueError(f"rows: expected at least one, each with a block, got {[*rows]}")
    fig = figure(0.9 + 0.62 * len(rows))
    ax = fig.subplots()
    looks: dict[bool, dict[str, Any]] = {
        True: {"facecolor": INK.light, "edgecolor": INK.light},
        False: {"facecolor": (SERIES[3].colour.light, 0.5), "edgecolor": SERIES[3].colour.light},
    }
    for height, (label, spans) in enumerate(rows.items()):
        for product, look in looks.items():
            wide = [(start, length) for start, length, is_product in spans if is_product == product]
            ax.broken_barh(wide, (height - 0.28, 0.56), linewidth=0.5, gid=f"lstm-{label}-{product}", **look)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(False, axis="y")
    ax.set_xlabel(xlabel)
    ax.xaxis.set_major_formatter(FuncFormatter(chart_parts.tick_label))
    return fig, xlabel
