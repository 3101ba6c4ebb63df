"""A model that writes: what it draws, and what it hears of it."""

import numpy as np
import pytest

from lstm_ref.tasks.characters import ALPHABET, decode, encode
from lstm_ref.training import Settings, Trainer
from lstm_ref.training.sampling import sample


def alphabetical(x, state=None):
    """A model that is sure of the next symbol of the alphabet, and counts in its state what it has heard."""
    said = 100.0 * np.eye(len(ALPHABET))[(x + 1) % len(ALPHABET)]
    return said, (0 if state is None else state) + len(x)


def fixed(*chances):
    """A model that gives the first symbols these probabilities, whatever it hears."""
    scores = np.full(len(ALPHABET), -np.inf)
    scores[: len(chances)] = np.log(chances)
    return lambda x, state=None: (np.broadcast_to(scores, (*x.shape, len(scores))), None)


def test_a_model_hears_what_it_wrote():
    assert sample(alphabetical, "a", 5, np.random.default_rng(0)) == "bcdef"


def test_a_model_hears_the_whole_text_and_then_each_character_but_the_state_goes_on():
    heard = []

    def noting(x, state=None):
        heard.append((decode(x[:, 0]), state))
        return alphabetical(x, state)

    sample(noting, "xa", 2, np.random.default_rng(0))
    assert heard == [("xa", None), ("b", 2), ("c", 3)]


def test_characters_come_as_often_as_the_model_says():
    written = encode(sample(fixed(0.7, 0.2, 0.1), "a", 4000, np.random.default_rng(1)))
    np.testing.assert_allclose(np.bincount(written) / 4000, [0.7, 0.2, 0.1], atol=0.03)


def test_a_low_temperature_writes_the_likeliest_character_and_a_high_one_all_alike():
    cold = encode(sample(fixed(0.5, 0.3, 0.2), "a", 200, np.random.default_rng(2), temperature=0.01))
    hot = encode(sample(fixed(0.5, 0.3, 0.2), "a", 4000, np.random.default_rng(2), temperature=100.0))
    assert set(cold.tolist()) == {0}
    np.testing.assert_allclose(np.bincount(hot) / 4000, 1 / 3, atol=0.03)


def test_a_symbol_of_no_chance_is_never_drawn_even_by_the_least_and_largest_random_numbers():
    class Ends(np.random.Generator):
        def __init__(self):
            super().__init__(np.random.PCG64(0))
            self.numbers = [0.0, 1 - 2**-53] * 3

        def random(self):
            return self.numbers.pop()

    written = encode(sample(fixed(0.3, 0.7), "a", 6, Ends()))
    assert written.tolist() == [1, 0] * 3


def test_the_same_rng_writes_the_same_and_the_model_is_left_as_it_was():
    trainer = Trainer(Settings("characters", {"T": 8, "batch_size": 2}, hidden_size=4, steps=2, device="cpu"))
    one, other = (sample(trainer.answer, "def ", 20, np.random.default_rng(3)) for _ in range(2))
    assert one == other and len(one) == 20 and set(one) <= set(ALPHABET)
    assert trainer.steps == 0 and trainer.model.training


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": ""}, "text: expected at least one character, got ''"),
        ({"temperature": 0}, "temperature: expected a number above 0, got 0"),
        ({"temperature": float("nan")}, "temperature: expected a number above 0, got nan"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        sample(alphabetical, **{"text": "a", "length": 1, "rng": np.random.default_rng(0)} | given)
