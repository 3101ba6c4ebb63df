"""Charts of signals, of valves, and of numbers that are no signal: lines and bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from lstm_ref.checks import Array
from lstm_ref.plots import chart_parts
from lstm_ref.sequence import Trace
from lstm_ref.signatures import checked
from lstm_ref.svg import MUTED, PAPER, SERIES, SIGNALS, LineStyle, Stroke, drawn, figure, number
from lstm_ref.unit import VALVES

_ELEMENT_LINES: tuple[LineStyle, ...] = ("-", "--", ":", "-.", (0, (9, 2.5)), (0, (6, 1.5, 1, 1.5, 1, 1.5)))
_HATCHES = ("", "///", "\\\\\\", "xxx", "---")
_WRITTEN = 11  # up to so many columns, each cell has its number


@drawn
@checked
def signals(
    trace: Trace,
    names: Iterable[str] = ("f_t", "i_t", "o_t", "c_t", "h_t"),
    times: ArrayLike | None = None,
    element: int | Sequence[int] | None = None,
) -> tuple[Figure, str]:
    """Draw signals over time, one row for each.

    Parameters
    ----------
    trace : lstm_ref.Trace
        Of one sequence: its signals are (T, H), its input (T, I).
    names : sequence of str
        The signals to draw, from top to bottom.
    times : array (T,) of datetime64, optional
        The date of each step; step numbers from 0 unless given.
    element : int or sequence of int, optional
        Which of the H elements to draw; all of them unless given, at most 6. The input `x_t` is drawn whole.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If a name is unknown, the trace is batched, `times` has another length, or there are too many elements.
    """
    columns = chart_parts.columns(trace, names)
    x = chart_parts.steps(times, len(trace))
    picked = {name: chart_parts.elements(name, values, element) for name, values in columns.items()}
    most = max(map(len, picked.values()))
    fig = figure(0.45 + max(1.02, 0.4 + 0.21 * most) * len(picked))
    rows = fig.subplots(len(picked), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (name, elements) in zip(rows, picked.items()):
        _draw_signal(ax, name, x, elements)
    chart_parts.time_axis(rows[-1], x)
    for ax, elements in zip(rows, picked.values()):
        if len(elements) > 1:
            chart_parts.label_ends(fig, ax, x, {f"[{index}]": y for index, y in elements.items()})
    return fig, "signals over time"


def _draw_signal(ax: Axes, name: str, x: NDArray[Any], elements: dict[int, Array]) -> None:
    """Draw the elements of one signal in its row."""
    signal = SIGNALS[name]
    for line, (index, y) in zip(_ELEMENT_LINES, elements.items()):
        stroke = signal.stroke._replace(line=line)
        chart_parts.line(ax, x, y, stroke, gid=f"lstm-{name}-{index}", clip_on=False)
    chart_parts.heading(ax, signal, len(x))
    if name in VALVES:
        ax.set(ylim=(-0.05, 1.05), yticks=(0, 1), yticklabels=("0 shut", "1 open"))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.yaxis.set_major_formatter(chart_parts.tick_label)


@drawn
@checked
def valves(trace: Trace, names: Iterable[str] = VALVES, times: ArrayLike | None = None) -> tuple[Figure, str]:
    """Draw how far valves are open at every step: a row for each element, the darker the wider open.

    Parameters
    ----------
    trace : lstm_ref.Trace
        Of one sequence: its signals are (T, H).
    names : sequence of str
        Of "f_t", "i_t", "o_t".
    times : array (T,) of datetime64, optional
        The date of each step; step numbers from 0 unless given.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If a name is no valve's, the trace is batched, or `times` has another length.
    """
    if unknown := [name for name in names if name not in VALVES]:
        raise ValueError(f"names: expected valves, of {VALVES}, got {unknown[0]!r}")
    columns = chart_parts.columns(trace, names)
    x = chart_parts.steps(times, len(trace))
    written = len(trace) <= _WRITTEN
    H = next(iter(columns.values())).shape[1]
    row = 0.34 if written else min(0.34, max(0.1, 1.2 / H))
    heights = [row * H] * len(columns) + [0.16]
    fig = figure(0.75 + sum(heights) + 0.36 * len(columns))
    *bands, key = fig.subplots(len(heights), 1, height_ratios=heights)
    for ax, (name, values) in zip(bands, columns.items()):
        chart_parts.heading(ax, SIGNALS[name])
        chart_parts.cells(ax, chart_parts.edges(x), values.T, f"lstm-{name}", written)
        ax.set_yticks(range(0, H, -(-H // 6)) if H > 1 else ())
        if ax is not bands[-1]:
            ax.sharex(bands[-1])
            ax.tick_params(labelbottom=False, bottom=False)
    chart_parts.time_axis(bands[-1], x)
    shades = np.linspace(0, 1, 11)
    chart_parts.cells(key, np.linspace(-0.05, 1.05, 12), shades[None], "lstm-key", False)
    key.set(xticks=(0, 0.5, 1), xticklabels=("0 shut", "0.5", "1 open"), yticks=())
    key.set_box_aspect(0.16 / 2.4)
    key.set_anchor("W")
    return fig, "valves over time"


@drawn
@checked
def lines(
    x: ArrayLike,
    series: Mapping[str, ArrayLike],
    xlabel: str,
    ylabel: str,
    log_y: bool = False,
    styles: Mapping[str, str] | None = None,
) -> tuple[Figure, str]:
    """Draw labelled lines over one axis.

    Parameters
    ----------
    x : array (N,)
        Numbers or datetime64.
    series : dict of str to array (N,)
        The label of each line and its heights; NaN leaves a gap.
    xlabel, ylabel : str
    log_y : bool
        Whether the heights go by powers of ten; they must then be above zero.
    styles : dict of str to str, optional
        For a label, the signal whose colour and line it takes, as ``{"memory": "c_t"}``.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If a line's length is not that of x, there are no lines or too many, a height cannot stand on a
        logarithmic axis, or `styles` names an unknown label or signal.
    """
    x = chart_parts.places(x)
    heights = chart_parts.checked_series(series, x.shape)
    if low := [label for label, y in heights.items() if log_y and (y <= 0).any()]:
        raise ValueError(f"series[{low[0]!r}]: expected heights above 0 for log_y, got {np.nanmin(heights[low[0]]):g}")
    strokes = _strokes(heights, styles or {})
    fig = figure(3.4)
    ax = fig.subplots()
    for place, (label, y) in enumerate(heights.items()):
        chart_parts.line(ax, x, y, strokes[label], label=label, gid=f"lstm-line-{place}")
    ax.set(title=ylabel, xlabel=xlabel)
    chart_parts.x_ticks(ax, x)
    if log_y:
        ax.set_yscale("log")
    else:
        ax.yaxis.set_major_formatter(chart_parts.tick_label)
    if len(heights) > 1 and not chart_parts.label_ends(fig, ax, x, heights, far=0.75):
        chart_parts.legend_above(fig, heights)
    return fig, ylabel


def _strokes(labels: Iterable[str], styles: Mapping[str, str]) -> dict[str, Stroke]:
    """Return each label's stroke: that of the signal it is styled as, or the next that looks like none of these."""
    labels = tuple(labels)
    if unknown := [label for label in styles if label not in labels]:
        raise ValueError(f"styles: expected labels of series, {labels}, got {unknown[0]!r}")
    if unknown := [name for name in styles.values() if name not in SIGNALS]:
        raise ValueError(f"styles: expected signals, of {tuple(SIGNALS)}, got {unknown[0]!r}")
    wanted = {label: SIGNALS[name].stroke for label, name in styles.items()}
    taken = {stroke.line for stroke in wanted.values()}
    rest: Iterator[Stroke] = (stroke for stroke in SERIES if stroke.line not in taken)
    return {label: wanted[label] if label in wanted else next(rest) for label in labels}


