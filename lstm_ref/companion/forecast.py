"""The shop's sales one month ahead, by networks that learn: the plain loop, and the unit with a diagonal peephole.

Each is followed by one layer of weights, the read-out, and trained by Adam on the gradient of the whole series up to
`fitted`. Nothing after that month is seen in training, nor does it enter the scale.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.gradients import backward
from lstm_ref.sequence import unroll
from lstm_ref.unit import UnitWeights

__all__ = ["NETWORKS", "adam", "forecasts", "loop", "scaled", "unit"]

Weights = dict[str, Array]


def scaled(sales: Array, fitted: int, *, logs: bool, calendar: bool) -> tuple[Array, Array, Callable[[Array], Array]]:
    """Return what a network is given each month, what it should answer, and the way from answers back to money.

    Parameters
    ----------
    sales : array (T,)
        Of months that begin with a January.
    fitted : int
        The months whose mean becomes 0 and whose standard deviation becomes 1.
    logs : bool
        Whether to take logarithms first.
    calendar : bool
        Whether twelve more inputs name the month.

    Returns
    -------
    array (T-1, 1) or (T-1, 13), array (T-1,), function
    """
    values = np.log(sales) if logs else sales
    mean, spread = values[:fitted].mean(), values[:fitted].std()
    values = (values - mean) / spread
    months = np.eye(12)[np.arange(len(sales)) % 12] if calendar else np.zeros((len(sales), 0))
    x = np.column_stack([values, months])

    def money(answers: Array) -> Array:
        unscaled = answers * spread + mean
        return np.exp(unscaled) if logs else unscaled

    return x[:-1], values[1:], money


def start(network: str, input_size: int, hidden_size: int, seed: int) -> Weights:
    """Draw the weights of a network and its read-out V (H,) and b_y (), uniform between -1/sqrt(H) and 1/sqrt(H)."""
    rng = np.random.default_rng(seed)
    drawn = UnitWeights.random(input_size, hidden_size, "diagonal", rng=rng).to_dict()
    if network == "loop":
        drawn = {name: drawn[f"{name}_g"] for name in ("W", "R", "b")}
    V, b_y = np.split(rng.uniform(-1, 1, hidden_size + 1) / np.sqrt(hidden_size), [hidden_size])
    return drawn | {"V": V, "b_y": b_y[0]}


def unit(weights: Weights, x: Array) -> tuple[Array, Callable[[Array], Weights]]:
    """Return h (T, H) of a unit, and the way back: from the gradient of h to that of every weight."""
    trace = unroll(UnitWeights.from_dict(weights), x)
    return trace.h_t, lambda d_h: backward(trace, d_h).weights


def loop(weights: Weights, x: Array) -> tuple[Array, Callable[[Array], Weights]]:
    """The same for the plain loop, h_t = tanh(W x_t + R h_{t-1} + b)."""
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


def forecasts(
    network: str,
    sales: Array,
    fitted: int,
    seed: int,
    updates: Sequence[int],
    *,
    hidden_size: int,
    rate: float,
    logs: bool,
    calendar: bool,
) -> Array:
    """Train a network on the first `fitted` months; return its forecast of every month but the first.

    Parameters
    ----------
    network : {"loop", "unit"}
    sales : array (T,)
    fitted : int
    seed : int
        Of the weights at the start.
    updates : sequence of int, ascending
        After how many updates of the weights to forecast.
    hidden_size : int
    rate : float
        Adam's learning rate.
    logs, calendar : bool
        See `scaled`.

    Returns
    -------
    array (len(updates), T-1)
        In money. Each month is forecast from the true sales of all months before it.
    """
    x, target, money = scaled(sales, fitted, logs=logs, calendar=calendar)
    seen, wanted = x[: fitted - 1], target[: fitted - 1]
    run = NETWORKS[network]

    def gradient(weights: Weights) -> Weights:
        V, inner = weights["V"], {name: array for name, array in weights.items() if name not in ("V", "b_y")}
        h, back = run(inner, seen)
        d_y = 2 * (h @ V + weights["b_y"] - wanted) / len(wanted)
        return back(np.outer(d_y, V)) | {"V": d_y @ h, "b_y": d_y.sum()}

    rows = []
    steps = adam(start(network, x.shape[1], hidden_size, seed), gradient, rate)
    for k, weights in enumerate(steps, start=1):
        if k in updates:
            inner = {name: array for name, array in weights.items() if name not in ("V", "b_y")}
            rows.append(money(run(inner, x)[0] @ weights["V"] + weights["b_y"]))
        if k == updates[-1]:
            break
    return np.array(rows)
