"""The command line, run here."""

import re
import shlex

from lstm_ref import __main__ as command


def run(line, capsys):
    """Run a command line here; return its status, and what it said on both channels."""
    try:
        status = command.main(shlex.split(line))
    except SystemExit as end:
        status = end.code
    return status, *capsys.readouterr()


def refusal(line, capsys):
    """Return the one line with which a command line is refused, after argparse's usage where there is one."""
    status, said, complaint = run(line, capsys)
    assert status == 2 and said == "" and "Traceback" not in complaint
    complaint = re.sub(r"\Ausage: .*?(?=^python -m lstm_ref)", "", complaint, flags=re.DOTALL | re.MULTILINE)
    first, end = complaint.split("\n", 1)
    assert end == "", complaint
    return first
