"""What the figures of `lstm_ref.plots` share: checks of what is drawn, headings, time axes, labels, cells."""

from __future__ import annotations

import numpy as np
from matplotlib import dates
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from lstm_ref.svg.palette import SERIES, SHADE, SIGNALS

MOST_ELEMENTS = 6
SMALL = 10.5
_LINE_HEIGHT = 14


def columns(trace, names) -> dict[str, np.ndarray]:
    """The named signals of one sequence, each (T, H)."""
    names = list(names)
    if not names:
        raise ValueError("names: expected at least one signal")
    if unknown := [name for name in names if name not in SIGNALS]:
        raise ValueError(f"names: expected signals, of {tuple(SIGNALS)}, got {unknown[0]!r}")
    found = {name: np.asarray(getattr(trace, name)) for name in names}
    for name, values in found.items():
        if values.ndim != 2:
            raise ValueError(
                f"trace: expected one sequence, {name} of shape (T, H), got {values.shape}; "
                "pick one of a batch before drawing"
            )
    return found


def elements(name: str, values: np.ndarray, element) -> dict[int, np.ndarray]:
    """The columns of one signal to draw, by their index."""
    size = values.shape[1]
    if element is None or name == "x_t":
        wanted = list(range(size))
    else:
        wanted = [int(index) for index in np.atleast_1d(element)]
    if outside := [index for index in wanted if not 0 <= index < size]:
        raise ValueError(f"element: expected 0 to {size - 1}, got {outside[0]}")
    if not 0 < len(wanted) <= MOST_ELEMENTS:
        raise ValueError(
            f"element: expected 1 to {MOST_ELEMENTS} elements in a row, got {len(wanted)} for {name}; "
            "choose some, as element=(0, 3)"
        )
    return {index: values[:, index] for index in wanted}


def steps(times, length: int) -> np.ndarray:
    """The place of each step on the time axis."""
    if times is None:
        return np.arange(length)
    times = np.asarray(times)
    if times.shape != (length,) or not np.issubdtype(times.dtype, np.datetime64):
        raise ValueError(
            f"times: expected {length} dates (datetime64), one for each step, got shape {times.shape} of {times.dtype}"
        )
    return times


def edges(places: np.ndarray) -> np.ndarray:
    """Where each step's cell begins, and where the last one ends."""
    if np.issubdtype(places.dtype, np.datetime64):
        one = np.timedelta64(1, np.datetime_data(places.dtype)[0])
        return dates.date2num(np.append(places, places[-1] + one))
    return np.append(places, len(places)) - 0.5


def time_axis(ax, times) -> None:
    """Number or date the steps."""
    if times is None:
        ax.xaxis.set_major_locator(whole_numbers())
        ax.set_xlabel("step")
    else:
        date_axis(ax)


def whole_numbers() -> MaxNLocator:
    """Where an axis of whole numbers has its labels."""
    return MaxNLocator(8, integer=True, steps=(1, 2, 5, 10))


def date_axis(ax) -> None:
    """Write dates as briefly as they can be."""
    ax.xaxis_date()
    locator = dates.AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))


def heading(ax, signal) -> None:
    """Name the row's signal, after a piece of its line."""
    stroke = signal.stroke
    sample = DrawingArea(28, 10)
    sample.add_artist(Line2D([0, 28], [4, 4], color=stroke.colour.light))
    sample.add_artist(Line2D([14], [4], color=stroke.colour.light, marker=stroke.marker, linestyle=""))
    name = TextArea(f"{signal.symbol}  {signal.words}")
    row = HPacker(children=[sample, name], align="center", pad=0, sep=7)
    ax.add_artist(
        AnnotationBbox(
            row,
            (0, 1),
            (0, 4),
            xycoords="axes fraction",
            boxcoords="offset points",
            box_alignment=(0, 0),
            frameon=False,
            pad=0,
            annotation_clip=False,
        )
    )


