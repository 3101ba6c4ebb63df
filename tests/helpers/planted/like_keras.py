"""The arithmetic of a Keras layer in NumPy: stacked weights that are multiplied from the right, and h_t alone."""

import numpy as np

NAMES = {"kernel": "W.T ifgo", "recurrent_kernel": "R.T ifgo", "bias": "b ifgo"}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(w, x, h0, c0):
    h, c = h0, c0
    output = []
    for x_t in x:
        z = x_t @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"]
        i, f, g, o = np.split(z, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        output.append(h)
    return np.stack(output), (h, c)
