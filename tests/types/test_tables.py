"""Tables of Hugging Face and ibis are data on every surface that takes tables.

Neither library is needed: without them objects stand in that have the same methods.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import sqlsel
import sqlsel.polars as sel

ROWS = {"i": list(range(10)), "e": [[float(i), 1.0] for i in range(10)]}
CONFIG = {
    "n_samples": 3,
    "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
}
EVEN = list(range(0, 10, 2))


class Wrapped:
    """What ``Dataset.data`` is: a table in a wrapper, before rows were chosen."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table


class Dataset:
    """The part of ``datasets.Dataset`` that is asked for."""

    def __init__(self, table: pa.Table, indices: list[int] | None = None) -> None:
        self.data, self._indices, self.features = Wrapped(table), indices, {}

    def __len__(self) -> int:
        return len(self._indices or self.data.table)

    def __getitem__(self, rows: slice) -> pa.Table:
        assert rows == slice(None)
        return self.data.table if self._indices is None else self.data.table.take(self._indices)

    def with_format(self, form: str) -> Dataset:
        assert form == "arrow"
        return self


class DatasetDict(dict[str, Dataset]):
    def with_format(self, form: str) -> DatasetDict:
        return self


class IterableDataset:
    features: Any = None

    def with_format(self, form: str) -> IterableDataset:
        return self


class Expression:
    """A table of ibis before it is computed."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def schema(self) -> pa.Schema:
        return self._table.schema

    def op(self) -> str:
        return "op"

    def to_pyarrow(self) -> pa.Table:
        return self._table


def _hugging_face() -> Any:
    datasets = pytest.importorskip("datasets")
    return datasets.Dataset.from_dict(ROWS).select(EVEN)


def _ibis() -> Any:
    ibis = pytest.importorskip("ibis")
    table = ibis.memtable(ROWS)
    return table.filter(table.i % 2 == 0)


TABLE = pa.table(ROWS)
MAKES: dict[str, Callable[[], Any]] = {
    "dataset": lambda: Dataset(TABLE.take(EVEN)),
    "dataset with indices": lambda: Dataset(TABLE, EVEN),
    "expression": lambda: Expression(TABLE.take(EVEN)),
    "datasets.Dataset": _hugging_face,
    "ibis": _ibis,
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of theirs
@pytest.mark.parametrize("name", MAKES)
def test_it_is_data_in_sql_in_configurations_and_on_frames(name: str) -> None:
    rows = MAKES[name]()
    found = sqlsel.sql(
        duckdb.connect(), "SELECT i FROM rows USING STRATEGY DIVERSITY(e), key := i LIMIT 3"
    )
    assert found.fetchall() == [(0,), (8,), (2,)]
    assert sel.rows(rows, sel.diversity("e"), n=3, id="i")["i"].to_pylist() == [0, 8, 2]
    found = sqlsel.run(CONFIG, rows, id="i", embedding="e")
    assert [row[0] for row in found.fetchall()] == [0, 8, 2]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            DatasetDict(train=Dataset(TABLE), test=Dataset(TABLE)),
            r"has the splits train, test; name one.*\['train'\]",
        ),
        (
            IterableDataset(),
            "IterableDataset can be read once and from the front only; load it without",
        ),
    ],
)
def test_what_has_no_rows_to_give_says_what_to_give(rows: Any, message: str) -> None:
    con = duckdb.connect()
    for attempt in (
        lambda rows=rows: sqlsel.sql(con, "SELECT i FROM rows USING STRATEGY DIVERSITY(e) LIMIT 3"),
        lambda: sqlsel.run(CONFIG, rows),
        lambda: sel.rows(rows, sel.diversity("e"), n=3),
    ):
        with pytest.raises(sqlsel.InvalidInput, match=message):
            attempt()


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float32()), pa.list_(pa.float32(), 2), pa.large_list(pa.float64()), pa.list_view(pa.float32()),
        pa.large_list_view(pa.float64()),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::sqlsel.errors.ShortSelection")
def test_a_slice_of_lists_with_nulls_is_its_rows(kind: pa.DataType) -> None:
    vectors = [[9.0, 9], [1, 0], None, [0, 1], [0.5, 0.5], None, [1, 1], [3, 1]]
    column, answers = pa.array(vectors, kind).slice(1, 6), []
    t = pa.table({"e": column, "i": range(6)})
    answers.append(sqlsel.select(column, n=6).indices.tolist())
    answers.append(sel.rows(t, sel.diversity("e"), n=6, id="i")["i"].to_pylist())
    text = "SELECT i FROM t USING STRATEGY DIVERSITY(e), key := i LIMIT 6"
    answers.append([row[0] for row in sqlsel.sql(duckdb.connect(), text).fetchall()])
    assert answers == [[0, 2, 3, 5]] * 3


def test_types_that_polars_would_panic_at_are_refused_or_cast() -> None:
    from decimal import Decimal

    union = pa.UnionArray.from_sparse(pa.array([0, 0], pa.int8()), [pa.array([1, 2])])
    wide = pa.array([Decimal(1), Decimal(2)], pa.decimal256(70, 0))
    for column, message in (
        (union, "column 'x' is sparse_union.*Polars has no type union; cast it first"),
        (
            wide,
            r"Polars has no type decimal256\(70, 0\); cast it first, such as to decimal128\(38, 0\)",
        ),
    ):
        with pytest.raises(sqlsel.InvalidInput, match=message):
            sel.rows(pa.table({"x": column, "w": [1, 2]}), sel.weights("w"), n=1)
    for kind in (pa.decimal32(9, 1), pa.decimal64(18, 1), pa.decimal256(38, 1)):
        t = pa.table({"x": pa.array([Decimal("1.5"), Decimal("2.5")], kind), "i": [0, 1]})
        assert sel.rows(t, sel.weights("x"), n=1)["i"].to_pylist() == [1]
