"""The results of chapter 9: what the files hold, how tables sum them up, and how runs are drawn."""

import math

import numpy as np
import pytest

from experiments.cases import EXPERIMENTS
from lstm_ref import plots, unroll
from lstm_ref.companion import results
from lstm_ref.data import load_results, load_unit
from lstm_ref.tasks import Counting, reber
from lstm_ref.training import Settings

ROWS = [
    {"kind": "a", "seed": 0, "solved": True, "sequences": 100, "seconds": 1.0, "reach": 5, "best_score": 1.0},
    {"kind": "a", "seed": 1, "solved": True, "sequences": 300, "seconds": 3.0, "reach": 7, "best_score": 1.0},
    {"kind": "a", "seed": 2, "solved": False, "sequences": 900, "seconds": 9.0, "reach": 1, "best_score": 0.5},
    {"kind": "b", "seed": 0, "solved": False, "sequences": 900, "seconds": 8.0, "reach": 2, "best_score": 0.2},
]


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.setattr(results, "load_results", lambda name: ROWS)


def test_sequences_are_those_of_the_runs_that_solved_the_task_and_failures_are_counted(rows):
    table = results.summary("any", ["kind"])
    assert table.header == ["kind", "solved", "95%", "median sequences", "from, to"]
    assert table.rows == [
        ["a", "2 of 3", "9\u201399%", "200", "100 to 300"],
        ["b", "0 of 1", "0\u201398%", *[results.DASH] * 2],
    ]


def test_any_other_value_is_that_of_all_runs(rows):
    assert results.summary("any", ["kind"], "reach").rows[0] == ["a", "2 of 3", "9\u201399%", "5", "1 to 7"]


def test_the_scores_of_failed_runs_are_all_shown(rows):
    table = results.failures("any", ["kind"], digits=1)
    assert table.header == ["kind", "failed", "their best scores"]
    assert table.rows == [["a", "1 of 3", "0.5"], ["b", "1 of 1", "0.2"]]


def test_runs_without_an_error_are_counted_and_all_errors_shown(rows):
    table = results.passed("any", ["kind"], "reach", where={"kind": "a"})
    assert table.header == ["kind", "without error", "95%", "errors of each run"]
    assert table.rows == [["a", "0 of 3", "0\u201371%", "1; 5; 7"]]


def test_a_short_cell_of_a_notebook_stays_on_one_line():
    table = results.Table(["solved", "95%"], [["5 of 5", "48\u2013100%"], ["a longer cell may break", "0\u20139%"]])
    first, second = table._repr_markdown_().splitlines()[2:]
    assert first == "| 5\u00a0of\u00a05 | 48\u2060\u2013\u2060100% |"
    assert second == "| a longer cell may break | 0\u2060\u2013\u20609% |"


def test_none_is_said_in_the_words_of_its_column(monkeypatch):
    monkeypatch.setattr(results, "load_results", lambda name: [ROWS[0] | {"peephole": "none", "held_open": "none"}])
    assert results.summary("any", ["peephole", "held_open"]).rows[0][:2] == ["without", "nothing"]


@pytest.mark.parametrize(
    ("successes", "runs", "low", "high"),
    [
        (0, 10, 0.0, 1 - 0.025 ** (1 / 10)),
        (10, 10, 0.025 ** (1 / 10), 1.0),
        (1, 1, 0.025, 1.0),
        (4, 20, 0.0573, 0.4366),  # tables of exact limits
        (8, 10, 0.4439, 0.9748),
    ],
)
def test_intervals_are_those_of_clopper_and_pearson(successes, runs, low, high):
    assert results.interval(successes, runs) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("successes", [1, 4, 9])
def test_at_the_ends_of_an_interval_so_extreme_a_result_has_a_chance_of_a_fortieth(successes):
    def chance(counts, p):
        return sum(math.comb(10, k) * p**k * (1 - p) ** (10 - k) for k in counts)

    low, high = results.interval(successes, 10)
    assert chance(range(successes, 11), low) == pytest.approx(0.025)
    assert chance(range(successes + 1), high) == pytest.approx(0.025)


def test_a_protocol_stands_beside_that_of_its_paper():
    assert results.protocol("adding").header == ["", "the papers", "here"]


def test_a_table_reads_as_text_and_as_markdown():
    table = results.Table(["", "here"], [["one", 1], ["three", 3]])
    assert repr(table) == "       here\none    1\nthree  3"
    assert table._repr_markdown_() == "|  | here |\n| --- | ---: |\n| one | 1 |\n| three | 3 |"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: results.summary("any", ["colour"]), "by: expected one of .*'colour'"),
        (lambda: results.summary("any", ["kind"], where={"kind": "c"}), "where: expected values"),
        (lambda: results.protocol("chess"), "name: expected one of.*'chess'"),
        (lambda: plots.spread({}, "x"), "groups: expected at least one"),
        (lambda: plots.spread({"a": [0.0, float("nan")]}, "x"), r"groups\['a'\]: expected finite numbers"),
        (lambda: plots.spread({"a": []}, "x"), r"groups\['a'\]"),
    ],
)
def test_bad_input_is_named(call, message, rows):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_has_five_seeds_or_more_of_each_kind_and_each_seed_once(name):
    kinds = {}
    for row in load_results(name):
        measured = ("seed", "solved", "steps", "sequences", "best_score", "weights", "seconds", "reach")
        measured += ("early_errors", "paper_errors", "errors")
        labels = {key: row[key] for key in row if key not in measured and not key.startswith("largest")}
        kinds.setdefault(tuple(labels.items()), []).append(row["seed"])
    assert all(seeds == list(range(len(seeds))) and len(seeds) >= 5 for seeds in kinds.values())


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_results_are_those_of_the_experiments_run_by_run(name):
    wanted = [
        case["labels"] | {"seed": seed, "steps": Settings(**case["settings"]).steps}
        for case in EXPERIMENTS[name]()
        for seed in range(case["seeds"])
    ]
    rows = load_results(name)
    assert [{key: row[key] for key in case if key != "steps"} for row, case in zip(rows, wanted, strict=True)] == [
        {key: value for key, value in case.items() if key != "steps"} for case in wanted
    ]
    assert all(row["solved"] or row["steps"] == case["steps"] for row, case in zip(rows, wanted))


@pytest.mark.parametrize("n", [5, 20, 40])
def test_the_counter_that_the_chapter_opens_comes_home_at_every_n_it_was_trained_on(n):
    trace = unroll(load_unit("counter"), np.eye(4)[Counting().string(n)[0]])
    start, after_a, after_b, after_c = trace.c_t[[0, n, 2 * n, 3 * n]]
    assert abs(after_a[5] - start[5]) > n / 2 and abs(after_b[5] - start[5]) < 1
    assert abs(after_b[3] - after_a[3]) > n / 2 and abs(after_c[3] - after_a[3]) < 1


def test_the_unit_of_the_stream_keeps_a_strings_second_letter_in_one_element_until_it_has_come_again():
    before = reber.stream(np.random.default_rng(0), 200)[0][:191]

    def memory(string):
        symbols = [*before, *map(reber.SYMBOLS.index, string)]
        return unroll(load_unit("stream"), np.eye(7)[symbols]).c_t[len(before) :, 0]

    apart = memory("BTBPTTVPXVVETE") - memory("BPBPTTVPXVVEPE")
    assert abs(apart[0]) < 0.01 and (apart[3:13] > 1).all() and abs(apart[13]) < 0.3


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match=r"name: expected one of .*'stream'.* got 'clock'"):
        load_unit("clock")
