"""Columns of every type that DuckDB, Arrow, Polars, pandas and NumPy have, and what their values mean.

A column is given by eight values without repetition, or by eight of which only three differ.
"""

# ruff: noqa: E501 - a table is read line by line

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

NUMBERS: list[Any] = [7, 3, 9, 1, 12, 2, 10, 5]
TEXTS = ["z", "a", "é", "10", "9", "b", "aa", "0"]
DAY = dt.datetime(2024, 2, 1, 3, 4, 5)


@dataclass(frozen=True)
class Kind:
    """A type. ``values``: eight that differ; ``right``: the roles that it must be able to play.

    ``made``: the column of some values. ``text``: the values as ids and classes are compared.
    """

    name: str
    values: list[Any]
    right: frozenset[str]
    made: Callable[[list[Any]], Any]
    order: list[Any] | None = None  # the values in the order of groups, where it is not their own


def roles(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER = roles("number vector query class key by")
FRACTION = roles("number vector query by")
TEXT = roles("class key by")
TIME = roles("key by")
DECIMALS = [Decimal(v) / 4 for v in NUMBERS]
FLOATS = [v / 4 for v in NUMBERS]
DAYS = [DAY + dt.timedelta(days=v, seconds=v) for v in NUMBERS]
UUIDS = [uuid.UUID(int=v * 7919**9 % 2**128) for v in NUMBERS]
BITS = [f"{v:08b}" for v in NUMBERS]


def _sql(kind: str) -> Callable[[list[Any]], Any]:
    """Values as a relation of DuckDB with a column x."""

    def made(values: list[Any]) -> str:
        shown = ", ".join(f"({_literal(value)}::{kind})" for value in values)
        return f"(SELECT unnest([{shown}]) AS x)"

    return made


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return "'" + "".join(f"\\x{byte:02x}" for byte in value) + "'::BLOB"
    return "'" + str(value).replace("'", "''") + "'"


def _kinds(
    made: Callable[[Any], Any], given: dict[Any, tuple[list[Any], frozenset[str]]]
) -> list[Kind]:
    return [
        Kind(str(k), values, right, made(k), TEXTS if "enum" in str(k).lower() else None)
        for k, (values, right) in given.items()
    ]


ENUM = "ENUM('z', 'a', 'é', '10', '9', 'b', 'aa', '0')"
BLOBS = [text.encode() for text in TEXTS]
NO_TEXT = [b"\xff" + blob for blob in BLOBS]
TIMES = [day.time() for day in DAYS]
DATES = [day.date() for day in DAYS]
SPANS = [dt.timedelta(days=v) for v in NUMBERS]
TRUTHS = [True, False]
NONE = roles("")

DUCKDB = _kinds(_sql, {
    **dict.fromkeys(
        ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"],
        (NUMBERS, NUMBER),
    ),
    "DECIMAL(4,0)": (NUMBERS, NUMBER), "DECIMAL(9,2)": (DECIMALS, FRACTION | {"key", "class"}),
    "DECIMAL(38,2)": (DECIMALS, FRACTION | {"key", "class"}), "BIGNUM": (NUMBERS, roles("by")),
    "FLOAT": (NUMBERS, FRACTION | {"class"}), "DOUBLE": (NUMBERS, FRACTION | {"class"}),
    "BOOLEAN": (TRUTHS, roles("number class key by preselected")),
    "VARCHAR": (TEXTS, TEXT), "JSON": ([str(v) for v in NUMBERS], TEXT), ENUM: (TEXTS, TEXT), "UUID": (UUIDS, TEXT),
    "BIT": (BITS, TEXT), "BLOB": (BLOBS, TEXT), "GEOMETRY": ([f"POINT({v} 1)" for v in NUMBERS], NONE),
    "DATE": (DATES, TIME), "TIME": (TIMES, TIME), "TIME_NS": (TIMES, TIME), "TIMETZ": ([f"10:00:00-0{i}" for i in range(8)], roles("by")),
    **dict.fromkeys(["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ"], (DAYS, TIME)),
    "INTERVAL": ([f"{v} days" for v in NUMBERS], NONE),
    "VARIANT": (NUMBERS, NONE), "INTEGER[]": ([[v] for v in NUMBERS], roles("by")),
    "VARCHAR[]": ([[v] for v in TEXTS], roles("by class")), "STRUCT(a INTEGER)": ([{"a": v} for v in NUMBERS], roles("by")),
    "MAP(VARCHAR, INTEGER)": ([f"{{a={v}}}" for v in [3, 7, 9]], roles("by")), "UNION(text VARCHAR)": (TEXTS, roles("by")),
})  # fmt: skip


def _arrow(kind: pa.DataType) -> Callable[[list[Any]], Any]:
    def made(values: list[Any]) -> pa.Array:
        if pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType):
            plain = pa.array(values, getattr(kind, "storage_type", pa.string()))
            return (
                pa.ExtensionArray.from_storage(kind, plain)
                if isinstance(kind, pa.BaseExtensionType)
                else plain.cast(kind)
            )
        return pa.array(values, kind)

    return made


