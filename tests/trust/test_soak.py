"""What `make soak` does for minutes, for some seconds."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="forks, and mounts a disk")
def test_trainings_that_are_disturbed_for_some_seconds_end_as_undisturbed_ones():
    line = [sys.executable, "-m", "trust.soak", "--minutes", "0.1"]
    ran = subprocess.run(line, cwd=TESTS, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0 and "checkpoints compared" in ran.stdout, ran.stdout + ran.stderr
