"""Rules for the form of a chapter. Each takes a `Chapter` and returns a list of complaints."""

from __future__ import annotations

import math
import re
import statistics
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator

from chapter import Chapter, alternative_text, description, headings, lines, pictures, printed, prose, tags, typed_text
from nbformat import NotebookNode
from normal_form import WIDGET_STATE, WIDGET_VIEW

OPENING = ["What you will do", "What you need"]
CLOSING = ["What you can now say", "Exercises", "Sources"]
KINDS = {"image/svg+xml", "text/plain", "text/html", "text/latex", "text/markdown", WIDGET_VIEW}
PATH = re.compile(r"(?<![\w.:/<])~?/(?:[\w.-]+/)+[\w.-]+|\b[A-Za-z]:\\|\bfile://|site-packages|\bat 0x[0-9a-f]+")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d|<dc:date\b")
FILE_NAME = re.compile(r"\.(svg|png|jpe?g|gif)\b", re.IGNORECASE)
TRUTH = re.compile(r"\b(?:True|False)\W*$")
UNCOMPARED_TAGS = {"nbval-skip", "nbval-ignore-output", "raises-exception", "nbval-raises-exception"}
UNCOMPARED_COMMENT = re.compile(r"NBVAL_|PYTEST_VALIDATE_IGNORE_OUTPUT")


