"""What the parts of a diagram look like, in light and in dark, as one style sheet inside the picture."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lstm_ref.svg.palette import FILLS, INK, MUTED, PAPER, SIGNALS, Signal

DRAWN_LIKE = {
    "kept": "c_prev",
    "let_in": "g_t",
    "squashed": "c_t",
    "left": "c_prev",
    "nudge": "h_t",
    "sums": "outline",
}
"""What is drawn like the signal that it comes from; `left` is what a valve has left of the old memory, `nudge` how far
an output moves, and outlined is what the columns are compared with."""

COLOURS = {
    "ink": INK,
    "muted": MUTED,
    "paper": PAPER,
    **FILLS,
    **{name: signal.stroke.colour for name, signal in SIGNALS.items()},
}
"""Every colour of a diagram by the name that its style sheet gives it."""

_DASHES = {"--": "6 3", "-.": "7 2.5 1.5 2.5", ":": "1.6 2.2"}


def _signal_rules(name: str, signal: Signal) -> list[tuple[str, str]]:
    line = signal.stroke.line
    dashes = _DASHES.get(line, "") if isinstance(line, str) else " ".join(map(str, line[1]))
    dashes = f";stroke-dasharray:{dashes}" if dashes else ""
    return [
        (name, f".wire.{name}{{stroke:var(--{name}){dashes}}}"),
        (name, f":is(.head,.dot,.water).{name}{{fill:var(--{name})}}"),
    ]


_PARTS = "input output box sum sigmoid tanh bias product gate cell sign"
_ANY_PART = f":is(.{_PARTS.replace(' ', ',.')})"

RULES = [
    ("index", ".index{font-size:9.5px}"),
    ("paper", ".paper{fill:var(--paper)}"),
    ("unit", ".unit{fill:var(--unit);stroke:var(--frame)}"),
    (_PARTS, f"{_ANY_PART}{{stroke:var(--ink);stroke-width:1.2}}"),
    ("input output cell", ":is(.input,.output,.cell){fill:var(--input)}"),
    ("box sum", ":is(.box,.sum){fill:var(--box)}"),
    ("sigmoid", ".sigmoid{fill:var(--sigmoid)}"),
    ("tanh", ".tanh{fill:var(--tanh)}"),
    ("bias", ".bias{fill:var(--bias)}"),
    ("product", ".product{fill:var(--product)}"),
    ("sign", ".sign{fill:none}"),
    ("wire casing wall bore", ":is(.wire,.casing,.wall,.bore){fill:none;stroke-width:1.8;stroke:var(--ink)}"),
    ("casing", ".casing{stroke-width:6;stroke:var(--unit)}"),
    ("bare", ".bare .casing{stroke:var(--paper)}"),
    ("wall", ".wall{stroke-width:33}"),
    ("bore", ".bore{stroke-width:29;stroke:var(--unit)}"),
    ("head dot", ":is(.head,.dot){fill:var(--ink)}"),
    ("handle", ".handle{stroke:var(--ink);stroke-width:6;stroke-linecap:round}"),
    ("thin", ".handle.thin{stroke-width:2}"),
    ("water", ".water{fill:var(--muted)}"),
    ("gauge", ".gauge{fill:none;stroke:var(--frame)}"),
    ("order", ".order{fill:var(--ink)}"),
    ("order", ".order+text{fill:var(--paper);font-size:11px;font-weight:bold}"),
    ("small tanh bias cell", ":is(.small,.tanh~text,.bias~text,.cell~text){font-size:11.5px}"),
    ("value", ".value{font-size:12px}"),
    ("title", ".title{font-weight:bold}"),
    ("tiny", ".tiny :is(text,.input,.output){display:none}"),
    ("tiny", ".tiny :is(.wire,.sign){stroke-width:4}"),
    ("upright", ".upright{display:none}"),
    *(rule for name, signal in SIGNALS.items() for rule in _signal_rules(name, signal)),
    ("water", ".water.below{fill:var(--below)}"),
    ("outline level", ".water:is(.outline,.level){fill:none;stroke:var(--ink)}"),
    ("level", ".water.level{stroke-width:1.6;stroke-dasharray:436 999}"),  # of a chart's width: its upper edge alone
    ("plain", ".plain .wire{stroke-dasharray:none}"),
    ("dashed", ".plain .wire.dashed{stroke-dasharray:8 4}"),
    ("dim", ".dim :is(.unit,.wire,.wall,.gauge){stroke:var(--grey)}"),
    ("dim", ".dim .wire{stroke-width:1}"),
    ("dim", f".dim {_ANY_PART}{{stroke:var(--grey);fill:var(--unit)}}"),
    ("dim", ".dim :is(.head,.dot){fill:var(--grey)}"),
    ("dim", ".dim text{fill:var(--muted)}"),
]
"""The rules in their order, each after the classes of which a picture has at least one if it needs the rule.

