"""Runs of ``python -m lstm_ref train`` that are killed or shared out, each in a process of its own.

A start of PyTorch takes seconds, so this program starts once, and then splits off each run as the command line would
start it. It prints, as JSON, the steps after which runs were killed.
"""

import json
import os
import pathlib
import random
import runpy
import shutil
import signal
import socket
import sys
import time

from lstm_ref.training import CheckpointError, Settings, Trainer, checkpoints

KILLS = 4
CASES = {
    "peepholes": "adding --set T=20 --set batch_size=8 --peephole diagonal --hidden-size 4 --steps 90 --every 5",
    "a stream": "continual-reber --set T=20 --hidden-size 4 --steps 60 --every 12",
    "dropout": "adding --set T=20 --num-layers 2 --dropout 0.3 --hidden-size 4 --steps 60 --every 5",
}
SHARED = {
    "adding": "adding --set T=20 --steps 30 --every 5",
    "continual-reber": "continual-reber --set T=20 --hidden-size 4 --steps 30 --every 15",
}


def split_off(arguments, output, environment=None):
    """Run ``python -m lstm_ref train`` with arguments in a process of its own, and return its number."""
    child = os.fork()
    if child:
        return child
    try:
        with open(output, "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.environ.update(environment or {})
        sys.argv = ["lstm_ref", "train", *arguments, "--quiet"]
        runpy.run_module("lstm_ref", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code or 0)
    finally:
        os._exit(99)


def whole(arguments, output, environments=(None,)):
    """Run to the end, in as many processes as there are environments; raise with what they said if one fails."""
    children = [split_off(arguments, f"{output}.{k}", each) for k, each in enumerate(environments)]
    codes = [os.waitpid(child, 0)[1] for child in children]
    if any(codes):
        said = [pathlib.Path(f"{output}.{k}").read_text() for k in range(len(codes))]
        raise RuntimeError(f"{arguments}: {codes}: {said}")


def killed(arguments, folder, output, rng, alone):
    """Kill a run of `alone` seconds again and again; return the step after each kill, None if a file did not read."""
    steps = []
    while len(steps) < KILLS:
        any_yet = folder.is_dir() and checkpoints.found(folder)
        child = split_off(["--resume", str(folder)] if any_yet else [*arguments, "--folder", str(folder)], output)
        time.sleep(rng.uniform(0, 0.4 * alone))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            if os.waitstatus_to_exitcode(status):
                raise RuntimeError(pathlib.Path(output).read_text())
            # It had ended before; begin anew, with less patience.
            shutil.rmtree(folder)
            alone /= 2
            continue
        try:
            read = [checkpoints.read(path)["steps"] for path in (checkpoints.found(folder) if folder.is_dir() else [])]
            steps.append(read[-1] if read else 0)
        except CheckpointError:
            steps.append(None)
    return steps


def torchrun_would_say():
    """Return the environments that torchrun gives to two processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [common | {"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(2)]


def runs(folder):
    """Do all runs, one after the other, each into a folder of its own; return what became of the kills."""
    Trainer(Settings("adding", {"T": 20}, hidden_size=4, peephole="diagonal", device="cpu")).step()
    rng, found = random.Random(5), {}
    for name, line in CASES.items():
        place, arguments = folder / name, line.split()
        began = time.perf_counter()
        whole([*arguments, "--folder", str(place / "alone")], folder / "alone.txt")
        alone = time.perf_counter() - began
        found[name] = killed(arguments, place / "killed", folder / "killed.txt", rng, alone)
        again = checkpoints.found(place / "killed")
        go_on = ["--resume", str(place / "killed")] if again else [*arguments, "--folder", str(place / "killed")]
        whole(go_on, folder / "killed.txt")
    for name, line in SHARED.items():
        arguments = line.split()
        whole([*arguments, "--folder", str(folder / name / "one")], folder / "one.txt")
        if name == "continual-reber":
            # Somebody else may take the free port in between.
            for attempt in range(3):
                try:
                    two = ["--folder", str(folder / name / "two")]
                    whole([*arguments, *two], folder / "two.txt", torchrun_would_say())
                    break
                except RuntimeError:
                    if attempt == 2:
                        raise
            first, *_ = checkpoints.found(folder / name / "two")
            (folder / name / "two, then one").mkdir()
            shutil.copy(first, folder / name / "two, then one")
            whole(["--resume", str(folder / name / "two, then one")], folder / "one.txt")
            first, *_ = checkpoints.found(folder / name / "one")
            (folder / name / "one, then two").mkdir()
            shutil.copy(first, folder / name / "one, then two")
            go_on = ["--resume", str(folder / name / "one, then two")]
            whole(go_on, folder / "two.txt", torchrun_would_say())
    return found


if __name__ == "__main__":
    print(json.dumps(runs(pathlib.Path(sys.argv[1]))))
