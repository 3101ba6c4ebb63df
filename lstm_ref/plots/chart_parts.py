"""What the charts are drawn from: checks of what is drawn, headings, time axes, labels, cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.sequence import Trace
from lstm_ref.svg import SERIES, SHADE, SIGNALS, Signal, Stroke, number

MOST_ELEMENTS = 6
SMALL = 11.5
_LINE_HEIGHT = 14
_MARKED = 24  # up to so many points, each gets its marker


def columns(trace: Trace, names: Iterable[str]) -> dict[str, Array]:
    """Return the named signals of one sequence, each (T, H)."""
    names = list(names)
    if not names:
        raise ValueError("names: expected at least one signal, got none")
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


def elements(name: str, values: Array, element: int | Sequence[int] | None) -> dict[int, Array]:
    """Return the columns of one signal to draw, by their index."""
    size = values.shape[1]
    chosen = range(size) if element is None or name == "x_t" else checks.integers("element", element, 0, size - 1)
    wanted = [int(index) for index in np.atleast_1d(chosen)]
    if not 0 < len(wanted) <= MOST_ELEMENTS:
        raise ValueError(
            f"element: expected 1 to {MOST_ELEMENTS} in a row, got {len(wanted)} for {name}; choose, as element=(0, 3)"
        )
    return {index: values[:, index] for index in wanted}


def checked_series(series: Mapping[str, ArrayLike], shape: tuple[int, ...]) -> dict[str, Array]:
    """Return the series as arrays of numbers, each of the wanted shape."""
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError(f"series: expected 1 to {len(SERIES)} of them, got {len(series)}")
    arrays = {label: checks.numbers(f"series[{label!r}]", values) for label, values in series.items()}
    for label, values in arrays.items():
        checks.shape(f"series[{label!r}]", values, shape, "(N,)")
    return arrays


def places(x: ArrayLike) -> NDArray[Any]:
    """Return where points stand, numbers or dates, (N,)."""
    array = checks.plain("x", x, "numbers or dates")
    if array.ndim != 1 or not array.size or array.dtype.kind not in "fiuM":
        raise ValueError(f"x: expected numbers or dates along one axis, got {type(x).__name__}")
    return array


def steps(times: ArrayLike | None, length: int) -> NDArray[Any]:
    """Return the place of each step on the time axis."""
    if times is None:
        return np.arange(length)
    times = checks.plain("times", times, "dates (datetime64)")
    if times.shape != (length,) or not np.issubdtype(times.dtype, np.datetime64):
        raise ValueError(
            f"times: expected {length} dates (datetime64), one for each step, got shape {times.shape} of {times.dtype}"
        )
    if np.isnat(times).any():
        raise ValueError(f"times: expected dates, got NaT at {int(np.isnat(times).argmax())}")
    return times


def edges(places: NDArray[Any]) -> Array:
    """Return where each step's cell begins, and where the last one ends."""
    ends = np.append(places, (places[-1:].astype(np.int64) + 1).astype(places.dtype))  # another step, day or month
    if np.issubdtype(ends.dtype, np.datetime64):
        return np.asarray(dates.date2num(ends))  # type: ignore[no-untyped-call]  # matplotlib.dates has no types
    return ends - 0.5


def time_axis(ax: Axes, x: NDArray[Any]) -> None:
    """Date the steps, or number them."""
    x_ticks(ax, x)
    if not np.issubdtype(x.dtype, np.datetime64):
        ax.set_xlabel("step")


def x_ticks(ax: Axes, x: NDArray[Any]) -> None:
    """Write dates as briefly as they can be, and whole numbers without decimals."""
    if np.issubdtype(x.dtype, np.datetime64):
        ax.xaxis_date()
        locator = dates.AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    elif np.issubdtype(x.dtype, np.integer):
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=(1, 2, 5, 10)))


def tick_label(value: float, _: float) -> str:
    """Return an axis's number in full."""
    return number(value, digits=10)


def line(ax: Axes, x: NDArray[Any], y: Array, stroke: Stroke, **look: Any) -> None:
    """Draw a line, with a marker at each point where these are few."""
    marker = stroke.marker if len(x) <= _MARKED else ""
    ax.plot(x, y, color=stroke.colour.light, linestyle=stroke.line, marker=marker, **look)


