"""What the parts of a diagram look like, in light and in dark, as one style sheet inside the picture."""

from __future__ import annotations

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
svg.lstm-diagram:root{color-scheme:light dark}
.lstm-diagram{font:13px system-ui,"DejaVu Sans",sans-serif;FILL-paper}
.lstm-diagram text{FILL-ink;stroke:none}
.lstm-diagram .index{font-size:9.5px}
.lstm-diagram .paper{FILL-paper}
.lstm-diagram .unit{FILL-unit;STROKE-grey}
.lstm-diagram :is(.input,.output,.box,.sum,.sigmoid,.tanh,.bias,.product,.gate,.cell,.sign){STROKE-ink;stroke-width:1.2}
.lstm-diagram :is(.input,.output,.cell){FILL-input}
.lstm-diagram :is(.box,.sum){FILL-box}
.lstm-diagram .sigmoid{FILL-sigmoid}
.lstm-diagram .tanh{FILL-tanh}
.lstm-diagram .bias{FILL-bias}
.lstm-diagram .product{FILL-product}
.lstm-diagram .sign{fill:none}
.lstm-diagram :is(.wire,.casing,.wall,.bore){fill:none;stroke-width:1.8;STROKE-ink}
.lstm-diagram .casing{stroke-width:6;STROKE-unit}
.lstm-diagram .bare .casing{STROKE-paper}
.lstm-diagram .wall{stroke-width:33}
.lstm-diagram .bore{stroke-width:29;STROKE-unit}
.lstm-diagram .bare .bore{STROKE-paper}
.lstm-diagram :is(.head,.dot){FILL-ink}
.lstm-diagram .handle{STROKE-ink;stroke-width:5;stroke-linecap:round}
.lstm-diagram .water{FILL-muted}
.lstm-diagram .gauge{fill:none;STROKE-grey}
.lstm-diagram .order{FILL-ink}
.lstm-diagram .order+text{FILL-paper;font-size:11px;font-weight:bold}
.lstm-diagram :is(.small,.tanh~text,.bias~text,.cell~text){font-size:11.5px}
.lstm-diagram .muted{FILL-muted}
.lstm-diagram .value{font-size:12px}
.lstm-diagram .title{font-weight:bold}
.lstm-diagram .tiny text{display:none}
.lstm-diagram .tiny :is(.wire,.sign){stroke-width:4}
"""
_DIM = """
.lstm-diagram .dim :is(.wire,.wall,.gauge){STROKE-grey}
.lstm-diagram .dim :is(.input,.output,.box,.sum,.sigmoid,.tanh,.bias,.product,.gate,.cell,.sign){STROKE-grey;FILL-unit}
.lstm-diagram .dim :is(.head,.dot,text){FILL-grey}
"""
_NAMED = {"ink": INK, "muted": MUTED, "paper": PAPER, **FILLS}


def sheet():
    """Return the style sheet. Each colour comes twice: for viewers that know light alone, and for the others."""
    text = _SHEET + "".join(_signal(*item) for item in SIGNALS.items()) + _DIM.lstrip()
    for name, colour in _NAMED.items():
        for mark, word in (("FILL", "fill"), ("STROKE", "stroke")):
            text = text.replace(f"{mark}-{name}", _paint(word, colour))
    return text


def _paint(word, colour):
    return f"{word}:{colour.light};{word}:light-dark({colour.light},{colour.dark})"


def _signal(name, signal):
    line, colour = signal.stroke.line, signal.stroke.colour
    dashes = _DASHES.get(line, "") if isinstance(line, str) else " ".join(map(str, line[1]))
    rule = f".lstm-diagram .wire.{name}{{{_paint('stroke', colour)}"
    rule += f";stroke-dasharray:{dashes}}}\n" if dashes else "}\n"
    return rule + f".lstm-diagram :is(.head,.dot,.water).{name}{{{_paint('fill', colour)}}}\n"
