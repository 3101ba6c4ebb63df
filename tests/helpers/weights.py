"""What CONTRIBUTING.md says that the pages of the site weigh."""

import re

import weigh
from helpers.book import ROOT

MORE = 1.1  # a test allows a tenth over what the table says
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def by_the_table():
    """Return of each page in the table how many files it asks for, and how many kilobytes they are when packed."""
    rows = TEXT.partition(weigh.HEADER)[2].splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows[: len(weigh.PAGES)]]
    return {weigh.PAGES[words]: (int(requests), int(packed)) for words, requests, _, packed, *_ in cells}


def on_disk_by_the_table():
    """Return how many megabytes the site takes on the disk."""
    return float(re.search(r"On disk: ([\d.]+) MB", TEXT)[1])
