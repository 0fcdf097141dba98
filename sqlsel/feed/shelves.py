"""The stored neighbour graphs of the catalogues that a connection has attached."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.shelf import Place, Shelf, place_name

_TABLES = """
SELECT d.path, t.schema_name, t.table_name, t.estimated_size, c.data_type
FROM duckdb_databases() AS d
JOIN duckdb_tables() AS t USING (database_name)
JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name)
WHERE d.path IS NOT NULL AND starts_with(t.table_name, 'embeddings_') AND c.column_name = 'embedding'
    AND database_name IN (SELECT database_name FROM duckdb_tables() WHERE table_name = 'sqlsel_catalog')
ORDER BY ALL ASC
"""


def graphs_of(con: duckdb.DuckDBPyConnection) -> Graphs:
    """The source of graphs for a connection: stored beside its catalogues' files; in memory if it has none.

    Each table embeddings_… with vectors of a fixed length has one.
    """
    places = [
        Place(
            Path(f"{path}.index"),
            place_name(schema, table.removeprefix("embeddings_")),
            rows,
            int(fixed[1]),
        )
        for path, schema, table, rows, kind in con.execute(_TABLES).fetchall()
        if (fixed := re.fullmatch(r"FLOAT\[(\d+)\]", kind)) and Path(path).is_file()
    ]
    return Shelf(tuple(places)) if places else IN_MEMORY
