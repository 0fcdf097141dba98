"""Keys such as ``weather.temperature``: flat columns, fields, maps and JSON, by one expression for any frame."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import InvalidInput, SelectionWarning, ShortSelection
from tests.polars.frames import ENGINES

T = [1.5, None, 3.0, 2.0]
V = [[1.0, 0.0], None, [0.0, 1.0], [1.0, 1.0]]
D = ["sun", None, "fog", "sun"]
RECORDS = [{"t": t, "v": v, "d": d} for t, v, d in zip(T, V, D, strict=True)]
KINDS = {"t": pl.Float64, "v": pl.List(pl.Float64), "d": pl.String}


def frames(field: str) -> dict[str, pl.DataFrame]:
    """The same values in all the places where ``m.a.b`` may find them."""
    values = [record[field] for record in RECORDS]
    kind: Any = KINDS[field]
    column = pl.Series(values, dtype=kind)
    inner = pl.DataFrame({"b": column}).to_struct("a")
    maps = [{"b": value, "x": None} for value in values]
    wrong = pl.DataFrame({"a": pl.DataFrame({"b": column[::-1]}).to_struct()}).to_struct()
    texts = [json.dumps({"a": {"b": value, "b.x": 7}, "b": 5}) for value in values]
    return {
        "flat": pl.DataFrame({"m.a.b": column}),
        "struct": pl.DataFrame({"m": pl.DataFrame({"a": inner, "x": values}).to_struct()}),
        "flat prefix": pl.DataFrame({"m.a": inner}),
        "map": pl.DataFrame({"m.a": pl.Series(maps, dtype=pl.Map(pl.String, kind))}),
        "map in a struct": pl.DataFrame(
            {"m": pl.DataFrame({"a": pl.Series(maps, dtype=pl.Map(pl.String, kind))}).to_struct()}
        ),
        "JSON": pl.DataFrame({"m": texts}),
        "JSON in a struct": pl.DataFrame({"m": [{"a": json.dumps({"b": v})} for v in values]}),
        "JSON of Arrow": pl.DataFrame(
            pa.table({"m": pa.ExtensionArray.from_storage(pa.json_(), pa.array(texts))})
        ),
        "flat beside a struct": pl.DataFrame({"m": wrong, "m.a.b": column}),
        "longer prefix first": pl.DataFrame({"m": wrong, "m.a": inner}),
    }


STRATEGIES: dict[str, Any] = {
    "t": sel.weights,
    "v": sel.diversity,
    "d": lambda key: sel.balance(key, "uniform"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("place", frames("t"))
@pytest.mark.parametrize("field", ["t", "v", "d"])
def test_a_key_is_found_wherever_it_is(field: str, place: str, engine: Any) -> None:
    frame = frames(field)[place].with_columns(g=pl.Series([1, 1, 2, 2]), i=pl.int_range(4))
    plain = frames(field)["flat"].with_columns(g=frame["g"], i=frame["i"])
    nested, flat = STRATEGIES[field]("m.a.b"), STRATEGIES[field](pl.col("m.a.b"))
    kept = frame.lazy().filter(sel.select(nested, n=2)).select("i").collect(engine=engine)
    assert kept.equals(plain.filter(sel.select(flat, n=2)).select("i"))
    traced = frame.lazy().select(sel.trace(nested, n=3)).collect(engine=engine)
    assert traced.equals(plain.select(sel.trace(flat, n=3)))
    over = frame.lazy().select(sel.rank(nested, n=1).over("g")).collect(engine=engine)
    assert over.equals(plain.select(sel.rank(flat, n=1).over("g")))
    lazy = frame.lazy().group_by("g").agg(sel.rank(nested, n=1)).sort("g")
    assert lazy.collect(engine=engine)["rank"].explode().to_list() == over["rank"].to_list()


@pytest.mark.parametrize("place", ["struct", "JSON"])
def test_a_nested_key_gives_the_picks_of_sql(place: str, con: duckdb.DuckDBPyConnection) -> None:
    frame = frames("t")[place].with_columns(i=pl.int_range(4))
    con.register("samples", frame)
    path = {"struct": "m.a.b", "JSON": "CAST(m->>'$.a.b' AS DOUBLE)"}[place]
    statement = f"SELECT i FROM samples USING STRATEGY WEIGHTS({path}), key := i"
    ranked = (
        frame.select("i", sel.rank(sel.weights("m.a.b"), n=3, id="i")).drop_nulls().sort("rank")
    )
    assert ranked["i"].to_list() == [row[0] for row in sqlsel.sql(con, statement).fetchall()]


def test_every_argument_that_names_a_column_takes_a_key() -> None:
    rows = [{"id": f"k{9 - i}", "w": i, "done": i == 3, "q": i % 2 == 0} for i in range(4)]
    structs = pl.DataFrame({"m": rows})
    texts = pl.DataFrame({"m": [json.dumps(row) for row in rows]})
    for frame in (structs, texts):
        strategies = [sel.weights("m.w", strength=0), sel.threshold("m.w", ">", 0)]
        expr = sel.rank(*strategies, n=2, id="m.id", preselected="m.done")
        assert frame.select(expr).to_series().to_list() == [None, 2, 1, None]


def test_json_numbers_may_be_booleans_and_null() -> None:
    values = [True, None, 2, 1.5e0, False]
    frame = pl.DataFrame({"m": [*(json.dumps({"w": v}) for v in values), "{}", "null", None]})
    with pytest.warns(ShortSelection):
        ranks = frame.select(sel.rank(sel.weights("m.w"), n=9)).to_series().to_list()
    assert ranks == [3, None, 1, 2, 4, None, None, None]


@pytest.mark.parametrize(
    "key",
    ['say "b"', '"', "a\\b", "ä ö", "a'b", "$", "[0]", "*", "@", "^x$", "a\tb", "?", "]", "'\""],
)
def test_keys_may_have_any_characters(key: str) -> None:
    rows = [{key: 1, "other": 9}, {key: 3, "other": 5}, {key: 2, "other": 1}]
    maps = pl.Series(rows, dtype=pl.Map(pl.String, pl.Int64))
    texts = [
        pl.Series([json.dumps(row, ensure_ascii=escaped) for row in rows]) for escaped in (0, 1)
    ]
    for column in (pl.Series(rows), maps, *texts):
        for name in ("m", "^m.*$", "*"):
            frame = pl.DataFrame({name: column, "mm": column[::-1]})
            expr = sel.rank(sel.weights(f"{name}.{key}"), n=3)
            if column.dtype == pl.String and key in ("a\\b", "'\""):
                with pytest.raises(
                    InvalidInput, match="has characters that cannot be looked up in"
                ):
                    frame.select(expr)
            else:
                assert frame.select(expr).to_series().to_list() == [3, 1, 2]


def test_keys_of_maps_may_be_integers() -> None:
    maps = pl.Series([{1: 5}, {2: 7, 1: 9}, {}], dtype=pl.Map(pl.Int16, pl.Int64))
    frame = pl.DataFrame({"m": maps})
    assert frame.select(sel.rank(sel.weights("m.1"), n=2)).to_series().to_list() == [2, 1, None]
    with pytest.raises(InvalidInput, match=r"^'m' is Map\(Int16, Int64\); it has no key 'x'\n"):
        frame.select(sel.rank(sel.weights("m.x"), n=2))


def test_null_structs_are_null_whatever_they_hide() -> None:
    hidden = pa.StructArray.from_arrays(
        [pa.array([9, 1, 2])], ["t"], mask=pa.array([True, False, False])
    )
    frame = pl.DataFrame(pa.table({"m": hidden}))
    assert frame.select(sel.rank(sel.weights("m.t"), n=2)).to_series().to_list() == [None, 2, 1]


# ---- names


@pytest.mark.parametrize("name", ["^a.*$", "*", "^a$", "^a.b$", "a b", "é", "$", "__none"])
def test_a_name_is_that_column_even_if_it_looks_like_a_pattern(name: str) -> None:
    frame = pl.DataFrame({name: [1, 3, 2], "a": [9, 9, 9], "ab": [9, 1, 3], "a.b.c": [9, 1, 3]})
    for data in (frame, frame.rename({name: "other"})):
        expr = sel.rank(sel.weights(name), n=3, id=name)
        if data is frame:
            assert data.select(expr).to_series().to_list() == [3, 1, 2]
            assert data.filter(sel.select(sel.weights(name), n=1))[name].to_list() == [3]
        else:
            with pytest.raises(
                (InvalidInput, pl.exceptions.ColumnNotFoundError), match=re.escape(name)
            ):
                data.select(expr)


def test_a_column_is_exactly_that_column() -> None:
    frame = pl.DataFrame({"a.b": [1, 2, 3], "a": [{"b": 3}, {"b": 2}, {"b": 1}]})
    assert frame.select(sel.rank(sel.weights(pl.col("a.b")), n=3)).to_series().to_list() == [
        3,
        2,
        1,
    ]
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match=r"a\.b"):
        frame.drop("a.b").select(sel.rank(sel.weights(pl.col("a.b")), n=3))
    assert frame.drop("a.b").select(sel.rank(sel.weights("a.b"), n=3)).to_series().to_list() == [
        1,
        2,
        3,
    ]
    for exact in ("a.", ".a", "a..b", "."):
        odd = pl.DataFrame({exact: [1, 2]})
        assert odd.select(sel.rank(sel.weights(pl.col(exact)), n=2)).to_series().to_list() == [2, 1]


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b"])
def test_a_key_has_no_empty_parts(name: str) -> None:
    with pytest.raises(ValueError, match=r"^weights: ") as raised:
        sel.select(sel.weights(name), n=1)
    told = f"weights: {name!r} is no key; for a column of this name write pl.col({name!r})"
    assert str(raised.value) == told


MISSING: dict[str, tuple[Any, str]] = {
    "field": (
        [{"temp": 1, "sky": "x"}],
        "'m' has no field 'tmp'. Did you mean 'temp'? Fields: temp, sky",
    ),
    "deep field": ([{"tmp": {"x": 1}}], "'m.tmp' has no field 'b'. Fields: x"),
    "number": ([1], "'m' is Int64; it has no field 'tmp'"),
    "list": ([[{"tmp": 1}]], "'m' is List(Struct({'tmp': Int64})); it has no field 'tmp'"),
    "text": (["sunny"], "'m' is String and holds no JSON; it has no field 'tmp'"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", MISSING)
def test_a_key_that_is_not_there_is_told_with_what_is(name: str, engine: Any) -> None:
    values, message = MISSING[name]
    lazy = pl.DataFrame({"m": values}).lazy()
    with pytest.raises(InvalidInput) as raised:
        lazy.select(sel.rank(sel.weights("m.tmp.b"), n=1)).collect(engine=engine)
    assert str(raised.value).splitlines()[0] == message


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_column_is_told(engine: Any) -> None:
    lazy = pl.DataFrame({"m": [{"t": 1}]}).lazy()
    with pytest.raises(InvalidInput) as raised:
        lazy.select(sel.rank(sel.weights("n.t"), n=1)).collect(engine=engine)
    told = "no column 'n.t', nor 'n' with such a field; a key names a column and then its fields"
    assert str(raised.value).splitlines()[0] == told
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match='"n"'):
        lazy.select(sel.rank(sel.weights("n"), n=1)).collect(engine=engine)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (sel.weights("m.s"), "m.s: weights needs numbers; row 1 holds the text 'high'"),
        (sel.threshold("m.s", ">", 0), "m.s: threshold needs numbers; row 1 holds the text 'high'"),
        (sel.diversity("m.s"), "m.s: the JSON values must be lists of numbers"),
        (sel.diversity("m.o"), "m.o: the JSON values must be lists of numbers"),
    ],
)
def test_json_of_another_kind_is_refused(strategy: Any, message: str) -> None:
    rows = [{"s": 1, "o": {"x": 1}}, {"s": "high", "o": {"x": 1}}]
    frame = pl.DataFrame({"m": [json.dumps(row) for row in rows], "ok": [True, False]})
    with pytest.raises(InvalidInput) as raised:
        frame.select(sel.rank(strategy, n=1))
    assert str(raised.value).splitlines()[0] == message


def test_an_error_before_the_ids_are_read_makes_up_no_id() -> None:
    frame = pl.DataFrame({"m": ['{"s": 1}', '{"s": "high"}'], "k": ["a", "b"]})
    for strategy in (sel.threshold("m.s", ">", 0), sel.weights("m.s")):
        with pytest.raises(InvalidInput, match=r"row 1 (\(id 'b'\) )?holds the text 'high'"):
            frame.select(sel.rank(strategy, n=1, id="k"))


def test_json_of_rows_that_are_no_candidates_is_not_looked_at() -> None:
    frame = pl.DataFrame({"m": ['{"s": 1}', '{"s": "high"}'], "ok": [True, False]})
    found = frame.select(sel.rank(pl.col("ok"), sel.weights("m.s"), n=1))
    assert found.to_series().to_list() == [1, None]


# ---- what is read


def test_parquet_reads_only_the_columns_that_a_key_may_mean(tmp_path: Path) -> None:
    file = tmp_path / "samples.parquet"
    frame = pl.DataFrame({"m": [{"t": 1}], "m.x": [1], "m.x.t": [1], "wide": ["x"], "n": [2]})
    frame.write_parquet(file)
    for key, columns in (("m.t", 2), ("m.x.t", 4), ("x.y", 1), (pl.col("m.x"), 2)):
        expr = sel.rank(sel.weights(key), sel.weights("n"), n=1)
        plan = pl.scan_parquet(file).select(expr).explain()
        assert f"PROJECT {columns}/5 COLUMNS" in plan, key


def test_several_columns_in_the_place_of_one_are_refused_by_polars() -> None:
    frame = pl.DataFrame({"a": [1], "b": [2]})
    for several in (pl.col("a", "b"), pl.all(), cs.numeric()):
        with pytest.raises(pl.exceptions.DuplicateError):
            frame.select(sel.rank(sel.weights(several), n=1))


@pytest.mark.parametrize("length", [0, 2, 4])
def test_an_expression_of_another_length_is_refused(length: int) -> None:
    column = pl.col("a").head(length) if length < 3 else pl.concat([pl.col("a")] * 2).head(length)
    frame = pl.DataFrame({"a": [1, 2, 3]})
    with pytest.raises(
        InvalidInput, match=rf"^a has {length} values for 3 rows; every input needs one per row"
    ):
        frame.select(sel.rank(sel.weights(column), n=1))


def test_one_value_stands_for_all_rows() -> None:
    frame = pl.DataFrame({"a": [1, 2, 3], "ok": [True, False, True]})
    with pytest.warns(SelectionWarning, match="fewer samples"):
        ranks = frame.select(sel.rank(sel.weights(pl.col("a").max()), pl.col("ok"), n=3))
    assert ranks.to_series().to_list() == [1, None, 2]