ARROW = _kinds(_arrow, {
    **dict.fromkeys(
        [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()], (NUMBERS, NUMBER)
    ),
    **dict.fromkeys([pa.float16(), pa.float32(), pa.float64()], (NUMBERS, FRACTION | {"class"})),
    pa.decimal32(9, 2): (DECIMALS, FRACTION | {"key"}), pa.decimal64(18, 2): (DECIMALS, FRACTION | {"key"}),
    pa.decimal128(38, 2): (DECIMALS, FRACTION | {"key", "class"}), pa.decimal256(76, 2): (DECIMALS, NONE),
    pa.bool_(): (TRUTHS, roles("number class key by preselected")), pa.bool8(): ([1, 0], roles("preselected")),
    **dict.fromkeys([pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], (TEXTS, TEXT)),
    **dict.fromkeys([pa.binary(), pa.large_binary(), pa.binary_view()], (BLOBS, TEXT)), pa.binary(1): ([b"a", b"c", b"b", b"z", b"y", b"d", b"e", b"0"], TEXT),
    pa.uuid(): ([u.bytes for u in UUIDS], NONE),
    pa.date32(): (DATES, TIME), pa.date64(): (DATES, TIME), pa.time32("s"): (TIMES, TIME), pa.time64("us"): (TIMES, TIME),
    **dict.fromkeys([pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")], (DAYS, TIME)), pa.timestamp("us", "UTC"): (DAYS, TIME),
    pa.duration("us"): (SPANS, NONE), pa.list_(pa.int32()): ([[v] for v in NUMBERS], NONE),
    pa.list_(pa.string()): ([[v] for v in TEXTS], roles("class")), pa.struct([("a", pa.int32())]): ([{"a": v} for v in NUMBERS], NONE),
    pa.map_(pa.string(), pa.int32()): ([[("a", v)] for v in NUMBERS], NONE),
})  # fmt: skip


def _polars(kind: Any) -> Callable[[list[Any]], Any]:
    return lambda values: pl.Series(values, dtype=kind, strict=False)


POLARS = _kinds(_polars, {
    **dict.fromkeys(
        [pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.Int128(), pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64(), pl.UInt128()],
        (NUMBERS, NUMBER),
    ),
    **dict.fromkeys([pl.Float16(), pl.Float32(), pl.Float64()], (NUMBERS, FRACTION | {"class"})),
    pl.Decimal(38, 2): (DECIMALS, FRACTION | {"key"}), pl.Boolean(): (TRUTHS, roles("number class by preselected")),
    pl.String(): (TEXTS, TEXT), pl.Categorical(): (TEXTS, roles("class key")), pl.Enum(TEXTS): (TEXTS, TEXT), pl.Binary(): (BLOBS, roles("key by")),
    pl.Date(): (DATES, TIME), pl.Time(): (TIMES, TIME), **dict.fromkeys([pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns"), pl.Datetime("us", "UTC")], (DAYS, TIME)),
    pl.Duration("us"): (SPANS, NONE), pl.List(pl.Int32): ([[v] for v in NUMBERS], NONE), pl.Array(pl.Int32, 1): ([[v] for v in NUMBERS], NONE),
    pl.List(pl.String): ([[v] for v in TEXTS], roles("class")), pl.Struct({"a": pl.Int32}): ([{"a": v} for v in NUMBERS], NONE), pl.Object(): (TEXTS, NONE),
})  # fmt: skip


def _pandas(kind: Any) -> Callable[[list[Any]], Any]:
    return lambda values: (
        pd.Series(values).astype(kind) if kind != "object" else pd.Series(values, dtype=object)
    )


PANDAS = _kinds(_pandas, {
    **dict.fromkeys(["int8", "int64", "uint64", "Int8", "Int64", "UInt64", "int64[pyarrow]"], (NUMBERS, NUMBER)),
    **dict.fromkeys(["float32", "float64", "Float64", "double[pyarrow]"], (NUMBERS, FRACTION | {"class"})),
    **dict.fromkeys(["bool", "boolean", "bool[pyarrow]"], (TRUTHS, roles("number class by preselected"))),
    **dict.fromkeys(["object", "str", "string", "string[pyarrow]", "category"], (TEXTS, TEXT)),
    **dict.fromkeys(["datetime64[ns]", "datetime64[us]", "timestamp[us][pyarrow]"], (DAYS, roles("by"))), "timedelta64[ns]": (SPANS, NONE),
})  # fmt: skip


def _numpy(kind: Any) -> Callable[[list[Any]], Any]:
    return lambda values: (
        np.array(values).astype(kind) if kind != "O" else np.array([*values, None], object)[:-1]
    )


NUMPY = _kinds(_numpy, {
    **dict.fromkeys(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4"], (NUMBERS, NUMBER)),
    **dict.fromkeys(["f2", "f4", "f8", ">f8", "g"], (NUMBERS, FRACTION | {"class"})), "c16": (NUMBERS, NONE), "?": (TRUTHS, roles("number class by preselected")),
    "U": (TEXTS, TEXT), "T": (TEXTS, TEXT), "S": ([t.encode() for t in "zabcdefg"], TEXT), "O": (TEXTS, TEXT), "M8[us]": (DAYS, roles("by")), "m8[us]": (SPANS, NONE),
})  # fmt: skip
KINDS = {"duckdb": DUCKDB, "arrow": ARROW, "polars": POLARS, "pandas": PANDAS, "numpy": NUMPY}