def executed(chapter: Chapter) -> list[str]:
    """Code cells ran once, in order, and left results alone: no error, no warning, no strange kind."""
    complaints = []
    code = [cell for cell in chapter.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        complaints.append("execution counts are not 1, 2, 3, ...")
    for cell in code:
        for output in cell.outputs:
            if output.output_type == "error":
                complaints.append(f"error in a cell: {output.ename}")
            if output.get("name") == "stderr" or "Warning" in printed(cell):
                complaints.append(f"warning or stderr in a cell: {cell.source[:60]!r}")
            strange = set(output.get("data", {})) - KINDS
            if strange:
                complaints.append(f"output that nobody compares: {sorted(strange)}")
            texts = map(str, [output.get("text", ""), *output.get("data", {}).values()])
            complaints += [f"path or address in an output: {hit[0]}" for hit in map(PATH.search, texts) if hit]
    return complaints


def teaching(chapter: Chapter) -> list[str]:
    """No cell prints nothing but True or False: a reader stops reading them."""
    told = [cell for cell in chapter.code if "check." not in cell.source]  # an exercise may expect a truth
    outputs = [(cell, [line for line in printed(cell).splitlines() if line.strip()]) for cell in told]
    bare = [cell for cell, rows in outputs if rows and all(map(TRUTH.search, rows))]
    return [f"a cell prints nothing but True or False: {cell.source[-60:]!r}" for cell in bare]


def set_up(chapter: Chapter, source: str) -> list[str]:
    """The first code cell is the one set-up cell, with the shared source, and it is hidden."""
    first = next(cell for cell in chapter.cells if cell.cell_type == "code")
    if first.source != source or tags(first) != ["setup", "remove-cell"]:
        return ["the first code cell is not the set-up cell"]
    if sum("setup" in tags(cell) for cell in chapter.cells) > 1:
        return ["more than one set-up cell"]
    return [] if not first.outputs else ["the set-up cell has outputs"]


def short_cells(chapter: Chapter) -> list[str]:
    """Code comes in small pieces: median 5 lines, 90th percentile 15, never over 25, 80 columns."""
    sizes = sorted(len(lines(cell)) for cell in chapter.code)
    complaints = []
    if statistics.median(sizes) > 5:
        complaints.append(f"median cell has {statistics.median(sizes)} lines, more than 5")
    tall = sizes[math.ceil(0.9 * len(sizes)) - 1]
    if tall > 15:
        complaints.append(f"90th percentile cell has {tall} lines, more than 15")
    if sizes[-1] > 25:
        complaints.append(f"longest cell has {sizes[-1]} lines, more than 25")
    wide = [line for cell in chapter.code for line in cell.source.splitlines() if len(line) > 80]
    return complaints + [f"line over 80 characters: {line}" for line in wide]


def more_prose_than_code(chapter: Chapter) -> list[str]:
    """At least eight words of prose stand beside each line of code."""
    texts = (prose(source, mathematics=False) for source in chapter.markdown)
    words = sum(len(re.findall(r"[^\W\d_][\w’'-]*", text)) for text in texts)
    rows = sum(len(lines(cell)) for cell in chapter.code)
    return [] if words >= 8 * rows else [f"{words} words for {rows} lines of code: {words / rows:.1f} a line"]


def described_pictures(chapter: Chapter) -> list[str]:
    """Every picture is an undated opaque SVG, one a cell, with alternative text that says something.

    A diagram carries its own text, and the site would not show another.
    """
    complaints = []
    for cell in chapter.code:
        found, alt = pictures(cell), alternative_text(cell)
        if found and (not alt or len(alt) < 40 or FILE_NAME.search(alt)):
            complaints.append(f"alternative text missing, under 40 characters or a file name: {alt!r}")
        if alt and len(found) != 1:
            complaints.append(f"alternative text for {len(found)} pictures: {alt!r}")
        if typed_text(cell) and any(map(description, found)):
            complaints.append(f"alternative text for a diagram, which carries its own: {alt!r}")
        complaints += [problem for svg in found for problem in drawing(svg)]
    return complaints + [f"alternative text used twice: {alt!r}" for alt in repeated_texts(chapter.code)]


def repeated_texts(cells: Iterable[NotebookNode]) -> set[str]:
    """Alternative texts that two cells type, or two different diagrams carry; a diagram may be shown again."""
    texts = [typed_text(cell) for cell in cells]
    texts += {svg: description(svg) for cell in cells for svg in pictures(cell)}.values()
    return {text for text in texts if text and texts.count(text) > 1}


def living_figures(chapter: Chapter) -> list[str]:
    """A widget has a static picture, and both name one figure of the page; without it nothing comes alive."""
    stored = chapter.notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    complaints = []
    models: dict[str | None, str] = {}
    for data in (output.get("data", {}) for cell in chapter.code for output in cell.outputs):
        if WIDGET_VIEW not in data:
            continue
        model = data[WIDGET_VIEW]["model_id"]
        figure = stored.get(model, {}).get("state", {}).get("figure")
        if "image/svg+xml" not in data:
            complaints.append(f"a widget without a static picture: {figure!r}")
        elif not figure or ElementTree.fromstring(data["image/svg+xml"]).get("data-figure") != figure:
            complaints.append(f"a widget and its static picture do not name the same figure: {figure!r}")
        if models.setdefault(figure, model) != model:
            complaints.append(f"two widgets name the same figure: {figure!r}")
    return complaints


def drawing(svg: str) -> list[str]:
    """Complaints about one SVG document."""
    complaints = ["a date in an SVG"] if DATE.search(svg) else []
    if re.search(r"href=[\"'](?!#)|url\([\"']?(?!#)|@import", svg):
        complaints.append("an SVG refers to something outside itself")
    return complaints if opaque(svg) else [*complaints, "an SVG without a background of its own"]


def opaque(svg: str) -> bool:
    """Say whether the first shape that an SVG draws covers all of it with a solid fill."""
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, re.split(r"[\s,]+", root.get("viewBox", "").strip()))
    first = next(shapes(root), None)
    if first is None:
        return False
    if first.tag.endswith("}rect"):
        corner = [float(first.get(name, 0)) for name in ("x", "y")]
        numbers = corner + [start + float(first.get(name, 0)) for start, name in zip(corner, ("width", "height"))]
    else:
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", first.get("d", "0 0"))]
    across, down = numbers[::2], numbers[1::2]
    covers = min(across) <= left and min(down) <= top and max(across) >= left + width and max(down) >= top + height
    return covers and first.get("fill", "black") != "none" and not re.search(r"opacity|fill:\s*none", str(first.attrib))


