"""``rows`` of a lazy frame reads vectors batch by batch into one matrix, or as a whole where it must."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel import InvalidInput
from sqlsel.polars import batch_reader, source

RNG = np.random.default_rng(0)
ROWS, WIDTH = 50_000, 4  # more than two batches
X = RNG.normal(size=(ROWS, WIDTH)).astype(np.float32)
BASE = pl.DataFrame(
    {
        "id": [f"{(7919 * i) % ROWS:05}" for i in range(ROWS)],
        "score": RNG.random(ROWS),
        "kind": RNG.choice(["a", "b"], ROWS),
        "e": pl.Series(X, dtype=pl.Array(pl.Float32, WIDTH)),
    }
)


@pytest.fixture
def read_in_batches(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each selection was read in batches."""
    found: list[bool] = []

    def told(*given: Any) -> Any:
        result = batch_reader.batchwise(*given)
        found.append(result is not None)
        return result

    monkeypatch.setattr(source, "batchwise", told)
    return found


def same_as_eager(frame: pl.DataFrame, tmp_path: Path, *strategies: Any, **given: Any) -> None:
    frame.write_parquet(tmp_path / "rows.parquet", row_group_size=7_000)
    told: dict[str, Any] = {"n": 12, "id": "id", "rank_column": "r", **given}
    lazy = sel.rows(pl.scan_parquet(tmp_path / "rows.parquet"), *strategies, **told).collect()
    assert lazy.equals(sel.rows(frame, *strategies, **told))
    assert lazy.height == 12


