"""Find an installed Chromium or Chrome. As a program: print its path, or fail if there is none."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = (
    "chromium-headless-shell",  # the lightest
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


def find_browser() -> str | None:
    """Return the path of a browser, or None; the variable BROWSER_PATH goes first."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named
    on_path = (shutil.which(name) for name in NAMES)
    return next((path for path in (*on_path, *PLACES) if path and Path(path).exists()), None)


if __name__ == "__main__":
    found = find_browser()
    print(found or "no browser found", file=sys.stdout if found else sys.stderr)
    sys.exit(not found)
