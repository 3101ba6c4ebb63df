"""Right units of several makes, and each with mistakes planted: a change of its text, and words of the right guess."""

import json
import types
from pathlib import Path
from typing import NamedTuple

from lstm_ref import check_lstm

FOLDER = Path(__file__).parent
MAKES = ("by_hand", "as_module", "with_peepholes", "like_keras")


class Planted(NamedTuple):
    """A mistake that somebody planted who had not seen the known ones.

    In which make, which text becomes which, what is wrong in the planter's words, and what the first guess says of it;
    None where no known mistake has these numbers.
    """

    lot: str
    make: str
    old: str
    new: str
    what: str
    says: str | None


PLANTED = [Planted(**each) for each in json.loads((FOLDER / "planted.json").read_text(encoding="utf-8"))]


def spoiled(make, old="", new=""):
    """Return the module of a make with a text exchanged that it has exactly once."""
    source = (FOLDER / f"{make}.py").read_text(encoding="utf-8")
    assert not old or source.count(old) == 1, (make, old, source.count(old))
    module = types.ModuleType(make)
    exec(compile(source.replace(old, new) if old else source, make, "exec"), vars(module))
    return module


def verdict(make, old="", new="", seed=0):
    """Return what `check_lstm` says of a make, spoiled or not."""
    module = spoiled(make, old, new)
    if make == "as_module":
        return check_lstm(module.make(), module.NAMES, seed=seed)
    if make == "with_peepholes":
        return check_lstm(module.forward, module.NAMES, autograd=True, seed=seed)
    return check_lstm(module.forward, module.NAMES, backward=getattr(module, "backward", None), seed=seed)
