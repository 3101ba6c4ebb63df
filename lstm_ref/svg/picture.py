"""A figure as SVG text: the same text at every run, legible in light and in dark."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

from lstm_ref.svg.rewrite import rewritten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Arguments = ParamSpec("Arguments")

WIDTH = 5.6  # inches: narrow enough that the text can be read where a phone shrinks it


class Picture:
    """One figure, shown by a notebook as an image.

    Parameters
    ----------
    svg : str
        The SVG document.
    title : str
        What the figure shows, in a few words.
    """

    def __init__(self, svg: str, title: str) -> None:
        self.svg = svg
        self.title = title

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | PathLike[str]) -> None:
        """Write the SVG document to the file `path`."""
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")


def drawn(draw: Callable[Arguments, tuple[Figure, str]]) -> Callable[Arguments, Picture]:
    """Make a function that returns a figure and its title return a `Picture`.

    It draws in the book's style whatever matplotlib's settings are, and leaves them as they were. Colours are
    the light ones of `lstm_ref.svg.palette`; an artist's gid that begins with ``lstm-`` becomes a class.
    """

    draw.__annotations__["return"] = Picture  # what help() shows

    @wraps(draw)
    def drawing(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Picture:
        from matplotlib import style

        with style.context(Path(__file__).with_name("book.mplstyle"), after_reset=True):
            figure, title = draw(*args, **kwargs)
            svg = io.StringIO()
            figure.savefig(svg, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
        return Picture(rewritten(svg.getvalue(), title), title)

    return drawing


def figure(height: float) -> Figure:
    """Return an empty figure of the book's width and this height in inches, in no list of open figures."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH, height))


def number(value: float, digits: int = 3) -> str:
    """Return a number as figures write it: so many digits, thousands set apart, a true minus sign."""
    text = f"{value:,.0f}" if abs(value) >= 10**digits - 0.5 else f"{value:,.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")
