"""What the interactive figures have in common."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Dict, Unicode

from lstm_ref.diagrams import Diagram

FOLDER = Path(__file__).parent
UNNAMED = ("figure", "layout", "tabbable", "tooltip")
"""What has no part in a figure's name."""


def script(*names: str) -> str:
    """Return one JavaScript module made of the files with these names."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)


class Figure(anywidget.AnyWidget):
    """A widget that also shows itself as a static picture.

    Both have one name, by which a page without a kernel finds the widget's state and brings the picture to life.
    """

    _css = (FOLDER / "figure.css").read_text(encoding="utf-8")
    figure = Unicode().tag(sync=True)
    pictures = Dict().tag(sync=True)  # SVG by name, for the script to move

    def _diagram(self) -> Diagram:
        """Draw what the figure now shows."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**options)  # type: ignore[misc] # None is for widgets without a view
        now = {name: value for name, value in self.get_state().items() if name[0] != "_" and name not in UNNAMED}
        digest = hashlib.sha256(json.dumps(now, sort_keys=True).encode()).hexdigest()[:6]
        self.figure = f"{type(self).__name__.lower()}-{digest}"
        svg = self._diagram().svg.replace("<svg ", f'<svg data-figure="{self.figure}" ', 1)
        return data | {"image/svg+xml": svg}, metadata
