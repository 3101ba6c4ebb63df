"""A text and a table of one's own: what is learnt, what is kept for the test, and what is refused in one line."""

import numpy as np
import pytest
from helpers.trainers import SMALL

from lstm_ref import tasks
from lstm_ref.tasks import decode, encode
from lstm_ref.training import Settings

LETTERS = "Grüße, Ωμέγα\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.txt").write_text(LETTERS * 100, encoding="utf-8")
    rows = "".join(f"2001-{k},{k % 4 + k / 10},{k * k}\n" for k in range(60))
    (tmp_path / "own.csv").write_text("when,sales,price\n" + rows, encoding="utf-8")
    return tmp_path


def table(**options):
    return tasks.make("table", **{"file": "own.csv", "column": "sales", "horizon": 4} | options)


# ---- text


def test_the_alphabet_is_the_texts_own_and_the_last_tenth_is_kept():
    task = tasks.make("text", file="own.txt", T=5, batch_size=2)
    assert set(task.alphabet) == set(LETTERS) | {"\N{REPLACEMENT CHARACTER}"}
    assert [len(text) for text in task.texts] == [1170, 65, 65]
    assert decode(np.concatenate(task.texts), task.alphabet) == LETTERS * 100
    batch, _ = task.batch()
    assert decode(batch.x[:, 0], task.alphabet) == "Grüße"
    assert decode(batch.target[:, 0], task.alphabet) == "rüße,"


def test_what_is_not_in_an_alphabet_becomes_its_last_symbol_and_tabs_are_blanks_where_there_are_none():
    assert encode("a\tüb", "ab ?").tolist() == [0, 2, 2, 2, 2, 3, 1]
    assert encode("a\tb", "ab\t?").tolist() == [0, 2, 1]


def test_rare_characters_of_a_large_alphabet_become_one(here):
    text = "".join(chr(256 + k) * (400 - k) for k in range(300)) * 2
    (here / "many.txt").write_text(text, encoding="utf-8")
    task = tasks.make("text", file="many.txt", T=5, batch_size=2)
    assert task.input_size == 256 and task.alphabet[-1] == "\N{REPLACEMENT CHARACTER}"
    assert chr(256) in task.alphabet and chr(555) not in task.alphabet


def test_the_alphabet_knows_nothing_of_what_is_kept_for_the_test(here):
    (here / "own.txt").write_text("abc " * 300 + "xyz " * 33, encoding="utf-8")
    task = tasks.make("text", file="own.txt", T=5, batch_size=2)
    assert task.alphabet == " abc\N{REPLACEMENT CHARACTER}"


def test_the_alphabet_is_kept_when_the_file_changes_and_the_change_is_said(here):
    settings = Settings("text", {"file": "own.txt", "T": 5, "batch_size": 2})
    (here / "own.txt").write_text("other words " * 200, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"^file: '.*own.txt' is not what it was when the run began"):
        task = tasks.make("text", **settings.options)
    assert task.alphabet == settings.options["alphabet"]


def test_a_table_that_has_changed_since_the_run_began_brings_a_warning(here):
    options = Settings("table", {"file": "own.csv", "column": "sales", "horizon": 4}).options
    assert tasks.make("table", **options).options == options
    with (here / "own.csv").open("a", encoding="utf-8") as file:
        file.write("2001-60,1,1\n")
    with pytest.warns(UserWarning, match=r"^file: '.*own.csv' is not what it was"):
        assert tasks.make("table", **options).options == options


def test_a_text_is_compared_with_tables_of_its_own_characters():
    task = tasks.make("text", file="own.txt", T=5, batch_size=2)
    size = task.input_size

    def foreseeing(x, state=None):
        after = np.zeros((size, size))
        training = task.texts[0]
        after[training[:-1], training[1:]] = 30
        return after[x], None

    errors = task.compare(foreseeing)
    assert list(errors) == ["the model", "what follows each character", "how often each occurs"]
    model, following, single = errors.values()
    counts = np.unique(list(LETTERS), return_counts=True)[1] / len(LETTERS)
    assert model < 0.01 < following < 0.5
    assert single == pytest.approx(-(counts * np.log2(counts)).sum(), abs=0.05)


