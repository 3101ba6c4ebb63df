"""What the parts of a diagram look like, in light and in dark, as one style sheet inside the picture."""

from __future__ import annotations

import re

from lstm_ref.palette import FILLS, INK, MUTED, PAPER, SIGNALS

LOOKS = {
    "kept": "c_prev",
    "let_in": "g_t",
    "squashed": "c_t",
}
"""The signals between the nine that are drawn like the one that they come from."""


def look(signal):
    """Return the class of what carries a signal."""
    return LOOKS.get(signal, signal)


_DASHES = {"--": "6 3", "-.": "7 2.5 1.5 2.5", ":": "1.6 2.2"}

_SHEET = """
svg.NAME:root{color-scheme:light dark}
.NAME{font:13px system-ui,"DejaVu Sans",sans-serif;FILL-paper}
.NAME text{FILL-ink}
.NAME .index{font-size:9.5px}
.NAME .paper{FILL-paper}
.NAME .unit{FILL-unit;STROKE-grey}
.NAME :is(.input,.output,.box,.sum,.sigmoid,.tanh,.bias,.product,.gate,.cell,.sign){STROKE-ink;stroke-width:1.2}
.NAME :is(.input,.output,.cell){FILL-input}
.NAME :is(.box,.sum){FILL-box}
.NAME .sigmoid{FILL-sigmoid}
.NAME .tanh{FILL-tanh}
.NAME .bias{FILL-bias}
.NAME .product{FILL-product}
.NAME .sign{fill:none}
.NAME :is(.wire,.casing,.wall,.bore){fill:none;stroke-width:1.8;STROKE-ink}
.NAME .casing{stroke-width:6;STROKE-unit}
.NAME .bare .casing{STROKE-paper}
.NAME .wall{stroke-width:33}
.NAME .bore{stroke-width:29;STROKE-unit}
.NAME .bare .bore{STROKE-paper}
.NAME :is(.head,.dot){FILL-ink}
.NAME .handle{STROKE-ink;stroke-width:5;stroke-linecap:round}
.NAME .water{FILL-muted}
.NAME .water.water.water.below{fill:var(--below)}
.NAME .gauge{fill:none;STROKE-grey}
.NAME .order{FILL-ink}
.NAME .order+text{FILL-paper;font-size:11px;font-weight:bold}
.NAME :is(.small,.tanh~text,.bias~text,.cell~text){font-size:11.5px}
.NAME .muted{FILL-muted}
.NAME .value{font-size:12px}
.NAME .title{font-weight:bold}
.NAME .tiny text{display:none}
.NAME .tiny :is(.wire,.sign){stroke-width:4}
"""
_DIM = """
.NAME .dim :is(.wire,.wall,.gauge){STROKE-grey}
.NAME .dim :is(.input,.output,.box,.sum,.sigmoid,.tanh,.bias,.product,.gate,.cell,.sign){STROKE-grey;FILL-unit}
.NAME .dim :is(.head,.dot,text){FILL-grey}
"""
_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_NAMED = {"ink": INK, "muted": MUTED, "paper": PAPER, **FILLS}


def sheet(name, body):
    """Return the style sheet for the marks of the picture of this class, without the rules for what it does not have.

    Each colour comes twice: for viewers that know light alone, and for the others.
    """
    there = {one for classes in re.findall(r'class="([^"]*)"', body) for one in classes.split()} | {"NAME"}
    rules = (_SHEET + "".join(_signal(*item) for item in SIGNALS.items()) + _DIM).split("\n")
    text = "\n".join(rule for rule in rules if rule and _is_needed(rule.partition("{")[0], there))
    for role, colour in _NAMED.items():
        for mark, word in (("FILL", "fill"), ("STROKE", "stroke")):
            text = text.replace(f"{mark}-{role}", _paint(word, colour))
    return text.replace("NAME", name) + "\n"


def _is_needed(selector, there):
    """Say whether a selector can match: each of its classes is there, and of those in brackets one."""
    plain = re.sub(r":is\(([^)]*)\)", "", selector)
    choices = re.findall(r":is\(([^)]*)\)", selector)
    groups = [{name} for name in _CLASS.findall(plain)] + [set(_CLASS.findall(choice)) for choice in choices]
    return all(group & there for group in groups)


def _paint(word, colour):
    return f"{word}:{colour.light};{word}:light-dark({colour.light},{colour.dark})"


def _signal(name, signal):
    line, colour = signal.stroke.line, signal.stroke.colour
    dashes = _DASHES.get(line, "") if isinstance(line, str) else " ".join(map(str, line[1]))
    rule = f".NAME .wire.{name}{{{_paint('stroke', colour)}"
    rule += f";stroke-dasharray:{dashes}}}\n" if dashes else "}\n"
    return rule + f".NAME :is(.head,.dot,.water).{name}{{{_paint('fill', colour)}}}\n"
