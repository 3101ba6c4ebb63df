"""What a run leaves to read: a table on disk, TensorBoard where it is installed, and a bar while it runs."""

import csv
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

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

    def __init__(self, folder, after, total, bar):
        self.rows, self._path, self._open = [], None, ExitStack()
        if folder is not None:
            self._path = Path(folder) / "log.csv"
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.rows = [row for row in read(self._path) if row["steps"] <= after] if self._path.is_file() else []
            self._rewrite()
        self._bar = self._board = None
        if bar and find_spec("tqdm"):
            from tqdm.auto import tqdm

            self._bar = self._open.enter_context(tqdm(total=total, initial=after, unit="step"))
        if folder is not None and find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self._board = self._open.enter_context(SummaryWriter(str(folder), purge_step=after + 1))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._open.close()

    def step(self):
        """Move the bar on."""
        if self._bar is not None:
            self._bar.update()

    def add(self, **row):
        """Add one row."""
        self.rows.append(row)
        if self._path is not None:
            with self._path.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, COLUMNS).writerow(row)
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{row['loss']:.4f}", score=f"{row['score']:.4g}")
        if self._board is not None:
            for name in COLUMNS[2:5]:
                self._board.add_scalar(name, row[name], row["steps"])

    def _rewrite(self):
        temporary = self._path.with_suffix(".tmp")
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)
        temporary.replace(self._path)


def read(path):
    """Return the rows of a ``log.csv``, each a dict of numbers by the names in COLUMNS; a row cut short is left out."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["solved"] in ("True", "False")]
    kinds = {"steps": int, "sequences": int, "solved": "True".__eq__}
    return [{name: kinds.get(name, float)(row[name]) for name in COLUMNS} for row in rows]
