"""A site of three pages with all that is hard to print: code and tables that are too wide, folds, figures, formulas."""

import nbformat
from helpers.book import build, furnish
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lstm_ref import diagrams

CONTENTS = """format: jb-book
root: index
parts:
  - caption: A part
    chapters:
      - file: book/hard
      - file: book/other
"""
FIRST = """# A title

*A line below it.*

Words. [A chapter](book/hard.ipynb).<span class="take-along"></span>
"""
OTHER = """# Other

## Exercises

Back to [the exercises of the first](hard.ipynb#exercises).
"""
WIDE = f"| {' | '.join(['head'] * 8)} |\n|{' --- |' * 8}\n| {' | '.join(['`a_very_long_name_in_code`'] * 8)} |"
SOLUTION = {"tags": ["solution", "hide-cell"], "mystnb": {"code_prompt_show": "Show the solution"}}


def shown(svg):
    return new_output("display_data", data={"image/svg+xml": svg, "text/plain": "<figure>"})


def chapter():
    """A chapter, as if executed."""
    diagram = diagrams.draw("pipe").svg
    living = diagrams.draw("cell").svg.replace("<svg ", "<svg data-figure='it' ", 1)
    said = new_output("stream", name="stdout", text="much_" * 200 + "\n")
    return new_notebook(
        cells=[
            new_markdown_cell("# Hard\n\nA formula, $f_t = \\sigma(z_f)$."),
            new_code_cell("x = " + " + ".join(["a_long_name"] * 40), outputs=[said]),
            new_markdown_cell(f"## A figure\n\n{WIDE}"),
            new_code_cell("diagram", outputs=[shown(diagram)]),
            new_code_cell("living", outputs=[shown(living)]),
            new_markdown_cell("## Exercises\n\n### Exercise 1.1"),
            new_code_cell("the_answer = 42", metadata=SOLUTION),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}},
    )


def small_site(root):
    """Build the site in a folder; return where it is."""
    root.mkdir()
    furnish(root)
    (root / "_toc.yml").write_text(CONTENTS, encoding="utf-8")
    (root / "index.md").write_text(FIRST, encoding="utf-8")
    (root / "book" / "other.md").write_text(OTHER, encoding="utf-8")
    nbformat.write(chapter(), root / "book" / "hard.ipynb")
    return build(root)
