"""Marks for the models of characters: tables counted one by one, and what packing programs save."""

import gzip
from collections import Counter

import numpy as np
import pytest

from lstm_ref.companion import marks
from lstm_ref.data import load_results
from lstm_ref.tasks import encode

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


def test_the_stored_marks_fall_with_each_remembered_character_up_to_four_and_the_models_pass_them():
    rows = {row["mark"]: row for row in load_results("marks")}
    for text in ("validation", "test"):
        tables = [row[text] for row in rows.values() if "context" in row]
        assert tables[:5] == sorted(tables[:5], reverse=True)
        small = [rows[f"small-{seed}"][text] for seed in range(3)]
        assert max(small) - min(small) < 0.1 and max(small) < tables[4]
