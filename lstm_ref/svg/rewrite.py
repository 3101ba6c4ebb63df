"""Matplotlib's SVG made the book's own: short, legible in light and in dark, its ids apart from another picture's."""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lstm_ref.signatures import checked
from lstm_ref.svg.palette import colours

_SVG = "{http://www.w3.org/2000/svg}"
_LENGTHS = {"d", "x", "y", "width", "height", "points", "viewBox"}

# Without these, tags would be written as ns0:path.
ElementTree.register_namespace("", _SVG.strip("{}"))
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def rewritten(svg: str, title: str) -> str:
    """Return matplotlib's SVG document as the book shows it, one element a line."""
    # Comments are kept: each says in letters what the paths after it draw.
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    root = ElementTree.fromstring(svg, parser)
    _colours_as_attributes(root)
    _colourless_markers(root)
    _rounded_lengths(root)
    _short_paths(root)
    _short_shifts(root)
    _own_ids(root)
    _without_bare_groups(root)
    _titled(root, title)
    ElementTree.indent(root, space="")
    return _text(root).replace(" />", "/>") + "\n"  # no blank where an element closes itself


@checked
def stylesheet(svg: str) -> str:
    """Return the rules of a picture whose colours are attributes: on dark pages each has its dark value."""
    dark = [
        f'.lstm-picture [{name}="{colour.light}"]{{{name}:{colour.dark}}}\n'
        for colour in colours()
        for name in ("fill", "stroke")
        if f'{name}="{colour.light}"' in svg
    ]
    joins = ".lstm-picture *{stroke-linejoin:round;stroke-linecap:butt}\n"
    return f"{joins}@media (prefers-color-scheme:dark){{\n{''.join(dark)}}}\n"


def _text(root: Element) -> str:
    return ElementTree.tostring(root, encoding="unicode")


def _colours_as_attributes(root: Element) -> None:
    """Move each colour from the style into an attribute of its own, which a rule of the stylesheet can outrank.

    A viewer that knows nothing of dark pages then shows the light colours.
    """
    for node in root.iter():
        kept = []
        for declaration in node.attrib.pop("style", "").split(";"):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name in ("fill", "stroke"):
                node.set(name, value)
            elif name:
                kept.append(f"{name}:{value}")
        if kept:
            node.set("style", ";".join(kept))


def _colourless_markers(root: Element) -> None:
    """Let a marker take its colours from where it is used: no rule reaches into a use."""
    for marker in root.iterfind(f".//{_SVG}defs/{_SVG}path"):
        marker.attrib.pop("fill", None)
        marker.attrib.pop("stroke", None)


def _rounded_lengths(root: Element) -> None:
    """Keep two decimals of every length, but all those of a scale."""
    for node in root.iter():
        for name in _LENGTHS & node.attrib.keys():
            node.set(name, _rounded(node.attrib[name]))
        if "transform" in node.attrib:
            shift, *scale = node.attrib["transform"].partition("scale")
            node.set("transform", "".join([_rounded(shift), *scale]))


def _rounded(numbers: str) -> str:
    return re.sub(r"-?\d+\.\d+", _two_decimals, numbers)


def _two_decimals(number: re.Match[str]) -> str:
    # Adding 0 takes the minus from what is rounded to 0.
    return f"{round(float(number[0]), 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _short_paths(root: Element) -> None:
    """Write paths without needless blanks, and where a line is level, its x alone."""
    for path in root.iterfind(f".//{_SVG}path[@d]"):
        dense = re.sub(r"\s*([A-Za-z])\s*", r"\1", path.attrib["d"])
        path.set("d", re.sub(r"( [-\d.]+)L([-\d.]+)\1(?![\d.])", r"\1H\2", dense))


def _short_shifts(root: Element) -> None:
    """Write how far a letter is moved to the right as its x."""
    for letter in root.iter(f"{_SVG}use"):
        if shift := re.fullmatch(r"translate\((\S+) 0\)", letter.get("transform", "")):
            del letter.attrib["transform"]
            letter.set("x", shift[1])


def _own_ids(root: Element) -> None:
    """Name what is referred to by the picture's content, since no id may be twice on a page; drop other ids.

    Those that artists were given become classes, which several artists may share.
    """
    text = _text(root)
    mark = hashlib.sha256(text.encode()).hexdigest()[:4]
    renamed: dict[str, str] = {}
    for place, name in enumerate(dict.fromkeys(re.findall(r'(?:url\(|href=")#([^")]+)', text))):
        own = f"p{mark}-{place}"
        renamed |= {name: own, f"#{name}": f"#{own}", f"url(#{name})": f"url(#{own})"}
    for node in root.iter():
        name = node.attrib.pop("id", "")
        node.attrib.update({key: renamed.get(value, value) for key, value in node.items()})
        if name in renamed:
            node.set("id", renamed[name])
        elif name.startswith("lstm-"):
            node.set("class", name)


def _without_bare_groups(node: Element) -> None:
    """Put what a group without attributes holds in the group's place."""
    children: list[Element] = []
    for child in node:
        _without_bare_groups(child)
        children += child if child.tag == f"{_SVG}g" and not child.attrib else [child]
    node[:] = children


def _titled(root: Element, title: str) -> None:
    """Say what the picture shows; its rules take the place of matplotlib's, which would reach all of a page."""
    root.attrib.update({"class": "lstm-picture", "role": "img", "aria-label": title})
    heading = Element(f"{_SVG}title")
    heading.text = title
    root.insert(0, heading)
    for rules in root.iter(f"{_SVG}style"):
        rules.text = "\n" + stylesheet(_text(root))
