"""Arguments that make no sense: refused when the expression is built, or when it runs, in one line."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import InvalidInput, ShortSelection
from tests.polars.frames import samples

FRAME = samples(30)
DIVERSE = sel.diversity("e")


def lazily(*given: Any, **options: Any) -> pl.DataFrame:
    return sel.rows(FRAME.lazy(), *given, progress=False, **{"id": "id", **options}).collect()


def traced(*given: Any, **options: Any) -> pl.DataFrame:
    return FRAME.select(sel.trace(*given, **options)).unnest("selection").filter("selected")


FORMS: dict[str, Callable[..., pl.DataFrame]] = {
    "select": lambda *given, **options: FRAME.filter(sel.select(*given, **options)),
    "rank": lambda *given, **options: FRAME.select(sel.rank(*given, **options)).drop_nulls(),
    "trace": traced,
    "rows": lambda *given, **options: sel.rows(FRAME, *given, progress=False, **options),
    "lazy rows": lazily,
    "namespace": lambda *_, **options: FRAME.filter(pl.col("e").sel.diversity(**options)),
}
EACH = pytest.mark.parametrize("form", FORMS)


# ---- how many


@EACH
@pytest.mark.parametrize(
    ("given", "picks"),
    [
        ({"n": 7}, 7), ({"n": np.int64(7)}, 7), ({"n": np.uint8(7)}, 7), ({"n": pl.lit(7)}, 7),
        ({"n": pl.len() // 4}, 7), ({"proportion": 0.25}, 8), ({"proportion": 1}, 30), ({"proportion": 1e-9}, 1),
        ({"proportion": Decimal("0.15")}, 5),
        ({"proportion": np.float64(0.1)}, 3), ({"n": pl.lit(0)}, 0), ({"n": pl.lit(7, dtype=pl.Decimal(38, 0))}, 7),
        ({"n": pl.lit(7, dtype=pl.UInt128)}, 7), ({"n": pl.col("g").max() + 1}, 5),
    ],
)  # fmt: skip
def test_a_budget_is_a_number_of_picks_or_a_share_of_the_rows(
    form: str, given: dict[str, Any], picks: int
) -> None:
    assert len(FORMS[form](DIVERSE, **given)) == picks


ONE = "give exactly one of n and proportion"
POSITIVE, SHARE = (
    "n must be a positive integer, got ",
    "proportion must be a number above 0 and at most 1, got ",
)
BUDGETS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({}, ValueError, ONE),
    ({"n": None, "proportion": None}, ValueError, ONE),
    ({"n": 2, "proportion": 0.5}, ValueError, ONE + ", not both"),
    ({"n": pl.lit(2), "proportion": 0.5}, ValueError, ONE + ", not both"),
    ({"n": 0}, ValueError, POSITIVE + "0"),
    ({"n": -1}, ValueError, POSITIVE + "-1"),
    ({"n": True}, TypeError, POSITIVE + "True (bool)"),
    ({"n": 2.0}, TypeError, POSITIVE + "2.0 (float)"),
    ({"n": "2"}, TypeError, POSITIVE + "'2' (str)"),
    ({"proportion": 0}, ValueError, SHARE + "0"),
    ({"proportion": -0.1}, ValueError, SHARE + "-0.1"),
    ({"proportion": 1.5}, ValueError, SHARE + "1.5"),
    ({"proportion": math.nan}, ValueError, SHARE + "nan"),
    ({"proportion": math.inf}, ValueError, SHARE + "inf"),
    ({"proportion": "0.5"}, TypeError, SHARE + "'0.5'"),
    ({"proportion": True}, TypeError, SHARE + "True"),
]
OTHERS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"n_counts": "all"}, ValueError, "n_counts must be 'new' or 'total', got 'all'"),
    ({"n_counts": None}, ValueError, "n_counts must be 'new' or 'total', got None"),
    ({"on_invalid": "ignore"}, ValueError, "on_invalid must be 'error' or 'skip', got 'ignore'"),
    ({"seed": 1.5}, TypeError, "seed must be an integer, got 1.5"),
    ({"seed": True}, TypeError, "seed must be an integer, got True"),
    ({"seed": "7"}, TypeError, "seed must be an integer, got '7'"),
    ({"seed": None}, TypeError, "seed must be an integer, got None"),
    ({"preselected": True}, TypeError, "preselected must be the name of a column or an expression, got bool"),
    ({"preselected": [1]}, TypeError, "preselected must be the name of a column or an expression, got list"),
    (
        {"preselected": np.array([True])},
        TypeError,
        "preselected must be the name of a column or an expression, got ndarray; for arrays there is sqlsel.select",
    ),
]  # fmt: skip


@EACH
@pytest.mark.parametrize(
    ("given", "error", "message"), [*BUDGETS, *(({"n": 2, **o}, *rest) for o, *rest in OTHERS)]
)
def test_it_is_refused_when_the_expression_is_built(
    form: str, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        FORMS[form](DIVERSE, **given)
    assert type(raised.value) is error
    assert str(raised.value) == message


@pytest.mark.parametrize("make", [sel.select, sel.rank, sel.trace])
@pytest.mark.parametrize("id", [3, ["id"], True])
def test_an_id_is_a_column(make: Any, id: Any) -> None:
    with pytest.raises(TypeError) as raised:
        make(DIVERSE, n=2, id=id)
    kind = type(id).__name__
    assert str(raised.value) == f"id must be the name of a column or an expression, got {kind}"


QUOTAS: list[tuple[pl.Expr, str]] = [
    (pl.lit(None).alias("q"), "n: q is null; it must be an integer of at least 0"),
    (pl.lit(None, dtype=pl.Int64).alias("q"), "n: q is null; it must be an integer of at least 0"),
    (pl.lit(-3).alias("q"), "n: q is -3; it must be an integer of at least 0"),
    (pl.lit(2.0).alias("q"), "n: q is Float64; it must be an integer"),
    (pl.lit("2").alias("q"), "n: q is String; it must be an integer"),
    (pl.lit(True).alias("q"), "n: q is Boolean; it must be an integer"),
    (pl.lit(Decimal("2.5")).alias("q"), "n: q is Decimal(precision=38, scale=1); it must be an integer"),
    (pl.col("id"), "n: id gives 30 values; one per group is needed, as of pl.col('id').first()"),
    (pl.col("id").head(0), "n: id gives 0 values; one per group is needed, as of pl.col('id').first()"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["select", "rank", "trace", "rows", "lazy rows", "namespace"])
@pytest.mark.parametrize(("quota", "message"), QUOTAS, ids=range(len(QUOTAS)))
def test_a_quota_is_one_whole_number(form: str, quota: pl.Expr, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        FORMS[form](DIVERSE, n=quota)
    assert str(raised.value).splitlines()[0] == message


def test_more_than_there_is_gives_all_and_warns() -> None:
    for n in (31, pl.lit(10**12)):
        with pytest.warns(
            ShortSelection, match=r"^fewer samples selected than n: all candidates are selected"
        ):
            assert len(FORMS["select"](DIVERSE, n=n)) == 30


def test_a_frame_without_rows_gives_none_and_does_not_warn() -> None:
    for n in (3, pl.col("g").first(), pl.len()):
        assert FRAME.clear().filter(sel.select(DIVERSE, n=n)).is_empty()
    assert FRAME.clear().filter(sel.select(DIVERSE, proportion=0.5)).is_empty()


# ---- strategies

NO_STRATEGY = (
    "; write sel.diversity('embedding'), sel.weights('score') … "
    "or a condition such as pl.col('sharpness') > 20"
)


@pytest.mark.parametrize(
    "given",
    [
        "e",
        [DIVERSE],
        (DIVERSE,),
        None,
        3,
        True,
        {"e": 1},
        sel.diversity,
        np.eye(2),
        pl.Series([1, 2]),
        FRAME,
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_is_no_strategy_is_refused_on_one_line(given: Any) -> None:
    for strategies in ((given,), (DIVERSE, given)):
        with pytest.raises(TypeError) as raised:
            sel.select(*strategies, n=2)
        first = str(raised.value).splitlines()[0]
        assert first.endswith(NO_STRATEGY)
        assert "is no strategy" in first


def test_at_least_one_strategy_is_needed() -> None:
    for make in (sel.select, sel.rank, sel.trace):
        with pytest.raises(
            ValueError, match=r"^give at least one strategy, such as sel\.diversity\('embedding'\)$"
        ):
            make(n=2)


@pytest.mark.parametrize(
    ("kind", "given", "shown"),
    [
        ("diversity", np.eye(3), "ndarray; for arrays there is sqlsel.select"),
        ("weights", pl.Series([1, 2]), "Series; for arrays there is sqlsel.select"),
        ("weights", [1, 2], "list"),
        ("typicality", None, "NoneType"),
        ("balance", 3, "int"),
        ("diversity", sel.diversity, "type"),
    ],
)
def test_a_strategy_over_no_column_is_refused(kind: str, given: Any, shown: str) -> None:
    with pytest.raises(TypeError) as raised:
        sel.select(getattr(sel, kind)(given), n=2)
    assert str(raised.value) == f"{kind} must be the name of a column or an expression, got {shown}"


CALLS: dict[str, Callable[[], Any]] = {
    "n of a strategy": lambda: sel.diversity("e", n=3),
    "an option by place": lambda: sel.diversity("e", 0.1),
    "likewise": lambda: sel.weights("w", 2),
    "key": lambda: sel.select(DIVERSE, n=3, key="id"),
    "over": lambda: sel.rows(FRAME, DIVERSE, n=2, over="g"),
    "n by place of a method": lambda: pl.col("e").sel.diversity(3),
    "no distance": lambda: sel.deduplicate("e"),
    "no distance at all": lambda: sel.deduplicate("e", None),
    "no query": lambda: sel.similarity("e"),
    "a query of nothing": lambda: sel.similarity("e", None),
    "a query that is a mapping": lambda: sel.similarity("e", {"a": 1}),
    "no bound": lambda: sel.threshold("w", ">"),
    "no column": sel.diversity,
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_arguments_that_there_are_not_and_those_that_are_missing_are_type_errors(name: str) -> None:
    with pytest.raises(TypeError):
        CALLS[name]()


@pytest.mark.parametrize("given", [3, "frame", None, [1], {"e": [1]}, np.eye(2)])
def test_rows_needs_a_frame(given: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^rows needs a DataFrame, a LazyFrame or an object with a stream"
    ):
        sel.rows(given, DIVERSE, n=2)
    with pytest.raises(TypeError, match=r"^ns needs a Polars expression or frame, got "):
        sel.ns(given)


@pytest.mark.parametrize("name", ["id", "rank_column"])
def test_names_of_columns_are_text(name: str) -> None:
    for given in (3, pl.col("id"), ["id"]):
        with pytest.raises(TypeError, match=rf"^{name} must be the name of a column, got "):
            sel.rows(FRAME, DIVERSE, n=2, **{name: given})
    with pytest.raises(TypeError, match=r"^by must be names of columns, got \[3\]$"):
        sel.rows(FRAME, DIVERSE, n=2, by=[3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"^rank_column: there is a column 'id' already$"):
        sel.rows(FRAME, DIVERSE, n=2, rank_column="id")


def test_a_strategy_over_an_expression_works_in_polars_only() -> None:
    for strategy in (sel.diversity(pl.col("e")), sel.weights(pl.col("w"))):
        with pytest.raises(TypeError, match=r": the input is a Polars Expr; use sqlsel\.polars$"):
            sqlsel.select(n=2, strategies=[strategy])
    with pytest.raises(TypeError, match=r"^diversity: the input is the text 'e'; give the array"):
        sqlsel.select(n=2, strategies=[DIVERSE])


def test_errors_of_data_are_errors_of_value_and_of_sqlsel() -> None:
    with pytest.raises(sqlsel.SqlselError) as raised:
        FRAME.select(sel.rank(sel.weights("text"), n=1))
    assert isinstance(raised.value, ValueError)
    assert str(raised.value).startswith("text is String; weights needs numbers; ")
