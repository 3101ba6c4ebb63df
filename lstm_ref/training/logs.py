"""What a run leaves to read: a table on disk, TensorBoard where it is installed, and a bar while it runs."""

from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lstm_ref.data import tables

COLUMNS = ("steps", "sequences", "loss", "learning_rate", "score", "solved")


class Log:
    """Rows of COLUMNS, kept in ``log.csv`` of a folder; a context manager.

    Parameters
    ----------
    folder : path or None
        Where the table stands; None keeps the rows in memory alone.
    after : int
        How many steps are done already: older rows are kept, later ones, of a run that was killed, are dropped.
    total : int
        How many steps the bar is long.
    bar : bool
        Whether to show a bar; it needs tqdm.
    """

    def __init__(self, folder: str | Path | None, after: int, total: int, bar: bool):
        self.rows: list[dict[str, Any]] = []
        self._path = None if folder is None else Path(folder) / "log.csv"
        self._open = ExitStack()
        self._bar = self._board = None
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.rows = [row for row in read(self._path) if row["steps"] <= after] if self._path.is_file() else []
            tables.write(self._path, self.rows, COLUMNS)
        if bar and find_spec("tqdm"):
            from tqdm.auto import tqdm

            self._bar = self._open.enter_context(tqdm(total=total, initial=after, unit="step"))
        if self._path is not None and find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self._board = self._open.enter_context(SummaryWriter(str(folder), purge_step=after + 1))

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def step(self) -> None:
        """Move the bar on."""
        if self._bar is not None:
            self._bar.update()

    def add(self, **row: Any) -> None:
        """Add one row."""
        self.rows.append(row)
        if self._path is not None:
            tables.append(self._path, row, COLUMNS)
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{row['loss']:.4f}", score=f"{row['score']:.4g}")
        if self._board is not None:
            for name in COLUMNS[2:5]:
                self._board.add_scalar(name, row[name], row["steps"])


def read(path: str | Path) -> list[dict[str, Any]]:
    """Return the rows of a ``log.csv``, each a dict of numbers by the names in COLUMNS; a row cut short is left out."""
    return tables.read(Path(path), {"steps": int, "sequences": int, "solved": bool})
