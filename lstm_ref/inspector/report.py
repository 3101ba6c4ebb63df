"""A report of a trained LSTM: one HTML file that lives, and needs neither a network nor Python to be read."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams import draw
from lstm_ref.inspector.models import model_file_traces, traces
from lstm_ref.sequence import Trace
from lstm_ref.signatures import checked
from lstm_ref.svg import number
from lstm_ref.unit import VALVES
from lstm_ref.weights import UnitWeights

STYLES = ("pipe", "cell")
OPEN, SHUT = 0.9, 0.1
"""From where a valve counts as open, and up to where as shut: Karpathy, Johnson and Fei-Fei (2016)."""


@dataclass(frozen=True)
class Report:
    """A page of HTML that shows an LSTM at work."""

    html: str

    @checked
    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page into a file, whose name ends in .html, and return its path."""
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"path: expected a name that ends in .html, got {str(path)!r}")
        Path(path).write_text(self.html, encoding="utf-8", newline="\n")
        return Path(path)


@checked
def report(
    model: Any,
    x: Any,
    hx: Any = None,
    *,
    labels: Sequence[str] | None = None,
    sequence: int = 0,
    title: str = "An LSTM at work",
) -> Report:
    """Run a model, and return a page that shows every valve and every memory of it, step by step.

    The page has heat maps of the valves, the memory and the output, the unit as a pipe or a cell at any step and
    element, and how far the valves stand open in the mean. Its script and its numbers are in the file: valves and new
    memory to five digits, memories in single precision.

    Parameters
    ----------
    model : torch.nn.Module, onnx.ModelProto or path of an ONNX file
        What `traces` takes, or `model_file_traces`.
    x, hx
        As for these. A report of 200 steps of 64 elements takes 300 KB, and is the larger the more there are of them.
    labels : sequence of str, optional
        What each step is called, such as the characters of a text; they are numbered unless given.
    sequence : int
        Which sequence of a batch to show.
    title : str

    Returns
    -------
    Report

    Raises
    ------
    TypeError, ValueError
        As for `traces`; or if there is not one label for each step, or no such sequence.
    """
    is_file = isinstance(model, (str, PathLike)) or (hasattr(model, "graph") and not hasattr(model, "modules"))
    found = model_file_traces(model, x) if is_file else traces(model, x, hx)
    return report_of(found, labels=labels, sequence=sequence, title=title)


@checked
def report_of(
    found: Mapping[str, Trace],
    *,
    labels: Sequence[str] | None = None,
    sequence: int = 0,
    title: str = "An LSTM at work",
) -> Report:
    """Return such a page of traces that are there already, by name; arguments and errors as for `report`."""
    if not found:
        raise ValueError("found: expected at least one trace, got none")
    shown = {name: _one(trace, sequence) for name, trace in found.items()}
    for name, trace in shown.items():
        if labels is not None and len(labels) != len(trace):
            raise ValueError(f"labels: expected one for each of the {len(trace)} steps of {name}, got {len(labels)}")
    data = {
        "layers": [_layer(name, trace, labels) for name, trace in shown.items()],
        "pictures": {trace.peephole: _pictures(trace) for trace in shown.values()},
    }
    return Report(_page(title, "".join(_row(*each) for each in shown.items()), data))


def _one(trace: Trace, sequence: int) -> Trace:
    """Return the trace of one sequence of a batch, all of whose numbers are finite."""
    B = trace.x_t.shape[1]
    if trace.x_t.ndim == 3 and not -B <= sequence < B:
        raise IndexError(f"sequence: expected one of {B}, got {sequence}")
    one = trace.sequence(sequence) if trace.x_t.ndim == 3 else trace
    checks.finite("c_t", one.c_t)
    return one


def _layer(name: str, trace: Trace, labels: Sequence[str] | None) -> dict[str, Any]:
    """Return what the script reads of a layer: signals (T, H) as bytes in base64, the start (H,) among them."""
    fractions = {name: getattr(trace, name) for name in VALVES} | {"g_t": (trace.g_t + 1) / 2}
    whole = {name: np.round(65535 * values).astype("<u2") for name, values in fractions.items()}
    singles = {"c_t": trace.c_t, "c_0": trace.c_prev[0], "h_0": trace.h_prev[0]}
    T, H = trace.c_t.shape
    return {
        "name": name,
        "peephole": trace.peephole,
        "T": T,
        "H": H,
        "labels": list(labels) if labels is not None else [f"step {t}" for t in range(T)],
        **{name: _base64(values) for name, values in whole.items()},
        **{name: _base64(values.astype("<f4")) for name, values in singles.items()},
    }


def _base64(array: Any) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


def _pictures(trace: Trace) -> dict[str, str]:
    """Return a unit with this kind of peephole and one element, in each style, for the script to move."""
    of_one = replace(trace.element(0), weights=UnitWeights.zeros(1, 1, trace.peephole))
    return {style: draw(style, trace=of_one, t=0).svg for style in STYLES}


def _row(name: str, trace: Trace) -> str:
    """Return a row of the table: how far each valve is open, and how long a memory lasts."""
    cells = [html.escape(name), f"{trace.c_t.shape[1]}"]
    for valve in VALVES:
        opening = getattr(trace, valve)
        cells.append(f"{opening.mean():.2f}")
        cells.append(f"{(opening < SHUT).mean():.0%} / {(opening > OPEN).mean():.0%}")
    lasts = half_lives(trace)
    longest = int(np.argmax(lasts))
    cells += [_steps(float(np.median(lasts)), len(trace)), f"{_steps(float(lasts[longest]), len(trace))} ({longest})"]
    head, *others = cells
    return f'<tr><th scope="row">{head}</th>' + "".join(f"<td>{cell}</td>" for cell in others) + "</tr>"


def half_lives(trace: Trace) -> Array:
    """Return (H,): after how many steps half of each memory is left, were its forget valve always as in the mean."""
    with np.errstate(divide="ignore"):
        mean = np.log(trace.f_t.astype(float)).mean(axis=0)
        return np.where(mean < 0, np.log(0.5) / mean, np.inf)


def _steps(steps: float, T: int) -> str:
    return number(steps) if steps <= T else f"over {T}"


def _page(title: str, rows: str, data: Mapping[str, Any]) -> str:
    """Return the page: its template, with style sheets, scripts and numbers put in."""
    package = files("lstm_ref")

    def text(name: str) -> str:
        return (package / name).read_text(encoding="utf-8")

    scripts = "".join(text(f"explorer/{name}.js") for name in ("marks", "controls", "time_machine"))
    parts = {
        "title": html.escape(title),
        "style": text("explorer/figure.css") + text("inspector/report.css"),
        "rows": rows,
        # Nothing within the data may be read as a tag.
        "data": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        "script": scripts.replace("export default { render };", "") + text("inspector/report.js"),
    }
    # In one pass, so that nothing within a part is taken for the place of another.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], text("inspector/report.html"))
