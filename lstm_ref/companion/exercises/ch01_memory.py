"""Checks for chapter 1, memory."""

import numpy as np

from lstm_ref.companion.exercises.grading import exercise, function
from lstm_ref.data import load_souvenirs


@exercise
def seasonal_error(answer):
    """Check a function of (series, season): the mean distance of the series (T,) from itself one season ago."""
    short = np.array([1.0, 5.0, 2.0, 7.0, 1.0])
    cases = [({"series": short, "season": 2}, 4 / 3), ({"series": short, "season": 1}, 4.5)]
    sales = load_souvenirs().sales
    cases.append(({"series": sales, "season": 12}, np.mean([abs(b - a) for a, b in zip(sales, sales[12:])])))
    return function(answer, cases, "seasonal_error")


@exercise
def windows(answer):
    """Check a function of (series, n): windows (T - n, n) and the value that follows each, (T - n,)."""

    def expected(series, n):
        rows = range(len(series) - n)
        return np.array([series[k : k + n] for k in rows]), np.array([series[k + n] for k in rows])

    cases = [{"series": np.arange(1.0, 6.0), "n": 2}, {"series": load_souvenirs().sales, "n": 12}]
    return function(answer, [(given, expected(**given)) for given in cases], "windows")


@exercise
def weights_in_a_window(answer):
    """Check a function of (n, hidden): the weights and biases of a window network with one hidden layer."""
    cases = [
        ({"n": n, "hidden": hidden}, n * hidden + hidden + hidden + 1) for n, hidden in ((3, 1), (13, 20), (240, 5))
    ]
    return function(answer, cases, "weights_in_a_window")


@exercise
def plain_states(answer):
    """Check a function of (x, w, r): every state of the plain recurrent network h = tanh(w x_t + r h), from zero."""

    def expected(x, w, r):
        states = [0.0]
        for x_t in x:
            states.append(np.tanh(w * x_t + r * states[-1]))
        return np.array(states[1:])

    cases = [{"x": np.array([1.0, 0.0, 0.0]), "w": 1.0, "r": 0.5}, {"x": np.array([0.2, -1.0]), "w": 2.0, "r": -1.5}]
    return function(answer, [(given, expected(**given)) for given in cases], "plain_states")


@exercise
def forgets_its_start(answer):
    """Check a function of (r, limit): the first number of steps k with abs(r) ** k below the limit."""

    def expected(r, limit):
        k = 0
        while abs(r) ** k >= limit:
            k += 1
        return k

    cases = [
        {"r": 0.5, "limit": 0.01},
        {"r": -0.9, "limit": 0.001},
        {"r": 0.99, "limit": 0.5},
        {"r": 0.5, "limit": 0.25},
    ]
    return function(answer, [(given, expected(**given)) for given in cases], "forgets_its_start")
