"""``sqlsel duplicates --keep COLUMN``: of near-duplicates the one with the highest value is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqlsel.catalog import connect
from sqlsel.cli.main import _run
from tests.near.commands import LINE, duplicates, pairs, vectors_of
from tests.neighbours.clouds import units

SLOPE = np.array([[np.cos(a), np.sin(a)] for a in (0, 0.05, 0.09, 1, 1.02)])


def file_of(path: Path, names: list[str], x: np.ndarray, **columns: Any) -> str:
    table = vectors_of(names, x)
    for name, values in columns.items():
        table = table.append_column(name, values if isinstance(values, pa.Array) else [values])
    pq.write_table(table, path)
    return str(path)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4, 5], [("d", "e"), ("b", "c"), ("a", "c")]),
        ([5, 5, 5, 5, 5], [("b", "a"), ("c", "a"), ("e", "d")]),
        ([None, 1.0, None, None, None], [("a", "b"), ("c", "b"), ("e", "d")]),
        ([float("nan"), -1.0, 0.5, None, float("inf")], [("d", "e"), ("b", "c"), ("a", "c")]),
        (["b", "z", "a", "é", "y"], [("e", "d"), ("c", "b"), ("a", "b")]),
        ([False, False, True, False, True], [("b", "c"), ("a", "c"), ("d", "e")]),
        (pa.array([3, 1, 2, 9, 8], pa.timestamp("us")), [("e", "d"), ("c", "a"), ("b", "a")]),
    ],
    ids=["numbers", "equal", "few", "nan", "texts", "booleans", "times"],
)
def test_the_highest_value_is_kept(
    tmp_path: Path, values: Any, expected: list[tuple[str, str]]
) -> None:
    file = file_of(tmp_path / "x.parquet", LINE, SLOPE, quality=values)
    for way in ("--exact", "--approximate"):
        found = pairs(duplicates("--data", file, "--keep", "quality", way))
        assert sorted(found) == sorted(expected)
    assert _run(["import", "vectors", file, "--db", str(tmp_path / "c.duckdb")], debug=False) == 0
    found = pairs(duplicates("--db", str(tmp_path / "c.duckdb"), "--keep", "quality"))
    assert sorted(found) == sorted(expected)


def test_what_is_saved_is_the_order_of_the_column(tmp_path: Path) -> None:
    told = pa.array([{"score": at} for at in range(5)])
    file = file_of(tmp_path / "x.parquet", LINE, SLOPE, page=told)
    db = str(tmp_path / "c.duckdb")
    assert _run(["import", "vectors", file, "--db", db], debug=False) == 0
    duplicates("--db", db, "--keep", "page.score", "--save")
    with connect(db) as con:
        text = "SELECT sample_id FROM x.catalog WHERE duplicate_of IS NULL ORDER BY sample_id"
        assert con.execute(text).fetchall() == [("c",), ("e",)]


def test_kept_samples_are_those_of_the_definition(tmp_path: Path) -> None:
    x, rng = units(200, 4), np.random.default_rng(7)
    names = [f"s{at:03}" for at in range(200)]
    quality = rng.integers(0, 20, 200)
    file = file_of(tmp_path / "x.parquet", names, x, quality=quality.tolist())
    found = dict(pairs(duplicates("--data", file, "--keep", "quality", "--min-distance", "0.6")))
    kept: list[int] = []
    for row in sorted(range(200), key=lambda row: (-quality[row], names[row])):
        if all(np.linalg.norm(x[row].astype(np.float64) - x[one]) >= 0.6 for one in kept):
            kept.append(row)
    assert {name for name in names if name not in found} == {names[row] for row in kept}
    assert 10 < len(kept) < 190


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("qualty", "unknown column 'qualty'. Did you mean 'quality'?"),
        ("embedding", "column 'embedding' is "),
    ],
)
def test_a_column_without_an_order_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, message: str
) -> None:
    file = file_of(tmp_path / "x.parquet", LINE, SLOPE, quality=[1, 2, 3, 4, 5])
    assert _run(["duplicates", "--data", file, "--keep", column], debug=False) == 1
    assert f"{file}: {message}" in capsys.readouterr().err
