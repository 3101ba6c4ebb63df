"""What a stage is given, and the file in which it leaves what it found: ``results.json``, after each item anew."""

import json
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gpu.clock import Clock

NAME = "results.json"


@dataclass(frozen=True)
class Given:
    """A stage's name and means; `until` is a time of `time.time`, `machine` what `benchmarks.gpu.machine` found."""

    stage: str
    device: str
    tiny: bool
    folder: str
    until: float
    peephole: str
    precision: str
    machine: dict[str, Any]

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return self.until - time.time()

    def share(self, parts: int) -> float:
        """Return until when the first of `parts` equal parts of the time left goes."""
        return time.time() + self.left / max(1, parts)

    def note(self, item: str, row: str = "") -> None:
        """Write down what is begun: if the process does not outlive it, that is to blame."""
        results = read(self.folder)
        results[self.stage]["running"] = {"item": item, "row": row}
        write(self.folder, results)

    @property
    def blamed(self) -> dict[str, str]:
        """The rows that a process did not outlive, and how it ended."""
        return read(self.folder)[self.stage]["blamed"]


def read(folder: str | Path) -> dict[str, Any]:
    """Return all results by stage: a dict with machine, items, total, blamed and seconds each; nothing if none."""
    path = Path(folder) / NAME
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(folder: str | Path, results: dict[str, Any]) -> None:
    """Write all results in one act; NaN and infinity, which JSON has not, as words."""
    path = Path(folder) / NAME
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(_worded(results), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    temporary.replace(path)


def last_line(error: BaseException) -> str:
    """Return an error's kind and first line, and where in this repository it came up."""
    words = str(error).strip().splitlines() or [""]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {words[0][:300]}{where}"


def did_not_run(error: Exception, clock: Clock) -> dict[str, str]:
    """Return the row of what failed; if the device is gone with it, raise the error again: a new process is needed."""
    if not clock.alive():
        raise error
    return {"did not run": last_line(error)}


def _worded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _worded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_worded(each) for each in value]
    return str(value) if isinstance(value, float) and not abs(value) < float("inf") else value
