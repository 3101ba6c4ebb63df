"""The rules that every chapter keeps by itself, each by what it asks."""

import chapter_form as form
import chapter_prose as words

RULES = {
    "every cell ran in order without error, warning or path": form.executed,
    "no cell prints nothing but true or false": form.teaching,
    "code comes in short cells": form.short_cells,
    "eight words stand beside each line of code": form.more_prose_than_code,
    "every picture is an opaque svg with alternative text": form.described_pictures,
    "every widget and its static picture name one figure": form.living_figures,
    "the opening and closing sections stand in their order": form.sections,
    "every exercise has a check and a right solution": form.exercises,
    "the prose is plain markdown": words.plain_markdown,
    "every number in the prose is computed beside it": words.computed_numbers,
}
OF_CHAPTERS = {form.more_prose_than_code, form.sections, form.exercises}
"""What guides need not keep: they are short, and nobody is asked anything."""