# ---- table


def test_the_first_rows_are_trained_on_and_the_last_are_kept():
    task = table()
    assert task.ends == (42, 51, 60) and task.season == 4
    rng = np.random.default_rng(0)
    used = {float(value) for _ in range(50) for value in task.batch(rng)[0].x[..., 0].ravel()}
    kept = task.inputs[task.ends[0] - task.horizon :, 0]
    assert not used & {float(value) for value in kept}


def test_what_is_read_is_standardised_by_the_training_rows_alone(here):
    task = table(further="price", T=10)
    assert task.input_size == 3
    training = task.inputs[:42, [0, 2]]
    assert np.allclose(training.mean(axis=0), 0, atol=1e-6) and np.allclose(training.std(axis=0), 1, atol=1e-6)
    rows = (here / "own.csv").read_text("utf-8").splitlines()
    (here / "other.csv").write_text("\n".join(rows[:43] + [f"x,{k},0" for k in range(18)]), encoding="utf-8")
    other = table(file="other.csv", further="price", T=10)
    assert np.array_equal(other.inputs[task.season : 42], task.inputs[task.season : 42])


def test_an_answer_of_zero_is_the_same_as_last_season_and_a_target_is_the_difference_from_it():
    task = table()
    rows = task.rows_between(51, 60)
    found = task.forecasts(lambda x, state=None: (np.zeros((*x.shape[:2], 4)), None), rows)
    assert np.array_equal(found, task.base(rows)) and np.array_equal(found[0], task.values[47:51])
    batch, _ = task.batch(np.random.default_rng(1))
    assert np.allclose(batch.target[batch.weight > 0] * task.scale, 0.4, atol=1e-5)  # the trend over a season


@pytest.mark.parametrize(("horizon", "season"), [(1, 30), (12, 1), (5, 4), (2, 12)])
def test_every_step_of_every_batch_counts_whatever_the_season(horizon, season):
    task = table(horizon=horizon, season=season)
    for seed in range(20):
        batch, _ = task.batch(np.random.default_rng(seed))
        assert (batch.weight == 1).all() and np.isfinite(batch.target).all()


def test_a_season_shorter_than_the_horizon_is_repeated():
    task = table(season=3, horizon=4)
    rows = np.array([20])
    assert task.base(rows).tolist() == [[task.values[18], task.values[19], task.values[20], task.values[18]]]


def test_no_forecast_reads_what_comes_after_its_row(here):
    rows = (here / "own.csv").read_text("utf-8").splitlines()
    (here / "other.csv").write_text("\n".join(rows[:53] + [f"x,{k}99,0" for k in range(8)]), encoding="utf-8")

    def last_inputs(x, state=None):
        return np.repeat(x[..., :1], 4, axis=-1), None

    one, other = (table(file=name).forecasts(last_inputs, np.array([50, 51])) for name in ("own.csv", "other.csv"))
    assert np.array_equal(one, other)


def test_the_simple_forecasts_are_right_on_a_column_that_they_know():
    errors = table().compare(lambda x, state=None: (np.zeros((*x.shape[:2], 4)), None))
    assert errors["the model"] == errors["same as last season"] == pytest.approx(0.4)
    assert errors["a linear regression"] < 0.05


def test_the_linear_regression_reads_the_further_columns_too(here):
    rng = np.random.default_rng(0)
    rain = rng.normal(size=200)
    sales = np.append(0, rain[:-1])  # yesterday's rain
    rows = "".join(f"{one},{other}\n" for one, other in zip(sales, rain))
    (here / "rain.csv").write_text("sales,rain\n" + rows, encoding="utf-8")

    def error(further):
        task = table(file="rain.csv", horizon=1, further=further)
        return task.compare(lambda x, state=None: (np.zeros((*x.shape[:2], 1)), None))["a linear regression"]

    assert error("rain") < 0.1 < 0.5 < error("")


