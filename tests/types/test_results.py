"""What a statement gives is what DuckDB itself gives, on its way through Arrow too."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import sqlsel

VALUES: dict[str, str] = {
    "UHUGEINT": f"{2**128 - 1}::UHUGEINT",
    "2^127": f"{2**127}::UHUGEINT",
    "small UHUGEINT": "7::UHUGEINT",
    "HUGEINT": f"{2**127 - 1}::HUGEINT",
    "TIMETZ": "'10:00:00+02'::TIMETZ",
    "list of UHUGEINT": f"[{2**128 - 1}::UHUGEINT, NULL]",
    "struct with TIMETZ": "{'a': '10:00:00-05:30'::TIMETZ, 'b': true, 'c': uuid()}",
    "array of structs": f"[{{'a': {2**127}::UHUGEINT}}]",
    "map": f"MAP {{'a': {2**127}::UHUGEINT}}",
    "TIME": "'10:00'::TIME",
    "BIT": "'101'::BIT",
    "BIGNUM": "123456789012345678901234567890123456789012345::BIGNUM",
    "VARIANT": "{'a': 1}::VARIANT",
    "UNION": "union_value(num := 2)",
    "NULL": "NULL::UHUGEINT",
}


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("name", VALUES)
def test_values_are_those_of_duckdb(name: str, *, lossless: bool) -> None:
    con = duckdb.connect()
    con.execute(f"SET arrow_lossless_conversion = {lossless}")
    con.execute(f"CREATE TABLE t AS SELECT {VALUES[name]} AS x, true AS b, uuid() AS u")
    known = con.execute("SELECT x, b, u FROM t").fetchall()
    found = sqlsel.sql(con, "SELECT x, b, u FROM t USING STRATEGY WEIGHTS(1)")
    if name == "struct with TIMETZ":
        known = [tuple(str(value) for value in row) for row in known]
        assert [tuple(str(value) for value in row) for row in found.fetchall()] == known
    else:
        assert found.fetchall() == known
    setting = con.execute("SELECT current_setting('arrow_lossless_conversion')").fetchall()
    assert setting == [(lossless,)]
    if not lossless:
        assert found.arrow().schema.field("b").type == pa.bool_()
        assert found.arrow().schema.field("u").type == pa.string()


def test_wide_numbers_reach_polars_and_pandas() -> None:
    con = duckdb.connect()
    text = f"SELECT x FROM (SELECT unnest(['{2**128 - 1}', NULL, '1']::UHUGEINT[]) AS x)"
    found = sqlsel.sql(con, f"{text} USING STRATEGY WEIGHTS(1)")
    assert found.pl().schema == {"x": pl.UInt128()}
    assert found.pl()["x"].to_list() == [2**128 - 1, None, 1]
    assert [value and int(value) for value in found.df()["x"]] == [2**128 - 1, None, 1]
    empty = sqlsel.sql(con, f"{text} WHERE false USING STRATEGY WEIGHTS(1)")
    assert (empty.fetchall(), empty.pl().schema) == ([], {"x": pl.UInt128()})


def test_a_locked_configuration_says_what_it_keeps_from_being_read() -> None:
    con = duckdb.connect()
    con.execute("SET lock_configuration = true")
    for value, kind in (
        ("'10:00:00+02'::TIMETZ", "TIME WITH"),
        (f"'{2**127}'::UHUGEINT", "UHUGEINT"),
    ):
        with pytest.raises(sqlsel.InvalidInput, match=rf"a {kind}.*locked; cast it"):
            sqlsel.sql(con, f"SELECT {value} AS z USING STRATEGY WEIGHTS(1)")
    found = sqlsel.sql(
        con, "SELECT 7::UHUGEINT AS u, NULL::UHUGEINT AS n USING STRATEGY WEIGHTS(1)"
    )
    assert found.fetchall() == [(7, None)]


def test_the_columns_of_a_selection_have_the_same_types_on_all_surfaces() -> None:
    import numpy as np

    import sqlsel.polars as sel

    con, vectors = duckdb.connect(), np.eye(3, dtype=np.float32)
    frame = pl.DataFrame({"i": range(3), "e": pl.Series(vectors, dtype=pl.Array(pl.Float32, 3))})
    con.register("frame", frame)
    text = (
        "SELECT selection_rank() AS rank, selection_gain() AS gain, selection_values() AS v "
        "FROM frame USING STRATEGY DIVERSITY(e), WEIGHTS(i)"
    )
    schema = sqlsel.sql(con, text).arrow().schema
    by_sql: dict[str, Any] = {f.name: f.type for f in (schema.field("rank"), schema.field("gain"))}
    by_sql |= {f.name: f.type for f in schema.field("v").type}
    strategies = (sel.diversity("e"), sel.weights("i"))
    traced = frame.select(sel.trace(*strategies, n=3)).unnest("selection").drop("selected")
    assert {f.name: f.type for f in traced.to_arrow().schema} == by_sql
    ranked = sel.rows(frame, *strategies, n=3, rank_column="rank")
    assert ranked["rank"].dtype == pl.Int64
    arrays = sqlsel.select(n=3, strategies=[sqlsel.diversity(vectors), sqlsel.weights([0, 1, 2])])
    assert (arrays.rank.dtype, arrays.gain.dtype, arrays.values.dtype) == (
        np.int64,
        np.float64,
        np.float64,
    )
    assert by_sql == {
        "rank": pa.int64(),
        **dict.fromkeys(["gain", "diversity", "weights"], pa.float64()),
    }
