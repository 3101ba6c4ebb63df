"""Choose the settings of chapter 7's forecast on 1991: ``python -m experiments.sweeps forecast``, some 15 minutes.

Every combination is trained on 1987 to 1990 with ten seeds. The years 1992 and 1993 are cut off before anything else
happens. A row is the mean error over the twelve months of 1991, and that of its December, over all seeds.
"""

from itertools import product

import numpy as np

from experiments.sweeps import FOLDER
from lstm_ref.companion.forecast import NETWORKS, SCALES, trained
from lstm_ref.data import load_souvenirs, tables

SEEDS = range(10)
UPDATES = 25, 50, 100, 200, 400, 800
GRID = {"scale": SCALES, "calendar": (True, False), "hidden_size": (2, 4, 8), "rate": (0.003, 0.01, 0.03)}


def main() -> None:
    sales = load_souvenirs().sales[:60]
    rows = []
    for network, *values in product(NETWORKS, *GRID.values()):
        settings = dict(zip(GRID, values))
        runs = np.array([trained(network, sales, 48, seed, UPDATES, **settings) for seed in SEEDS])
        missed = np.abs(runs - sales[48:]).mean(axis=0)
        for updates, months in zip(UPDATES, missed):
            errors = {"error": round(months.mean()), "december": round(months[-1])}
            rows.append({"network": network} | settings | {"updates": updates} | errors)
        print(rows[-1], flush=True)
    tables.write(FOLDER / "forecast.csv", rows, list(rows[0]))


if __name__ == "__main__":
    main()