Of two rules with as many classes the later one wins: water below zero is hatched, whatever its signal's colour. Its
rule is there wherever water is, which a script in the page may move below zero.
"""

PHONE_RULES = [
    ("index", ".index{font-size:14.5px}"),
    ("order", ".order+text{font-size:14.5px}"),
    ("input output", ":is(.input,.output)~text{font-size:14.5px;letter-spacing:-1.3px}"),
    ("value", ".value{translate:0 2px}"),
    ("value", '.value[data-element="1"]{translate:0 3px}'),
    ("small value tanh bias cell", ":is(.small,.value,.tanh~text,.bias~text,.cell~text){font-size:14.5px}"),
]
"""Where the picture is small, its letters are larger beside the rest."""

UPRIGHT_SIZE = (360, 616)
"""Width and height of what takes the place of a lying picture where a page is narrow and high."""


def signal_class(signal: str) -> str:
    """Return the class of what carries a signal."""
    return DRAWN_LIKE.get(signal, signal)


def shared_style_sheet(hatch: str) -> str:
    """Return one style sheet for all diagrams of a page; `hatch` is the id of the page's pattern for water below zero.

    It says of each diagram what that diagram's own style sheet says.
    """
    scope, every = ".lstm-diagram", " ".join(classes for classes, _ in RULES + PHONE_RULES)
    sheet = style_sheet(scope[1:], f'class="{every}"')
    ground, lit = FILLS["unit"], f"{scope}:not(:has(.dim))"
    return (
        f"{sheet}{lit}{{--unit:{ground.light}}}\n"
        f"@supports(color:light-dark(red,red)){{{lit}{{--unit:light-dark({ground.light},{ground.dark})}}}}\n"
        f"{scope}{{--below:url(#{hatch})}}\n"
    )


def style_sheet(name: str, marks: str) -> str:
    """Return the style sheet for the marks of the picture of this class, without rules for what it does not have.

    Where a part is not lit, the ground is grey too. Where a viewer does not know ``light-dark``, all is as on light
    paper.
    """
    present = {one for classes in re.findall(r'class="([^"]*)"', marks) for one in classes.split()}
    rules = [
        f'.{name}{{font:13px system-ui,"DejaVu Sans",sans-serif}}',
        f".{name} text{{fill:var(--ink)}}",
        *(f".{name} {rule}" for rule in _needed(RULES, present)),
    ]
    colours = COLOURS | {"unit": FILLS["unlit"]} if "dim" in present else COLOURS
    used = [role for role in sorted(colours) if f"var(--{role})" in "".join(rules)]
    light = ";".join(f"--{role}:{colours[role].light}" for role in used)
    both = ";".join(f"--{role}:light-dark({colours[role].light},{colours[role].dark})" for role in used)
    head = [
        f"svg.{name}:root{{color-scheme:light dark}}",
        f".{name}{{{light}}}",
        f"@supports(color:light-dark(red,red)){{.{name}{{{both}}}}}",
    ]
    phone = [f".{name}{{font-size:16px}}", *(f".{name} {rule}" for rule in _needed(PHONE_RULES, present))]
    upright = _upright_rules(f".{name}") if "upright" in present else []
    return "\n".join([*head, *rules, f"@media(max-width:600px){{{''.join(phone)}}}", *upright, ""])


def _upright_rules(scope: str) -> list[str]:
    """Return what turns a chain. An image's own shape is lying, whatever the page's: there nothing turns."""
    width, height = UPRIGHT_SIZE
    turned = f"{scope}:has(.upright){{aspect-ratio:{width}/{height}}}{scope} .lying{{display:none}}"
    return [f"@media(max-width:600px) and (max-aspect-ratio:1){{{turned}{scope} .upright{{display:inline}}}}"]


def _needed(rules: Iterable[tuple[str, str]], present: set[str]) -> list[str]:
    return [rule for classes, rule in rules if not present.isdisjoint(classes.split())]
