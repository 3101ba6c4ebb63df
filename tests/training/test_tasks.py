"""The tasks against their papers: every batch and every measure beside an oracle written here once more."""

import re
import string

import numpy as np
import pytest
import torch

from lstm_ref import tasks
from lstm_ref.tasks import characters, reber
from lstm_ref.training.trainer import LOSSES

# ---- the embedded Reber grammar once more, as an expression and as an automaton of (state, symbol, state)

FROM_3 = "(?:XT*VP)*(?:S|XT*VV)"
STRING = rf"B([TP])B(?:TS*X{FROM_3}|PT*V(?:V|P{FROM_3}))E\1E"
INNER = "0T1 0P2 1S1 1X3 2T2 2V4 3X2 3S5 4P3 4V5"


def automaton():
    """Return the ways on from each state, by symbol; a string begins at "begin" and ends there."""
    ways = {"begin": {"B": "outer"}, "outer": {}}
    for outer in "TP":
        ways["outer"][outer] = outer
        ways[outer] = {"B": outer + "0"}
        for before, symbol, after in INNER.split():
            ways.setdefault(outer + before, {})[symbol] = outer + after
        ways[outer + "5"] = {"E": outer + "again"}
        ways[outer + "again"] = {outer: "end"}
    return ways | {"end": {"E": "begin"}}


WAYS = automaton()


def letters(symbols):
    return "".join("BTPSXVE"[symbol] for symbol in symbols)


def legal(symbols):
    """Return (N, 7): what may come after each symbol of a stream, by the automaton; KeyError if it is no stream."""
    state, found = "begin", []
    for letter in letters(symbols):
        state = WAYS[state][letter]
        found.append([symbol in WAYS[state] for symbol in "BTPSXVE"])
    return np.array(found)


def reber_oracle(x, state=None):
    return np.stack([legal(x[:, b]) for b in range(x.shape[1])], axis=1) * 2.0 - 1, None


def padded_reber_oracle(x, state=None):
    """The same for strings that are filled up with B after their end, where what is said does not count."""
    said = np.zeros((*x.shape, 7))
    for b in range(x.shape[1]):
        length = re.match(STRING[: -len(r"\1E")], letters(x[:, b])).end() + 1
        said[:length, b] = legal(x[:length, b])
    return said, None


# ---- the adding problem


def adding_oracle(x, state=None):
    marked = x[:, :, 1] == 1
    said = np.zeros((*x.shape[:2], 1))
    said[-1, :, 0] = 0.5 + (x[:, :, 0] * marked).sum(0) / 4
    return said, None


