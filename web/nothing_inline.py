"""A Sphinx extension: what a page would carry inline stands in files of its own, as a strict content policy asks.

All diagrams share one style sheet. The modules and the style sheets of widgets are files named by what they hold; a
module is written as a plain script, which a page opened from the disk may load, and which puts the module into
``lstmFigures``, where `web/assets/figures.js` finds it. What the page itself keeps of a widget is what it shows.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from lstm_ref.diagrams.stylesheet import shared_style_sheet

STATE = "application/vnd.jupyter.widget-state+json"
HATCH = "lstm-below"
NOT_SHOWN = ("layout", "tabbable", "tooltip")

_STATE = re.compile(rf'(<script type="{re.escape(STATE)}">)(.*?)</script>', re.DOTALL)
_DIAGRAM = re.compile(r"""<svg\b[^>]*\sclass=["'](?:[^"']* )?lstm-diagram[ "'].*?</svg>""", re.DOTALL)
_PATTERN = re.compile(r"""<defs>(<pattern id=["'])[\w-]+-below(["'].*?)</defs>\n?""", re.DOTALL)
_INLINE = re.compile(r"""<style>.*?</style>\n?|(?<=["']) style=["']--below:url\(#[\w-]+\)["']""", re.DOTALL)
_EXPORT = re.compile(r"^(export|import)\b( default\b)?", re.MULTILINE)


def outside(body: str) -> tuple[str, dict[str, str]]:
    """Return the body of a page without what is inline, and the files that hold it: name -> text."""
    files: dict[str, str] = {}
    pattern = _PATTERN.search(body)
    body = _DIAGRAM.sub(lambda found: _bare(found[0]), body)
    body = _STATE.sub(lambda found: f"{found[1]}{_shown(found[2], files)}</script>", body)
    if pattern:
        body += (
            f'<svg class="lstm-diagram lstm-hatch" width="0" height="0" aria-hidden="true">'
            f"<defs>{pattern[1]}{HATCH}{pattern[2]}</defs></svg>\n"
        )
    return body, files


def _bare(diagram: str) -> str:
    """Return a diagram without its own style sheet, and without its own hatching for the page's."""
    return _INLINE.sub("", _PATTERN.sub("", diagram))


def _shown(state: str, files: dict[str, str]) -> str:
    """Return of the widgets' state what the page shows, and note the files that the rest goes to."""
    models = {}
    for name, model in json.loads(state)["state"].items():
        values = model["state"]
        if "figure" in values:
            kept = {key: value for key, value in values.items() if key[0] != "_" and key not in NOT_SHOWN}
            if "pictures" in kept:
                kept["pictures"] = {key: _bare(picture) for key, picture in kept["pictures"].items()}
            kept["module"] = _digest(values["_esm"])
            files[f"{kept['module']}.js"] = as_script(values["_esm"])
            if style := values.get("_css"):
                files[f"{_digest(style)}.css"] = style
            models[name] = {"state": kept}
    return json.dumps({"state": models}, sort_keys=True, separators=(",", ":")).replace("</", "<\\/")


def as_script(module: str) -> str:
    """Return a widget's module as a plain script that puts what it exports into ``lstmFigures``.

    Raises
    ------
    ValueError
        If the module has anything but one default export, or imports something.
    """
    found = [match[0] for match in _EXPORT.finditer(module)]
    if found != ["export default"]:
        raise ValueError(f"module: expected one default export and no import, got {found}")
    place = f'(window.lstmFigures ??= {{}})["{_digest(module)}"] ='
    return f'"use strict";\n{{\n{_EXPORT.sub(place, module)}\n}}\n'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def write_shared_style(app: Sphinx) -> None:
    """Write the diagrams' style sheet where every page finds it."""
    if app.builder.format == "html":
        _write(Path(app.outdir, "_static", "diagrams.css"), shared_style_sheet(HATCH))
        app.add_css_file("diagrams.css")


def move_outside(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Move what is inline on a page into files; MyST-NB and the theme have put it there by now."""
    scripts = context["script_files"]
    for script in list(scripts):
        attributes = getattr(script, "attributes", {})  # what an extension adds may be a plain address
        text = attributes.get("body", "")
        if attributes.get("type") == STATE:
            context["body"] += f'<script type="{STATE}">{text}</script>\n'
            scripts.remove(script)
        elif text.startswith("DOCUMENTATION_OPTIONS.pagename"):  # for a switch of versions, which the book has not
            scripts.remove(script)
    if "body" in context:
        context["body"], files = outside(context["body"])
        for name, text in sorted(files.items()):
            _write(Path(app.outdir, "_static", "figures", name), text)
            if name.endswith(".js"):
                app.add_js_file(f"figures/{name}", loading_method="defer")
            else:
                app.add_css_file(f"figures/{name}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", write_shared_style)
    app.connect("html-page-context", move_outside, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
