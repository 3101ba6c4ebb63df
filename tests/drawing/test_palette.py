"""The palette: colours that are told apart by all eyes, on light paper and on dark, and by more than colour."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from helpers.colours import channels, cielab, contrast, linear

from lstm_ref import diagrams
from lstm_ref.plots import text as shaded_text
from lstm_ref.svg import palette

# Full colour blindness of each kind: Machado, Oliveira and Fernandes, 2009.
SEEN = {
    "by all": np.eye(3),
    "without red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "without green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "without blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("theme", [0, 1])
def test_strokes_are_told_apart_by_colour_and_by_more_than_colour(theme, eyes):
    for strokes in ([signal.stroke for signal in palette.SIGNALS.values()], palette.SERIES):
        for one, two in itertools.combinations(strokes, 2):
            seen = [cielab(np.clip(SEEN[eyes] @ linear(channels(each.colour[theme])), 0, 1)) for each in (one, two)]
            assert np.linalg.norm(seen[0] - seen[1]) > 15, (one, two)
            assert one.line != two.line and one.marker != two.marker


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("theme", [0, 1])
def test_the_new_memory_is_told_apart_from_every_grey(theme, eyes):
    colour = palette.SIGNALS["g_t"].stroke.colour[theme]
    _, *hue = cielab(np.clip(SEEN[eyes] @ linear(channels(colour)), 0, 1))
    assert np.linalg.norm(hue) > 15


@pytest.mark.parametrize("style", ["pipe", "cell", "older"])
def test_nothing_of_a_whole_diagram_is_grey_and_what_is_not_lit_is(style):
    def colours(picture):
        return dict(re.findall(r"--(\w+):(light-dark\(#\w+,#\w+\))", picture.svg))

    whole, lit = colours(diagrams.draw(style, legend=True)), colours(diagrams.draw(style, lit="joint"))
    greys = ["light-dark({},{})".format(*palette.FILLS[role]) for role in ("grey", "unlit")]
    assert not set(greys) & set(whole.values()) and [lit["grey"], lit["unit"]] == greys
    for role in set(whole) - {"ink", "paper", "input", "x_t", "unit"}:
        for colour in re.findall(r"#\w+", whole[role]):
            assert np.linalg.norm(cielab(linear(channels(colour)))[1:]) > 7, role


@pytest.mark.parametrize("theme", [0, 1])
def test_colours_stand_out_from_the_paper(theme):
    paper = channels(palette.PAPER[theme])
    for stroke in [signal.stroke for signal in palette.SIGNALS.values()] + list(palette.SERIES):
        assert contrast(channels(stroke.colour[theme]), paper) >= 3, stroke
    for text in (palette.INK, palette.MUTED):
        assert contrast(channels(text[theme]), paper) >= 4.5


def test_each_role_has_a_light_colour_of_its_own():
    light = [colour.light for colour in palette.colours()]
    assert len(light) == len(set(light))


def test_the_style_sheet_uses_the_palette():
    sheet = Path(palette.__file__).with_name("book.mplstyle").read_text(encoding="utf-8")
    used = {f"#{value}" for value in re.findall(r"color: (\w+)", sheet)}
    assert used == {colour.light for colour in (palette.PAPER, palette.INK, palette.MUTED, palette.RULE)}


@pytest.mark.parametrize("theme", [0, 1])
def test_shut_and_open_cells_are_told_apart_and_numbers_are_read_on_both(theme):
    paper, shade, ink = (channels(colour[theme]) for colour in (palette.PAPER, palette.SHADE, palette.INK))
    assert contrast(shade, paper) >= 3 and contrast(ink, shade) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_letters_are_read_on_the_strongest_ground_of_shaded_text(theme, sign):
    (colour,) = {each for each in palette.colours() if each.light == shaded_text._COLOURS[sign]}
    strength = shaded_text._STRONGEST[sign]
    ground = strength * channels(colour[theme]) + (1 - strength) * channels(palette.PAPER[theme])
    assert contrast(ground, channels(palette.INK[theme])) >= 4.5
