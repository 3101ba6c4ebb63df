"""Set the project up, build the site and run the tests, with nothing but Python's own library.

Each command makes or mends the environment first, where it needs one:

    python tools/project.py setup       make or mend .venv
    python tools/project.py book        build the site into _build/html
    python tools/project.py test        run every test; what follows goes to pytest
    python tools/project.py serve       build the site and serve it on this machine
    python tools/project.py notebooks   execute the notebooks again and normalise them
    python tools/project.py bench       measure speed and memory into benchmarks/; or print some sizes: bench S1 S2
    python tools/project.py sweeps      train all that chapters 8 to 10 report on, in an hour or two; or some: sweeps adding
    python tools/project.py repository OWNER/NAME
    python tools/project.py clean       remove the built site
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Python 3.11 or newer is needed, and %s is %s. Name another: make PYTHON=python3.12"
        % (sys.executable, sys.version.split()[0])
    )

import hashlib
import os
import shutil
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "ready.txt"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
SITE = ROOT / "_build" / "html"

# Asked of the environment itself before each use: is it here, and does it hold the exact versions?
LOOK = """
import os, sys
from importlib.metadata import version
assert os.path.samefile(sys.prefix, sys.argv[1])
for line in open(sys.argv[2], encoding="utf-8"):
    name, exact, pin = line.partition("#")[0].partition(";")[0].strip().partition("==")
    if exact and ";" not in line:
        assert version(name).partition("+")[0] == pin, name
version("lstm_ref")
"""


def environment():
    """Return the variables that commands run with: one thread, no window, no foreign packages."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    variables.update(dict.fromkeys(threads, "1"), MPLBACKEND="agg", PYTHONUTF8="1", PIP_USER="0")
    return variables


def run(*command, **options):
    """Run a command in the project's folder; return its exit status."""
    options.setdefault("env", environment())
    return subprocess.run([str(part) for part in command], cwd=ROOT, **options).returncode


def stop_unless_zero(status):
    if status:
        sys.exit(status)


def state():
    """Return what the environment depends on: where it is, its interpreter, and the two files."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return "%s\n%s\n%s\n" % (VENV, sys.version.split()[0], digest.hexdigest())


def starts(*arguments):
    """Say whether the environment's own Python runs this and succeeds."""
    try:
        return run(PYTHON, *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def whole():
    """Say whether the environment's own Python starts and finds every exact version."""
    return starts("-c", LOOK, VENV, ROOT / "requirements.txt")


def make_environment():
    """Make an empty environment, in place of whatever bears its name."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    # Inside an environment sys.executable would lead back into it.
    base = getattr(sys, "_base_executable", None) or sys.executable
    stop_unless_zero(run(base, "-m", "venv", VENV))


def setup():
    """Make the environment, or mend it, or leave it alone if it is as it should be."""
    stamp = STAMP.read_text(encoding="utf-8") if STAMP.is_file() else ""
    if stamp == state() and whole():
        return
    # A stamp from here and from this Python is worth keeping: the files alone have changed.
    # No stamp means that an installation was interrupted.
    sound = starts("-m", "pip", "--version") and (VENV / "pyvenv.cfg").exists()
    if sound and stamp.splitlines()[:2] == state().splitlines()[:2]:
        STAMP.unlink()
    else:
        print("Making the environment in .venv; this takes a few minutes.", flush=True)
        make_environment()
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    stop_unless_zero(run(*pip, "--requirement", "requirements.txt"))
    stop_unless_zero(run(*pip, "--no-deps", "--no-build-isolation", "--editable", "."))
    if not whole():
        sys.exit(".venv is not whole although pip said so; delete it and try again.")
    STAMP.write_text(state(), encoding="utf-8")


def build(python=PYTHON):
    """Build the whole site with warnings as errors; return the exit status."""
    # From nothing each time: Sphinx reports a page's warnings only when it reads that page.
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    main = "from jupyter_book.cli.main import main; main()"
    flags = ("build", ".", "-W", "--keep-going", "-q")
    return run(python, "-c", main, *flags, stdin=subprocess.DEVNULL)


def book():
    setup()
    stop_unless_zero(build())
    print("The book is built. Open %s" % (SITE / "index.html").as_uri())


def test(*more):
    setup()
    book_tests = ("--nbval", "--nbval-current-env", "--continue-on-collection-errors", "tests", "book")
    stop_unless_zero(run(PYTHON, "-m", "pytest", *(more or book_tests), stdin=subprocess.DEVNULL))


def serve(port="8000"):
    book()
    handler = partial(SimpleHTTPRequestHandler, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", int(port)), handler) as server:
        print("Serving http://127.0.0.1:%s/ until Ctrl-C" % port, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def notebooks(*names):
    setup()
    stop_unless_zero(run(PYTHON, "tools/notebooks.py", "run", *names))


def bench(*sizes):
    setup()
    variables = environment()
    # These two replace what OpenBLAS finds out about the processor.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        variables.pop(name, None)
    stop_unless_zero(run(PYTHON, "-m", "benchmarks", *sizes, env=variables))


def sweeps(*names):
    setup()
    stop_unless_zero(run(PYTHON, "-m", "experiments.sweeps", *names))


def repository(*name):
    setup()
    stop_unless_zero(run(PYTHON, "tools/repository.py", *name))


def clean():
    shutil.rmtree(ROOT / "_build", ignore_errors=True)


def main():
    commands = (setup, book, test, serve, notebooks, bench, sweeps, repository, clean)
    table = {command.__name__: command for command in commands}
    if len(sys.argv) < 2 or sys.argv[1] not in table:
        sys.exit(__doc__)
    table[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
