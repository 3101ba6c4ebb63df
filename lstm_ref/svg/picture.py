"""A figure as SVG text: the same text at every run, legible in light and in dark."""

from __future__ import annotations

import contextlib
import inspect
import io
from collections.abc import Callable, Iterator
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

from lstm_ref import checks
from lstm_ref.signatures import checked
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

    @checked
    def __init__(self, svg: str, title: str) -> None:
        checks.printable("svg", svg)
        self.svg = svg
        self.title = title

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_svg_(self) -> str:
        return self.svg

    @checked
    def save(self, path: str | PathLike[str]) -> None:
        """Write the SVG document to the file `path`, whose name ends in .svg."""
        if Path(path).suffix.lower() != ".svg":
            raise ValueError(f"path: expected a name that ends in .svg, got {str(path)!r}")
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")


@checked
def drawn(draw: Callable[Arguments, tuple[Figure, str]]) -> Callable[Arguments, Picture]:
    """Make a function that returns a figure and its title return a `Picture`.

    It draws in the book's style whatever matplotlib's settings are, and leaves them as they were. Colours are
    the light ones of `lstm_ref.svg.palette`; an artist's gid that begins with ``lstm-`` becomes a class.
    """

    draw.__annotations__["return"] = Picture  # what help() shows
    signature = inspect.signature(draw)

    @wraps(draw)
    def drawing(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Picture:
        from matplotlib import style

        for name, value in signature.bind(*args, **kwargs).arguments.items():
            checks.printable(name, value)
        svg = io.StringIO()
        with style.context(Path(__file__).with_name("book.mplstyle"), after_reset=True), _readable_formulas():
            figure, title = draw(*args, **kwargs)
            figure.savefig(svg, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
        return Picture(rewritten(svg.getvalue(), title), title)

    return drawing


@contextlib.contextmanager
def _readable_formulas() -> Iterator[None]:
    """Say which label matplotlib cannot set, where its own error is three lines of a parser's."""
    try:
        yield
    except ValueError as error:
        if "Parse" not in str(error):
            raise
        formula = str(error).strip().partition("\n")[0]
        raise ValueError(f"labels: expected formulas between dollars that matplotlib reads, got {formula!r}") from error


@checked
def figure(height: float) -> Figure:
    """Return an empty figure of the book's width and this height in inches, in no list of open figures."""
    from matplotlib.figure import Figure

    checks.above_zero("height", height)
    checks.within("height", height, 0, 100)
    return Figure(figsize=(WIDTH, height))


@checked
def number(value: float, digits: int = 3) -> str:
    """Return a number as figures write it: so many digits, thousands set apart, a true minus sign."""
    checks.whole_number("digits", digits, 1, 17)
    text = f"{value:,.0f}" if abs(value) >= 10**digits - 0.5 else f"{value:,.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")
