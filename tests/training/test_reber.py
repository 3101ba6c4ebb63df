"""The embedded Reber grammar against itself, written here once more as an expression and as an automaton."""

import re

import numpy as np
import pytest

from lstm_ref import tasks
from lstm_ref.tasks import reber

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


def test_the_paper_s_own_test_counts_every_error_of_every_stream_and_those_at_the_start_apart():
    task, steps = tasks.make("continual-reber"), 25_000

    def answer(x, state=0):
        state = state or 0
        said, _ = reber_oracle_from(x, state)
        for step, b in ((3, 0), (99, 1), (100, 1), (9_999, 1), (10_000, 2), (24_999, 2), (20_000, 2)):
            if state <= step < state + len(x):
                said[step - state, b] *= -1
        return said, state + len(x)

    def reber_oracle_from(x, state):
        whole.append(x)
        seen = np.concatenate(whole)
        return reber_oracle(seen)[0][state:], None

    whole = []
    early, later = task.errors(answer, streams=3, count=steps)
    assert early.tolist() == [1, 1, 0] and later.tolist() == [0, 2, 3]


def test_the_drawn_machine_is_the_grammar_and_has_a_place_for_every_state():
    assert {state for arrow in reber.ARROWS for state in arrow[:2]} == reber.PLACES.keys()
    inner = {f"{a}{symbol}{b}" for a, b, symbol in reber.ARROWS if isinstance(a, int) and a < 5}
    assert inner == set(INNER.split())
