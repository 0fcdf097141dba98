"""Names and values in generated SQL: DuckDB reads back what was quoted, and NUL is refused."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import pytest

from sqlsel.sqltext.quoting import identifier, literal, path

ODD = ["a", "A b", 'say "x"', "it's", "--", "/* x", ";", "\\", "$1", "\n", "é", "select", '"', "''"]


@pytest.mark.parametrize("name", ODD)
def test_a_quoted_name_is_that_name(reader: duckdb.DuckDBPyConnection, name: str) -> None:
    relation = reader.execute(f"SELECT 1 AS {identifier(name)}")
    assert [column[0] for column in relation.description or ()] == [name]


@pytest.mark.parametrize("value", [*ODD, "", 0, -7, 2**63, 0.1, -1e-300, True, False, None])
def test_a_literal_is_that_value(reader: duckdb.DuckDBPyConnection, value: Any) -> None:
    ((found,),) = reader.execute(f"SELECT {literal(value)}").fetchall()
    assert (float(found) if isinstance(value, float) else found) == value  # 0.1 is a DECIMAL


def test_a_path_is_quoted_part_by_part() -> None:
    assert path(["weather", 'a."b']) == '"weather"."a.""b"'


@pytest.mark.parametrize("name", ["\0", "a\0b", "a\0"])
def test_a_nul_is_refused_in_names_and_texts(name: str) -> None:
    """DuckDB reads a text up to there: what follows, the closing quote too, would be lost."""
    with pytest.raises(ValueError, match="a name may not hold a NUL character"):
        identifier(name)
    with pytest.raises(ValueError, match="a name may not hold a NUL character"):
        path(["a", name])
    with pytest.raises(ValueError, match="a text may not hold a NUL character"):
        literal(name)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        literal(value)