def heading(ax: Axes, signal: Signal, points: int = 0) -> None:
    """Name the row's signal, after a piece of its line where it is drawn as a line through so many points."""
    stroke = signal.stroke
    sample = DrawingArea(28, 10)
    sample.add_artist(Line2D([0, 28], [4, 4], color=stroke.colour.light))
    if points <= _MARKED:
        sample.add_artist(Line2D([14], [4], color=stroke.colour.light, marker=stroke.marker, linestyle=""))
    name = TextArea(f"{signal.symbol}  {signal.words}")
    row = HPacker(children=[sample, name] if points else [name], align="center", pad=0, sep=7)
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


def legend_above(fig: Figure, labels: Iterable[str]) -> None:
    """Put a key above the axes, in as many columns as the labels leave room for."""
    longest = max(map(len, labels))
    fig.legend(loc="outside upper left", ncols=1 if longest > 24 else 2 if longest > 13 else 3).set_gid("lstm-legend")


def label_ends(fig: Figure, ax: Axes, x: NDArray[Any], series: Mapping[str, Array], far: float = 1.5) -> bool:
    """Write each label where its line ends, unless labels are long or one would stand so many lines of text from it.

    Return whether they are written.
    """
    ends = {label: (x[ok][-1], y[ok][-1]) for label, y in series.items() if (ok := np.isfinite(y)).any()}
    if not ends:
        return False
    fig.draw_without_rendering()
    points = 72 / fig.dpi
    places = {}
    for label, (end, height) in ends.items():
        across = ax.convert_xunits(end)  # type: ignore[no-untyped-call]  # a date as matplotlib counts it
        places[label] = points * ax.transData.transform((across, height))
    order = sorted(places, key=lambda label: places[label][1])
    heights = [places[label][1] for label in order]
    placed = _moved_apart(heights, ax.bbox.y0 * points, ax.bbox.y1 * points)
    last = max(across for across, _ in places.values())
    if (
        any(last - across > 3 for across, _ in places.values())
        or any(abs(place - height) > far * _LINE_HEIGHT for place, height in zip(placed, heights))
        or max(map(len, order)) > 16
    ):
        return False
    for label, place, height in zip(order, placed, heights):
        ax.annotate(
            label,
            ends[label],
            (8, place - height),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
        )
    return True


def _moved_apart(heights: list[float], bottom: float, top: float) -> list[float]:
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


def turn_where_wide(fig: Figure, ax: Axes, texts: Sequence[Text], width: float) -> None:
    """Turn numbers upright where one is wider than its bar."""
    fig.draw_without_rendering()
    room = width * abs(np.diff(ax.transData.transform([(0, 0), (1, 0)])[:, 0])[0])
    if max(text.get_window_extent().width for text in texts) > room * 1.05:
        for text in texts:
            text.set_rotation(90)
        ax.margins(y=0.3)


def cells(ax: Axes, borders: Array, openings: Array, gid: str, written: bool) -> None:
    """Shade one cell for each opening, (rows, columns), the darker the wider open."""
    shown = np.round(openings, 2)
    # Neighbours of one shade are one box, and all boxes of one shade one path: the picture stays small.
    boxes = defaultdict(list)
    for row, shades in enumerate(shown):
        for first, after in equal_runs(shades):
            left, right, top, bottom = borders[first], borders[after], row - 0.5, row + 0.5
            boxes[shades[first]].append([(left, top), (right, top), (right, bottom), (left, bottom)])
    for shade, corners in sorted(boxes.items()):
        if shade > 0:
            outline = Path.make_compound_path_from_polys(np.array(corners))
            fill = (SHADE.light, shade)
            ax.add_patch(PathPatch(outline, facecolor=fill, edgecolor="none", antialiased=False, gid=gid))
    if written:
        middles = (borders[1:] + borders[:-1]) / 2
        for (row, column), opening in np.ndenumerate(openings):
            ax.text(float(middles[column]), row, f"{opening:.2f}", ha="center", va="center", fontsize=SMALL)
    ax.set(xlim=(borders[0], borders[-1]), ylim=(len(openings) - 0.5, -0.5))
    ax.grid(False)
    ax.spines[["top", "right"]].set_visible(True)


def equal_runs(values: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Give the first place of each run of equal values and the place after its last."""
    if len(values):
        ends = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
        yield from pairwise(ends)
