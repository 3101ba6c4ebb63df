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

from lstm_ref.checks import Integers, integers, whole_number
from lstm_ref.signatures import checked
from lstm_ref.tasks.task import MOST, Answer, Batch, Measure, Task, batch_fits, log_softmax

ALPHABET = "\n" + "".join(map(chr, range(32, 127))) + "\N{REPLACEMENT CHARACTER}"
"""The 97 symbols: line end, printable ASCII, and one for everything else. A tab is four blanks."""

TRAINING = """
    _compat_pickle _markupbase _osx_support _py_abc _pydatetime _pydecimal _pyio _strptime _threading_local
    _weakrefset argparse ast asyncio.base_events asyncio.base_subprocess asyncio.coroutines asyncio.events
    asyncio.futures asyncio.locks asyncio.proactor_events asyncio.queues asyncio.runners asyncio.selector_events
    asyncio.sslproto asyncio.streams asyncio.subprocess asyncio.taskgroups asyncio.tasks asyncio.timeouts
    asyncio.transports asyncio.unix_events asyncio.windows_events base64 bdb bz2 cmd code codeop collections
    concurrent.futures._base concurrent.futures.process concurrent.futures.thread configparser copy copyreg cProfile
    csv ctypes ctypes.util curses.textpad dataclasses datetime dbm.dumb difflib dis doctest email._encoded_words
    email._header_value_parser email._parseaddr email._policybase email.charset email.contentmanager email.errors
    email.feedparser email.generator email.header email.headerregistry email.message email.policy email.quoprimime
    email.utils enum filecmp fileinput fnmatch fractions ftplib functools getopt getpass gettext glob graphlib
    hashlib hmac html html.parser http http.client http.cookiejar http.cookies http.server imaplib
    importlib.metadata inspect ipaddress json json.decoder json.encoder keyword linecache locale logging
    logging.config logging.handlers lzma mailbox mimetypes modulefinder multiprocessing.connection
    multiprocessing.context multiprocessing.forkserver multiprocessing.heap multiprocessing.managers
    multiprocessing.pool multiprocessing.process multiprocessing.queues multiprocessing.reduction
    multiprocessing.resource_tracker multiprocessing.shared_memory multiprocessing.sharedctypes
    multiprocessing.spawn multiprocessing.synchronize multiprocessing.util netrc nturl2path numbers opcode operator
    optparse pathlib pdb pickle pickletools pkgutil platform plistlib poplib pprint profile pstats pty py_compile
    pyclbr pydoc queue quopri random re re._compiler re._parser reprlib rlcompleter secrets selectors shelve shutil
    signal smtplib socket socketserver ssl statistics string stringprep subprocess symtable sysconfig tabnanny
    tarfile tempfile threading timeit token tokenize tomllib._parser trace traceback tracemalloc tty turtle types
    typing unittest.async_case unittest.case unittest.loader unittest.main unittest.mock unittest.result
    unittest.runner unittest.suite unittest.util urllib.error urllib.parse urllib.request urllib.robotparser uuid
    venv warnings wave weakref webbrowser wsgiref.handlers wsgiref.headers wsgiref.simple_server wsgiref.util
    wsgiref.validate xml.dom.expatbuilder xml.dom.minidom xml.dom.pulldom xml.dom.xmlbuilder
    xml.etree.ElementInclude xml.etree.ElementPath xml.etree.ElementTree xml.sax.expatreader xml.sax.handler
    xml.sax.saxutils xml.sax.xmlreader xmlrpc.client xmlrpc.server zipapp zipfile zoneinfo._zoneinfo
""".split()  # noqa: SIM905
VALIDATION = "calendar contextlib gzip sched".split()  # noqa: SIM905
"""The modules by which weights and settings are chosen."""
TEST = "bisect colorsys compileall heapq shlex textwrap zoneinfo._tzpath".split()  # noqa: SIM905
"""The modules that judge, once, what was chosen."""
STREAMS, PIECE = 32, 500
"""Into how many streams the text for validation is cut, and how many steps of them a model reads at a time."""


@checked
def encode(text: str, alphabet: str = ALPHABET) -> Integers:
    """Return the symbols of a text, (N,) places in an alphabet; what is not in it becomes its last symbol."""
    if not alphabet:
        raise ValueError("alphabet: expected at least one symbol, got ''")
    text = text.replace("\r\n", "\n")
    if "\t" not in alphabet:
        text = text.replace("\t", "    ")
    points, letters = (np.frombuffer(each.encode("utf-32-le"), np.uint32) for each in (text, alphabet))
    order = np.argsort(letters)
    places = order[np.searchsorted(letters, points, sorter=order).clip(max=len(letters) - 1)]
    return np.where(letters[places] == points, places, len(letters) - 1)