@pytest.mark.parametrize("T", [20, 25, 100])
def test_adding_marks_two_numbers_where_the_paper_says_and_asks_for_their_sum(T):
    rng, first_marks, second_marks = np.random.default_rng(1), set(), set()
    for _ in range(60):
        (x, target, weight), carry = tasks.make("adding", T=T, batch_size=20).batch(rng)
        assert carry is None and x.dtype == target.dtype == weight.dtype == np.float32
        assert T <= len(x) <= 1.1 * T and np.abs(x[:, :, 0]).max() <= 1
        assert (weight[:-1] == 0).all() and (weight[-1] == 1).all()
        for b in range(20):
            marks = x[:, b, 1]
            at = np.flatnonzero(marks == 1)
            assert len(at) == 2 and at.min() < 10 and at.max() < max(10, T // 2 - 1)
            assert marks[-1] == -1 and marks[0] == (1 if 0 in at else -1)
            assert set(np.delete(marks, [0, len(x) - 1, *at])) == {0}
            assert 0 not in at or x[0, b, 0] == 0
            total = sum(float(x[t, b, 0]) for t in at)
            assert target[-1, b, 0] == pytest.approx(0.5 + total / 4, abs=1e-7)
            first_marks.add(int(at.min()))
            second_marks.add(int(at.max()))
    assert first_marks >= set(range(8)) and max(second_marks) >= T // 2 - 3


def test_adding_takes_every_length_from_T_to_a_tenth_more():
    rng = np.random.default_rng(0)
    found = {len(tasks.make("adding", T=50, batch_size=1).batch(rng)[0].x) for _ in range(200)}
    assert found == set(range(50, 56))


def test_adding_is_solved_by_the_sum_and_not_by_one_error_or_a_mean_error_too_large():
    task = tasks.make("adding", T=30)

    def off_by(errors):
        def answer(x, state=None):
            said, _ = adding_oracle(x)
            said[-1, : len(errors), 0] += errors
            return said, None

        return task.measure(answer, np.random.default_rng(2))

    assert off_by([]) == (1.0, True)
    assert off_by([0.039]) == (1.0, True)
    assert off_by([0.041]) == (1 - 4 / 2000, False)
    assert off_by([-0.5]) == (1 - 4 / 2000, False)
    assert off_by(np.full(500, 0.02)) == (1.0, False)
    assert off_by(np.full(500, 0.009)) == (1.0, True)


# ---- the Reber grammar


def test_every_string_is_one_of_the_embedded_grammar_and_says_what_may_come_next():
    rng, kinds = np.random.default_rng(3), {"T": 0, "P": 0}
    for _ in range(2000):
        symbols, states = reber.string(rng)
        assert re.fullmatch(STRING, letters(symbols)), letters(symbols)
        assert (reber.LEGAL[states] == legal(symbols)).all()
        kinds[letters(symbols)[1]] += 1
    assert 900 < kinds["T"] < 1100


def test_the_grammar_takes_its_two_ways_equally_often_from_every_state():
    symbols, _ = reber.stream(np.random.default_rng(4), 50_000)
    state, taken = "begin", {}
    for letter in letters(symbols):
        taken.setdefault(state, {}).setdefault(letter, 0)
        taken[state][letter] += 1
        state = WAYS[state][letter]
    assert taken.keys() == WAYS.keys()
    for state, counts in taken.items():
        assert counts.keys() == WAYS[state].keys()
        if len(counts) == 2:
            assert 0.45 < counts[min(counts)] / sum(counts.values()) < 0.55, state


def test_a_batch_of_strings_asks_for_the_next_symbol_and_counts_no_step_past_the_end():
    (x, target, weight), carry = tasks.make("reber", batch_size=9).batch(np.random.default_rng(5))
    assert carry is None and x.shape == target.shape == weight.shape and x.shape[1] == 9
    assert weight.min(1).min() == 0 and weight.max(1).min() == 1
    for b in range(9):
        length = int(weight[:, b].sum())
        assert (weight[:length, b] == 1).all() and (weight[length:, b] == 0).all()
        whole = [*x[:length, b], target[length - 1, b]]
        assert re.fullmatch(STRING, letters(whole)) and list(target[:length, b]) == whole[1:]


def test_embedded_reber_is_solved_by_the_grammar_and_not_without_the_long_memory():
    task = tasks.make("reber")
    assert task.measure(padded_reber_oracle, np.random.default_rng(6)) == (1.0, True)

    def forgetful(x, state=None):
        said, _ = padded_reber_oracle(x)
        outer = [list(range(7)), [0, 2, 1, 3, 4, 5, 6]]
        for b in range(x.shape[1]):
            length = re.match(STRING[: -len(r"\1E")], letters(x[:, b])).end() + 1
            said[length - 2, b] = (said[length - 2, b] + said[length - 2, b, outer[1]]) / 2
        return said, None

    found = task.measure(forgetful, np.random.default_rng(6))
    assert found == (0.0, False)


def test_symbols_that_may_come_must_all_be_louder_than_every_other():
    may = np.array([True, True, False])
    assert reber.ranked(np.array([2.0, 1.0, 0.0]), may) and not reber.ranked(np.array([2.0, 1.0, 1.0]), may)
    assert not reber.ranked(np.array([9.0, 0.0, 1.0]), may)


@pytest.mark.parametrize(("T", "B"), [(1, 2), (7, 3), (50, 4)])
def test_the_streams_parse_into_whole_strings_and_nothing_is_lost_between_batches(T, B):
    task, rng, carry, batches = tasks.make("continual-reber", T=T, batch_size=B), np.random.default_rng(7), None, []
    for _ in range(700 // T):
        batch, carry = task.batch(rng, carry)
        assert batch.x.shape == batch.target.shape == batch.weight.shape == (T, B) and (batch.weight == 1).all()
        batches.append(batch)
    heard = np.concatenate([batch.x for batch in batches])
    asked = np.concatenate([batch.target for batch in batches])
    assert (heard[1:] == asked[:-1]).all()
    for b in range(B):
        stream = letters([*heard[:, b], asked[-1, b]])
        after = 0
        while whole := re.compile(STRING).match(stream, after):
            after = whole.end()
        assert after > 600
        legal([reber.SYMBOLS.index(letter) for letter in stream])
    assert len({letters(heard[:, b]) for b in range(B)}) == B


@pytest.mark.parametrize("T", [1, 7, 50])
def test_one_stream_is_the_same_however_it_is_cut_into_batches(T):
    task, rng, carry, heard = tasks.make("continual-reber", T=T, batch_size=1), np.random.default_rng(8), None, []
    for _ in range(350 // T):
        batch, carry = task.batch(rng, carry)
        heard.extend(batch.x[:, 0])
    expected, may = reber.stream(np.random.default_rng(8), len(heard))
    assert (expected == heard).all() and (may == legal(expected)).all()


def test_drawing_a_batch_leaves_the_carry_that_was_passed_as_it_was():
    task = tasks.make("continual-reber", T=5, batch_size=2)
    _, carry = task.batch(np.random.default_rng(9))
    before = [list(each) for each in carry]
    one, _ = task.batch(np.random.default_rng(10), carry)
    other, _ = task.batch(np.random.default_rng(10), carry)
    assert carry == before and (one.x == other.x).all()


def test_continual_reber_is_solved_by_the_grammar_and_one_wrong_step_of_all_spoils_it():
    task = tasks.make("continual-reber")
    assert task.measure(reber_oracle, np.random.default_rng(11), count=5000) == (1.0, True)

    def wrong_at(step):
        def answer(x, state=None):
            said, _ = reber_oracle(x)
            said[step] = -said[step]
            return said, None

        return task.measure(answer, np.random.default_rng(11), count=5000)

    assert wrong_at(reber.BEFORE - 1) == (1.0, True)
    assert wrong_at(reber.BEFORE) == (1 - 1 / 5000, False)
    assert wrong_at(-1) == (1 - 1 / 5000, False)


# ---- temporal order


def order_oracle(x, state=None):
    said = np.zeros((*x.shape, 4))
    for b in range(x.shape[1]):
        came = [symbol - 5 for symbol in x[:, b] if symbol in (5, 6)]
        said[-1, b, 2 * came[0] + came[1]] = 50
    return said, None


def test_temporal_order_hides_two_symbols_in_noise_and_asks_for_their_order():
    rng, seen = np.random.default_rng(12), {"class": set(), "t1": set(), "t2": set(), "length": set()}
    for _ in range(60):
        (x, target, weight), carry = tasks.make("order", batch_size=25).batch(rng)
        assert carry is None and (weight[:-1] == 0).all() and (weight[-1] == 1).all()
        seen["length"].add(len(x))
        for b in range(25):
            text = "".join("EabcdXYB"[symbol] for symbol in x[:, b])
            assert re.fullmatch("E[abcd]+[XY][abcd]+[XY][abcd]+B", text)
            first, second = (found.start() for found in re.finditer("[XY]", text))
            assert ("XX", "XY", "YX", "YY")[target[-1, b]] == text[first] + text[second]
            seen["class"].add(int(target[-1, b]))
            seen["t1"].add(first)
            seen["t2"].add(second)
    expected = {"class": range(4), "t1": range(10, 21), "t2": range(50, 61), "length": range(100, 111)}
    assert seen == {name: set(values) for name, values in expected.items()}


def test_temporal_order_is_solved_by_reading_and_not_by_one_class_missed_or_too_unsure():
    task = tasks.make("order")
    assert task.measure(order_oracle, np.random.default_rng(13)) == (1.0, True)

    def spoiled(change):
        def answer(x, state=None):
            said, _ = order_oracle(x)
            change(said[-1])
            return said, None

        return task.measure(answer, np.random.default_rng(13), count=400)

    def unsure(share):
        """Leave this share of certainty, and let the other three classes have the rest alike."""
        return lambda said: said.__imul__(np.log(3 * share / (1 - share)) / 50)

    assert spoiled(unsure(0.71)) == (1.0, True)
    assert spoiled(unsure(0.69)) == (0.0, False)
    assert spoiled(lambda said: said[0].__imul__(-1)) == (1 - 1 / 400, False)


# ---- counting


def counting_oracle(letters):
    """Say what may come by counting the letters that came."""

    def answer(x, state=None):
        said = -np.ones((*x.shape, letters + 1))
        for b in range(x.shape[1]):
            counts = [0] * (letters + 1)
            for t, symbol in enumerate(x[:, b]):
                counts[symbol] += 1
                if symbol == 0:
                    said[t, b, 0] = 1
                elif symbol == 1:
                    said[t, b, :2] = 1
                else:
                    said[t, b, symbol - 1 + (counts[symbol] == counts[1])] = 1
        return said, None

    return answer


@pytest.mark.parametrize(("kinds", "text"), [(2, "S" + 3 * "a" + 3 * "b"), (3, "S" + 3 * "a" + 3 * "b" + 3 * "c")])
def test_a_counting_string_has_n_of_each_letter_and_marks_what_may_come(kinds, text):
    task = tasks.make("counting", letters=kinds)
    x, target = task.string(3)
    assert "".join("Sabc"[symbol] for symbol in x) == text and target.dtype == np.float32
    may = {2: "a ab ab ab b b $", 3: "a ab ab ab b b c c c $"}[kinds].split()
    names = "abc"[:kinds] + "$"
    assert ["".join(np.array(list(names))[step > 0.5]) for step in target] == may
    assert set(target.flat) == {0, 1} and (task.input_size, task.output_size) == (kinds + 1, kinds + 1)


@pytest.mark.parametrize("kinds", [2, 3])
def test_a_batch_of_counting_strings_holds_every_n_up_to_the_largest(kinds):
    task, rng, seen = tasks.make("counting", letters=kinds, most=6, batch_size=5), np.random.default_rng(14), set()
    for _ in range(40):
        (x, target, weight), carry = task.batch(rng)
        assert carry is None and x.shape == weight.shape == target.shape[:2] and weight.any(1).all()
        for b in range(5):
            length = int(weight[:, b].sum())
            n = (length - 1) // kinds
            expected, marks = task.string(n)
            assert (x[:length, b] == expected).all() and (target[:length, b] == marks).all()
            assert (weight[:length, b] == 1).all() and (weight[length:, b] == 0).all()
            seen.add(n)
    assert seen == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("kinds", [2, 3])
def test_counting_is_solved_by_counting_and_not_by_counting_to_five(kinds):
    task, perfect = tasks.make("counting", letters=kinds, most=10), counting_oracle(kinds)
    assert task.measure(perfect) == (1.0, True) and task.reach(perfect, stop=15) == 15

    def to_five(x, state=None):
        said, _ = perfect(x)
        return (said if len(x) <= 1 + 5 * kinds else -said), None

    assert task.measure(to_five) == (0.5, False) and task.reach(to_five) == 5
    assert task.reach(lambda x, state=None: (-perfect(x)[0], None)) == 0

    def late(x, state=None):
        said, _ = perfect(x)
        said[-1, 0, -1] = -1
        return said, None

    assert task.measure(late) == (0.0, False)


# ---- timed spikes


def spikes_oracle(every, loud=1000.0, wrong=None):
    def answer(x, state=None):
        said = np.full(x.shape, -loud, np.float32)
        said[every - 1 :: every] = loud
        if wrong is not None and wrong < len(x):
            said[wrong] *= -1
        return said, None

    return answer


@pytest.mark.parametrize("every", [2, 10, 13])
def test_spikes_come_at_every_F_th_step_and_nothing_is_heard(every):
    (x, target, weight), carry = tasks.make("spikes", every=every).batch()
    assert carry is None and x.shape == target.shape == (5 * every, 1, 1) and weight.shape == (5 * every, 1)
    assert (x == 0).all() and (weight == 1).all()
    assert [t + 1 for t in range(5 * every) if target[t] == 1] == [every, 2 * every, 3 * every, 4 * every, 5 * every]
    assert target.sum() == 5


def test_spikes_are_solved_on_time_and_the_first_error_is_found_wherever_it_is():
    task = tasks.make("spikes", every=10)
    assert task.measure(spikes_oracle(10), count=20_000) == (20_000, True)
    assert task.measure(spikes_oracle(10), count=500) == (500, True)
    for wrong in (0, 9, 57, 999, 1000, 15_000):
        assert task.measure(spikes_oracle(10, wrong=wrong), count=20_000) == (wrong, False)
        assert task.first_error(spikes_oracle(10, wrong=wrong), 20_000) == wrong
    assert task.measure(spikes_oracle(11), count=2000) == (9, False)
    # An answer counts as wrong from 0.49 off on.
    sure = np.log(0.52 / 0.48)
    assert task.measure(spikes_oracle(10, loud=sure), count=2000) == (2000, True)
    assert task.measure(spikes_oracle(10, loud=np.log(0.505 / 0.495)), count=2000) == (0, False)


# ---- characters of Python source


def test_the_alphabet_has_97_symbols_and_text_in_it_comes_back_as_it_was():
    assert len(characters.ALPHABET) == len(set(characters.ALPHABET)) == 97
    printable = "\n" + "".join(letter for letter in string.printable if letter.isprintable())
    assert set(printable) < set(characters.ALPHABET)
    assert characters.decode(characters.encode(printable)) == printable
    assert characters.encode(characters.ALPHABET).tolist() == list(range(97))
    assert characters.decode(characters.encode("a\tb\r\nc\rd")) == "a    b\nc\N{REPLACEMENT CHARACTER}d"
    assert characters.decode(characters.encode("né \N{SNOWMAN}\N{BUG}\x7f")) == "n{0} {0}{0}{0}".format("\ufffd")
    assert len(characters.encode("")) == 0


def test_the_held_out_modules_are_not_among_those_that_are_trained_on():
    assert len(set(characters.TRAINING)) == len(characters.TRAINING)
    assert not set(characters.TRAINING) & set(characters.HELD_OUT)
    training = characters.decode(characters.source(tuple(characters.TRAINING)))
    held_out = characters.decode(characters.source(tuple(characters.HELD_OUT)))
    assert "class ArgumentParser" in training and "def insort_right" not in training
    assert "def insort_right" in held_out and len(training) > 1_000_000 and len(held_out) > 20_000
    assert (training + held_out).count("\N{REPLACEMENT CHARACTER}") < 0.001 * len(training)


def test_modules_that_are_not_there_are_skipped():
    assert (characters.source(("bisect", "no_such_module", "no.such", "sys")) == characters.source(("bisect",))).all()


def test_the_target_is_the_next_character_and_streams_go_on_where_they_ended():
    task, carry, heard, asked = tasks.make("characters", T=40, batch_size=3), None, [], []
    for _ in range(5):
        batch, carry = task.batch(carry=carry)
        assert batch.x.shape == batch.target.shape == (40, 3) and (batch.weight == 1).all()
        heard.append(batch.x)
        asked.append(batch.target)
    heard, asked = np.concatenate(heard), np.concatenate(asked)
    text = characters.source(tuple(characters.TRAINING))
    assert (heard[1:] == asked[:-1]).all() and (heard[:, 0] == text[:200]).all()
    for b in range(3):
        start = b * ((len(text) - 1) // 3)
        assert (heard[:, b] == text[start : start + 200]).all() and (asked[:, b] == text[start + 1 : start + 201]).all()


def test_at_its_end_a_stream_begins_anew():
    task = tasks.make("characters", T=1000, batch_size=4)
    text = characters.source(tuple(characters.TRAINING))
    length, carry, places = (len(text) - 1) // 4, None, []
    while places.count(1000) < 2:
        batch, carry = task.batch(carry=carry)
        assert (batch.x[:, 1] == text[length + carry - 1000 : length + carry]).all()
        places.append(carry)
    assert places == [*range(1000, length + 1, 1000), 1000]


def test_a_uniform_answer_costs_the_logarithm_of_97_bits_and_nothing_solves_characters():
    task = tasks.make("characters")
    score, solved = task.measure(lambda x, state=None: (np.full((*x.shape, 97), 3.0, np.float32), None))
    assert score == pytest.approx(-np.log2(97), abs=1e-6) and not solved

    def knowing(x, state=None):
        """Say the next symbol, which stands in x one step later, with a chance of a half; the last one is unknown."""
        said = np.zeros((*x.shape, 97))
        said[np.arange(len(x) - 1), 0, x[1:, 0]] = np.log(96)
        return said, None

    score, solved = task.measure(knowing, count=2000)
    assert score == pytest.approx(-(1999 + np.log2(97)) / 2000, abs=1e-9) and not solved


# ---- what all tasks share

SMALL = {
    "adding": {"T": 20, "batch_size": 3},
    "reber": {"batch_size": 3},
    "continual-reber": {"T": 8, "batch_size": 3},
    "order": {"batch_size": 3},
    "counting": {"most": 5, "batch_size": 3},
    "spikes": {"every": 4},
    "characters": {"T": 8, "batch_size": 3},
}


@pytest.mark.parametrize("name", tasks.TASKS)
def test_a_batch_has_the_sizes_that_its_task_names(name):
    task = tasks.make(name, **SMALL[name])
    (x, target, weight), _ = task.batch(np.random.default_rng(0))
    assert x.shape[:2] == target.shape[:2] == weight.shape and x.shape[1] == task.batch_size
    assert task.loss in LOSSES and weight.sum() > 0
    if x.ndim == 2:
        assert np.issubdtype(x.dtype, np.integer) and x.min() >= 0 and x.max() < task.input_size
    else:
        assert x.shape[2] == task.input_size
    if task.loss == "symbol":
        assert np.issubdtype(target.dtype, np.integer) and target.min() >= 0 and target.max() < task.output_size
    else:
        assert target.shape[2] == task.output_size
    assert {"hidden_size", "steps", "learning_rate"} <= set(task.defaults)


@pytest.mark.parametrize("name", tasks.TASKS)
def test_the_same_rng_gives_the_same_batches_and_nothing_else_is_drawn_from(name):
    task = tasks.make(name, **SMALL[name])
    before, torch_before = np.random.get_state(), torch.get_rng_state()

    def draw(seed):
        rng, carry, arrays = np.random.default_rng(seed), None, []
        for _ in range(3):
            batch, carry = task.batch(rng, carry)
            arrays += batch
        return arrays

    one, other, another = draw(3), draw(3), draw(4)
    assert all((a == b).all() for a, b in zip(one, other))
    if name not in ("spikes", "characters"):
        assert not all(np.array_equal(a, b) for a, b in zip(one, another))
    seen = []

    def answer(x, state=None):
        seen.append(x)
        return np.zeros((*x.shape[:2], task.output_size)), None

    for seed in (5, 5):
        task.measure(answer, np.random.default_rng(seed))
    half = len(seen) // 2
    assert half and all(np.array_equal(a, b) for a, b in zip(seen[:half], seen[half:]))
    after = np.random.get_state()
    assert all(np.array_equal(a, b) for a, b in zip(before, after)) and torch.equal(torch_before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("name", "option", "bad"),
    [
        ("adding", "T", 19),
        ("adding", "T", 50.0),
        ("adding", "T", True),
        ("adding", "batch_size", 0),
        ("reber", "batch_size", -1),
        ("continual-reber", "T", 0),
        ("continual-reber", "batch_size", "4"),
        ("order", "batch_size", 0),
        ("counting", "letters", 4),
        ("counting", "most", 0),
        ("counting", "batch_size", 0),
        ("spikes", "every", 1),
        ("characters", "T", 0),
        ("characters", "batch_size", None),
    ],
)
def test_a_bad_option_is_refused_by_name(name, option, bad):
    with pytest.raises(ValueError, match=rf"^{option}: expected .*, got {bad!r}$"):
        tasks.make(name, **{option: bad})


def test_an_unknown_task_or_option_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^task: expected one of .*'adding'.* got 'multiplying'$"):
        tasks.make("multiplying")
    with pytest.raises(TypeError, match="every"):
        tasks.make("adding", every=3)


def test_a_memory_that_is_to_last_T_steps_begins_with_a_forget_valve_at_T_of_T_plus_1():
    start = tasks.make("adding", T=60).start
    assert 1 / (1 + np.exp(-start["b_f"])) == pytest.approx(60 / 61)
    assert 1 / (1 + np.exp(-start["b_i"])) == pytest.approx(1 / 61)
