"""Run the stages one after the other, each in a process of its own, and let none of them take more than its share."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.gpu.given import NAME, Given, read, write
from benchmarks.gpu.machine import ROOT, same

GRACE = 10
"""How many seconds after its time is up a stage is ended by force."""
ATTEMPTS = 8


@dataclass(frozen=True)
class Stage:
    """A module; its share of six minutes; and for how many seconds it may give no sign."""

    module: str
    seconds: float
    silence: float = math.inf


# By value for the time. The last takes what is left, but no more than its own.
STAGES = {
    "correctness": Stage("benchmarks.gpu.correctness", 60, 40),
    "benchmark": Stage("benchmarks.gpu.speed", 110, 60),
    "compiled": Stage("benchmarks.gpu.compiled", 40),
    "profile": Stage("benchmarks.gpu.profiling", 20, 60),
    "curves": Stage("benchmarks.gpu.curves", 45, 60),
    "timeline": Stage("benchmarks.gpu.timeline", 10, 60),
    "feeding": Stage("benchmarks.gpu.feeding", 40, 60),
    "tiles": Stage("benchmarks.gpu.tiles", 25, 60),
    "train": Stage("benchmarks.gpu.train", 480),
}


def run(given: Given, names: list[str], minutes: float, again: bool) -> dict[str, str]:
    """Run the stages of these names; return by name how it went, in words."""
    end, states = time.time() + 60 * minutes, {}
    for name in names:
        stage, left = STAGES[name], end - time.time()
        # With less than six minutes all shares shrink; with more they grow, but leave the most to the last stage.
        share = stage.seconds * min(1.5, minutes / 6) if name != "train" else stage.seconds
        # Next to nothing of everything needs no share, however slow the machine.
        share = left if given.tiny else min(left, share)
        began = time.time()
        mine = replace(given, stage=name, until=began + share)
        try:
            states[name] = _run(stage, mine, again)
        except KeyboardInterrupt:
            states[name] = "failed: interrupted"
            break
        print(f"{name}: {states[name]} ({time.time() - began:.0f} s)", flush=True)
    return states


def _run(stage: Stage, given: Given, again: bool) -> str:
    results = read(given.folder)
    entry = results.get(given.stage)
    options = {"peephole": given.peephole, "precision": given.precision} if given.stage == "train" else {}
    if entry is None or again or entry["options"] != options or not same(entry["machine"], given.machine):
        entry = {"machine": given.machine, "options": options, "items": {}, "total": None, "blamed": {}}
        entry |= {"running": None, "fault": None}
    if _whole(entry):
        return "done before, kept"
    if given.left <= 0:
        return "cut: no time was left to begin"
    write(given.folder, results | {given.stage: entry | {"fault": None, "running": None}})
    for _ in range(ATTEMPTS):
        end = _process(stage, given)
        results = read(given.folder)
        entry = results[given.stage]
        if end in (None, "time"):
            break
        running, reason = entry["running"], entry["fault"] or end
        if running is None:
            entry["fault"] = reason
            write(given.folder, results)
            return f"failed: {reason}"
        _blame(entry, running, reason)
        print(f"{given.stage}, {running['item']} {running['row']}: {reason}", flush=True)
        write(given.folder, results)
        if given.left <= 0:
            break
    total = entry["total"]
    return f"done, {total}" if _whole(entry) else f"cut after {len(entry['items'])} of {total or 'how many is unknown'}"


def _blame(entry: dict[str, Any], running: dict[str, str], reason: str) -> None:
    """Set down that something ended its process, so that it is not tried again."""
    if running["row"]:
        entry["blamed"][running["row"]] = f"at {running['item']}: {reason}"
    else:
        entry["items"][running["item"]] = {"did not run": reason}
    entry |= {"running": None, "fault": None}


def _whole(entry: dict[str, Any]) -> bool:
    return entry["total"] is not None and len(entry["items"]) >= entry["total"] and not entry["fault"]


def _process(stage: Stage, given: Given) -> str | None:
    """Run a worker; return None if it came to its end, "time" if its time was up, or how it ended instead."""
    warnings = [f"-W{each}" for each in sys.warnoptions]
    command = [sys.executable, *warnings, "-m", "benchmarks.gpu.worker", stage.module, json.dumps(asdict(given))]
    path = Path(given.folder) / NAME
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        while process.poll() is None:
            time.sleep(0.05)
            if given.left < -GRACE:
                return "time"
            if time.time() - path.stat().st_mtime > stage.silence:
                return f"no sign for {stage.silence:.0f} s, ended by force"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return None if process.returncode == 0 else f"exit code {process.returncode}"
