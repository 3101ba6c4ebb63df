"""Charts of signals, of valves, and of numbers that are no signal: lines and bars."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from lstm_ref.plots import chart_parts as axes
from lstm_ref.svg.palette import MUTED, PAPER, SERIES, SIGNALS
from lstm_ref.svg.picture import drawn, figure, number
from lstm_ref.unit import VALVES

_ELEMENT_LINES = ("-", "--", ":", "-.", (0, (9, 2.5)), (0, (6, 1.5, 1, 1.5, 1, 1.5)))
_HATCHES = ("", "///", "\\\\\\", "xxx", "---")
_MARKED = 24  # up to so many points, each gets its marker
_WRITTEN = 11  # up to so many columns, each cell has its number


@drawn
def signals(trace, names=("f_t", "i_t", "o_t", "c_t", "h_t"), times=None, element=None):
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
    columns = axes.columns(trace, names)
    x = axes.steps(times, len(trace))
    picked = {name: axes.elements(name, values, element) for name, values in columns.items()}
    most = max(map(len, picked.values()))
    fig = figure(0.45 + max(1.02, 0.4 + 0.21 * most) * len(picked))
    rows = fig.subplots(len(picked), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (name, lines_of) in zip(rows, picked.items()):
        signal = SIGNALS[name]
        for line, (index, y) in zip(_ELEMENT_LINES, lines_of.items()):
            ax.plot(
                x,
                y,
                color=signal.stroke.colour.light,
                linestyle=line,
                gid=f"lstm-{name}-{index}",
                marker=signal.stroke.marker if len(x) <= _MARKED else "",
                clip_on=False,
            )
        axes.heading(ax, signal)
        if name in VALVES:
            ax.set(ylim=(-0.05, 1.05), yticks=(0, 1), yticklabels=("0 shut", "1 open"))
        else:
            ax.yaxis.set_major_locator(MaxNLocator(3))
            ax.yaxis.set_major_formatter(axes.thousands)
    axes.time_axis(rows[-1], times)
    for ax, lines_of in zip(rows, picked.values()):
        if len(lines_of) > 1:
            axes.end_labels(ax, {f"[{index}]": (x[-1], y[-1]) for index, y in lines_of.items()})
    return fig, "signals over time"


@drawn
def valves(trace, names=VALVES, times=None):
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
    columns = axes.columns(trace, names)
    edges = axes.edges(axes.steps(times, len(trace)))
    written = len(trace) <= _WRITTEN
    H = next(iter(columns.values())).shape[1]
    row = 0.34 if written else min(0.34, max(0.1, 1.2 / H))
    heights = [row * H] * len(columns) + [0.16]
    fig = figure(0.75 + sum(heights) + 0.36 * len(columns))
    *bands, key = fig.subplots(len(heights), 1, height_ratios=heights)
    for ax, (name, values) in zip(bands, columns.items()):
        axes.heading(ax, SIGNALS[name])
        axes.cells(ax, edges, values.T, f"lstm-{name}", written)
        ax.set_yticks(range(0, H, -(-H // 6)) if H > 1 else ())
        if ax is not bands[-1]:
            ax.sharex(bands[-1])
            ax.tick_params(labelbottom=False, bottom=False)
    axes.time_axis(bands[-1], times)
    shades = np.linspace(0, 1, 11)
    axes.cells(key, np.linspace(-0.05, 1.05, 12), shades[None], "lstm-key", False)
    key.set(xticks=(0, 0.5, 1), xticklabels=("0 shut", "0.5", "1 open"), yticks=())
    key.set_box_aspect(0.16 / 2.4)
    key.set_anchor("W")
    return fig, "valves over time"


@drawn
def lines(x, series, xlabel, ylabel, log_y=False, styles=None):
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
    x, series = np.asarray(x), axes.checked_series(series, np.shape(x))
    if low := [label for label, y in series.items() if log_y and (y <= 0).any()]:
        raise ValueError(f"series[{low[0]!r}]: expected heights above zero on a logarithmic axis")
    strokes = _strokes(series, styles or {})
    fig = figure(3.4)
    ax = fig.subplots()
    for place, (label, y) in enumerate(series.items()):
        stroke = strokes[label]
        marker = stroke.marker if len(x) <= _MARKED else ""
        look = {"color": stroke.colour.light, "linestyle": stroke.line, "marker": marker}
        ax.plot(x, y, **look, label=label, gid=f"lstm-line-{place}")
    if log_y:
        ax.set_yscale("log")
    ax.set_title(ylabel)
    ax.set_xlabel(xlabel)
    if np.issubdtype(x.dtype, np.datetime64):
        axes.date_axis(ax)
    elif np.issubdtype(x.dtype, np.integer):
        ax.xaxis.set_major_locator(axes.whole_numbers())
    if not log_y:
        ax.yaxis.set_major_formatter(axes.thousands)
    ends = {label: (x[ok][-1], y[ok][-1]) for label, y in series.items() if (ok := np.isfinite(y)).any()}
    if len(series) > 1 and not axes.end_labels(ax, ends):
        axes.legend(fig, series)
    return fig, ylabel


@drawn
def bars(groups, series, ylabel):
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
    series = axes.checked_series(series, (len(groups),))
    if bad := [label for label, heights in series.items() if not np.isfinite(heights).all()]:
        raise ValueError(f"series[{bad[0]!r}]: expected finite heights")
    fig = figure(3.4)
    ax = fig.subplots()
    width = 0.84 / len(series)
    texts = []
    for place, (label, heights) in enumerate(series.items()):
        middles = np.arange(len(groups)) - 0.42 + (place + 0.5) * width
        colour = SERIES[place].colour.light
        standing = ax.bar(
            middles,
            heights,
            width * 0.88,
            label=label,
            edgecolor=colour,
            hatch=_HATCHES[place],
            facecolor=PAPER.light if _HATCHES[place] else (colour, 0.25),
            linewidth=1.4,
            gid=f"lstm-bar-{place}",
        )
        texts += ax.bar_label(standing, [number(height) for height in heights], padding=3, fontsize=axes.SMALL)
    ax.set_xticks(range(len(groups)), groups)
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.axhline(0, color=MUTED.light, linewidth=0.8)
    ax.margins(y=0.16)
    ax.yaxis.set_major_formatter(axes.thousands)
    ax.set_title(ylabel)
    if len(series) > 1:
        axes.legend(fig, series)
    axes.turn_where_wide(ax, texts, width)
    return fig, ylabel


def _strokes(series, styles) -> dict:
    if unknown := [label for label in styles if label not in series]:
        raise ValueError(f"styles: expected labels of series, {tuple(series)}, got {unknown[0]!r}")
    if unknown := [name for name in styles.values() if name not in SIGNALS]:
        raise ValueError(f"styles: expected signals, of {tuple(SIGNALS)}, got {unknown[0]!r}")
    wanted = {label: SIGNALS[name].stroke for label, name in styles.items()}
    taken = {stroke.line for stroke in wanted.values()}
    rest = (stroke for stroke in SERIES if stroke.line not in taken)
    return {label: wanted[label] if label in wanted else next(rest) for label in series}
