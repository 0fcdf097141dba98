"""Columns of all makes are, to ``sqlsel.select``, what their values are to NumPy; what is missing is told of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sqlsel
from sqlsel.errors import InvalidInput

N = 60
RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(N, 4)).astype(np.float32)
WEIGHTS = RNG.random(N)
TEXTS = np.where(WEIGHTS > 0.5, "a", "b").tolist()
LATER = np.arange(N) != 0  # all rows but the one without a value
TARGET: Any = {"a": 0.5, "b": 0.5}

Make = Callable[[list[Any]], Any]


def _objects(values: list[Any]) -> np.ndarray[Any, Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


MAKES: dict[str, Make] = {
    "list": list,
    "object array": _objects,
    "pandas": pd.Series,
    "pandas object": lambda values: pd.Series(values, dtype=object),
    "polars": pl.Series,
    "arrow": pa.array,
    "arrow chunks": lambda values: pa.chunked_array([values[:7], values[7:]]),
}
LISTS = ("polars", "arrow", "arrow chunks")  # they make nothing of arrays
GAPS = {
    "None": (None, list(MAKES)),
    "NaN": (float("nan"), ["list", "object array", "pandas object"]),
    "NA": (pd.NA, ["list", "object array", "pandas object"]),
}
GAP_IN = [(gap, make) for gap, (_, makes) in GAPS.items() for make in makes]


def made(make: str, values: Any, gap: str | None = None) -> Any:
    """The values as a column; with the gap in the place of the first."""
    listed = list(values)
    if gap is not None:
        listed[0] = GAPS[gap][0]
    return MAKES[make](listed)


def picks(n: int = 6, **given: Any) -> list[int]:
    return sqlsel.select(n=n, **given).indices.tolist()


# ---- without gaps


@pytest.mark.parametrize("make", MAKES)
def test_vectors(make: str) -> None:
    rows = VECTORS.tolist() if make in LISTS else list(VECTORS)
    assert picks(X=made(make, rows)) == picks(X=VECTORS)


@pytest.mark.parametrize("make", MAKES)
def test_numbers(make: str) -> None:
    strategies = [sqlsel.weights(made(make, WEIGHTS.tolist()))]
    strategies.append(sqlsel.threshold(made(make, WEIGHTS.tolist()), "<", 0.8))
    plain = [sqlsel.weights(WEIGHTS), sqlsel.threshold(WEIGHTS, "<", 0.8)]
    assert picks(strategies=strategies) == picks(strategies=plain)


@pytest.mark.parametrize("make", MAKES)
def test_categories_ids_groups_and_masks(make: str) -> None:
    balance = [sqlsel.balance(made(make, TEXTS), TARGET)]
    assert picks(strategies=balance) == picks(strategies=[sqlsel.balance(TEXTS, TARGET)])
    ids = [f"x{N - row:03}" for row in range(N)]
    assert picks(X=VECTORS, ids=made(make, ids)) == picks(X=VECTORS, ids=ids)
    assert picks(X=VECTORS, by=made(make, TEXTS)) == picks(X=VECTORS, by=TEXTS)
    keep = WEIGHTS > 0.3
    for name in ("candidates", "preselected"):
        found = picks(X=VECTORS, **{name: made(make, keep.tolist())})
        assert found == picks(X=VECTORS, **{name: keep})


@pytest.mark.parametrize(
    "kind", ["Float64", "float64[pyarrow]", "Int64", "boolean", "string", "string[pyarrow]"]
)
def test_nullable_columns_of_pandas(kind: str) -> None:
    if kind.lower().startswith("float"):
        column = pd.Series(WEIGHTS).astype(kind)
        assert picks(strategies=[sqlsel.weights(column)]) == picks(
            strategies=[sqlsel.weights(WEIGHTS)]
        )
        return
    values: Any = {"Int64": np.arange(N) % 2, "boolean": WEIGHTS > 0.5}.get(kind, TEXTS)
    column = pd.Series(list(values)).astype(kind)
    assert picks(X=VECTORS, by=column) == picks(X=VECTORS, by=list(values))


# ---- with gaps


@pytest.mark.parametrize(("gap", "make"), GAP_IN)
def test_a_missing_vector_or_number_is_no_candidate_and_counted(gap: str, make: str) -> None:
    rows = VECTORS.tolist() if make in LISTS else list(VECTORS)
    vectors, numbers = made(make, rows, gap), made(make, WEIGHTS.tolist(), gap)
    weights = [sqlsel.weights(numbers)]
    if gap == "NaN" and not make.startswith(
        "pandas"
    ):  # there it is a number that somebody computed
        with pytest.raises(InvalidInput, match="the first, at row 0, holds NaN or NULL"):
            picks(X=vectors)
        with pytest.raises(InvalidInput, match="the first, at row 0, is nan"):
            picks(strategies=weights)
    else:
        assert picks(X=vectors) == picks(X=VECTORS, candidates=LATER)
        assert sqlsel.select(vectors, n=6).skipped == {"diversity": 1}
        assert sqlsel.select(n=6, strategies=weights).skipped == {"weights": 1}
    assert picks(X=vectors, on_invalid="skip") == picks(X=VECTORS, candidates=LATER)
    known = picks(strategies=[sqlsel.weights(WEIGHTS)], candidates=LATER)
    assert picks(strategies=weights, on_invalid="skip") == known
    threshold = [sqlsel.diversity(VECTORS), sqlsel.threshold(numbers, ">=", 0)]
    assert picks(strategies=threshold) == picks(X=VECTORS, candidates=LATER)


@pytest.mark.parametrize("make", ["list", "pandas", "polars", "arrow"])
def test_every_strategy_but_balance_passes_over_what_is_missing(make: str) -> None:
    rows = made(make, VECTORS.tolist(), "None")
    for strategy in (
        sqlsel.diversity(rows),
        sqlsel.typicality(rows),
        sqlsel.similarity(rows, VECTORS[:2]),
        sqlsel.diversity(made(make, VECTORS[:, None].tolist(), "None")),
    ):
        found = sqlsel.select(n=N - 1, strategies=[strategy])
        assert sorted(found.indices.tolist()) == list(range(1, N))
        assert found.skipped == {strategy.kind: 1}


def test_a_mask_of_zeros_and_ones_is_refused_where_it_cannot_be_row_numbers() -> None:
    for mask in ([1, *[0] * (N - 1)], np.array([0, *[1] * (N - 1)]), [1.0, *[0.0] * (N - 1)]):
        for name in ("preselected", "candidates"):
            with pytest.raises(InvalidInput, match=rf"{name} holds only 0 and 1.*astype\(bool\)"):
                picks(X=VECTORS, **{name: mask})
    assert picks(1, X=VECTORS[:2], preselected=[0]) == [1]
    assert picks(1, X=VECTORS, candidates=[1, 0, 1]) == [0]


@pytest.mark.parametrize(("gap", "make"), GAP_IN)
def test_a_missing_category_is_no_class_and_a_group_of_its_own(gap: str, make: str) -> None:
    column = made(make, TEXTS, gap)
    known = picks(strategies=[sqlsel.balance([None, *TEXTS[1:]], TARGET)])
    assert picks(strategies=[sqlsel.balance(column, TARGET)]) == known
    assert picks(n=1, X=VECTORS, by=column) == picks(n=1, X=VECTORS, by=[*"c", *TEXTS[1:]])


@pytest.mark.parametrize(("gap", "make"), GAP_IN)
def test_a_gap_in_a_mask_is_false_and_in_ids_is_refused(gap: str, make: str) -> None:
    mask = made(make, [True] * N, gap)
    assert picks(X=VECTORS, candidates=mask) == picks(X=VECTORS, candidates=LATER)
    with pytest.raises(InvalidInput, match="at row 0; every sample needs an id"):
        picks(X=VECTORS, ids=made(make, [f"x{row}" for row in range(N)], gap))


@pytest.mark.filterwarnings("ignore::sqlsel.errors.ShortSelection")
def test_where_all_is_missing_nothing_is_picked() -> None:
    assert picks(n=1, X=[None, None]) == []
    assert picks(n=1, X=[None, None], on_invalid="skip") == []


def test_masked_entries_are_missing() -> None:
    gap = ~LATER
    vectors = np.ma.array(VECTORS, mask=np.repeat(gap[:, None], 4, axis=1))
    assert picks(X=vectors, on_invalid="skip") == picks(X=VECTORS, candidates=LATER)
    weights = [sqlsel.weights(np.ma.array(WEIGHTS, mask=gap))]
    known = picks(strategies=[sqlsel.weights(WEIGHTS)], candidates=LATER)
    assert picks(strategies=weights, on_invalid="skip") == known
    classes = [sqlsel.balance(np.ma.array(TEXTS, mask=gap), TARGET)]
    assert picks(strategies=classes) == picks(
        strategies=[sqlsel.balance([None, *TEXTS[1:]], TARGET)]
    )
    numbers = np.ma.array(np.arange(N), mask=gap)
    threshold = [sqlsel.diversity(VECTORS), sqlsel.threshold(numbers, "<", N)]
    assert picks(strategies=threshold) == picks(X=VECTORS, candidates=LATER)
    keep = np.ma.array(np.ones(N, bool), mask=gap)
    assert picks(X=VECTORS, candidates=keep) == picks(X=VECTORS, candidates=LATER)


# ---- frames, and what is refused


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
)
def test_a_frame_is_a_matrix_and_to_balance_a_mass_per_class(make: Any) -> None:
    numbered = {str(i): VECTORS[:, i] for i in range(4)}
    assert picks(X=make(numbered)) == picks(X=VECTORS)
    masses = {"rain": WEIGHTS, "sun": 1 - WEIGHTS}
    target: Any = {"rain": 0.3, "sun": 0.7}
    listed = [{"rain": w, "sun": 1 - w} for w in WEIGHTS.tolist()]
    known = picks(strategies=[sqlsel.balance(listed, target)])
    assert picks(strategies=[sqlsel.balance(make(masses), target)]) == known


@pytest.mark.parametrize("make", MAKES)
def test_text_is_no_number(make: str) -> None:
    with pytest.raises(InvalidInput, match="weights: needs numbers, got "):
        picks(strategies=[sqlsel.weights(made(make, TEXTS))])


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("row", [["a", "b", "b"], [0.25, 0.5], {"a": 2.0, "b": 1.0}], ids=repr)
def test_class_rows_may_be_missing(make: str, row: Any) -> None:
    if isinstance(row, dict):
        values: list[Any] = [{"a": w, "b": 1 - w} for w in WEIGHTS.tolist()]
        nothing: Any = {"a": 0.0, "b": 0.0}
    else:
        values, nothing = [row[: 1 + (w > 0.5)] for w in WEIGHTS], []
        if isinstance(row[0], float):
            values, nothing = [[w, 1 - w] for w in WEIGHTS.tolist()], [0.0, 0.0]
    options: Any = {"classes": ["a", "b"]} if isinstance(row, list) and row[0] != "a" else {}
    known = picks(strategies=[sqlsel.balance([nothing, *values[1:]], TARGET, **options)])
    found = picks(strategies=[sqlsel.balance(made(make, values, "None"), TARGET, **options)])
    assert found == known


def test_class_rows_of_different_kinds_or_lengths_are_refused() -> None:
    for rows, message in (
        ([[0.5, 0.5], [1.0], None], "class rows of different lengths"),
        ([["a"], "b", None], r"\['a'\] is no category"),
    ):
        with pytest.raises(InvalidInput, match=message):
            picks(n=1, strategies=[sqlsel.balance(_objects(rows), TARGET)])


OBJECTS: list[Any] = [[[1.0, 0]], [[9.0, 9]], [[0.0, 1], [1, 1]], []]


@pytest.mark.parametrize("make", MAKES)
def test_objects_of_samples_may_be_missing(make: str) -> None:
    found = picks(n=3, X=made(make, [OBJECTS[0], None, *OBJECTS[2:]]), on_invalid="skip")
    assert found == picks(n=3, X=OBJECTS, candidates=[0, 2, 3])


@pytest.mark.parametrize("nothing", [float("nan"), pd.NA])
def test_objects_may_be_missing_as_nan_or_na(nothing: Any) -> None:
    found = picks(n=3, X=[OBJECTS[0], nothing, *OBJECTS[2:]], on_invalid="skip")
    assert found == picks(n=3, X=OBJECTS, candidates=[0, 2, 3])


def test_objects_may_be_frames() -> None:
    frames = [pd.DataFrame(np.array(rows).reshape(-1, 2), columns=["x", "y"]) for rows in OBJECTS]
    assert picks(n=3, X=frames) == picks(n=3, X=OBJECTS)


@pytest.mark.parametrize("make", [make for make in MAKES if make != "pandas object"])
def test_integers_with_gaps_are_categories(make: str) -> None:
    numbers = [1, 1, 1, None, None, 2]
    if make == "pandas":
        column: Any = pd.Series(numbers, dtype="Int64")
    else:
        column = MAKES[make](numbers)
    assert picks(n=6, strategies=[sqlsel.balance(column)]) == [0, 5, 1, 2, 3, 4]
    with pytest.raises(InvalidInput, match="at row 3; every sample needs an id"):
        picks(n=1, X=np.eye(6), ids=column)


@pytest.mark.parametrize("kind", ["Float64", "double[pyarrow]"])
def test_a_nullable_frame_is_a_matrix_with_gaps(kind: str) -> None:
    frame = pd.DataFrame({"a": [1.0, None, 3], "b": [1.0, 2, 0]}).astype(kind)
    assert picks(n=2, X=frame, on_invalid="skip") == [0, 2]
    selector = sqlsel.SampleSelector(n_samples=2, on_invalid="skip").fit(frame)
    assert selector.ranking_.tolist() == [0, 2]
    with pytest.raises(InvalidInput, match="the first, at row 1, holds NaN or NULL"):
        picks(n=2, X=frame)


@pytest.mark.parametrize("make", MAKES)
def test_decimals_are_numbers(make: str) -> None:
    column = made(make, [Decimal("1.5"), *([Decimal("2.5")] * 20), Decimal(7)])
    assert picks(n=2, strategies=[sqlsel.weights(column)]) == [21, 1]
    assert picks(n=1, strategies=[sqlsel.random(), sqlsel.threshold(column, ">", 3)]) == [21]


def test_labels_may_be_a_column_vector() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    for y in (labels, labels[:, None], pd.DataFrame({"y": labels}), pl.DataFrame({"y": labels})):
        selector = sqlsel.SampleSelector(sqlsel.balance("y", "uniform"), n_samples=4)
        assert selector.fit(np.eye(6), y).ranking_.tolist() == [0, 3, 1, 4]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"by": [[1], [2], [3]]}, r"by: \[1\] at row 0 is no value to group by"),
        ({"strategies": [sqlsel.weights([1e308, 1.5e308, -1e308])]}, "is too wide for float64"),
        ({"strategies": [sqlsel.balance([{"a": "x"}, {}, {}])]}, "of 'a' in row 0 is 'x'; it must"),
        ({"strategies": [sqlsel.balance([["a", 1], ["b"], []])]}, r"\['a', 1\] is no category"),
        (
            {"strategies": [sqlsel.similarity(np.eye(3), {1, 2})]},
            "query must be a vector or a list",
        ),
    ],
    ids=range(5),
)
def test_what_makes_no_sense_is_told_of(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        picks(n=1, **({"X": np.eye(3)} | given))


def test_a_bound_beyond_float64_is_refused() -> None:
    with pytest.raises(ValueError, match="bound must be a finite number"):
        sqlsel.threshold([1.0], "<", 2**2000)


def test_nobodys_arrays_are_changed() -> None:
    vectors, weights = 3 * VECTORS, WEIGHTS.copy()
    objects = _objects([None, *vectors[1:]])
    for given in (vectors, pd.DataFrame(vectors), objects):
        before = np.asarray(given, object).copy()
        strategies = [sqlsel.diversity(given), sqlsel.weights(weights)]
        picks(strategies=strategies, on_invalid="skip")
        assert all(np.array_equal(a, b) for a, b in zip(before, np.asarray(given), strict=True))
    assert np.array_equal(weights, WEIGHTS)