@checked
def decode(symbols: Iterable[int], alphabet: str = ALPHABET) -> str:
    """Return the text that symbols (N,) stand for."""
    listed = np.asarray(list(symbols), int)
    if listed.ndim != 1:
        raise ValueError(f"symbols: expected shape (N,), got {listed.shape}")
    return "".join(alphabet[symbol] for symbol in integers("symbols", listed, 0, len(alphabet) - 1))


@checked
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


@checked
def bits_per_character(
    answer: Answer, symbols: Integers, streams: int = 1, alphabet_size: int = len(ALPHABET)
) -> float:
    """Return how many bits a model needs for each character of a text, foreseen one after the other.

    Parameters
    ----------
    answer : function
        The model as a function of arrays, see `lstm_ref.tasks.task`.
    symbols : array (N,) of int
    streams : int
        The text is cut into so many, which are read side by side, each from an empty memory. The fewer, the longer it
        takes; and the fewer places there are at which nothing is known.
    alphabet_size : int
        How many symbols there are.
    """
    whole_number("alphabet_size", alphabet_size, 1)
    integers("symbols", symbols, 0, alphabet_size - 1)
    whole_number("streams", streams, 1, max(1, len(symbols) // 2))
    length = (len(symbols) - 1) // streams
    at = np.arange(length)[:, None] + length * np.arange(streams)
    state, total = None, 0.0
    for piece in (at[k : k + PIECE] for k in range(0, length, PIECE)):
        logits, state = answer(symbols[piece], state)
        chosen = np.take_along_axis(log_softmax(logits.astype(float)), symbols[piece + 1][..., None], axis=2)
        total -= float(chosen.sum())
    return total / at.size / float(np.log(2))


class Streams(Task):
    """The next character of a text, in streams that run side by side through it.

    A subclass has the fields `T`, how many characters of each stream make a batch, and `batch_size`, how many streams
    run side by side; and the properties `symbols` and `texts`.
    """

    T: int
    loss: ClassVar[str] = "symbol"
    score_is: ClassVar[str] = "bits a character of the text for validation, with a minus"
    continual: ClassVar[bool] = True
    defaults: ClassVar[dict[str, Any]] = {"hidden_size": 128, "steps": 4000, "learning_rate": 0.005, "warm_up": 0.05}

    @property
    def texts(self) -> tuple[Integers, Integers, Integers]:
        """The texts for training, validation and test, as symbols."""
        raise NotImplementedError

    @property
    def symbols(self) -> str:
        """The alphabet."""
        raise NotImplementedError

    @property
    def input_size(self) -> int:
        """The number of symbols."""
        return len(self.symbols)

    @property
    def output_size(self) -> int:
        """The same."""
        return len(self.symbols)

    def _expect_streams(self) -> None:
        """Raise ValueError unless the streams of the text are long enough for a batch."""
        whole_number("T", self.T, 1, MOST)
        batch_fits(self.batch_size, T=self.T)
        length = len(self.texts[0])
        if length // self.batch_size - 1 < self.T:
            most, fewer = length // self.batch_size - 1, max(1, length // (self.T + 1))
            raise ValueError(
                f"T: expected at most {most}, so long is each of {self.batch_size} streams of {length} characters, got "
                f"{self.T}; with batch_size={fewer} there are fewer and longer ones"
            )

    @checked
    def batch(self, rng: np.random.Generator | None = None, carry: int | None = None) -> tuple[Batch, int]:
        """Return a `Batch` and where it ends: x and the target (T, B) symbols. At its end a stream begins anew."""
        text, *_ = self.texts
        length = (len(text) - 1) // self.batch_size
        place = (carry or 0) if (carry or 0) + self.T <= length else 0
        at = place + np.arange(self.T)[:, None] + length * np.arange(self.batch_size)
        return Batch(text[at], text[at + 1], np.ones(at.shape, np.float32)), place + self.T

    @checked
    def measure(self, answer: Answer, rng: np.random.Generator | None = None) -> Measure:
        """The score is minus the `bits_per_character` of the text for validation, in STREAMS of it.

        Nothing is ever solved: there is no published goal for these texts.
        """
        _, text, _ = self.texts
        return Measure(-bits_per_character(answer, text, min(STREAMS, len(text) // 2), self.input_size), False)


@dataclass(frozen=True)
class Characters(Streams):
    """The next character of Python source.

    Parameters
    ----------
    T : int
        How many characters of each stream make a batch.
    batch_size : int
        How many streams run side by side.
    """

    T: int = 100
    batch_size: int = 32

    def __post_init__(self) -> None:
        self._expect_streams()

    @property
    def symbols(self) -> str:
        """ALPHABET."""
        return ALPHABET

    @property
    def texts(self) -> tuple[Integers, Integers, Integers]:
        """The texts for training, validation and test, as symbols."""
        return source(tuple(TRAINING)), source(tuple(VALIDATION)), source(tuple(TEST))
