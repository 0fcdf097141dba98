"""Label in rounds: pick with Polars, ask for labels, train, and pick again with what was labelled.

    python examples/rounds.py [DIGITS.PARQUET]

begins with the Parquet file of examples/tools/make_digits.py (which is made if it is not named). Each of
three rounds picks 40 scans, with those of the rounds before as ``preselected``: the first by
DIVERSITY, the others by DIVERSITY and the uncertainty of the classifier trained so far. Beside it
runs the same loop with RANDOM. The pool is redundant, as recordings are: 300 scans once, and 60
others 30 times each. Printed, and drawn in examples/out/rounds.png: the mean accuracy on 547 other
scans over 10 splits.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

import sqlsel.polars as sel
from sqlsel.polars import Strategy

sys.path.append(str(Path(__file__).parent / "tools"))  # where the helpers of the examples are

import make_digits

HERE = Path(__file__).parent
ROUNDS, BATCH, SPLITS, TEST = 3, 40, 10, 547


def label_in_rounds(pool: pl.DataFrame, test: pl.DataFrame, *, at_random: bool) -> list[float]:
    """Accuracy in percent after each round; the column ``label`` of picked rows is the answer of a person."""
    pool = pool.with_columns(labelled=pl.lit(value=False), entropy=pl.lit(1.0))
    reached = []
    for number in range(ROUNDS):
        strategies: list[Strategy] = [sel.diversity("embedding")]
        if number:
            strategies.append(sel.weights("entropy", strength=0.5))
        if at_random:
            strategies = [sel.random(seed=number)]
        picked = sel.select(*strategies, n=BATCH, id="row", preselected="labelled")
        pool = pool.with_columns(labelled=pl.col("labelled") | picked)
        model = trained(pool.filter("labelled"))
        pool = pool.with_columns(entropy=entropy(model.predict_proba(matrix(pool))))
        answers = model.predict(matrix(test))
        reached.append(100 * float(balanced_accuracy_score(test["label"], answers)))
    return reached


def trained(labelled: pl.DataFrame) -> LogisticRegression:
    """A classifier of the labelled rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=10, max_iter=500).fit(matrix(labelled), labelled["label"])


def matrix(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Their vectors."""
    return rows["embedding"].cast(pl.Array(pl.Float64, 64)).to_numpy()


def entropy(probabilities: NDArray[np.float64]) -> pl.Series:
    """-Σ p ln p of each row."""
    p = probabilities.clip(1e-12)
    return pl.Series(-(p * np.log(p)).sum(axis=1))


def pool_and_test(scans: pl.DataFrame, split: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A redundant pool with numbered rows, and 547 rows that are not in it."""
    rows = scans.select("embedding", "label").sample(fraction=1.0, shuffle=True, seed=split)
    test, rest = rows.head(TEST), rows.slice(TEST)
    pool = pl.concat([rest.head(300), *[rest.slice(300, 60)] * 30])
    return pool.sample(fraction=1.0, shuffle=True, seed=split).with_row_index("row"), test


def compared(scans: pl.DataFrame, splits: int = SPLITS) -> pl.DataFrame:
    """Accuracy by way of picking and number of labels, a row per split."""
    found = []
    for split in range(splits):
        pool, test = pool_and_test(scans, split)
        for way, at_random in (("DIVERSITY, then + uncertainty", False), ("RANDOM", True)):
            for number, accuracy in enumerate(label_in_rounds(pool, test, at_random=at_random)):
                labels = (number + 1) * BATCH
                found.append({"split": split, "way": way, "labels": labels, "accuracy": accuracy})
    return pl.DataFrame(found)


def draw(found: pl.DataFrame, file: Path) -> None:
    """A line per way of picking, with the mean of the splits and the range of their deviation."""
    chart = alt.Chart(found).encode(
        alt.X("labels:Q", title="labels", axis=alt.Axis(values=found["labels"].unique().to_list())),
        alt.Color("way:N", title=None, legend=alt.Legend(orient="bottom-right")),
    )
    accuracy = alt.Y("mean(accuracy):Q", title="accuracy in %", scale=alt.Scale(zero=False))
    band = chart.mark_errorband(extent="stdev").encode(alt.Y("accuracy:Q", title="accuracy in %"))
    lines = band + chart.mark_line(point=True).encode(accuracy)
    file.parent.mkdir(parents=True, exist_ok=True)
    lines.properties(width=420, height=280).save(file, scale_factor=2)


def main(named: Sequence[str]) -> None:
    """Print the table and draw the chart."""
    table = (
        Path(named[0]) if named else make_digits.make(HERE / "out" / "digits") / "digits.parquet"
    )
    found = compared(pl.read_parquet(table))
    means = found.group_by("way", "labels").agg(pl.col("accuracy").mean().round(1))
    print(means.pivot("labels", index="way", values="accuracy", sort_columns=True).sort("way"))
    draw(found, HERE / "out" / "rounds.png")
    print(f"drawn in {HERE / 'out' / 'rounds.png'}")


if __name__ == "__main__":
    main(sys.argv[1:])
