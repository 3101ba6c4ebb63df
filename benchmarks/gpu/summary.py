"""The short table at the end: what ran, what was right, the aims beside what was reached."""

from collections import Counter
from typing import Any

from benchmarks.gpu import machine
from benchmarks.gpu.speed import LARGE, TINY
from benchmarks.gpu.units import COMPILED, ENGINES, PRECISIONS, named
from benchmarks.peers import REFERENCE

# At most so many times as long as torch.nn.LSTM in the same precision, forward and backward: for each large size.
TIME = {
    ("TF32", "diagonal"): (1.2, 1.6),
    ("TF32", "full"): (1.8, 2.4),
    ("bfloat16", "diagonal"): (2.0, 2.0),
    ("bfloat16", "full"): (2.0, 2.0),
}
MEMORY, FASTER, FASTER_THAN_COMPILED = 1.5, 5, 2
LONGEST = 6
"""How many lines a list may have."""

Results = dict[str, Any]
Row = tuple[str, ...]


def text(results: Results, states: dict[str, str], found: dict[str, Any], folder: str) -> str:
    """Return the whole summary, in less than sixty lines."""
    stages = [(name, state[:110]) for name, state in states.items()]
    parts = [machine.lines(found), aligned([("stage", "how it went"), *stages])]
    parts += [_correctness(results)] if "correctness" in results else []
    parts += [aligned(_aims(results, found["tiny"]))] if "benchmark" in results else []
    parts += [line for line in (_ceilings(results), _training(results)) if line]
    return "\n\n".join([*parts, f"Results: {folder}"]) + "\n"


def wrong(results: Results) -> dict[str, Results]:
    """Return, by name, every check of an engine that came out beyond its bound; PyTorch's own layer is not judged."""
    return {
        f"{stage}: {item}": result
        for stage in ("correctness", "compiled")
        for item, result in results.get(stage, {"items": {}})["items"].items()
        if result.get("right") is False and not item.startswith(REFERENCE[0])
    }


def aligned(rows: list[Row]) -> str:
    """Return rows as lines with their columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _correctness(results: Results) -> str:
    """Return how many checks of how many were right, and what was wrong; and what, of anything, did not run."""
    items = results["correctness"]["items"]
    kinds = (*PRECISIONS, "situations")
    counts = {kind: Counter[tuple[str, bool]]() for kind in kinds}
    for item, result in items.items():
        # The longest name first: one is the end of another.
        kind = next((name for name in sorted(PRECISIONS, key=len, reverse=True) if f" {name} " in item), "situations")
        counts[kind][item.split()[0], result.get("right") is True] += 1
    rows: list[Row] = [("right of checked", *kinds)]
    for engine in (*ENGINES, REFERENCE[0]):
        pairs = [(counts[kind][engine, True], counts[kind][engine, False]) for kind in kinds]
        rows.append((engine, *(f"{right}/{right + other}" if right + other else "-" for right, other in pairs)))
    lines = [aligned(rows)]
    beyond = [
        f"WRONG {item}: {float(each['error']):.2g} in {each['where']}"[:150] for item, each in wrong(results).items()
    ]
    idle = [f"did not run, {count} times: {reason}"[:170] for reason, count in _idle(results).most_common()]
    for listed in (beyond, idle):
        lines += listed[:LONGEST] + [f"and {len(listed) - LONGEST} more"] * (len(listed) > LONGEST)
    return "\n".join(lines)


def _idle(results: Results) -> Counter[str]:
    """Return how often something did not run, by reason."""
    every = [result for entry in results.values() for result in entry["items"].values()]
    every += [row for result in every for row in result.get("rows", {}).values()]
    return Counter(each["did not run"] for each in every if "did not run" in each)


def _aims(results: Results, tiny: bool) -> list[Row]:
    """Return a row for each aim, with a column for each engine."""
    benchmark, compiled = (results.get(stage, {"items": {}})["items"] for stage in ("benchmark", "compiled"))
    rows: list[Row] = [("forward and backward, beside torch.nn.LSTM", "aim", *ENGINES)]
    for k, size in enumerate(TINY if tiny else LARGE):
        words = "x".join(map(str, size))
        for (precision, kind), aims in TIME.items():
            group = benchmark.get(f"{words} {precision}", {})
            if kind == "diagonal":
                ms = _get(group, named(REFERENCE), "both", "ms")
                rows.append((f"{words} {precision} torch.nn.LSTM", f"{ms:.4g} ms" if ms else "-", *[""] * len(ENGINES)))
            ratios = [_get(group, f"{engine} {kind}", "both", "ratio") for engine in ENGINES]
            rows.append(_aim(f"{words} {precision} {kind}", aims[k], ratios))
        group = benchmark.get(f"{words} TF32", {})
        kinds = "diagonal", "full"
        memory = [_most([_get(group, f"{engine} {kind}", "memory", "ratio") for kind in kinds]) for engine in ENGINES]
        rows.append(_aim(f"{words} TF32 memory", MEMORY, memory))
        times = [_times(group, "torch diagonal", engine) for engine in ENGINES]
        rows.append(_aim(f"{words} TF32 times as fast as engine torch", FASTER, times, least=True))
        modes = [compiled.get(f"loop {mode} {words}", {}) for mode in ("default", "reduce-overhead")]
        times = [_least([_times(mode, named(COMPILED), engine) for mode in modes]) for engine in ENGINES]
        rows.append(_aim(f"{words} TF32 times as fast as torch.compile", FASTER_THAN_COMPILED, times, least=True))
    return rows


def _aim(words: str, aim: float, values: list[float | None], least: bool = False) -> Row:
    """Return a row: an aim, and of each engine what it reached and whether that is enough."""
    cells = [
        "-" if value is None else f"{value:.2f} {'yes' if (value >= aim if least else value <= aim) else 'no'}"
        for value in values
    ]
    return words, f"{'>=' if least else '<='} {aim:g}", *cells


def _get(group: Results, row: str, *keys: str) -> float | None:
    found: Any = group.get("rows", {}).get(row, {})
    for key in keys:
        found = found.get(key) or {}
    return found or None


def _times(group: Results, slow: str, engine: str) -> float | None:
    """Return how many times as fast as another row an engine's diagonal peepholes are."""
    other, own = (_get(group, row, "both", "ms") for row in (slow, f"{engine} diagonal"))
    return other / own if other and own else None


def _most(values: list[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _least(values: list[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _ceilings(results: Results) -> str:
    """Return what the card can do at most."""
    items = results.get("profile", {"items": {}})["items"]
    found = [
        f"{item} {value:.3g} {unit}"
        for item, numbers in items.items()
        if item.split()[0] in ("copying", "product", "launches") and "did not run" not in numbers
        for unit, value in numbers.items()
        if unit != "took"
    ]
    return f"Ceilings: {', '.join(found)}" if found else ""


def _training(results: Results) -> str:
    """Return how the training ended."""
    found = results.get("train", {"items": {}})["items"].get("train")
    if not found or "did not run" in found:
        return f"Training: did not run: {found['did not run']}" if found else ""
    numbers = ", ".join(f"{name} {found[name]:.4g}" for name in found if "bits" in name or name == "steps")
    return f"Training: {numbers}"
