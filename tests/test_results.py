"""The results of chapter 9: what the files hold, how tables sum them up, and how runs are drawn."""

import pytest

from lstm_ref import plots, results
from lstm_ref.data import load_counter, load_results
from lstm_ref.tasks import Counting

NAMES = ["forget", "counting", "adding", "order", "spikes", "valves"]
ROWS = [
    {"kind": "a", "seed": 0, "solved": True, "sequences": 100, "seconds": 1.0, "reach": 5},
    {"kind": "a", "seed": 1, "solved": True, "sequences": 300, "seconds": 3.0, "reach": 7},
    {"kind": "a", "seed": 2, "solved": False, "sequences": 900, "seconds": 9.0, "reach": 1},
    {"kind": "b", "seed": 0, "solved": False, "sequences": 900, "seconds": 8.0, "reach": 2},
]


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.setattr(results, "load_results", lambda name: ROWS)


def test_sequences_are_those_of_the_runs_that_solved_the_task_and_failures_are_counted(rows):
    table = results.summary("any", ["kind"])
    assert table.header == ["kind", "solved", "median sequences", "from, to", "seconds"]
    assert table.rows == [["a", "2 of 3", "200", "100 to 300", "3"], ["b", "0 of 1", "none", "none", "8"]]


def test_any_other_value_is_that_of_all_runs(rows):
    assert results.summary("any", ["kind"], "reach").rows[0] == ["a", "2 of 3", "5", "1 to 7", "3"]


def test_a_table_reads_as_text_and_as_markdown():
    table = results.Table(["", "here"], [["one", 1], ["three", 3]])
    assert repr(table) == "       here\none    1\nthree  3"
    assert table._repr_markdown_() == "|  | here |\n| --- | --- |\n| one | 1 |\n| three | 3 |"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: results.summary("any", ["colour"]), "by, value: expected columns.*'colour'"),
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


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_has_five_seeds_or_more_of_each_kind_and_each_seed_once(name):
    kinds = {}
    for row in load_results(name):
        measured = ("seed", "solved", "steps", "sequences", "best_score", "weights", "seconds", "reach")
        labels = {key: row[key] for key in row if key not in measured and not key.startswith("largest")}
        kinds.setdefault(tuple(labels.items()), []).append(row["seed"])
    assert all(seeds == list(range(len(seeds))) and len(seeds) >= 5 for seeds in kinds.values())


def test_the_counter_that_the_chapter_opens_counts_as_far_as_its_row_says():
    best = max(row["reach"] for row in results.chosen("counting", {"letters": 3, "most": 40, "peephole": "none"}))
    counter = load_counter()
    assert (counter.input_size, counter.hidden_size, counter.peephole) == (Counting().input_size, 10, "none")
    assert best > 40