def shapes(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The shapes that an SVG element draws, in order; definitions draw nothing."""
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        if name in ("rect", "path", "circle", "ellipse", "line", "polyline", "polygon", "text", "image", "use"):
            yield child
        elif name in ("g", "svg", "a"):
            yield from shapes(child)


def sections(chapter: Chapter) -> list[str]:
    """One title with the chapter's number; the opening and the closing sections, in their order."""
    found = [(level, title) for source in chapter.markdown for level, title, _ in headings(source)]
    first, seconds = [title for level, title in found if level == 1], [title for level, title in found if level == 2]
    complaints = []
    if len(first) != 1 or found[0][0] != 1 or not first[0].startswith(f"{chapter.number}. "):
        complaints.append(f"the chapter must begin with its one title, '# {chapter.number}. ...': {first}")
    if seconds[:2] != OPENING:
        complaints.append(f"the first sections must be {OPENING}: {seconds[:2]}")
    if seconds[-3:] != CLOSING:
        complaints.append(f"the last sections must be {CLOSING}: {seconds[-3:]}")
    if len(seconds) != len(set(seconds)):
        complaints.append("two sections have the same title")
    return complaints


def exercises(chapter: Chapter) -> list[str]:
    """Three to six exercises, two of them "find the bug", each with a check and then its solution."""
    tasks: list[tuple[str, list[NotebookNode]]] = []
    inside = False
    for cell in chapter.cells:
        if cell.cell_type == "code":
            if inside and tasks:
                tasks[-1][1].append(cell)
            elif "solution" in tags(cell):
                return ["a solution outside the exercises"]
            continue
        for level, title, _ in headings(cell.source):
            inside = title == "Exercises" if level == 2 else inside
            if inside and level == 3:
                tasks.append((title, []))
    complaints = [] if 3 <= len(tasks) <= 6 else [f"{len(tasks)} exercises, not 3 to 6"]
    if sum("find the bug" in title.lower() for title, _ in tasks) < 2:
        complaints.append('fewer than two exercises are called "find the bug"')
    for count, (title, code) in enumerate(tasks, start=1):
        if not re.match(rf"Exercise {chapter.number}\.{count}: \S", title):
            complaints.append(f"expected 'Exercise {chapter.number}.{count}: ...', found {title!r}")
        complaints += [f"{title}: {problem}" for problem in exercise(code)]
    return complaints


def exercise(code: list[NotebookNode]) -> list[str]:
    """Complaints about the code cells of one exercise."""
    if len(code) < 2 or ["solution" in tags(cell) for cell in code] != [False] * (len(code) - 1) + [True]:
        return ["must end with a check cell and then one cell tagged solution"]
    complaints = []
    for name, cell, right in (("check", code[-2], False), ("solution", code[-1], True)):
        answers = [line for line in printed(cell).splitlines() if line.strip()]
        if not re.search(r"\bcheck\.\w+\(", cell.source) or not answers:
            complaints.append(f"the {name} cell must call check.something(...) and print its answer")
        elif any(answer.startswith("right") for answer in answers) != right:
            complaints.append(f"the {name} cell's stored answer must {'' if right else 'not '}be right: {answers}")
    return complaints


def uncompared(chapter: Chapter) -> list[NotebookNode]:
    """The cells whose outputs nbval does not compare."""
    return [
        cell
        for cell in chapter.cells
        if cell.cell_type == "code" and (UNCOMPARED_TAGS & set(tags(cell)) or UNCOMPARED_COMMENT.search(cell.source))
    ]


def reasoned(cell: NotebookNode) -> bool:
    """Say whether a cell that nbval leaves alone gives its reason in a comment of a few words."""
    comments = (line.strip() for line in cell.source.splitlines() if line.strip().startswith("#"))
    return any(len(comment.split()) > 4 and not UNCOMPARED_COMMENT.search(comment) for comment in comments)
