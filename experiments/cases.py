"""What `experiments.sweeps` runs: every experiment of chapter 9 as a list of cases, each trained from several seeds."""

from typing import Any, TypedDict

from lstm_ref.tasks.task import lasting

OPEN = {"f": "forget", "i": "new-memory", "o": "output"}


class Case(TypedDict):
    """What is trained `seeds` times: its labels, which become columns of the result file, and its `settings`, the
    arguments of `lstm_ref.training.Settings`. `stop` says whether training ends once the task is solved.
    """

    labels: dict[str, Any]
    settings: dict[str, Any]
    seeds: int
    stop: bool


def case(
    task: str,
    seeds: int,
    options: dict[str, Any] | None = None,
    stop: bool = True,
    labels: dict[str, Any] | None = None,
    **settings: Any,
) -> Case:
    """Return one case."""
    settings = {"task": task, "options": options or {}, **settings}
    return {"labels": labels or {}, "settings": settings, "seeds": seeds, "stop": stop}


def forget() -> list[Case]:
    """The continual Reber stream with the forget valve, without it, and without it but with the memory emptied."""
    cases = []
    runs = [(rate, "none", "first success", 10) for rate in (0.01, 0.03)]
    runs += [(0.03, "none", "last batch", 10), (0.03, "diagonal", "first success", 5)]
    for rate, peephole, until, seeds in runs:
        for held, valve in (("", "learnt"), ("f", "held open")):
            labels = {"task": "stream", "forget_valve": valve, "learning_rate": rate, "peephole": peephole}
            settings = {"held_open": held, "learning_rate": rate, "peephole": peephole, "every": 250}
            stop = until == "first success"
            cases.append(case("continual-reber", seeds, stop=stop, labels=labels | {"until": until}, **settings))
    for held, valve in (("", "learnt"), ("f", "held open")):
        labels = {"task": "strings", "forget_valve": valve, "learning_rate": 0.01, "peephole": "none"}
        cases.append(case("reber", 10, labels=labels, held_open=held, every=100))
    return cases


def counting() -> list[Case]:
    """a^n b^n and a^n b^n c^n, trained on n up to 10 and up to 40, to the last step; then how far the count goes."""
    runs = ((3, 40, "none", 10), (3, 40, "diagonal", 10), (3, 10, "none", 5), (2, 40, "none", 5), (2, 10, "none", 5))
    return [
        case(
            "counting",
            seeds,
            {"letters": letters, "most": most},
            stop=False,
            labels={"letters": letters, "most": most, "peephole": peephole},
            peephole=peephole,
        )
        for letters, most, peephole, seeds in runs
    ]


def adding() -> list[Case]:
    """The adding problem, from 100 steps to 1,000, with each peephole, and with a forget valve begun at bias 1."""
    long = lasting(100)
    starts = {
        "lasting": None,
        "bias 1": {"b_f": 1.0},
        "b_f alone": {"b_f": long["b_f"]},
        "lasting, small P": {**long, "P": 0.01},
    }
    slow = {"learning_rate": 0.005, "steps": 8000}
    runs: tuple[tuple[int, str, str, int, dict[str, Any], dict[str, Any]], ...] = (
        (100, "none", "lasting", 10, {}, {}),
        (100, "none", "bias 1", 5, {}, {}),
        (100, "none", "bias 1", 5, {}, slow),
        (100, "none", "b_f alone", 5, {}, {}),
        (100, "none", "b_f alone", 5, {}, slow),
        (100, "diagonal", "lasting", 5, {}, {}),
        (100, "full", "lasting", 5, {}, {"learning_rate": 0.002}),
        (100, "full", "lasting, small P", 5, {}, {"learning_rate": 0.002}),
        (200, "none", "lasting", 5, {}, {}),
        (500, "none", "lasting", 5, {}, {}),
        (1000, "none", "lasting", 5, {}, {}),
        (100, "none", "bias 1", 5, {"marks": "anywhere"}, {}),
        (150, "none", "bias 1", 5, {"marks": "anywhere"}, {}),
        (300, "none", "bias 1", 5, {"marks": "anywhere"}, {}),
        (600, "none", "bias 1", 5, {"marks": "anywhere"}, {}),
    )
    return [
        case(
            "adding",
            seeds,
            {"T": T, **marks},
            labels={
                "T": T,
                "marks": marks.get("marks", "early"),
                "peephole": peephole,
                "start": start,
                "learning_rate": settings.get("learning_rate", 0.01),
            },
            peephole=peephole,
            start=starts[start],
            **settings,
        )
        for T, peephole, start, seeds, marks, settings in runs
    ]


