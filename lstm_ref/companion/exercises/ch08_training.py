"""Checks for chapter 8, training: slips that leave a training running, and wrong."""

import math

import numpy as np

from lstm_ref.companion.exercises.grading import Answer, exercise, function


@exercise
def training_bytes(answer: Answer) -> str:
    """Check a function of (I, H, O): the bytes that weights, gradients and Adam's two means of a model take."""
    cases = [
        ({"I": I, "H": H, "O": O}, 16 * (4 * H * (I + H) + 8 * H + O * H + O))
        for I, H, O in ((1, 1, 1), (97, 128, 97), (3, 5, 2))
    ]
    return function(answer, cases, "training_bytes")


@exercise
def clipped(answer: Answer) -> str:
    """Check a function of (gradients, clip): the gradients, shortened together so that their length is at most clip."""
    long = [np.array([3.0, 0.0]), np.array([[0.0], [4.0]])]
    short = [np.array([0.3, 0.0]), np.array([[0.0], [0.4]])]
    return function(
        answer,
        [
            ({"gradients": long, "clip": 1.0}, [np.array([0.6, 0.0]), np.array([[0.0], [0.8]])]),
            ({"gradients": short, "clip": 1.0}, short),
            ({"gradients": long, "clip": 10.0}, long),
        ],
        "clipped",
    )


@exercise
def descended(answer: Answer) -> str:
    """Check a function of (x, y, rate, steps): the weight w after so many steps down the slope of mean((w x - y)^2)."""
    x, y, rate = np.array([1.0, 2.0, -1.0]), np.array([2.0, 1.0, 0.0]), 0.1
    cases = []
    for steps in (1, 2, 5):
        w = 0.0
        for _ in range(steps):
            w -= rate * (2 * (w * x - y) * x).mean()
        cases.append(({"x": x, "y": y, "rate": rate, "steps": steps}, w))
    return function(answer, cases, "descended")


@exercise
def read_on(answer: Answer) -> str:
    """Check a function of (pieces, f): the memory of a pipe with the valve f after each step of the pieces, (N,)."""
    pieces, f, c, expected = [np.array([1.0, 0.0]), np.array([0.0, 2.0]), np.array([0.0])], 0.5, 0.0, []
    for x_t in np.concatenate(pieces):
        c = f * c + x_t
        expected.append(c)
    return function(answer, [({"pieces": pieces, "f": f}, np.array(expected))], "read_on")


@exercise
def killed_and_resumed(answer: Answer) -> str:
    """Check a function of (w, gradients, rate, kill): the weight after all steps, whenever the run was killed."""
    gradients, rate, w, mean = np.array([1.0, -0.5, 0.25, 1.0]), 0.1, 1.0, 0.0
    for d_w in gradients:
        mean = 0.9 * mean + 0.1 * d_w
        w -= rate * mean
    cases = [({"w": 1.0, "gradients": gradients, "rate": rate, "kill": kill}, w) for kill in (0, 2, 3)]
    return function(answer, cases, "killed_and_resumed")


@exercise
def enough(answer: Answer) -> str:
    """Check a function of (H, speed, launches, launch): from which batch on a product takes as long as its launches."""
    cases = [
        ({"H": H, "speed": speed, "launches": n, "launch": 5e-6}, math.ceil(n * 5e-6 * speed / (8 * H * H)))
        for H, speed, n in ((128, 8.1e12, 17), (512, 67e12, 17), (512, 67e12, 1), (1024, 1e9, 1))
    ]
    return function(answer, cases, "enough")
