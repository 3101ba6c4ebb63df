"""Which cells of a chapter need what a page cannot have."""

from __future__ import annotations

from typing import Any

ABSENT = ["torch", "onnx", "onnxruntime", "scipy", "numba", "triton", "tqdm", "ipywidgets"]


def cells(notebook: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the source of each code cell, and whether the page shows it."""
    found = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), "remove-cell" not in cell["metadata"].get("tags", [])) for cell in found]


def needs(sources: list[tuple[str, bool]]) -> dict[str, str]:
    return {}
