"""UNION and VARIANT, at the top or inside of other types, in every role: an answer, never the end of the process."""

from __future__ import annotations

import json

from connection.subprocesses import python

TABLE = """
CREATE TABLE t AS
SELECT
    i,
    [i + 1, 2]::FLOAT[2] AS e,
    union_value(num := i % 3)::UNION(num INTEGER, str VARCHAR) AS plain,
    [union_value(num := i % 3)] AS listed,
    {'a': union_value(num := i % 3)} AS field,
    MAP {'a': union_value(num := i % 3)} AS mapped,
    [{'a': [union_value(num := i % 3)]}] AS deep,
    (i % 3)::VARIANT AS variant,
    {'a': (i % 3)::VARIANT} AS variant_field
FROM range(6) AS r(i)"""
ROLES = {
    "vector": ("DIVERSITY({x})", "{x}::FLOAT[]"),
    "number": ("WEIGHTS({x})", "{x}::DOUBLE"),
    "class": ("BALANCE({x}, 'uniform')", "{x}::VARCHAR"),
    "key": ("WEIGHTS(i), key := {x}", "key := …::VARCHAR"),
    "preselected": ("WEIGHTS(i), preselected := {x}", "…::BOOLEAN"),
    "query": ("SIMILARITY(e, query := (SELECT {x} FROM t))", "SELECT {x}::FLOAT[]"),
    "group": ("WEIGHTS(i), by := {x}", ""),
    "row of groups": ("WEIGHTS(i), by := ({x}, 'a')", ""),
    "result": ("WEIGHTS(i)", ""),
}
PROGRAM = """
import json
import duckdb, sqlsel
con = duckdb.connect()
con.execute({table!r})
sqlsel.load(con)
for column in {columns!r}:
    for clause in {clauses!r}:
        clause = clause.format(x=column)
        text = "SELECT i, " + column + " FROM t USING STRATEGY " + clause + " LIMIT 2"
        for statement in (text, "SELECT i FROM sqlsel.sql($$" + text + "$$)"):
            try:
                print(json.dumps([row[0] for row in sqlsel.sql(con, statement).fetchall()]), flush=True)
            except (sqlsel.InvalidInput, duckdb.Error) as error:
                print(json.dumps(str(error)), flush=True)
"""
COLUMNS = {
    "plain": "a UNION",
    "listed": "a list with a UNION in it",
    "field": "a STRUCT with a UNION in it",
    "mapped": "a MAP with a UNION in it",
    "deep": "a list with a UNION in it",
    "variant": "a VARIANT",
    "variant_field": "a STRUCT with a VARIANT in it",
}


def test_values_of_several_types_are_refused_with_a_cast_or_taken() -> None:
    clauses = [clause for clause, _ in ROLES.values()]
    ended = python(PROGRAM.format(table=TABLE, columns=list(COLUMNS), clauses=clauses))
    assert (ended.code, ended.err) == (0, "")
    said = [json.loads(line) for line in ended.out.splitlines()]
    cells = [(column, role) for column in COLUMNS for role in ROLES for _ in range(2)]
    for (column, role), one in zip(cells, said, strict=True):
        cast = ROLES[role][1]
        if not cast:
            picks = [5, 4] if role == "result" else [3, 0, 4, 1, 5, 2]
            assert one == picks, (column, role)
            continue
        assert f"is {COLUMNS[column]}, whose values may be" in one
        assert cast.format(x=column) in one


def test_a_union_is_read_as_rows_and_refused_where_a_library_has_none() -> None:
    ended = python(
        f"import duckdb, sqlsel\ncon = duckdb.connect()\ncon.execute({TABLE!r})\n"
        "con.execute('SET enable_progress_bar = false')\n"  # DuckDB draws it on stdout where a statement takes seconds
        "found = sqlsel.sql(con, 'SELECT plain, listed FROM t USING STRATEGY WEIGHTS(i) LIMIT 1')\n"
        "print(found.fetchall(), found.arrow().num_rows)\n"
        "for read in (found.pl, found.df):\n"
        "    try:\n        read()\n    except sqlsel.InvalidInput as error:\n        print(error)\n"
    )
    assert (ended.code, ended.err) == (0, "")
    rows, polars, pandas = ended.out.splitlines()
    assert rows == "[(2, [2])] 1"
    for library, message in (("Polars", polars), ("pandas", pandas)):
        assert message.startswith(f"{library} has no UNION, as plain is one or holds one; select")