def end_labels(ax, ends: dict[str, tuple]) -> bool:
    """Write each label where its line ends; not at all where they would stand far from the lines."""
    fig = ax.figure
    fig.draw_without_rendering()
    points = 72 / fig.dpi
    last = max(ax.transData.transform((_plain(x), y))[0] for x, y in ends.values())
    heights = {}
    for label, (x, y) in ends.items():
        across, up = ax.transData.transform((_plain(x), y))
        if (last - across) * points > 3:
            return False
        heights[label] = up * points
    order = sorted(heights, key=heights.get)
    placed = _spread([heights[label] for label in order], ax.bbox.y0 * points, ax.bbox.y1 * points)
    if any(abs(place - heights[label]) > 1.5 * _LINE_HEIGHT for label, place in zip(order, placed)):
        return False
    if max(map(len, order)) > 16:
        return False
    for label, place in zip(order, placed):
        x, y = ends[label]
        ax.annotate(
            label,
            (x, y),
            (8, place - heights[label]),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
        )
    return True


def _plain(x):
    return dates.date2num(x) if isinstance(x, np.datetime64) else x


def _spread(heights: list[float], bottom: float, top: float) -> list[float]:
    """Move sorted heights apart to one line of text each, within the axes where they fit."""
    half = _LINE_HEIGHT / 2
    placed = [min(max(height, bottom + half), top - half) for height in heights]
    for _ in range(60):
        for low, high in zip(range(len(placed)), range(1, len(placed))):
            if (lack := _LINE_HEIGHT - (placed[high] - placed[low])) > 0:
                placed[low] -= lack / 2
                placed[high] += lack / 2
        if len(placed) * _LINE_HEIGHT <= top - bottom:
            placed = [min(max(place, bottom + half), top - half) for place in placed]
    return placed


def legend(fig, labels) -> None:
    """A key above the axes, in as many columns as the labels leave room for."""
    longest = max(map(len, labels))
    fig.legend(loc="outside upper left", ncols=1 if longest > 24 else 2 if longest > 13 else 3).set_gid("lstm-legend")


def thousands(value, _place) -> str:
    """A tick's number, thousands set apart."""
    return f"{value:,.10g}".replace("-", "\N{MINUS SIGN}")


def cells(ax, borders: np.ndarray, openings: np.ndarray, gid: str, written: bool) -> None:
    """Shade one cell for each opening, (rows, columns), the darker the wider open."""
    shown = np.round(openings, 2)
    for shade in np.unique(shown[shown > 0]):
        outline = [
            corner
            for row, left, right in _runs(shown, shade)
            for corner in _box(borders[left], borders[right], row - 0.5, row + 0.5)
        ]
        codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * (len(outline) // 5)
        ax.add_patch(
            PathPatch(
                Path(outline, codes), facecolor=(SHADE.light, shade), edgecolor="none", antialiased=False, gid=gid
            )
        )
    if written:
        middles = (borders[1:] + borders[:-1]) / 2
        for (row, column), opening in np.ndenumerate(openings):
            ax.text(middles[column], row, f"{opening:.2f}", ha="center", va="center", fontsize=SMALL)
    ax.set(xlim=(borders[0], borders[-1]), ylim=(len(openings) - 0.5, -0.5))
    ax.grid(False)
    ax.spines[["top", "right"]].set_visible(True)


def _runs(shown, shade):
    """Row, first column and the column after the last, of each run of cells of one shade."""
    for row, same in enumerate(shown == shade):
        change = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(int)))
        yield from ((row, left, right) for left, right in change.reshape(-1, 2))


def _box(left, right, top, bottom):
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def checked_series(series, shape: tuple) -> dict[str, np.ndarray]:
    """The series as arrays of numbers, each of the wanted shape."""
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError(f"series: expected 1 to {len(SERIES)} of them, got {len(series)}")
    series = {label: np.asarray(values, dtype=float) for label, values in series.items()}
    for label, values in series.items():
        if values.shape != shape:
            raise ValueError(f"series[{label!r}]: expected shape {shape}, got {values.shape}")
    return series


def turn_where_wide(ax, texts, width: float) -> None:
    """Turn numbers upright where one is wider than its bar."""
    fig = ax.figure
    fig.draw_without_rendering()
    room = width * abs(np.diff(ax.transData.transform([(0, 0), (1, 0)])[:, 0])[0])
    if max(text.get_window_extent().width for text in texts) > room * 1.05:
        for text in texts:
            text.set_rotation(90)
        ax.margins(y=0.3)
