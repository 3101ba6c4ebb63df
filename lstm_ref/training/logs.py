"""What a run leaves to read: a table on disk, TensorBoard where it is installed, and a bar while it runs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lstm_ref.data import tables

COLUMNS = ("steps", "sequences", "loss", "learning_rate", "score", "solved")
NAME = "log.csv"


class Display:
    """What shows a run while it goes on; a context manager.

    Parameters
    ----------
    folder : path or None
        Where TensorBoard's files go; None is nowhere.
    rows : sequence of dict
        The rows of the run so far, all of which TensorBoard is told again: what it had may be in another folder.
    after, total : int
        How many steps are done already, and how many the bar is long.
    bar : bool
        Whether to show a bar; it needs tqdm.
    rank : int
        The number of this process: the first shows everything, the others nothing.
    """

    def __init__(
        self, folder: Path | None, rows: Sequence[Mapping[str, Any]], after: int, total: int, bar: bool, rank: int
    ):
        self._open = ExitStack()
        self._bar = self._board = None
        if bar and not rank and find_spec("tqdm"):
            from tqdm.auto import tqdm

            self._bar = self._open.enter_context(tqdm(total=total, initial=after, unit="step"))
        if folder is not None and not rank and find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            with suppress(OSError):
                self._board = SummaryWriter(str(folder), purge_step=0)
            self._tell_board(rows)

    def __enter__(self) -> "Display":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()
        if self._board is not None:
            with suppress(OSError):
                self._board.close()

    def step(self) -> None:
        """Move the bar on."""
        if self._bar is not None:
            self._bar.update()

    def add(self, row: Mapping[str, Any]) -> None:
        """Show one row."""
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{row['loss']:.4f}", score=f"{row['score']:.4g}")
        self._tell_board([row])

    def _tell_board(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows for TensorBoard, at once: later the folder might be another's. A run can do without."""
        if self._board is None:
            return
        try:
            for row in rows:
                for name in COLUMNS[2:5]:
                    self._board.add_scalar(name, row[name], row["steps"])
            self._board.flush()
        except OSError:
            self._board = None


def write(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of a run, each with COLUMNS, into ``log.csv`` of a folder."""
    tables.write(folder / NAME, rows, COLUMNS)


def read(path: str | Path) -> list[dict[str, Any]]:
    """Return the rows of a ``log.csv``, each a dict of numbers by the names in COLUMNS."""
    return tables.read(Path(path), {"steps": int, "sequences": int, "solved": bool})
