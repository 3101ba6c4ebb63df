"""A figure as SVG text: the same text at every run, legible in light and in dark."""

from __future__ import annotations

import hashlib
import io
import re
from functools import wraps
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from lstm_ref.svg.palette import colours

_NUMBER = re.compile(r"-?\d+\.\d+")
_ROUNDED = re.compile(r'\b(d|x|y|width|height|points|viewBox)="[^"]*"|(?:translate|rotate)\([^)]*\)')


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

    def __init__(self, svg: str, title: str):
        self.svg = svg
        self.title = title

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path) -> None:
        """Write the SVG document to the file `path`."""
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")


def drawn(draw):
    """Make a function that returns a figure and its title return a `Picture`.

    It draws in the book's style whatever matplotlib's settings are, and leaves them as they were. Colours are
    the light ones of `lstm_ref.svg.palette`; an artist's gid that begins with ``lstm-`` becomes a class.
    """

    @wraps(draw)
    def drawing(*args, **kwargs):
        from matplotlib import style

        with style.context(Path(__file__).with_name("book.mplstyle"), after_reset=True):
            return _picture(*draw(*args, **kwargs))

    return drawing


def figure(height: float):
    """An empty figure of the book's width and this height in inches, in no list of open figures."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH, height))


def number(value: float) -> str:
    """A number as figures write it: three digits, thousands set apart, a true minus sign."""
    text = f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _picture(figure, title: str) -> Picture:
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = _attributes_from_style(svg)
    svg = _ROUNDED.sub(lambda match: _NUMBER.sub(_rounded, match[0]), svg)
    svg = _own_ids(svg)
    svg = _shorter(svg)
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    opening = re.match(r"<svg[^>]*", svg)[0]
    opening += f' class="lstm-picture" role="img" aria-label={quoteattr(title)}'
    head = f"{opening}>\n<title>{escape(title)}</title>\n<style>\n{rules(svg)}</style>"
    return Picture(head + svg[svg.index(">") + 1 :], title)


def _rounded(match: re.Match) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _attributes_from_style(svg: str) -> str:
    """Write each colour as an attribute of its own, which a rule of the page's style can outrank.

    A viewer that knows nothing of dark pages then shows the light colours.
    """

    def rewrite(match: re.Match) -> str:
        kept, attributes = [], ""
        for part in filter(None, (part.strip() for part in match[1].split(";"))):
            name, value = (side.strip() for side in part.split(":", 1))
            if name in ("fill", "stroke"):
                attributes += f' {name}="{value}"'
            else:
                kept.append(f"{name}:{value}")
        style = f' style="{";".join(kept)}"' if kept else ""
        return attributes + style

    svg = re.sub(r' style="([^"]*)"', rewrite, svg)
    return re.sub(r"<defs>.*?</defs>", _without_colour, svg, flags=re.DOTALL)


def _without_colour(definitions: re.Match) -> str:
    """Let a marker take its colours from where it is used: no rule reaches into a use."""
    if "<pattern" in definitions[0]:
        return definitions[0]
    return re.sub(r' (?:fill|stroke)="[^"]*"', "", definitions[0])


def _own_ids(svg: str) -> str:
    """Drop ids that nothing refers to; name the others by the picture's own content."""
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
    order = {}

    def rename(match: re.Match) -> str:
        name = match[1]
        if name in used:
            return f' id="\0{order.setdefault(name, len(order))}"'
        return f' class="{name}"' if name.startswith("lstm-") else ""

    svg = re.sub(r' id="([^"]*)"', rename, svg)
    svg = re.sub(r'(url\(|href=")#([^")]+)', lambda m: f"{m[1]}#\0{order[m[2]]}", svg)
    mark = hashlib.sha256(svg.encode()).hexdigest()[:4]
    return svg.replace("\0", f"p{mark}-")


def _shorter(svg: str) -> str:
    """Say the same in fewer characters."""
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    svg = re.sub(r'transform="translate\(([-\d.]+) 0\)"/>', r'x="\1"/>', svg)
    svg = re.sub(r"([MLQCz])[ \n]+(?=[-\dMLQCz\"])", r"\1", svg)
    svg = re.sub(r"(?<=\d)\n(?=[MLQCz])", "", svg)
    svg = re.sub(r"M([\d.]+) ([\d.]+)L([\d.]+) \2L\3 ([\d.]+)L\1 \4z?(?=[Mz\n])", r"M\1 \2H\3V\4H\1z", svg)
    lines, groups = [], []
    for line in svg.split("\n"):
        if line.startswith("<g") and not line.endswith("/>"):
            groups.append(line != "<g>")
        if line not in ("<g>", "<g/>", "</g>") or (line == "</g>" and groups.pop()):
            lines.append(line)
    return "\n".join(lines).replace("<defs>\n</defs>\n", "").replace('\n"', '"')


def rules(svg: str) -> str:
    """Return the style sheet of a picture whose colours are attributes: on dark pages each has its dark value."""
    dark = [
        f'.lstm-picture [{name}="{colour.light}"]{{{name}:{colour.dark}}}'
        for colour in colours()
        for name in ("fill", "stroke")
        if f'{name}="{colour.light}"' in svg
    ]
    return "\n".join(
        [
            ".lstm-picture *{stroke-linejoin:round;stroke-linecap:butt}",
            "@media (prefers-color-scheme:dark){",
            *dark,
            "}",
            "",
        ]
    )
