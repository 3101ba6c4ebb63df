"""What the parts of a diagram look like, in light and in dark, as one style sheet inside the picture."""

from __future__ import annotations

import re

from lstm_ref.svg.palette import FILLS, INK, MUTED, PAPER, SIGNALS

LOOKS = {
    "kept": "c_prev",
    "let_in": "g_t",
    "squashed": "c_t",
    "left": "c_prev",
}
"""What is drawn like the signal that it comes from; `left` is what a valve has left of the old memory."""

COLOURS = {
    "ink": INK,
    "muted": MUTED,
    "paper": PAPER,
    **FILLS,
    **{name: signal.stroke.colour for name, signal in SIGNALS.items()},
}
"""Every colour of a diagram by the name that its style sheet gives it."""

_DASHES = {"--": "6 3", "-.": "7 2.5 1.5 2.5", ":": "1.6 2.2"}
_CLASS = re.compile(r"\.([a-z][\w-]*)")
_CHOICE = re.compile(r":is\(([^)]*)\)")

_RULES = """
{font:13px system-ui,"DejaVu Sans",sans-serif}
 text{fill:var(--ink)}
 .index{font-size:9.5px}
 .paper{fill:var(--paper)}
 .unit{fill:var(--unit);stroke:var(--grey)}
 :is(.input,.output,.box,.sum,.sigmoid,.tanh,.bias,.product,.gate,.cell,.sign){stroke:var(--ink);stroke-width:1.2}
 :is(.input,.output,.cell){fill:var(--input)}
 :is(.box,.sum){fill:var(--box)}
 .sigmoid{fill:var(--sigmoid)}
 .tanh{fill:var(--tanh)}
 .bias{fill:var(--bias)}
 .product{fill:var(--product)}
 .sign{fill:none}
 :is(.wire,.casing,.wall,.bore){fill:none;stroke-width:1.8;stroke:var(--ink)}
 .casing{stroke-width:6;stroke:var(--unit)}
 .bare .casing{stroke:var(--paper)}
 .wall{stroke-width:33}
 .bore{stroke-width:29;stroke:var(--unit)}
 :is(.head,.dot){fill:var(--ink)}
 .handle{stroke:var(--ink);stroke-width:6;stroke-linecap:round}
 .handle.thin{stroke-width:2}
 .water{fill:var(--muted)}
 .water.water.water[class~=below]{fill:var(--below)}
 .gauge{fill:none;stroke:var(--grey)}
 .order{fill:var(--ink)}
 .order+text{fill:var(--paper);font-size:11px;font-weight:bold}
 :is(.small,.tanh~text,.bias~text,.cell~text){font-size:11.5px}
 .value{font-size:12px}
 .title{font-weight:bold}
 .tiny :is(text,.input,.output){display:none}
 .tiny :is(.wire,.sign){stroke-width:4}
"""
_LAST = """
 .plain .wire{stroke-dasharray:none}
 .plain .wire.dashed{stroke-dasharray:8 4}
 .dim :is(.wire,.wall,.gauge){stroke:var(--grey)}
 .dim .wire{stroke-width:1}
 .dim :is(.input,.output,.box,.sum,.sigmoid,.tanh,.bias,.product,.gate,.cell,.sign){stroke:var(--grey);fill:var(--unit)}
 .dim :is(.head,.dot,text){fill:var(--grey)}
"""
_PHONE = (
    "{font-size:14.5px}",
    " .index{font-size:10.5px}",
    " :is(.small,.value,.tanh~text,.bias~text,.cell~text){font-size:13px}",
)
"""Where the picture is small, its letters are larger beside the rest."""


def look(signal):
    """Return the class of what carries a signal."""
    return LOOKS.get(signal, signal)


def sheet(name, marks):
    """Return the style sheet for the marks of the picture of this class, without rules for what it does not have.

    Where a viewer does not know ``light-dark``, all is as on light paper.
    """
    there = {one for classes in re.findall(r'class="([^"]*)"', marks) for one in classes.split()}
    rules = _RULES + "".join(_signal(*item) for item in SIGNALS.items()) + _LAST
    kept = [rule for rule in rules.splitlines() if rule and _is_needed(rule.partition("{")[0], there)]
    used = sorted(set(re.findall(r"var\(--(\w+)\)", "".join(kept))) & set(COLOURS))
    light = ";".join(f"--{role}:{COLOURS[role].light}" for role in used)
    both = ";".join(f"--{role}:light-dark({COLOURS[role].light},{COLOURS[role].dark})" for role in used)
    head = (
        f"svg.{name}:root{{color-scheme:light dark}}",
        f".{name}{{{light}}}",
        f"@supports(color:light-dark(red,red)){{.{name}{{{both}}}}}",
    )
    phone = f"@media(max-width:600px){{{''.join(f'.{name}{rule}' for rule in _PHONE if _is_needed(rule, there))}}}"
    return "\n".join((*head, *(f".{name}{rule}" for rule in kept), phone, ""))


def _is_needed(selector, there):
    """Say whether a selector can match: each of its classes is there, and of those in brackets one."""
    groups = [{one} for one in _CLASS.findall(_CHOICE.sub("", selector))]
    groups += [set(_CLASS.findall(choice)) for choice in _CHOICE.findall(selector)]
    return all(group & there for group in groups)


def _signal(name, signal):
    line = signal.stroke.line
    dashes = _DASHES.get(line, "") if isinstance(line, str) else " ".join(map(str, line[1]))
    dashes = f";stroke-dasharray:{dashes}" if dashes else ""
    return f" .wire.{name}{{stroke:var(--{name}){dashes}}}\n :is(.head,.dot,.water).{name}{{fill:var(--{name})}}\n"
