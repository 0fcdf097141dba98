"""The columns that identify a row of a relation: rowid of a table, file_row_number of a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from sqlsel.clause.scanner import scan

# One row: whether every table or view that the name may mean is a table in DuckDB's own storage;
# tables of attached databases of other kinds (SQLite, Postgres) are left out.
_FOUND = """
    SELECT coalesce(bool_and(is_table AND type = 'duckdb'), false)
    FROM (
        SELECT database_name, schema_name, true AS is_table
        FROM duckdb_tables() WHERE lower(table_name) = lower($name)
        UNION ALL
        SELECT database_name, schema_name, false
        FROM duckdb_views() WHERE lower(view_name) = lower($name))
    JOIN (FROM duckdb_databases() SELECT database_name, type) USING (database_name)
    WHERE CASE
        WHEN len($path) = 0 THEN (database_name = current_database() AND schema_name = current_schema())
            OR database_name = 'temp'
        WHEN len($path) = 1 THEN (database_name = current_database() AND lower(schema_name) = $path[1])
            OR (lower(database_name) = $path[1] AND schema_name = 'main')
        ELSE lower(database_name) = $path[1] AND lower(schema_name) = $path[2] END
"""
_COLUMNS = "SELECT lower(column_name) FROM duckdb_columns() WHERE lower(table_name) = lower($1)"


def places_of(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, ...]:
    """The columns that identify a row of ``relation``, the name of a table or Parquet file as written.

    Empty for views, Python variables, other files, ambiguous names, and relations that have a column
    of that name themselves.
    """
    tokens = scan(relation)
    file = next((t.text[1:-1] for t in tokens if t.kind == "string"), None)
    if file is not None:
        return _in_files(con, relation, file, called=len(tokens) > 1)
    names = [t.text[1:-1].replace('""', '"') if t.kind == "quoted" else t.text for t in tokens]
    *path, name = [n for n in names if n != "."]
    if len(path) > 2 or not _is_table(con, path, name):
        return ()
    columns = {row[0] for row in con.execute(_COLUMNS, [name]).fetchall()}
    return () if "rowid" in columns else ("rowid",)


def _in_files(
    con: duckdb.DuckDBPyConnection, relation: str, file: str, *, called: bool
) -> tuple[str, ...]:
    """file_row_number, of several files filename too; empty for other files, and where a table has that name."""
    if not called and (not file.lower().endswith(".parquet") or _is_anything(con, file)):
        return ()
    several = any(c in file for c in "*?[{")
    columns = ("filename", "file_row_number") if several else ("file_row_number",)
    try:
        described = con.execute(f"FROM {relation} LIMIT 0").description or ()
    except duckdb.Error:  # the statement itself will say why
        return ()
    return () if {str(d[0]).lower() for d in described} & set(columns) else columns


def _is_table(con: duckdb.DuckDBPyConnection, path: Sequence[str], name: str) -> bool:
    """Whether the name, qualified by ``path``, can only mean tables of DuckDB's own storage."""
    parameters = {"name": name, "path": [part.lower() for part in path]}
    return bool(con.execute(_FOUND, parameters).fetchall()[0][0])


def _is_anything(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether a table or view has this name; FROM would then read it instead of the file."""
    text = (
        "SELECT count(*) FROM (FROM duckdb_tables() SELECT table_name AS name "
        "UNION ALL FROM duckdb_views() SELECT view_name) WHERE lower(name) = lower($1)"
    )
    return bool(con.execute(text, [name]).fetchall()[0][0])