@drawn
@checked
def bars(groups: Sequence[str], series: Mapping[str, ArrayLike], ylabel: str) -> tuple[Figure, str]:
    """Draw groups of bars, each with its number written on it.

    Parameters
    ----------
    groups : sequence of str
        The label of each group of bars.
    series : dict of str to array (len(groups),)
        What is compared within a group: label and heights.
    ylabel : str

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If the heights are not as many as the groups or not finite, or there are no series or too many.
    """
    heights = chart_parts.checked_series(series, (len(groups),))
    if bad := [label for label, numbers in heights.items() if not np.isfinite(numbers).all()]:
        raise ValueError(f"series[{bad[0]!r}]: expected finite heights")
    fig = figure(3.4)
    ax = fig.subplots()
    width = 0.84 / len(heights)
    texts = []
    for place, (label, numbers) in enumerate(heights.items()):
        colour, hatch = SERIES[place].colour.light, _HATCHES[place]
        look: dict[str, Any] = {
            "edgecolor": colour,
            "facecolor": PAPER.light if hatch else (colour, 0.25),
            "hatch": hatch,
        }
        middles = np.arange(len(groups)) - 0.42 + (place + 0.5) * width
        standing = ax.bar(middles, numbers, 0.88 * width, label=label, gid=f"lstm-bar-{place}", linewidth=1.4, **look)
        texts += ax.bar_label(standing, list(map(number, numbers)), padding=3, fontsize=chart_parts.SMALL)
    ax.set_xticks(range(len(groups)), groups)
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.axhline(0, color=MUTED.light, linewidth=0.8)
    ax.margins(y=0.16)
    ax.yaxis.set_major_formatter(chart_parts.tick_label)
    ax.set_title(ylabel)
    if len(heights) > 1:
        chart_parts.legend_above(fig, heights)
    chart_parts.turn_where_wide(fig, ax, texts, width)
    return fig, ylabel
