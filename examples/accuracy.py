"""How much a selection by DIVERSITY is worth: accuracy of a classifier trained on the picks.

    python examples/accuracy.py

Each row of the table is the mean of 20 random splits of scikit-learn's digits: balanced accuracy
in percent of a logistic regression on n labelled samples, picked at random or by DIVERSITY.

redundant   300 digits seen once, 60 seen 30 times each, as in recordings that stand still
long tail   of each class 0.65 times as many as of the one before: 120 zeros, 3 nines
clean       1,250 digits, each once: at n = 10 DIVERSITY is no better than chance,
            since what lies far out comes first. Nothing is claimed beyond these three settings.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

import sqlsel

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Pools = Callable[[Indices, Indices], Indices]

SEEDS, TEST = 20, 547


@dataclass(frozen=True)
class Gain:
    """What DIVERSITY brought in one setting: accuracy in percent, one number per split."""

    pool: str
    n: int
    random: Floats
    diversity: Floats

    @property
    def wins(self) -> int:
        """In how many splits DIVERSITY was the better one."""
        return int((self.diversity > self.random).sum())


def redundant(rows: Indices, labels: Indices) -> Indices:
    """300 rows, and 60 others 30 times each."""
    return np.concatenate([rows[:300], np.repeat(rows[300:360], 30)])


def long_tail(rows: Indices, labels: Indices) -> Indices:
    """Of each class fewer than of the one before."""
    sizes = [max(3, round(120 * 0.65**label)) for label in range(10)]
    return np.concatenate([rows[labels[rows] == c][:size] for c, size in enumerate(sizes)])


def clean(rows: Indices, labels: Indices) -> Indices:
    """All rows, each once."""
    return rows


SETTINGS: tuple[tuple[str, Pools, tuple[int, ...]], ...] = (
    ("redundant", redundant, (50, 100, 200)),
    ("long tail", long_tail, (50, 100, 200)),
    ("clean", clean, (10, 20)),
)


def gains(*names: str, seeds: int = SEEDS) -> Iterator[Gain]:
    """Random against DIVERSITY in each setting (or in those named), one Gain per budget."""
    scans, labels = load_digits(return_X_y=True)
    scans, labels = scans / 16, labels.astype(np.int64)
    for name, pools, budgets in SETTINGS:
        if names and name not in names:
            continue
        found = [_one_split(seed, scans, labels, pools, budgets) for seed in range(seeds)]
        for column, n in enumerate(budgets):
            by_split = np.array([split[column] for split in found])
            yield Gain(name, n, by_split[:, 0], by_split[:, 1])


def _one_split(
    seed: int, scans: Floats, labels: Indices, pools: Pools, budgets: tuple[int, ...]
) -> list[tuple[float, float]]:
    """Accuracy by chance and by DIVERSITY, for each budget, on one random split."""
    draw = np.random.default_rng(seed)
    shuffled = draw.permutation(len(scans))
    test = shuffled[:TEST]
    pool = draw.permutation(pools(shuffled[TEST:], labels))

    def accuracy(train: Indices) -> float:
        return _accuracy(scans[train], labels[train], scans[test], labels[test])

    spread = pool[pick(scans[pool], max(budgets))]
    return [(accuracy(draw.choice(pool, n, replace=False)), accuracy(spread[:n])) for n in budgets]


def pick(vectors: Floats, n: int) -> Indices:
    """Positions of ``n`` rows by DIVERSITY; the picks of a smaller budget are its first ones."""
    chosen: Indices = np.asarray(sqlsel.select(vectors.astype(np.float32), n=n).indices)
    return chosen


def _accuracy(train: Floats, answers: Indices, test: Floats, truth: Indices) -> float:
    if len(set(answers.tolist())) == 1:
        return 100 / len(set(truth.tolist()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)  # a class that the picks do not hold
        model = LogisticRegression(C=10, max_iter=500).fit(train, answers)
        return float(100 * balanced_accuracy_score(truth, model.predict(test)))


def main() -> None:
    """Print the table."""
    print(f"{'pool':<10} {'n':>4} {'random':>7} {'DIVERSITY':>10} {'better in':>12}")
    for gain in gains():
        print(
            f"{gain.pool:<10} {gain.n:>4} {gain.random.mean():>7.1f} {gain.diversity.mean():>10.1f}"
            f" {gain.wins:>6} of {len(gain.random)}"
        )


if __name__ == "__main__":
    main()
