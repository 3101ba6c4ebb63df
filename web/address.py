"""A Sphinx extension: what needs the site's public address is there only when the address is set.

While `_config.yml` holds the address that `tools/repository.py` calls unset, no button leads anywhere outside. Once it
is set there are buttons for Binder, Colab and the repository, canonical links, and a map of the site for crawlers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from sphinx.application import Sphinx
from sphinx.config import Config

TAKEN = {".ipynb": "Notebook (.ipynb)", ".md": "Source (.md)", ".pdf": "Print, or save as PDF"}
# Buttons of the theme that are links to other hosts.
OUTSIDE = ("launch_buttons", "repository_url", "use_repository_button", "use_issues_button")


def set_or_drop(app: Sphinx, config: Config) -> None:
    """Set the address of the site's pages from that of its repository, or drop what would need one."""
    options = config.html_theme_options
    owner, _, name = urlsplit(options.get("repository_url", "")).path.strip("/").partition("/")
    if owner and not owner.startswith("-"):  # GitHub gives no name that begins with a hyphen to anybody
        config.html_baseurl = config.html_baseurl or f"https://{owner.lower()}.github.io/{name}/"
    else:
        config.html_theme_options = {key: value for key, value in options.items() if key not in OUTSIDE}


def call_the_download_what_it_is(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Let the button that gives a chapter's notebook, and prints any page, say so."""
    notebook = context.get("page_source_suffix") == ".ipynb"
    for button in context.get("header_buttons", []):
        if button.get("label") == "download-buttons":
            button["tooltip"] = "Take this page along: notebook or print" if notebook else "Take this page along"
            for one in button["buttons"]:
                one["text"] = TAKEN.get(one["text"], one["text"])


def write_map(app: Sphinx, exception: Exception | None) -> None:
    """Write robots.txt and, where the address is set, the sitemap that it names."""
    if exception or app.builder.format != "html" or app.builder.name != "html":
        return
    base = app.config.html_baseurl
    robots = "User-agent: *\nDisallow:\n"
    if base:
        pages = (base + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs))
        rows = "".join(f"<url><loc>{escape(page)}</loc></url>\n" for page in pages)
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
        Path(app.outdir, "sitemap.xml").write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{sitemap}', "utf-8")
        robots += f"\nSitemap: {base}sitemap.xml\n"
    Path(app.outdir, "robots.txt").write_text(robots, "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("config-inited", set_or_drop)
    app.connect("html-page-context", call_the_download_what_it_is, priority=600)
    app.connect("build-finished", write_map)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