def order() -> list[Case]:
    """Temporal order, and nothing else."""
    return [case("order", 10)]


def spikes() -> list[Case]:
    """Timed spikes, with and without peepholes."""
    runs = [(10, H, 0.01, peephole, 5) for H in (1, 2) for peephole in ("none", "diagonal")]
    runs += [(10, 4, rate, peephole, 10) for rate in (0.01, 0.03) for peephole in ("none", "diagonal")]
    runs += [(10, 4, 0.01, "full", 5)]
    runs += [(20, 4, 0.03, peephole, 5) for peephole in ("none", "diagonal")]
    return [
        case(
            "spikes",
            seeds,
            {"every": every},
            labels={"every": every, "hidden_size": H, "learning_rate": rate, "peephole": peephole},
            hidden_size=H,
            peephole=peephole,
            learning_rate=rate,
            steps=5000,
        )
        for every, H, rate, peephole, seeds in runs
    ]


def delays() -> list[Case]:
    """Delays of 49 steps or 50, with and without peepholes."""
    return [
        case("delays", 5, labels={"every": 49, "hidden_size": 4, "peephole": peephole}, peephole=peephole, every=250)
        for peephole in ("none", "diagonal")
    ]


def valves() -> list[Case]:
    """Three tasks with each of the three valves held open in turn."""
    tasks = (
        ("adding", {"T": 50}, {}),
        ("continual-reber", {}, {"learning_rate": 0.03, "every": 250}),
        ("spikes", {"every": 10}, {"hidden_size": 4, "steps": 5000}),
    )
    return [
        case(task, 5, options, labels={"task": task, "held_open": OPEN.get(held, "none")}, held_open=held, **settings)
        for task, options, settings in tasks
        for held in ("", "f", "i", "o")
    ]


def long_lag() -> list[Case]:
    """One symbol behind 50 to 1,000 distractors: with and without the forget valve, and begun at bias 1."""
    runs = [(T, distractors, "learnt", "lasting") for T, distractors in ((50, 50), (100, 100), (200, 200), (1000, 50))]
    runs += [(T, T, "learnt", "bias 1") for T in (50, 100)]
    runs += [(T, distractors, "held open", "lasting") for T, distractors in ((100, 100), (1000, 50))]
    return [
        case(
            "long-lag",
            5,
            {"T": T, "distractors": distractors},
            labels={"T": T, "distractors": distractors, "forget_valve": valve, "start": start},
            held_open="f" if valve == "held open" else "",
            start=None if start == "lasting" else {"b_f": 1.0},
            every=50,
        )
        for T, distractors, valve, start in runs
    ]


def multiplication() -> list[Case]:
    """The multiplication problem at 100 steps, begun at valves that last for it and at bias 1."""
    return [
        case("multiplication", 5, {"T": 100}, labels={"T": 100, "start": name}, start=start)
        for name, start in (("lasting", None), ("bias 1", {"b_f": 1.0}))
    ]


def windows() -> list[Case]:
    """Counting again, trained on other windows of n, without and with diagonal peepholes, to the last step."""
    runs = (
        (3, 1, 50, 10, "none", 4000, 10),
        (3, 1, 50, 10, "diagonal", 4000, 5),
        (2, 1, 100, 10, "none", 4000, 5),
        (2, 1, 100, 10, "diagonal", 4000, 5),
        (3, 50, 100, 10, "none", 4000, 5),
        (3, 50, 100, 10, "diagonal", 4000, 5),
        (3, 1, 30, 10, "none", 4000, 5),
        (3, 1, 30, 10, "diagonal", 4000, 5),
        (3, 1, 50, 3, "none", 4000, 10),
        (3, 1, 50, 3, "none", 16_000, 10),
        (3, 1, 50, 10, "none", 16_000, 5),
    )
    return [
        case(
            "counting",
            seeds,
            {"letters": letters, "least": least, "most": most},
            stop=False,
            labels={
                "letters": letters,
                "least": least,
                "most": most,
                "hidden_size": H,
                "peephole": peephole,
                "batches": steps,
            },
            hidden_size=H,
            peephole=peephole,
            steps=steps,
            every=250,
        )
        for letters, least, most, H, peephole, steps, seeds in runs
    ]


EACH = forget, counting, adding, spikes, delays, valves, order, long_lag, multiplication, windows
EXPERIMENTS = {each.__name__: each for each in EACH}
