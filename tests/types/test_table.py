"""Every type in every role on every surface: the picks that the values mean, or a message that says what to do.

The types of a library go to every surface that takes its columns. What must be right is listed with the types in
``columns.py``; what a surface may refuse there, in words, is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

import sqlsel
from tests.types.cells import ROLES, SURFACES, answer, expected
from tests.types.columns import KINDS, Kind

CURE = re.compile(
    r"cast|take |give |put |name one|write |make|encode|bin the|read its|lay it|astype|epoch|hex|reduce it|explode it"
    r"|must lie between"
    r"|needs one (per row|value per row|vector per sample)|needs a list of vectors"
    r"|must be (vectors|integers|one vector)"
)
SIBLINGS = re.compile(
    r"(U?(SMALL|TINY)INT|U?INTEGER|U?BIGINT|TIMESTAMP_.*|TIMESTAMPTZ|DECIMAL\(4,0\)|DECIMAL\(38,2\)|FLOAT|JSON|TIME_NS"
    r"|u?int(8|16|32)|uint64|float|large_.*|time(32|64).*|timestamp\[(m?s|us|ns)\]|date64.*|decimal(32|64).*|.*_view"
    r"|dictionary.*|fixed_size.*|U?Int(8|16|32)|UInt(64|128)|Datetime.*'(ms|ns)'.*|Float(16|32)|float32|bool(ean)?|str(ing)?"
    r"|.*\[pyarrow\]|datetime64\[ns\]|i[124]|u[1248]|f[24]|g|T|>i4)"
)
# What DuckDB does not read from a table of another library, and what cannot be made at all.
UNREAD = {
    ("arrow", "halffloat"), ("arrow", "decimal256(76, 2)"), ("polars", "Float16"), ("polars", "Int128"),
    ("polars", "UInt128"), ("polars", "Object"),
}  # fmt: skip
NOT_MADE = {
    ("polars", "Object", "vector"), ("polars", "Object", "query"), ("polars", "Object", "by"),
    ("polars", "Struct({'a': Int32})", "vector"),  # lists of structs are to NumPy lists of their numbers
    *(("pandas", kind, role) for kind in ("datetime64[ns]", "timedelta64[ns]") for role in ("vector", "query")),
}  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def may_refuse(source: str, kind: Kind, surface: str, role: str) -> bool:
    """Where a surface asks for a cast that another one does itself."""
    if surface == "sql":
        return (source, kind.name) in UNREAD
    if role == "key" and surface == "arrays":
        return (
            "number" not in kind.right and "class" not in kind.right
        ) or "preselected" in kind.right
    if surface == "polars":
        name = kind.name.lower()
        no_class = role == "class" and ("binary" in name or "decimal" in name)
        small = name.startswith(("decimal32", "decimal64")) and role in ("vector", "query")
        return no_class or small or (role == "key" and "bool" in name) or "bool8" in name
    return False


def _marked(source: str, kind: Kind) -> object:
    marks = [pytest.mark.slow] if SIBLINGS.fullmatch(kind.name) else []
    return pytest.param(source, kind, id=f"{source} {kind.name[:40]}", marks=marks)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("source", "kind"), [_marked(source, kind) for source, kinds in KINDS.items() for kind in kinds]
)
def test_the_picks_are_right_or_refused_in_words(
    con: duckdb.DuckDBPyConnection, source: str, kind: Kind
) -> None:
    for role in ROLES:
        right = expected(kind, role)
        for surface in SURFACES[source]:
            cell = f"{source} {kind.name} as {role} on {surface}"
            if (source, kind.name, role) in NOT_MADE:
                continue
            found, said = _tried(con, source, kind, surface, role)
            if found is not None:
                assert found in _answers(kind, role, right), cell
                continue
            needed = role in kind.right and not may_refuse(source, kind, surface, role)
            assert not needed, f"{cell} is refused: {said}"
            assert CURE.search(said), f"{cell}: no cure in {said}"


def _tried(
    con: duckdb.DuckDBPyConnection, source: str, kind: Kind, surface: str, role: str
) -> tuple[list[int] | None, str]:
    """(the answer, an empty text), or (None, the message); any other error is a failure of the test."""
    try:
        return answer(con, source, kind, surface, role), ""
    except (sqlsel.InvalidInput, ValueError, TypeError) as error:
        return None, str(error)


def _answers(kind: Kind, role: str, right: list[int] | None) -> list[list[int] | None]:
    """What is right; categories in an order of their own are text to surfaces that do not have them."""
    if role == "by" and kind.order is not None:
        return [right, expected(Kind(kind.name, kind.values, kind.right, kind.made), role)]
    return [right]


def test_the_table_has_all_its_cells() -> None:
    cells = sum(len(kinds) * len(ROLES) * len(SURFACES[source]) for source, kinds in KINDS.items())
    assert cells - sum(len(SURFACES[source]) for source, _, _ in NOT_MADE) == CELLS


CELLS = 2728