LISTS = BASE.with_columns(pl.col("e").cast(pl.List(pl.Float32)))
FORMS: dict[str, pl.DataFrame] = {
    "Array": BASE,
    "float64": BASE.with_columns(pl.col("e").cast(pl.Array(pl.Float64, WIDTH))),
    "List": LISTS,
    "float16": BASE.with_columns((pl.col("e") * 0.5).cast(pl.Array(pl.Float16, WIDTH))),
    "nulls": BASE.with_columns(e=pl.when(pl.int_range(pl.len()) % 3 != 0).then("e")),
    "List with nulls": LISTS.with_columns(e=pl.when(pl.col("score") > 0.5).then("e")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("normalize", [True, False])
def test_vectors_of_any_form_give_the_picks_of_the_frame(
    form: str, normalize: bool, tmp_path: Path, read_in_batches: list[bool]
) -> None:
    strategy = sel.diversity("e", normalize=normalize)
    same_as_eager(FORMS[form], tmp_path, strategy, sel.weights("score"))
    assert read_in_batches == [True]


def test_all_other_inputs_come_along(tmp_path: Path, read_in_batches: list[bool]) -> None:
    frame = BASE.with_columns(
        pl.struct(v="e").alias("deep"),
        f=pl.Series(RNG.normal(size=(ROWS, 2)), dtype=pl.Array(pl.Float64, 2)),
        done=pl.int_range(pl.len()) % 1000 == 0,
    )
    strategies = [
        sel.diversity("deep.v", min_distance=0.01),
        sel.similarity("f", [[1.0, 0.0]]),
        sel.diversity("f", normalize=False, strength=0.5),
        sel.balance("kind", "uniform"),
        sel.threshold("score", ">", 0.2),
        pl.col("kind").is_not_null(),
        sel.random(),
    ]
    same_as_eager(frame, tmp_path, *strategies, preselected="done", seed=3)
    assert read_in_batches == [True]


ROW = pl.int_range(pl.len())
ODD: dict[str, tuple[pl.Expr, dict[str, Any]]] = {
    "ragged, skipped": (
        pl.when(ROW == 30_000).then(pl.col("e").list.head(1)).otherwise("e"),
        {"on_invalid": "skip"},
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_must_be_seen_as_a_whole_is_read_as_a_whole(
    odd: str, tmp_path: Path, read_in_batches: list[bool]
) -> None:
    expr, given = ODD[odd]
    same_as_eager(LISTS.with_columns(e=expr), tmp_path, sel.diversity("e"), **given)
    assert read_in_batches == [False]


def test_a_batch_of_nulls_only_is_a_batch(tmp_path: Path, read_in_batches: list[bool]) -> None:
    frame = LISTS.with_columns(e=pl.when(ROW > 25_000).then("e"))
    same_as_eager(frame, tmp_path, sel.diversity("e"))
    assert read_in_batches == [True]


def test_lists_of_vectors_are_read_as_a_whole(tmp_path: Path, read_in_batches: list[bool]) -> None:
    pairs = [[row.tolist(), (-row).tolist()] for row in X[:3000]]
    frame = BASE.head(3000).with_columns(
        e=pl.Series(pairs, dtype=pl.List(pl.Array(pl.Float32, WIDTH)))
    )
    same_as_eager(frame, tmp_path, sel.diversity("e"))
    assert read_in_batches == [False]


@pytest.mark.parametrize("given", [{"n": pl.lit(12)}, {"by": "kind", "n": 6}])
def test_counts_and_groups_are_not_read_in_batches(
    given: dict[str, Any], tmp_path: Path, read_in_batches: list[bool]
) -> None:
    same_as_eager(BASE, tmp_path, sel.diversity("e"), **given)
    assert not any(read_in_batches)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_are_enough(rows: int, tmp_path: Path) -> None:
    BASE.head(rows).write_parquet(tmp_path / "few.parquet")
    lazy = sel.rows(pl.scan_parquet(tmp_path / "few.parquet"), sel.diversity("e"), n=1, id="id")
    assert lazy.collect().height == min(rows, 1)
    assert lazy.collect_schema() == BASE.schema


def test_an_error_names_the_row_and_its_id(tmp_path: Path) -> None:
    bad = X.copy()
    bad[31_234, 2] = np.nan
    frame = BASE.with_columns(e=pl.Series(bad, dtype=pl.Array(pl.Float32, WIDTH)))
    frame.write_parquet(tmp_path / "bad.parquet")
    lazy = sel.rows(pl.scan_parquet(tmp_path / "bad.parquet"), sel.diversity("e"), n=3, id="id")
    name = frame["id"][31_234]
    with pytest.raises(InvalidInput, match=rf"at row 31234 \(id '{name}'\), holds NaN"):
        lazy.collect()


def test_the_users_data_is_left_as_it_was() -> None:
    before = BASE["e"].to_numpy().copy()
    sel.rows(BASE.lazy(), sel.diversity("e"), n=3, id="id").collect()
    assert (BASE["e"].to_numpy() == before).all()


def test_a_column_may_serve_as_vectors_and_as_something_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    masses = rng.random((300, 3)).astype(np.float32)
    frame = BASE.head(300).with_columns(
        m=pl.Series(masses, dtype=pl.Array(pl.Float32, 3)),
        s=pl.struct(m=pl.Series(masses, dtype=pl.Array(pl.Float32, 3))),
    )
    same_as_eager(frame, tmp_path, sel.diversity("m"), sel.balance("m", "uniform"))
    same_as_eager(frame, tmp_path, sel.diversity("s.m"), sel.balance("s.m", "uniform"))


def test_an_input_of_another_length_is_told_of_as_in_a_frame() -> None:
    wrong = sel.weights(pl.col("score").head(7))
    with pytest.raises(InvalidInput, match="score has 7 values for 50000 rows"):
        sel.rows(BASE.lazy(), sel.diversity("e"), wrong, n=3, id="id").collect()


@pytest.mark.parametrize("lazy", [False, True])
def test_the_lottery_of_groups_without_id_is_that_of_arrays(lazy: bool) -> None:
    import sqlsel

    groups = [i % 3 for i in range(30)]
    frame = pl.DataFrame({"g": groups, "row": range(30)})
    wanted = sqlsel.select(n=2, by=groups, strategies=[sqlsel.random()], ids=range(30))
    if lazy:
        with pytest.warns(sqlsel.SelectionWarning, match="without id"):
            found = sel.rows(frame.lazy(), sel.random(), n=2, by="g").collect()
    else:
        found = sel.rows(frame, sel.random(), n=2, by="g")
    assert found["row"].to_list() == wanted.indices.tolist()
    assert found.columns == ["g", "row"]
