"""Python in a process of its own."""

import subprocess
import sys


def python(*arguments, **options):
    """Run this interpreter with arguments to its end, without error, and return what it printed."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, **options).stdout
