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


def test_the_texts_for_training_validation_and_test_share_no_module():
    lists = characters.TRAINING, characters.VALIDATION, characters.TEST
    every = [name for modules in lists for name in modules]
    assert len(set(every)) == len(every)
    texts = training, validation, test = [characters.decode(text) for text in tasks.make("characters").texts]
    for sign, where in (("class ArgumentParser", training), ("class GzipFile", validation), ("def insort_right", test)):
        assert [sign in text for text in texts] == [text is where for text in texts]
    assert len(training) > 5_000_000 and len(validation) > 60_000 and len(test) > 60_000
    assert (training + validation + test).count("\N{REPLACEMENT CHARACTER}") < 0.001 * len(training)


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


@pytest.mark.parametrize("streams", [1, 3])
def test_bits_are_minus_the_logarithm_of_what_was_given_to_each_next_character(streams):
    text, asked = np.random.default_rng(0).integers(0, 97, 1300), []

    def knowing(x, state=None):
        """Say the symbol one step later in x with a chance of a half; after a piece's last step nothing is known."""
        said = np.zeros((*x.shape, 97))
        n, b = np.indices(x[1:].shape)
        said[n, b, x[1:]] = np.log(96)
        asked.append((x, state))
        return said, len(asked)

    bits = characters.bits_per_character(knowing, text, streams)
    length = 1299 // streams
    last = -(-length // characters.PIECE)
    assert bits == pytest.approx(((length - last) * 1 + last * np.log2(97)) / length)
    assert [state for _, state in asked] == [None, *range(1, last)]
    heard = np.concatenate([x for x, _ in asked])
    assert (heard == text[: length * streams].reshape(streams, length).T).all()
