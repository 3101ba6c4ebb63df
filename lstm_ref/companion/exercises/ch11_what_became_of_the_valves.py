"""Checks for chapter 11: a reset in the wrong place, exponentials that overflow, a mixture, a rule, a unit of wires."""

import numpy as np

from lstm_ref import family
from lstm_ref.companion.exercises.grading import Answer, exercise, function, show
from lstm_ref.diagrams.walk import forward
from lstm_ref.sequence import unroll
from lstm_ref.unit import sigmoid
from lstm_ref.weights import UnitWeights


@exercise
def gru_step(answer: Answer) -> str:
    """Check a function of (weights, x_t, h_prev): the output of a GRU whose reset comes before the product."""
    gru, rng = family.UNITS["gru"], np.random.default_rng(1)
    weights = gru.random(2, 3, rng=rng)
    given = {"weights": weights, "x_t": rng.normal(size=2), "h_prev": rng.normal(size=3)}
    right = family.unroll(gru, weights, given["x_t"][None], {"h_prev": given["h_prev"]})["h_t"][0]
    return function(answer, [(given, right)], "gru_step")


@exercise
def exponential_valves(answer: Answer) -> str:
    """Check a function of (z_f, z_i, g), each (T,): c / n after each step, with i = exp(z_i) and f = exp(z_f).

    Of the last case the exponentials overflow, the quotients do not.
    """
    small = {"z_f": np.array([0.0, -0.5, 0.2]), "z_i": np.array([0.1, 1.0, -1.0]), "g": np.array([1.0, -1.0, 0.5])}
    large = {"z_f": np.array([0.0, 0.0, -1.0]), "z_i": np.array([800.0, 801.0, 799.0]), "g": small["g"]}
    cases = []
    for given in (small, large):
        # Each memory is a mean of the candidates, weighted by exp of what their valves add up to: shift them all.
        sums = np.cumsum(given["z_f"])
        expected = []
        for t in range(3):
            exponents = given["z_i"][: t + 1] + sums[t] - sums[: t + 1]
            shares = np.exp(exponents - exponents.max())
            expected.append((shares * given["g"][: t + 1]).sum() / shares.sum())
        cases.append((given, np.array(expected)))
    return function(answer, cases, "exponential_valves")


@exercise
def mixture(answer: Answer) -> str:
    """Check a function of z (T,): the share of the first memory, and of each candidate, in a minGRU's last output."""
    cases = []
    for z in (np.array([0.25]), np.array([0.5, 0.1, 0.9]), np.array([0.2, 0.0, 1.0, 0.3])):
        kept = np.append(np.cumprod((1 - z)[::-1])[::-1], 1.0)
        cases.append(({"z": z}, np.append(kept[0], z * kept[1:])))
    return function(answer, cases, "mixture")


@exercise
def overwrite(answer: Answer) -> str:
    """Check a function of (S, k, v, beta): the matrix after the delta rule, with k of length 1."""
    S = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 3.0]])
    k, v = np.array([0.6, 0.8]), np.array([4.0, 0.0, -2.0])
    cases = [
        ({"S": S, "k": k, "v": v, "beta": beta}, S + beta * np.outer(k, v - S.T @ k)) for beta in (1.0, 0.5, 0.0, 2.0)
    ]
    return function(answer, cases, "overwrite")


@exercise
def minimal_unit(answer: Answer) -> str:
    """Check equations of the minimal gated unit: f_t = σ(...), g_t = tanh(W_g x_t + R_g (f_t h_prev) + b_g).

    Its memory is h_t = (1 - f_t) h_prev + f_t g_t (Zhou et al. 2016).
    """
    wiring = family.read_equations(answer, "The minimal gated unit")
    needed = {"W_f": (3, 2), "R_f": (3, 3), "b_f": (3,), "W_g": (3, 2), "R_g": (3, 3), "b_g": (3,)}
    found = {name for part in wiring.parts for name in part.weights.values() if name}
    found |= {part.gives for part in wiring.parts if part.kind == "bias"}
    if found != set(needed):
        return f"not yet: expected the weights {', '.join(needed)}, got {', '.join(sorted(found))}"
    rng = np.random.default_rng(2)
    w = {name: rng.normal(size=shape) for name, shape in needed.items()}
    x_t, h_prev = rng.normal(size=2), rng.normal(size=3)
    f_t = sigmoid(w["W_f"] @ x_t + w["R_f"] @ h_prev + w["b_f"])
    g_t = np.tanh(w["W_g"] @ x_t + w["R_g"] @ (f_t * h_prev) + w["b_g"])
    right, said = (1 - f_t) * h_prev + f_t * g_t, forward(wiring, w, {"x_t": x_t, "h_prev": h_prev})["h_t"]
    return "right" if np.allclose(said, right) else f"not yet: h_t is {show(said)}, expected {show(right)}"


@exercise
def never_fades(answer: Answer) -> str:
    """Check weights of an LSTM of one element: its memory begins at 1 and changes its sign at every 1 that is read."""
    if not isinstance(answer, UnitWeights):
        return f"not yet: expected UnitWeights, got {show(answer)}"
    bits = np.random.default_rng(3).integers(0, 2, 4000)
    c_t = unroll(answer, bits[:, None].astype(float), np.tanh([1.0]), np.array([1.0])).c_t[:, 0]
    expected = 1.0 - 2.0 * (bits.cumsum() % 2)
    wrong = np.flatnonzero(np.abs(c_t - expected) > 0.1)
    if len(wrong) == 0:
        return "right"
    t = wrong[0]
    return f"not yet: after {bits[: t + 1].tolist()} the memory is {show(c_t[t])}, expected {show(expected[t])}"
