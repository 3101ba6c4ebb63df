"""Checks for chapter 1, memory."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lstm_ref.companion.exercises.grading import Answer, exercise, function
from lstm_ref.data import load_souvenirs


@exercise
def seasonal_error(answer: Answer) -> str:
    """Check a function of (series, season): the mean distance of the series (T,) from itself one season ago."""
    short = np.array([1.0, 5.0, 2.0, 7.0, 1.0])
    cases = [({"series": short, "season": 2}, 4 / 3), ({"series": short, "season": 1}, 4.5)]
    sales = load_souvenirs().sales
    cases.append(({"series": sales, "season": 12}, np.mean([abs(b - a) for a, b in zip(sales, sales[12:])])))
    return function(answer, cases, "seasonal_error")


@exercise
def windows(answer: Answer) -> str:
    """Check a function of (series, n): windows (T - n, n) and the value that follows each, (T - n,)."""
    cases = [
        ({"series": series, "n": n}, (sliding_window_view(series, n)[:-1], series[n:]))
        for series, n in ((np.arange(1.0, 6.0), 2), (load_souvenirs().sales, 12))
    ]
    return function(answer, cases, "windows")


@exercise
def weights_in_a_window(answer: Answer) -> str:
    """Check a function of (n, hidden): the weights and biases of a window network with one hidden layer."""
    cases = [
        ({"n": n, "hidden": hidden}, n * hidden + hidden + hidden + 1) for n, hidden in ((3, 1), (13, 20), (240, 5))
    ]
    return function(answer, cases, "weights_in_a_window")


@exercise
def plain_states(answer: Answer) -> str:
    """Check a function of (x, w, r): every state of the plain recurrent network h = tanh(w x_t + r h), from zero."""
    cases = []
    for x, w, r in ((np.array([1.0, 0.0, 0.0]), 1.0, 0.5), (np.array([0.2, -1.0]), 2.0, -1.5)):
        states = [0.0]
        for x_t in x:
            states.append(np.tanh(w * x_t + r * states[-1]))
        cases.append(({"x": x, "w": w, "r": r}, np.array(states[1:])))
    return function(answer, cases, "plain_states")


@exercise
def forgets_its_start(answer: Answer) -> str:
    """Check a function of (r, limit): the first number of steps k with abs(r) ** k below the limit."""
    answers = ((0.5, 0.01, 7), (-0.9, 0.001, 66), (0.99, 0.5, 69), (0.5, 0.25, 3))
    return function(answer, [({"r": r, "limit": limit}, k) for r, limit, k in answers], "forgets_its_start")
