"""Letting a model of characters write: it says how likely each symbol is, one is drawn, and the model hears it next.

Source: Graves (2013), "Generating Sequences With Recurrent Neural Networks".
"""

import numpy as np

from lstm_ref.tasks.characters import decode, encode


def sample(answer, text, length, rng, temperature=1.0):
    """Let a model read a text and go on with it, one drawn character after the other.

    Parameters
    ----------
    answer : function
        The model as a function of arrays, ``answer(x, state=None)``, such as `lstm_ref.training.Trainer.answer`; see
        `lstm_ref.tasks.task`. It is asked about the symbols of `lstm_ref.tasks.characters`.
    text : str
        What the model reads first; at least one character.
    length : int
        How many characters to draw.
    rng : numpy.random.Generator
    temperature : float
        What the scores are divided by before they become probabilities: below 1 likely characters come oftener, above 1
        unlikely ones do.

    Returns
    -------
    str
        The drawn characters, without the text.

    Raises
    ------
    ValueError
        If the text is empty or the temperature is not above 0.
    """
    if not text:
        raise ValueError("text: expected at least one character, got ''")
    if not temperature > 0:
        raise ValueError(f"temperature: expected a number above 0, got {temperature!r}")
    said, state = answer(encode(text)[:, None])
    written = []
    for _ in range(length):
        scores = said[-1, 0].astype(float) / temperature
        sums = np.cumsum(np.exp(scores - scores.max()))
        written.append(int(np.searchsorted(sums, rng.random() * sums[-1])))
        said, state = answer(np.array([written[-1:]]), state)
    return decode(written)
