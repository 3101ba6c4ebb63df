"""One stage in a process of its own, so that a fault in a kernel, or a hang, takes nothing else with it.

    python -m benchmarks.gpu.worker MODULE GIVEN

A stage is a module with a function ``items(given)``, which returns what there is to do by name, most valuable first:
functions without arguments that return a dict for ``results.json``. It may have ``finish(given, found)``, called with
everything that was found so far.
"""

import importlib
import json
import sys
import time
from typing import Any

import torch

from benchmarks.gpu.clock import Clock
from benchmarks.gpu.given import Given, did_not_run, last_line, read, write


def work(module: str, given: Given) -> None:
    """Do what is not done yet, until the time is up."""
    if given.tiny:
        torch.set_num_threads(1)
    stage, clock = importlib.import_module(module), Clock(given.device)
    todo, said = stage.items(given), set()
    _update(given, total=len(todo))
    for item, call in todo.items():
        found = read(given.folder)[given.stage]["items"]
        if item in found:
            continue
        if given.left <= 0:
            break
        given.note(item)
        began = time.perf_counter()
        try:
            result = call()
            clock.wait()
        except Exception as error:
            result = did_not_run(error, clock)
            reason = result["did not run"]
            if reason not in said:
                print(f"{given.stage}, {item}: {reason}", flush=True)
            said.add(reason)
        _update(given, items=found | {item: result | {"took": round(time.perf_counter() - began, 2)}})
    _update(given, running=None)
    if hasattr(stage, "finish"):
        stage.finish(given, read(given.folder)[given.stage]["items"])


def _update(given: Given, **parts: Any) -> None:
    results = read(given.folder)
    results[given.stage] |= parts
    write(given.folder, results)


def main(module: str, given: str) -> None:
    parsed = Given(**json.loads(given))
    try:
        work(module, parsed)
    except Exception as error:
        _update(parsed, fault=last_line(error))
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
