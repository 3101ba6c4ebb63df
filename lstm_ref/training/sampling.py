"""Letting a model of characters write: it gives each symbol a probability, one is drawn, and is the next input.

Source: Graves (2013), "Generating Sequences With Recurrent Neural Networks".
"""

import numpy as np

from lstm_ref import checks
from lstm_ref.signatures import checked
from lstm_ref.tasks import ALPHABET, Answer, decode, encode, softmax


@checked
def sample(
    answer: Answer,
    text: str,
    length: int,
    rng: np.random.Generator,
    temperature: float = 1.0,
    alphabet: str = ALPHABET,
) -> str:
    """Let a model read a text and go on with it, one drawn character after the other.

    Parameters
    ----------
    answer : function
        The model as a function of arrays, ``answer(x, state=None)``, such as `lstm_ref.training.Trainer.answer`; see
        `lstm_ref.tasks.task`.
    text : str
        What the model reads first; at least one character.
    length : int
        How many characters to draw.
    rng : numpy.random.Generator
    temperature : float
        What the logits are divided by before they become probabilities: below 1 likely characters come oftener, above 1
        unlikely ones do.
    alphabet : str
        The model's symbols: those of `lstm_ref.tasks.characters` unless given, or a `lstm_ref.tasks.Text`'s own.

    Returns
    -------
    str
        The drawn characters, without the text.

    Raises
    ------
    ValueError
        If the text is empty, the temperature not above 0, or the alphabet not the model's.
    """
    if not text:
        raise ValueError("text: expected at least one character, got ''")
    checks.above_zero("temperature", temperature)
    checks.whole_number("length", length, 0, 10**7)
    logits, state = answer(encode(text, alphabet)[:, None])
    if logits.shape[-1] != len(alphabet):
        raise ValueError(f"alphabet: expected the {logits.shape[-1]} symbols of the model, got {len(alphabet)}")
    written: list[int] = []
    for _ in range(length):
        sums = np.cumsum(softmax(logits[-1, 0].astype(float) / temperature))
        written.append(int(np.searchsorted(sums, rng.random() * sums[-1])))
        logits, state = answer(np.array([written[-1:]]), state)
    return decode(written, alphabet)
