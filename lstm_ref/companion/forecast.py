"""The shop's sales one month ahead: simple forecasts, and networks that learn, the plain loop and the unit.

Each works on one of three scales: the sales themselves, their logarithms, or the change of the logarithm from month to
month. A network is followed by one layer of weights, the read-out, and trained by Adam on the gradient of the whole
series up to `fitted`. Nothing after that month is seen in training, nor does it enter the scale.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from lstm_ref import checks
from lstm_ref.checks import Array, Integers
from lstm_ref.gradients import backward
from lstm_ref.sequence import unroll
from lstm_ref.signatures import checked
from lstm_ref.unit import UnitWeights

__all__ = ["NETWORKS", "SCALES", "SIMPLE", "adam", "loop", "simple", "trained", "unit"]

Weights = dict[str, Array]

SCALES = "sales", "logs", "changes"

SIMPLE: dict[str, tuple[int, Callable[[Array, Integers], list[Array]]]] = {
    "last year": (12, lambda v, t: [v[t - 12]]),
    "window of 13": (13, lambda v, t: [*(v[t - n] for n in range(1, 14)), np.ones(len(t))]),
    "three numbers": (13, lambda v, t: [v[t - 12], v[t - 1], np.ones(len(t))]),
    "calendar": (1, lambda v, t: [np.eye(12)[t % 12], v[t - 1]]),
}
"""The first month that each can forecast, and the columns that are weighed for months t; "last year" is not weighed."""


@checked
def scaled(sales: Array, scale: str) -> Array:
    """Return the sales (T,) on a scale; there is no first change."""
    checks.one_of("scale", scale, SCALES)
    checks.numbers("sales", sales, ndim=1)
    if not (sales > 0).all():
        raise ValueError(f"sales: expected numbers above 0, got {sales.min()}")
    return {"sales": sales, "logs": np.log(sales), "changes": np.diff(np.log(sales), prepend=np.nan)}[scale]


@checked
def money(values: Array, sales: Array, t: Integers, scale: str) -> Array:
    """Return forecasts of months t in money: the way back from a scale. A change starts from the true month before."""
    return values if scale == "sales" else np.exp(values) * (sales[t - 1] if scale == "changes" else 1)


@checked
def simple(name: str, sales: Array, fitted: int, scale: str) -> Array:
    """Return the forecasts (T - fitted,) of the months after `fitted`, by least squares on the months up to it.

    Parameters
    ----------
    name : str
        Of `SIMPLE`.
    sales : array (T,)
        Of months that begin with a January.
    fitted : int
    scale : {"sales", "logs", "changes"}
    """
    checks.one_of("name", name, SIMPLE)
    first, columns = SIMPLE[name]
    checks.shape("sales", sales, (sales.size,), "(T,)")
    checks.whole_number("fitted", fitted, first + 2, max(first + 2, len(sales) - 1))
    t, values = np.arange(first + (scale == "changes"), len(sales)), scaled(sales, scale)
    rows, past = np.column_stack(columns(values, t)), t < fitted
    weights = np.ones(1) if name == "last year" else np.linalg.lstsq(rows[past], values[t][past], rcond=None)[0]
    return money(rows @ weights, sales, t, scale)[~past]


@checked
def start(network: str, input_size: int, hidden_size: int, seed: int) -> Weights:
    """Draw the weights of a network and its read-out V (H,) and b_y (), uniform between -1/sqrt(H) and 1/sqrt(H)."""
    checks.whole_number("seed", seed, 0)
    rng = np.random.default_rng(seed)
    drawn = UnitWeights.random(input_size, hidden_size, "diagonal", rng=rng).to_dict()
    if network == "loop":
        drawn = {name: drawn[f"{name}_g"] for name in ("W", "R", "b")}
    V, b_y = np.split(rng.uniform(-1, 1, hidden_size + 1) / np.sqrt(hidden_size), [hidden_size])
    return drawn | {"V": V, "b_y": b_y[0]}


@checked
def unit(weights: Weights, x: Array) -> tuple[Array, Callable[[Array], Weights]]:
    """Return h (T, H) of a unit, and the way back: from the gradient of h to that of every weight."""
    trace = unroll(UnitWeights.from_dict(weights), x)
    return trace.h_t, lambda d_h: backward(trace, d_h).weights


@checked
def loop(weights: Weights, x: Array) -> tuple[Array, Callable[[Array], Weights]]:
    """The same for the plain loop, h_t = tanh(W x_t + R h_{t-1} + b)."""
    if not {"W", "R", "b"} <= set(weights):
        raise ValueError(f"weights: expected W, R and b, got {sorted(weights)}")
    checks.shape("x", checks.numbers("x", x, ndim=2), (len(x), weights["W"].shape[1]), "(T, I)")
    R = weights["R"]
    pushed, h = x @ weights["W"].T + weights["b"], np.zeros((len(x) + 1, len(R)))
    for t, push in enumerate(pushed):
        h[t + 1] = np.tanh(push + R @ h[t])

    def back(d_h: Array) -> Weights:
        d_z, later = np.zeros_like(d_h), np.zeros(len(R))
        for t in reversed(range(len(x))):
            d_z[t] = (d_h[t] + later) * (1 - h[t + 1] ** 2)
            later = d_z[t] @ R
        return {"W": d_z.T @ x, "R": d_z.T @ h[:-1], "b": d_z.sum(axis=0)}

    return h[1:], back


NETWORKS = {"loop": loop, "unit": unit}


@checked
def adam(weights: Weights, gradient: Callable[[Weights], Mapping[str, Array]], rate: float) -> Iterator[Weights]:
    """Yield the weights after each update, without end (Kingma and Ba 2015, with their beta 0.9 and 0.999)."""
    mean = {name: np.zeros_like(array) for name, array in weights.items()}
    square, k = dict(mean), 0
    while True:
        k, moved = k + 1, {}
        for name, d in gradient(weights).items():
            mean[name] = 0.9 * mean[name] + 0.1 * d
            square[name] = 0.999 * square[name] + 0.001 * d**2
            root = np.sqrt(square[name] / (1 - 0.999**k)) + 1e-8
            moved[name] = weights[name] - rate * mean[name] / (1 - 0.9**k) / root
        weights = moved
        yield weights


@checked
def trained(
    network: str,
    sales: Array,
    fitted: int,
    seed: int,
    updates: Sequence[int],
    *,
    scale: str,
    calendar: bool,
    hidden_size: int,
    rate: float,
) -> Array:
    """Train a network on the first `fitted` months; return its forecasts of the months after them.

    Parameters
    ----------
    network : {"loop", "unit"}
    sales : array (T,)
        Of months that begin with a January.
    fitted, seed : int
    updates : sequence of int, ascending
        After how many updates of the weights, drawn from `seed`, to forecast.
    scale : {"sales", "logs", "changes"}
        The mean of the fitted months becomes 0 there, and their standard deviation 1.
    calendar : bool
        Whether twelve more inputs name the month.
    hidden_size : int
    rate : float

    Returns
    -------
    array (len(updates), T - fitted)
        In money. Each month is forecast from the true sales of all months before it.
    """
    _expect_training(network, sales, fitted, updates, rate)
    values, run = scaled(sales, scale), NETWORKS[network]
    t = np.arange(2 if scale == "changes" else 1, len(sales))
    past, mean, spread = t < fitted, np.nanmean(values[:fitted]), np.nanstd(values[:fitted])
    values = (values - mean) / spread
    x = np.column_stack([values[t - 1], np.eye(12)[(t - 1) % 12]])[:, : 13 if calendar else 1]

    def gradient(weights: Weights) -> Weights:
        h, back = run(_inner(weights), x[past])
        d_y = 2 * (h @ weights["V"] + weights["b_y"] - values[t][past]) / past.sum()
        return back(np.outer(d_y, weights["V"])) | {"V": d_y @ h, "b_y": d_y.sum()}

    steps = adam(start(network, x.shape[1], hidden_size, seed), gradient, rate)
    kept = [weights for k, weights in zip(range(1, updates[-1] + 1), steps) if k in updates]
    answers = np.array([run(_inner(weights), x)[0] @ weights["V"] + weights["b_y"] for weights in kept])
    return money(answers * spread + mean, sales, t, scale)[:, ~past]


def _expect_training(network: str, sales: Array, fitted: int, updates: Sequence[int], rate: float) -> None:
    """Check what `trained` is given; `scaled` and `start` check the rest."""
    checks.one_of("network", network, NETWORKS)
    checks.numbers("sales", sales, ndim=1)
    checks.whole_number("fitted", fitted, 3, len(sales) - 1)
    for count in updates:
        checks.whole_number("updates", count, 1)
    if not len(updates) or list(updates) != sorted(set(updates)):
        raise ValueError(f"updates: expected numbers of updates, ascending, got {list(updates)}")
    checks.above_zero("rate", rate, most=1)


def _inner(weights: Weights) -> Weights:
    """Return the weights of the network without those of the read-out."""
    return {name: array for name, array in weights.items() if name not in ("V", "b_y")}
