"""Characters of Python's own standard library: predict the next one. No download; the text is on every machine.

The modules are a fixed list, so that models can be compared; their text differs a little between versions of Python.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lstm_ref.checks import Integers, whole_number
from lstm_ref.tasks.task import Answer, Batch, Measure, Task, log_softmax

ALPHABET = "\n" + "".join(map(chr, range(32, 127))) + "\N{REPLACEMENT CHARACTER}"
"""The 97 symbols: line end, printable ASCII, and one for everything else. A tab is four blanks."""

TRAINING = """
    argparse ast asyncio.base_events asyncio.events asyncio.locks asyncio.queues asyncio.selector_events
    asyncio.streams asyncio.subprocess asyncio.tasks base64 bdb bz2 calendar cmd code collections
    concurrent.futures._base concurrent.futures.process concurrent.futures.thread configparser contextlib copy
    copyreg csv ctypes.util dataclasses difflib dis doctest email.charset email.feedparser email.generator
    email.header email.headerregistry email.message email.policy email.utils enum filecmp fileinput fnmatch
    fractions ftplib functools getopt getpass gettext graphlib gzip hashlib hmac html.parser http.client
    http.cookiejar http.cookies http.server imaplib inspect ipaddress json.decoder json.encoder keyword linecache
    locale logging logging.config logging.handlers lzma mailbox mimetypes modulefinder multiprocessing.connection
    multiprocessing.managers multiprocessing.pool multiprocessing.process multiprocessing.queues
    multiprocessing.shared_memory multiprocessing.util netrc numbers opcode operator optparse pdb pickle pickletools
    pkgutil platform plistlib poplib pprint profile pstats pty py_compile pyclbr pydoc queue quopri random reprlib
    rlcompleter sched selectors shelve shutil signal smtplib socket socketserver ssl statistics string stringprep
    subprocess symtable sysconfig tabnanny tarfile tempfile threading timeit token tokenize trace traceback
    tracemalloc tty types typing unittest.case unittest.loader unittest.main unittest.mock unittest.suite
    unittest.util urllib.error urllib.parse urllib.request urllib.robotparser uuid warnings wave weakref webbrowser
    wsgiref.handlers wsgiref.headers wsgiref.simple_server wsgiref.validate xml.dom.minidom xml.etree.ElementTree
    xml.sax.expatreader xml.sax.handler xml.sax.saxutils xmlrpc.client xmlrpc.server zipapp
""".split()  # noqa: SIM905
HELD_OUT = "bisect colorsys compileall heapq shlex textwrap zoneinfo._tzpath".split()  # noqa: SIM905


def encode(text: str) -> Integers:
    """Return the symbols of a text, (N,) places in ALPHABET."""
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    known = np.full(128, len(ALPHABET) - 1)
    known[[ord(letter) for letter in ALPHABET[:-1]]] = np.arange(len(ALPHABET) - 1)
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return known[np.where(points < 128, points, 127)]


def decode(symbols: Iterable[int]) -> str:
    """Return the text that symbols (N,) stand for."""
    return "".join(ALPHABET[symbol] for symbol in symbols)


@functools.cache
def source(modules: tuple[str, ...]) -> Integers:
    """Return the text of `modules`, a tuple of names, as symbols (N,); those that are not there are skipped."""
    texts = []
    for name in modules:
        try:
            spec = find_spec(name)
        except ImportError:
            continue
        if spec is not None and spec.origin and spec.origin.endswith(".py"):
            texts.append(Path(spec.origin).read_text(encoding="utf-8"))
    symbols = encode("\n".join(texts))
    symbols.flags.writeable = False
    return symbols


@dataclass(frozen=True)
class Characters(Task):
    """The next character of Python source, in streams that run side by side through the training modules.

    Parameters
    ----------
    T : int
        How many characters of each stream make a batch.
    batch_size : int
        How many streams run side by side.
    """

    T: int = 100
    batch_size: int = 32

    input_size: ClassVar[int] = len(ALPHABET)
    output_size: ClassVar[int] = len(ALPHABET)
    loss: ClassVar[str] = "symbol"
    continual: ClassVar[bool] = True
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 128, "steps": 4000, "learning_rate": 0.005, "warm_up": 0.05}

    def __post_init__(self) -> None:
        whole_number("T", self.T, 1)
        whole_number("batch_size", self.batch_size, 1)
        most = len(source(tuple(TRAINING))) // self.batch_size - 1
        if most < self.T:
            raise ValueError(f"T: expected at most {most}, so long is each of {self.batch_size} streams, got {self.T}")

    def batch(self, rng: np.random.Generator | None = None, carry: int | None = None) -> tuple[Batch, int]:
        """Return a `Batch` and where it ends: x and the target (T, B) symbols. At its end a stream begins anew."""
        text = source(tuple(TRAINING))
        length = (len(text) - 1) // self.batch_size
        place = (carry or 0) if (carry or 0) + self.T <= length else 0
        at = place + np.arange(self.T)[:, None] + length * np.arange(self.batch_size)
        return Batch(text[at], text[at + 1], np.ones(at.shape, np.float32)), place + self.T

    def measure(self, answer: Answer, rng: np.random.Generator | None = None, count: int = 20_000) -> Measure:
        """The score is minus the bits per character on the first `count` characters of the modules held out.

        Nothing is ever solved: there is no published goal for this text.
        """
        text = source(tuple(HELD_OUT))[: count + 1]
        logits, _ = answer(text[:-1, None])
        likelihoods = log_softmax(logits[:, 0])[np.arange(len(logits)), text[1:]]
        return Measure(float(likelihoods.mean() / np.log(2)), False)
