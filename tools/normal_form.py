"""The normal form of the book's notebooks: which metadata, ids, counts and outputs they keep."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import Any

import nbformat
from nbformat import NotebookNode

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = {"tags", "jupyter", "cellView", "mystnb"}
SETUP_TAGS = ["setup", "remove-cell"]
PICTURE = "image/svg+xml"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
FIGURE = (PICTURE, "text/plain", WIDGET_VIEW)
MODEL = re.compile(r"(?<=IPY_MODEL_)[\w-]+")


def is_setup(cell: NotebookNode) -> bool:
    """Say whether a cell carries the set-up cell's tag."""
    return "setup" in cell.metadata.get("tags", [])


def expand(metadata: dict[str, Any]) -> dict[str, Any]:
    """Turn a cell's short metadata (``alt``, ``fold``, the tag ``solution``) into what the readers need."""
    full = {key: value for key, value in metadata.items() if key in CELL_METADATA}
    mystnb = dict(full.pop("mystnb", {}))
    if "alt" in metadata:
        mystnb["image"] = {"alt": metadata["alt"]}
    fold = metadata.get("fold")
    if "solution" in full.get("tags", []):
        fold = "the solution"
        full["jupyter"] = {"source_hidden": True}
        full["cellView"] = "form"
    if fold:
        full["tags"] = [*(tag for tag in full.get("tags", []) if tag != "hide-cell"), "hide-cell"]
        mystnb |= {"code_prompt_show": f"Show {fold}", "code_prompt_hide": f"Hide {fold}"}
    return {**full, "mystnb": mystnb} if mystnb else full


def shorten(metadata: dict[str, Any]) -> dict[str, Any]:
    """Undo `expand`."""
    short = dict(metadata)
    mystnb = dict(short.pop("mystnb", {}))
    mystnb.pop("code_prompt_hide", None)
    if fold := mystnb.pop("code_prompt_show", "").removeprefix("Show "):
        tags = [tag for tag in short.pop("tags") if tag != "hide-cell"]
        short |= {"tags": tags} if tags else {"fold": fold}
        short.pop("jupyter", None)
        short.pop("cellView", None)
    image = mystnb.get("image", {})
    if set(image) == {"alt"}:
        short["alt"] = mystnb.pop("image")["alt"]
    return {**short, "mystnb": mystnb} if mystnb else short


def normal_outputs(outputs: list[NotebookNode], count: int) -> list[NotebookNode]:
    """Merge neighbouring streams, keep a figure's SVG, text and widget only, and set the count."""
    normal: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and normal and normal[-1].get("name") == output.name:
            normal[-1].text += output.text
            continue
        if PICTURE in output.get("data", {}):
            output.data = {kind: text for kind, text in output.data.items() if kind in FIGURE}
        if "metadata" in output:
            output.metadata = {}
        if output.output_type == "execute_result":
            output.execution_count = count
        normal.append(output)
    return normal


def normal_widgets(notebook: NotebookNode) -> dict[str, Any]:
    """Number the models of the widgets on show, in the order of their views; return the metadata with their states.

    A model of ipywidgets' own, such as a layout, keeps what is set in it: the rest is null there anyway.
    """
    outputs = (output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    views = [data[WIDGET_VIEW] for data in outputs if WIDGET_VIEW in data]
    stored = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    order = list(dict.fromkeys(view.model_id for view in views))
    for name in order:  # it grows by what each model refers to
        named = MODEL.findall(json.dumps(stored.get(name), sort_keys=True))
        order += [other for other in dict.fromkeys(named) if other not in order]
    numbered = {name: f"model-{number}" for number, name in enumerate(order, start=1)}
    for view in views:
        view.model_id = numbered[view.model_id]
    text = json.dumps({numbered[name]: stored[name] for name in order if name in stored})
    models = json.loads(MODEL.sub(lambda match: numbered[match[0]], text))
    for model in models.values():
        if model["model_module"] == "@jupyter-widgets/base":
            model["state"] = {key: value for key, value in model["state"].items() if value is not None}
    state = {"state": models, "version_major": 2, "version_minor": 0}
    return {"widgets": {WIDGET_STATE: state}} if models else {}


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return an executed notebook in normal form: metadata, ids, counts, outputs and widgets."""
    metadata = NOTEBOOK_METADATA | normal_widgets(notebook)
    cells, count = [], 0
    seen: Counter[str] = Counter()
    for old in notebook.cells:
        source = old.source.rstrip("\n")
        digest = hashlib.sha256(f"{old.cell_type}\n{source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell = NotebookNode(
            id=digest if seen[digest] == 1 else f"{digest}-{seen[digest]}",
            cell_type=old.cell_type,
            metadata=expand(old.metadata),
            source=source,
        )
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = normal_outputs(old.outputs, count)
        cells.append(cell)
    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def to_json(notebook: NotebookNode) -> str:
    """Return the text that a normalised notebook has on disk."""
    text = nbformat.writes(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    return text.rstrip("\n") + "\n"


def is_normal(text: str) -> bool:
    """Say whether the text of a notebook file is in normal form."""
    return to_json(normalise(nbformat.reads(text, as_version=4))) == text
