"""Characters of Python source: the alphabet, the texts, and what the next character costs in bits."""

import string

import numpy as np
import pytest

from lstm_ref import tasks
from lstm_ref.tasks import characters


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
