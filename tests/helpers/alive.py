"""A page that holds interactive figures as the site does, and what a browser finds on it."""

import json
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from helpers.book import ROOT
from helpers.visit import Visit, listen
from nothing_inline import HATCH, STATE, outside

from lstm_ref.diagrams.stylesheet import shared_style_sheet

PHONE = {"width": 330, "height": 740}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Figures</title>
<style>:root {{ color-scheme: light dark; }}
body {{ background: light-dark(#fff, #121212); margin: 8px; }}</style></head>
<body><main><h1>Figures</h1>{body}</main>
{inline}<script>{script}</script></body></html>"""
MARKS = """root => [...root.querySelectorAll("[data-signal]")].map(mark => ({
  ...Object.fromEntries([...mark.attributes].map(({name, value}) => [name, value])), text: mark.textContent }))"""
TURN = f"""(root, turns) => {{
  for (const [name, value] of turns) {{
    const input = root.querySelector(`input[name="${{name}}"]`);
    input.value = value;
    input.dispatchEvent(new Event("input", {{ bubbles: true }}));
  }}
  return ({MARKS})(root);
}}"""

LOADER = """async (values) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([values._esm], { type: "text/javascript" })));
  const calls = [];
  const model = {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      calls.filter(([event]) => event === `change:${name}`).forEach(([, call]) => call());
    },
    on: (event, call) => calls.push([event, call]),
    off: (event, call) => calls.splice(calls.findIndex((one) => one[0] === event && one[1] === call), 1),
    save_changes() {},
  };
  const el = document.body.appendChild(document.createElement("div"));
  window.figure = { model, calls, el, leave: await widget.render({ model, el }) };
}"""


@contextmanager
def alive(browser, folder, *widgets, **context):
    """Open a page with these widgets; the context gives the page and the figures on it, each in its own place."""
    pictures = "".join(f"<div>{static(widget)}</div>" for widget in widgets)
    models = {str(k): {"state": state_of(widget)} for k, widget in enumerate(widgets)}
    state = json.dumps({"state": models}, sort_keys=True).replace("</", "<\\/")
    body, files = outside(f'{pictures}<script type="{STATE}">{state}</script>')
    files = {"diagrams.css": shared_style_sheet(HATCH)} | files
    tagged = [(text, {".css": "style", ".js": "script"}[Path(name).suffix]) for name, text in files.items()]
    text = PAGE.format(
        body=body,
        inline="".join(f"<{tag}>{text}</{tag}>" for text, tag in tagged),
        script=(ROOT / "web" / "assets" / "figures.js").read_text(encoding="utf-8"),
    )
    (folder / "page.html").write_text(text, encoding="utf-8")
    address, visit = (folder / "page.html").as_uri(), Visit()
    with browser.new_context(**context) as opened:
        page = opened.new_page()
        listen(page, visit, address)
        page.goto(address)
        roots = page.locator(".lstm-alive")
        page.wait_for_function("count => document.querySelectorAll('.lstm-alive').length === count", arg=len(widgets))
        yield page, roots.all()
    assert (visit.foreign, visit.failed, visit.said) == ([], [], [])


def state_of(widget):
    """Return the state of a widget as a page holds it."""
    return {name: value for name, value in widget.get_state().items() if name != "layout"}


def static(widget):
    """Return the static picture of a widget."""
    data, _ = widget._repr_mimebundle_()
    return data["image/svg+xml"]


def turn(root, turns):
    """Set sliders, name -> value, as a reader does; return the marks as they are when the last event is through."""
    return [plain(mark) for mark in root.evaluate(TURN, list(turns.items()))]


def marks(root):
    """Return the marks of a figure on the page."""
    return [plain(mark) for mark in root.evaluate(MARKS)]


def drawn(svg):
    """Return the marks of a diagram that Python drew."""
    nodes = ElementTree.fromstring(svg).iter()
    return [plain({**node.attrib, "text": node.text or ""}) for node in nodes if "data-signal" in node.attrib]


def plain(mark):
    """Return a mark with its value as a number, no minus before a zero, and its classes in order."""
    text = "0" if mark["text"] == "\N{MINUS SIGN}0" else mark["text"]
    return mark | {"data-value": float(mark["data-value"]), "text": text, "class": sorted(mark["class"].split())}


def values(found):
    """Return what marks hold: {(signal, element): value}, one value for all marks of an element."""
    held = {}
    for mark in found:
        key = mark["data-signal"], int(mark["data-element"])
        assert held.setdefault(key, float(mark["data-value"])) == float(mark["data-value"]), key
    return held