def test_a_perfect_model_has_the_score_1():
    task = table()

    def foreseeing(x, state=None):
        rows = np.minimum(np.arange(len(x)) + task.season, 55)
        return ((task._ahead(rows) - task.base(rows)) / task.scale)[:, None], None

    assert task.measure(foreseeing).score == pytest.approx(1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_may_stand_apart_by_commas_semicolons_or_tabs(here, delimiter):
    text = (here / "own.csv").read_text("utf-8").replace(",", delimiter)
    (here / "apart.csv").write_text("\ufeff" + text, encoding="utf-8")
    assert np.array_equal(table(file="apart.csv").values, table().values)


# ---- what is refused


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("text", {}, "file: expected the name of a text file"),
        ("text", {"file": "nowhere.txt"}, "file: expected a text file, got 'nowhere.txt', and there is no such file"),
        ("text", {"file": "empty.txt"}, "file: expected a text of some thousand characters, got 0"),
        ("text", {"file": "zeros.txt"}, "file: expected a text in UTF-8, got 'zeros.txt' with zero bytes"),
        ("text", {"file": "own.txt", "T": 50}, "T: expected at most 35, .* with batch_size=22 there are fewer"),
        ("table", {}, "file: expected the name of a CSV file"),
        ("table", {"file": "nowhere.csv"}, "file: expected a CSV file, got 'nowhere.csv', and there is no such file"),
        ("table", {"file": "empty.txt"}, "file: expected a header and rows of numbers, got 0 line"),
        (
            "table",
            {"file": "own.csv", "column": "sale"},
            "column: expected one of 'when', 'sales', 'price', got 'sale'",
        ),
        (
            "table",
            {"file": "own.csv", "column": "when"},
            "column: expected a number in every row of 'when', got '2001-0'",
        ),
        ("table", {"file": "nan.csv", "column": "b"}, "column: .* got 'NaN' in row 2 below the header .*fill it"),
        ("table", {"file": "nan.csv", "column": "a"}, "column: .* got '' in row 2 below"),
        (
            "table",
            {"file": "nan.csv", "column": "c"},
            "column: .* got '1,5' in row 1 .* without commas, with a decimal point",
        ),
        ("table", {"file": "own.csv", "column": "sales", "horizon": 20}, "file: expected at least 88 rows .*, got 60"),
        ("table", {"file": "own.csv", "column": "sales", "season": 40}, "file: expected at least 63 rows .*, got 60"),
        ("table", {"file": "own.csv", "column": "sales", "further": "rain"}, "further: expected one of .* got 'rain'"),
        ("table", {"file": "own.csv", "column": "sales", "T": 50}, "T: expected at most 40, so many training rows"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line_that_says_what_to_do(here, task, options, message):
    (here / "empty.txt").write_text("", encoding="utf-8")
    (here / "zeros.txt").write_bytes(b"\0" * 500)
    (here / "nan.csv").write_text("a;b;c\n1;2;1,5\n;NaN;2,5\n", encoding="utf-8")
    with pytest.raises((ValueError, FileNotFoundError), match=message) as refusal:
        tasks.make(task, **options)
    assert "\n" not in str(refusal.value)


# ---- a task of one's own


def test_a_task_of_ones_own_is_registered_under_a_new_name_and_made_by_it(monkeypatch):
    monkeypatch.setattr(tasks, "TASKS", dict(tasks.TASKS))
    tasks.register("short-adding", tasks.Adding)
    assert tasks.make("short-adding", T=20) == tasks.make("adding", T=20)
    tasks.register("short-adding", tasks.Adding)
    with pytest.raises(ValueError, match="name: expected one that no task has"):
        tasks.register("adding", tasks.Counting)
    with pytest.raises(TypeError, match="task: expected a class, got int"):
        tasks.register("seven", 7)


@pytest.mark.parametrize("name", tasks.TASKS)
def test_every_task_says_what_its_score_counts(name):
    assert len(tasks.make(name, **SMALL[name]).score_is.split()) >= 3
