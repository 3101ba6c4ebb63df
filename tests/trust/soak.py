"""Two trainings side by side that are killed, interrupted and denied the disk, under a wrong clock.

After each end the last checkpoint must be, bit for bit, what an undisturbed run had after that step; when a run is
through, so must its log. ``make soak`` takes minutes, ``make soak MINUTES=120`` what we do before a release. It prints
what it did, and its status is 1 if anything was different. For Linux.
"""

import argparse
import collections
import contextlib
import hashlib
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from helpers.split_runs import CASES, split_off

from lstm_ref.__main__ import parser
from lstm_ref.commands.train import trainer_for
from lstm_ref.training import checkpoints, logs

ENDS = {0: "came through", 74: "found no disk", 130: "Ctrl-C", 143: "SIGTERM"}
"""By exit status: how a process ended. One that dies by a signal has the negative of its number."""
ENDS |= {-signal.SIGKILL: "killed", -signal.SIGINT: "Ctrl-C too early", -signal.SIGTERM: "SIGTERM too early"}
PLAIN = time.time


def digest(state):
    """Return a number that stands for every bit of a state, its settings aside."""
    found = hashlib.sha256()

    def add(part):
        if isinstance(part, torch.Tensor):
            found.update(part.numpy().tobytes())
        elif isinstance(part, dict):
            add([[key, part[key]] for key in sorted(part, key=str)])
        elif isinstance(part, (list, tuple)):
            for each in part:
                add(each)
        else:
            found.update(repr(part).encode())

    add({name: part for name, part in state.items() if name != "settings"})
    return found.hexdigest()


def undisturbed(line):
    """Return the digest of a run's state after each of its steps, and its rows."""
    trainer, found = trainer_for(parser().parse_args(["train", *line.split()])), {}
    while not trainer.finished:
        trainer.step()
        if trainer.due:
            trainer.report()
        found[trainer.steps] = digest(trainer.state_dict())
    return found, trainer.rows


class Disk:
    """A small disk that can be filled, where this process may mount one; elsewhere a limit on how long files may be."""

    def __init__(self, place):
        self.place, self.ballast = place, place / "ballast"
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
        self.own = subprocess.run(mount, capture_output=True).returncode == 0

    def fill(self, process):
        """Leave no room."""
        if not self.own:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
            return
        with contextlib.suppress(OSError), self.ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self, process):
        """Make room again."""
        if self.own:
            self.ballast.unlink()
        else:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)

    def drop(self):
        if self.own:
            subprocess.run(["umount", "--lazy", str(self.place)], check=True)


def disturbed(child, length, disk, rng):
    """Do something to a process at some moment of its life, and return its exit status."""
    time.sleep(rng.uniform(0, length))
    act = rng.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM, "full"])
    if act == "full":
        disk.fill(child)
        time.sleep(rng.uniform(0, length))
        disk.free(child)
        time.sleep(rng.uniform(0, length / 2))
        act = signal.SIGKILL
    os.kill(child, act)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def runs(name, line, seed, until, answers):
    """Disturb one run after the other until the time is up; put out how often each thing was, and what was wrong."""
    rng, count, wrong, length = random.Random(seed), collections.Counter(), [], 0.5
    states, rows = undisturbed(line)
    # Between the fork and the command's own first act Ctrl-C shall end a process as it ends any, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    time.time = lambda: PLAIN() + rng.choice([0, 3600, -86400, 1e9, -1e9])
    place = Path(tempfile.mkdtemp(prefix="soak-"))
    disk = Disk(place)
    while time.monotonic() < until:
        folder, status = place / "run", None
        while status != 0:
            go_on = folder.is_dir() and checkpoints.found(folder)
            child = split_off(
                ["--resume", str(folder)] if go_on else [*line.split(), "--folder", str(folder)], place / "said"
            )
            status = disturbed(child, length, disk, rng)
            said = (place / "said").read_text()
            count[ENDS.get(status, f"status {status}")] += 1
            saved = re.search(r"saved in (\S+): go on", said)
            if status not in ENDS or (status == 74 and str(folder) not in said):
                wrong.append(f"{name}: status {status}: {said}")
            if saved and status == 74:
                count["saved elsewhere"] += 1
                shutil.rmtree(folder)
                shutil.move(saved[1], folder)
            for path in checkpoints.found(folder) if folder.is_dir() else []:
                state = checkpoints.read(path)
                count["checkpoints compared"] += 1
                if digest(state) != states[state["steps"]]:
                    wrong.append(f"{name}: {path.name} differs")
        if logs.read(folder / logs.NAME) != rows:
            wrong.append(f"{name}: the log differs")
        shutil.rmtree(folder)
    disk.drop()
    shutil.rmtree(place, ignore_errors=True)
    answers.put((count, wrong))


def main():
    options = argparse.ArgumentParser(description="See the head of the file.")
    options.add_argument("--minutes", type=float, default=3)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    torch.set_num_threads(1)  # threads do not survive the forks
    until, answers = time.monotonic() + 60 * given.minutes, multiprocessing.Queue()
    two = [("peepholes", CASES["peepholes"]), ("a stream", CASES["a stream"])]
    workers = [
        multiprocessing.Process(target=runs, args=(*case, given.seed + k, until, answers)) for k, case in enumerate(two)
    ]
    for worker in workers:
        worker.start()
    found = [answers.get() for _ in workers]
    for what, times in sum((count for count, _ in found), collections.Counter()).most_common():
        print(f"{times:7,} {what}")
    wrong = [each for _, all_wrong in found for each in all_wrong]
    print("\n".join(wrong) or "Nothing differed.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
