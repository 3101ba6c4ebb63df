"""Runs the reader's cells in the page, and shows what they make as a notebook does."""

import ast
import builtins
import inspect
import io
import json
import linecache
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import anywidget

METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
}
MOST = 200_000  # letters that one cell may print
PAUSE = 0.05  # seconds between what is sent of a long print

Send = Callable[[str], None]


class Absent:
    """Stands for what was imported from a package that cannot be had in a page, and says so when it is used."""

    def __init__(self, name: str, package: str) -> None:
        self.__dict__.update(_name=name, _package=package)

    def _refuse(self, *arguments: Any, **named: Any) -> Any:
        raise ModuleNotFoundError(f"{self._name} needs {self._package}, which a page cannot have", name=self._package)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._refuse()

    __call__ = __getitem__ = __iter__ = __enter__ = _refuse


class Stream(io.TextIOBase):
    """One of a cell's two streams, sent to the page piece by piece."""

    def __init__(self, name: str, post: Callable[..., None]) -> None:
        self.name, self.post = name, post
        self.held, self.sent, self.last = "", 0, 0.0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.sent + len(self.held) <= MOST:
            self.held += text
            if time.monotonic() - self.last > PAUSE:
                self.flush()
        return len(text)

    def flush(self) -> None:
        if self.held:
            text = self.held if self.sent + len(self.held) <= MOST else f"{self.held[:MOST]}\n[the rest is left out]\n"
            self.post("stream", name=self.name, text=text)
            self.sent, self.held, self.last = self.sent + len(self.held), "", time.monotonic()


class Kernel:
    """The reader's names, and what runs cells in them.

    Parameters
    ----------
    send : function
        Takes each message to the page, as JSON.
    absent : list of str
        Packages that the book uses and a page cannot have.
    """

    def __init__(self, send: Send, absent: list[str]) -> None:
        self.send, self.absent = send, set(absent)
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self.streams: list[Stream] = []
        sys.modules["__main__"].__dict__.update(self.names)
        self.names = sys.modules["__main__"].__dict__
        builtins.display = self.display  # type: ignore[attr-defined]
        anywidget.tell = lambda name, changes: self.post("widget", widget=name, changes=changes)

    def post(self, kind: str, **more: Any) -> None:
        """Send a message to the page."""
        self.send(json.dumps({"kind": kind, **more}, default=str))

    async def run(self, source: str, number: int) -> None:
        """Run a cell; what it prints, shows and raises goes to the page."""
        name = f"<cell {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        self.streams = out, err = [Stream("stdout", self.post), Stream("stderr", self.post)]
        self.names.pop("__warningregistry__", None)  # as in IPython: each run warns anew, and the filters stay
        with redirect_stdout(out), redirect_stderr(err):
            try:
                await self._execute(source, name)
                self._show_open_figures()
            except BaseException as error:
                self._flush()
                self._fail(error, name)
        self._flush()

    async def _execute(self, source: str, name: str) -> None:
        tree = ast.parse(source, name)
        shown = tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";")
        last = tree.body.pop() if shown else None
        parts = _parts(tree)
        importing = any(isinstance(part, ast.stmt) for part in parts)
        for part in parts:
            if isinstance(part, ast.stmt):
                await self._import(part, name)
            else:
                await self._run_code(ast.Module(part, []), name, "exec")
        if importing and self._sets_absent(last):
            return
        if last is not None:
            value = await self._run_code(ast.Expression(last.value), name, "eval")
            if value is not None:
                self.names["_"] = value
                self.display(value)

    async def _import(self, part: Any, name: str) -> None:
        """Import one name; where its package cannot be had, put in its place what says so when it is used."""
        try:
            await self._run_code(ast.Module([part], []), name, "exec")
        except ImportError as error:
            package = self._lacking(error)
            if not package:
                raise
            [alias] = part.names
            bound = alias.asname or alias.name.partition(".")[0]
            self.names[bound] = Absent(alias.asname or alias.name, package)

    def _lacking(self, error: BaseException | None) -> str:
        """Return the package that cannot be had, if an error comes of that."""
        while error:
            package = (getattr(error, "name", None) or "").partition(".")[0]
            if isinstance(error, ImportError) and package in self.absent:
                return package
            error = error.__cause__ or error.__context__
        return ""

    def _sets_absent(self, last: Any) -> bool:
        """Say whether a cell of imports ends in a setting of a package that is not there."""
        root = last.value if last is not None else None
        while isinstance(root, ast.Call | ast.Attribute):
            root = root.func if isinstance(root, ast.Call) else root.value
        return isinstance(root, ast.Name) and isinstance(self.names.get(root.id), Absent)

    async def _run_code(self, tree: Any, name: str, mode: str) -> Any:
        code = compile(tree, name, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        value = eval(code, self.names)
        return await value if code.co_flags & inspect.CO_COROUTINE else value

    def display(self, *values: Any) -> None:
        """Show values, as a notebook does."""
        for value in values:
            data = bundle(value)
            self._flush()
            view = data.pop(anywidget.VIEW, None)
            widget = {"name": view["model_id"], "state": value.state()} if view else None
            self.post("display", data=data, widget=widget)

    def set_widget(self, name: str, changes: str) -> None:
        """Take over what the reader did in a living figure, if it is one of this Python."""
        if widget := anywidget.WIDGETS.get(name):
            try:
                widget.set_state(json.loads(changes))
            except Exception:  # of the reader's own code that follows the figure: Python goes on
                traceback.print_exc()

    def _show_open_figures(self) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot:
            for number in pyplot.get_fignums():
                self.display(pyplot.figure(number))
            pyplot.close("all")

    def _flush(self) -> None:
        for stream in self.streams:
            stream.flush()

    def _fail(self, error: BaseException, name: str) -> None:
        """Say what went wrong: the last line by itself, and the way to it from the reader's own line on."""
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != name:
            trace = trace.tb_next
        whole = "".join(traceback.format_exception(type(error), error, trace))
        last = traceback.format_exception_only(error)[-1].strip()
        if isinstance(error, SyntaxError) and error.filename == name:
            last = f"line {error.lineno}: {last}"
        kind = type(error).__name__
        self.post("error", type=kind, last=last, whole=whole, absent=self._lacking(error))


def bundle(value: Any) -> dict[str, Any]:
    """Return what there is to show of a value, by kind."""
    data: dict[str, Any] = {}
    if not isinstance(value, type):
        if hasattr(value, "_repr_mimebundle_"):
            made = value._repr_mimebundle_(include=None, exclude=None)
            data |= made[0] if isinstance(made, tuple) else made
        for kind, method in METHODS.items():
            shown = getattr(value, method, lambda: None)()
            if shown is not None:
                data.setdefault(kind, shown)
        figures = sys.modules.get("matplotlib.figure")
        if figures and isinstance(value, figures.Figure):
            svg = io.StringIO()
            value.savefig(svg, format="svg", bbox_inches="tight")
            data["image/svg+xml"] = svg.getvalue()
            sys.modules["matplotlib.pyplot"].close(value) if "matplotlib.pyplot" in sys.modules else None
    if isinstance(data.get("image/png"), bytes):
        data["image/png"] = list(data["image/png"])
    data.setdefault("text/plain", repr(value))
    return data


def _parts(tree: ast.Module) -> list[Any]:
    """Return the statements of a cell in groups; what is imported, each name by itself."""
    parts: list[Any] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                one = ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], 0)
                parts.append(ast.copy_location(one, node))
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(node)
        else:
            parts.append([node])
    return parts
