"""Marks for the models of characters: tables counted one by one, and what packing programs save."""

import gzip
from collections import Counter

import numpy as np
import pytest

from experiments import reach
from lstm_ref import UnitWeights
from lstm_ref.companion import marks
from lstm_ref.data import CharacterModel, load_results
from lstm_ref.tasks import encode, softmax

HEARD = encode("the cat sat on the mat, and the other cat sat on that. " * 3 + "abracadabra")
TEXT = encode("the other mat is a hat that sat on the cat. zebra")


def chance(heard, context, symbol):
    """What the table of this context gives to a symbol, by counting and asking the shorter one: Witten and Bell."""
    backed = 1 / 97 if not context else chance(heard, context[1:], symbol)
    n = len(context)
    after = [heard[k + n] for k in range(len(heard) - n) if heard[k : k + n] == context]
    if not after:
        return backed
    counts = Counter(after)
    return (counts[symbol] + len(counts) * backed) / (len(after) + len(counts))


def test_a_table_gives_what_counting_one_by_one_and_asking_the_shorter_table_gives():
    heard, text, most = HEARD.tolist(), TEXT.tolist(), 3
    wanted = [
        [-np.log2(chance(heard, text[k - n : k], text[k])) for k in range(most, len(text))] for n in range(most + 1)
    ]
    assert np.allclose(marks.table_costs(HEARD, TEXT, most), wanted, rtol=1e-12)


def test_every_context_spreads_a_probability_of_1_over_the_symbols():
    heard = HEARD.tolist()
    for context in ([], heard[:2], encode("zz").tolist()):
        assert sum(chance(heard, context, symbol) for symbol in range(97)) == pytest.approx(1)


def test_runs_are_different_numbers_for_different_characters_and_ascend_with_them():
    found = marks.runs(np.array([0, 1, 96, 3]), 2)
    assert found.tolist() == [1, 97 + 96, 96 * 97 + 3]
    assert len(marks.runs(np.full(8, 96), 8)) == 1 and marks.runs(np.full(8, 96), 8)[0] == 97**8 - 1


def test_a_packed_text_takes_8_bits_for_each_byte_and_xz_finds_again_what_it_has_read():
    rng = np.random.default_rng(0)
    text = rng.integers(1, 96, 5000)
    found = marks.packed_bits(text, text)
    assert found["gzip"] == pytest.approx(8 * len(gzip.compress(bytes((text + 31).tolist()), 9)) / 5000, abs=0.05)
    assert 6 < found["xz"] < 8 and found["xz, after the training text"] < 0.5


def test_what_a_character_costs_after_the_last_few_is_what_it_costs_a_model_that_begins_there(monkeypatch):
    rng = np.random.default_rng(2)
    layers = tuple(UnitWeights.random(I, 6, rng=rng) for I in (97, 6))
    model = CharacterModel(layers, rng.normal(size=(97, 6)), rng.normal(size=97))
    monkeypatch.setattr(reach, "HEARD", (1, 2, 5))
    monkeypatch.setattr(reach, "SIDE_BY_SIDE", 7)
    found = reach.costs(reach.single(model), TEXT)
    for row, heard in zip(found, reach.HEARD):
        for place in range(len(TEXT)):
            logits, _ = model.answer(TEXT[max(place - heard, 0) : place, None]) if place else (np.ones((1, 1, 97)), 0)
            wanted = -np.log2(softmax(logits[-1, 0])[TEXT[place]])
            assert np.isnan(row[place]) if place < heard else row[place] == pytest.approx(wanted, rel=1e-4)
    whole = reach.from_everything(model, TEXT)
    assert whole[[2, 5]] == pytest.approx([found[1, 2], found[2, 5]], rel=1e-4) and np.isnan(whole[0])


def test_kinds_of_characters_are_brackets_indentation_prose_and_names_that_were_never_heard_of():
    text = "def newname(a):\n    # newname\n    return newname[0]\n"
    found = {kind: "".join(np.array([*text])[where]) for kind, where in reach.kinds(text, "def return a 0").items()}
    assert found["a bracket that closes"] == ")]"
    assert found["how a line begins"] == "   #   r"
    assert found["a string's or a comment's inside"] == "# newname"
    assert found["a new name, the first time"] == found["a new name, once more"] == "name"


def test_the_stored_marks_fall_with_each_remembered_character_up_to_four_and_the_models_pass_them():
    rows = {row["mark"]: row for row in load_results("marks")}
    for text in ("validation", "test"):
        tables = [row[text] for row in rows.values() if "context" in row]
        assert tables[:5] == sorted(tables[:5], reverse=True)
        small = [rows[f"small-{seed}"][text] for seed in range(3)]
        assert max(small) - min(small) < 0.1 and max(small) < tables[4]
        assert rows["large"][text] < min(small)


def test_what_models_heard_last_costs_less_the_more_it_was_and_ends_at_the_mark():
    rows = {
        (row["mark"], row["heard"]): row["bits"] for row in load_results("reach") if row["kind"] == "all characters"
    }
    tested = {row["mark"]: row["test"] for row in load_results("marks")}
    for mark in reach.MODELS:
        costs = [rows[mark, str(heard)] for heard in reach.HEARD] + [rows[mark, "all"]]
        assert costs == sorted(costs, reverse=True) and costs[-1] == pytest.approx(tested[mark], abs=0.02)
