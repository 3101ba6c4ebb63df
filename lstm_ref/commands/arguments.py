"""What the command line's arguments are turned into."""

import argparse
from pathlib import Path


def folder(text: str) -> Path:
    """Return a path; of an empty text, which a shell makes of a variable that is not set, nothing good can come."""
    if not text:
        raise argparse.ArgumentTypeError("expected the name of a file or folder, got ''")
    return Path(text)
