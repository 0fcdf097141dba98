"""Which columns are embeddings: each type as picks or as an error; nothing is copied without need, nothing changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import sqlsel.polars as sel
from sqlsel import InvalidInput, ShortSelection
from tests.parity.brute_force import unit
from tests.polars.frames import farthest, in_pieces

NAN, INF = float("nan"), float("inf")
NUMBERS = [
    pl.Float16, pl.Float32, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16,
    pl.UInt32, pl.UInt64, pl.UInt128, pl.Decimal(38, 0), pl.Decimal(12, 2),
]  # fmt: skip
PAIRS, LISTS = pl.Array(pl.Float32, 2), pl.List(pl.Float32)
OBJECTS = [pl.List(PAIRS), pl.List(LISTS)]


def whole(rows: int = 25, width: int = 3) -> np.ndarray:
    """Vectors that every type of number can hold, not of unit length."""
    return np.random.default_rng(3).integers(1, 100, (rows, width))


def ranks(
    column: pl.Series, n: int | None, *given: Any, beside: Any = None, **options: Any
) -> list[int | None]:
    """The rank of each row by diversity of a column; ``beside``: more columns."""
    frame = pl.DataFrame({"e": column, **(beside or {})})
    found = frame.select(sel.rank(*(given or [sel.diversity("e")]), n=n, **options))
    return found.to_series().to_list()


def picks(column: pl.Series, n: int | None, *given: Any, **options: Any) -> list[int]:
    """The numbers of the picked rows in order."""
    found = ranks(column, n, *given, **options)
    return sorted((i for i, rank in enumerate(found) if rank), key=lambda i: found[i] or 0)


def expected(x: Any, n: int) -> list[int]:
    """Farthest-first traversal in float64."""
    return farthest(pl.DataFrame({"id": range(len(x)), "e": np.asarray(x, np.float64)}), n)


# ---- what is a vector


@pytest.mark.parametrize("form", ["Array", "List"])
@pytest.mark.parametrize("dtype", NUMBERS, ids=str)
def test_vectors_of_any_numbers(dtype: Any, form: str) -> None:
    kind = pl.Array(dtype, 3) if form == "Array" else pl.List(dtype)
    column = pl.Series(whole().tolist(), dtype=pl.List(pl.Int64)).cast(pl.List(dtype)).cast(kind)
    assert column.dtype == kind
    for given in (column, in_pieces(column.to_frame("e"))["e"]):
        assert picks(given, 12) == expected(whole(), 12)


def test_a_tensor_of_arrow_is_a_vector_of_all_its_numbers() -> None:
    x = whole(20, 6).astype(np.float32)
    flat = pa.FixedSizeListArray.from_arrays(pa.array(x.reshape(-1)), 6)
    for shape in ((6,), (2, 3)):
        tensor = pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.float32(), shape), flat)
        column = pl.DataFrame(pa.table({"e": tensor}))["e"]
        assert isinstance(column.dtype, pl.BaseExtension)
        assert picks(column, 8) == expected(x, 8)


@pytest.mark.parametrize("kind", OBJECTS, ids=["Array", "List"])
def test_a_list_of_vectors_is_the_objects_of_a_sample(kind: Any) -> None:
    x = whole(20, 2)
    assert picks(pl.Series([[v] for v in x.tolist()], dtype=kind), 9) == expected(x, 9)
    several = pl.Series([[[1, 0]], [[1, 0], [0, 1]], [[0, 1], [0, 1]], None, []], dtype=kind)
    with pytest.warns(
        ShortSelection
    ):  # the second adds ½ · (0 + 2), the third only what the first lacks: 2
        assert ranks(several, 5) == [1, 3, 2, None, 4]


REFUSED: dict[str, tuple[pl.Series, str]] = {
    "two dimensions": (
        pl.Series([[[1.0, 2], [3, 4]]], dtype=pl.Array(pl.Float32, (2, 2))),
        (
            "e is Array(Float32, shape=(2, 2)); it must be one vector of numbers per row; "
            "lay it out flat: pl.col(…).reshape((-1, 4))"
        ),
    ),
    "struct": (
        pl.Series([{"a": 1}]),
        (
            "e is Struct({'a': Int64}); it must be one vector of numbers per row; "
            "name one of its fields, as in 'column.field'"
        ),
    ),
    "text in lists": (
        pl.Series([["1", "2"]]),
        "e is List(String); it must be one vector of numbers per row; cast it: pl.col(…).cast(pl.List(pl.Float32))",
    ),
    "booleans in arrays": (
        pl.Series([[True]], dtype=pl.Array(pl.Boolean, 1)),
        (
            "e is Array(Boolean, shape=(1,)); it must be one vector of numbers per row; "
            "cast it: pl.col(…).cast(pl.Array(pl.Float32, 1))"
        ),
    ),
    "bytes": (
        pl.Series([b"\0\0\0\0"]),
        (
            "e is Binary; it must be one vector of numbers per row; read its bytes: "
            'pl.col(…).bin.reinterpret(dtype=pl.Array(pl.Float32, d), endianness="little")'
        ),
    ),
    "text": (
        pl.Series(["[1, 2]"]),
        (
            "e is String; it must be one vector of numbers per row; "
            "read its text: pl.col(…).str.json_decode(pl.List(pl.Float32))"
        ),
    ),
    "numbers": (
        pl.Series([1, 2]),
        "e is Int64; it must be one vector of numbers per row; put columns together: pl.concat_list(…)",
    ),
    "times": (
        pl.Series([[1]], dtype=pl.List(pl.Int32)).cast(pl.List(pl.Date)),
        "e is List(Date); it must be one vector of numbers per row; give a list of numbers",
    ),
    "objects of text": (
        pl.Series([[["a"]]]),
        "e is List(List(String)); the objects of a row must be vectors of numbers",
    ),
    "lengths": (
        pl.Series([[1.0, 2], [1.0], None, [3.0, 4], []]),
        (
            "e: vectors of different lengths: 2 of 4 do not have the common length 2 (first at row 1: length 1); "
            "pad, truncate or filter them"
        ),
    ),
    "lengths of objects": (
        pl.Series([None, [], [[1.0, 2], [1.0]], [[1.0, 3]]], dtype=OBJECTS[1]),
        (
            "e: objects of different lengths: 1 of 3 do not have the common length 2 (first in row 2: length 1); "
            "pad, truncate or filter them"
        ),
    ),
    "empty": (pl.Series([None, [], []], dtype=LISTS), "e: row 1 has an empty vector"),
    "empty, of no type": (pl.Series([None, []]), "e: row 1 has an empty vector"),
    "no width": (
        pl.Series([[]], dtype=pl.Array(pl.Float32, 0)),
        "e: row 0 has an empty vector",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_vector_is_refused_with_a_remedy(name: str) -> None:
    column, message = REFUSED[name]
    with pytest.raises(InvalidInput) as raised:
        ranks(column, 1)
    assert str(raised.value).splitlines()[0] == message


def test_the_remedies_that_messages_name_do_it() -> None:
    x = whole(9, 2).astype(np.float32)
    e = pl.col("e")
    mended = [
        (pl.Series([v.tobytes() for v in x]), e.bin.reinterpret(dtype=PAIRS, endianness="little")),
        (pl.Series([str(v.tolist()) for v in x]), e.str.json_decode(LISTS)),
        (pl.Series([[[a], [b]] for a, b in x.tolist()], dtype=pl.Array(pl.Float32, (2, 1))), e.reshape((-1, 2))),
        (pl.Series([[str(a), str(b)] for a, b in x.tolist()]), e.cast(LISTS)),
    ]  # fmt: skip
    for column, remedy in mended:
        assert picks(column, 6, sel.diversity(remedy)) == expected(x, 6)


# ---- which rows


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([None, None]),
        pl.Series([None, None], dtype=PAIRS),
        pl.Series([None, None], dtype=LISTS),
        pl.Series([None, None], dtype=OBJECTS[0]),
        pl.Series([None, None], dtype=OBJECTS[1]),
        pl.Series([[]]).clear(2),
    ],
    ids=lambda column: str(column.dtype),
)
def test_where_all_is_null_nobody_is_a_candidate(column: pl.Series) -> None:
    with pytest.warns(ShortSelection):
        assert ranks(column, 1) == [None, None]


def test_a_null_is_passed_over_and_counted_by_a_proportion() -> None:
    x = whole(10, 2).tolist()
    for kind in (pl.Array(pl.Int64, 2), pl.List(pl.Int64)):
        column = pl.Series([None, *x[:5], None, *x[5:], None], dtype=kind)
        found = picks(column, None, proportion=0.35)
        assert [column[i].to_list() for i in found] == [x[i] for i in expected(x, 5)]


BAD = {
    "NaN": ([1, NAN], "holds NaN or NULL"),
    "null": ([None, 1], "holds NaN or NULL"),
    "infinity": ([-INF, 1], "holds infinity"),
    "zero": ([0, 0], "is zero"),
    "float64": ([1e300, 1], "holds infinity"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_vector_that_cannot_be_used_is_refused_or_skipped(name: str) -> None:
    x = whole(8, 2).astype(float).tolist()
    vector, what = BAD[name]
    for kind in (pl.Array(pl.Float64, 2), pl.List(pl.Float64)):
        column = pl.Series([*x[:3], vector, *x[3:]], dtype=kind)
        with pytest.raises(
            InvalidInput, match=rf"^e: 1 of 9 .* first, at row 3, {what}\. Leave them out, or"
        ):
            ranks(column, 3)
        skipped = picks(column, 5, on_invalid="skip")
        assert skipped == [i + (i >= 3) for i in expected(x, 5)]
        with pytest.raises(InvalidInput, match=r"^e: .* first, at row 3 \(id 'd'\), "):
            ranks(column, 1, beside={"name": list("abcdefghi")}, id="name")


@pytest.mark.parametrize("kind", OBJECTS, ids=["Array", "List"])
def test_a_sample_with_an_object_that_cannot_be_used_is_refused_or_skipped(kind: Any) -> None:
    for bad in ([NAN, 1], [None, 1], [0, 0], None):
        column = pl.Series([[[1, 0]], [], [[1, 1], bad], [[0, 1]]], dtype=kind)
        with pytest.raises(InvalidInput, match=r"^e: 1 of 4 vectors .* the first, at row 2, "):
            ranks(column, 2)
        assert ranks(column, 3, on_invalid="skip") == [1, 3, None, 2]


def test_lists_of_another_length_than_most_are_skipped() -> None:
    column = pl.Series([[], [], [], [1.0], [3.0, 1], [1.0, 2], [2.0, 4]])
    assert ranks(column, 2, on_invalid="skip") == [None] * 4 + [1, 2, None]
    with pytest.warns(ShortSelection):
        assert ranks(pl.Series([[], []], dtype=LISTS), 1, on_invalid="skip") == [None, None]


def test_large_and_small_finite_vectors_are_valid() -> None:
    x = whole(20, 2).astype(float)
    scaled = x * np.array([1e30, 1e-30, 1, 1e18])[np.arange(20) % 4, None]
    assert picks(pl.Series(scaled.astype(np.float32)), 9) == expected(unit(x.astype(np.float32)), 9)


@pytest.mark.parametrize("bad", [[NAN, 1], [0, 0], [1], [], [1, 2, 3]])
def test_rows_that_are_no_candidates_are_not_looked_at(bad: list[float]) -> None:
    x = whole(8, 2).astype(float).tolist()
    column = pl.Series([bad, *x, bad, bad], dtype=pl.List(pl.Float64))
    told = {"beside": {"ok": [False, *[True] * 8, False, False]}}
    inside = picks(column, 5, pl.col("ok"), sel.diversity("e"), **told)
    assert inside == [i + 1 for i in expected(x, 5)]
    with pytest.raises(InvalidInput):
        ranks(column, 5, pl.col("ok"), sel.diversity("e"), preselected=~pl.col("ok"), **told)
