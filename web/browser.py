"""A browser and a server on this machine, for what looks at the built site, prints it or tests it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from find_browser import find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open a headless browser.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    path = find_browser()
    if path is None:
        raise RuntimeError("no Chromium or Chrome found: install one, or set BROWSER_PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(folder: Path, headers: Iterable[tuple[str, str]] = ()) -> Iterator[str]:
    """Serve a folder, each file with these headers, (name, value); the context gives the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            """Write nothing."""

        def end_headers(self) -> None:
            for header in headers:
                self.send_header(*header)
            super().end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
