"""Make what the first page and the README show: the unit, living and still, and the ledger's unit at work.

python tools/cover.py          writes unit.html, ledger.svg and pipe.svg in book/images
"""

import json
from dataclasses import replace
from pathlib import Path

from lstm_ref import diagrams, plots, unroll
from lstm_ref.companion import ledger
from lstm_ref.data import load_souvenirs
from lstm_ref.explorer import Explorer

IMAGES = Path(__file__).resolve().parents[1] / "book" / "images"
STATE = "application/vnd.jupyter.widget-state+json"


def unit() -> str:
    """Return the explorer as HTML: its static picture, and the state from which the page brings it to life."""
    explorer = Explorer()
    svg = explorer._repr_mimebundle_()[0]["image/svg+xml"]
    shared = {name: value for name, value in explorer.get_state().items() if name in ("_esm", "_css") or name[0] != "_"}
    del shared["layout"]
    text = json.dumps({"state": {"unit": {"state": shared}}}, sort_keys=True).replace("</", "<\\/")
    return f'<div class="lstm-figure">\n{svg}</div>\n<script type="{STATE}">{text}</script>\n'


def year_by_year() -> str:
    """Return the ledger's unit through seven years, as SVG."""
    months, sales = load_souvenirs()
    trace = unroll(ledger.weights(), ledger.inputs(months, sales))
    trace = replace(trace, c_t=trace.c_t / ledger.SCALE, h_t=trace.h_t / ledger.SCALE)
    return plots.signals(trace, ("f_t", "o_t", "c_t", "h_t"), times=months, element=0).svg


def still() -> str:
    """Return the unit as a pipe, as SVG."""
    return diagrams.draw("pipe").svg


FILES = {"unit.html": unit, "ledger.svg": year_by_year, "pipe.svg": still}


if __name__ == "__main__":
    for name, make in FILES.items():
        (IMAGES / name).write_text(make(), encoding="utf-8", newline="\n")
