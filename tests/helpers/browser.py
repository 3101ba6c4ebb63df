"""Find an installed Chromium or Chrome. As a program: print its path, or fail if there is none."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


def find_browser():
    """Return the path of a browser, or None; the variable BROWSER_PATH goes first."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named
    on_path = (shutil.which(name) for name in NAMES)
    return next((path for path in (*on_path, *PLACES) if path and Path(path).exists()), None)


if __name__ == "__main__":
    sys.exit(print(find_browser()) if find_browser() else "no browser found")
