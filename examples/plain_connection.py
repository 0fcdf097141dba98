"""A plain DuckDB connection: after ``sqlsel.load`` its cursors select in SQL, as other tools do."""

from __future__ import annotations

import duckdb

import sqlsel

IMAGES = (
    "CREATE TABLE images AS SELECT i AS id, ['sunny', 'cloudy', 'rainy'][i % 7 // 3 + 1] AS weather, "
    "[cos(i), sin(i), cos(i / 9)]::FLOAT[3] AS embedding, i % 11 / 10 AS score FROM range(2_000) t(i)"
)
CLAUSE = "FROM images USING STRATEGY DIVERSITY(embedding), BALANCE(weather, 'uniform')"
CONFIGURATION = '{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}'
STATEMENTS = {
    "the clause, as text": f"FROM sqlsel.sql($$ SELECT id, weather, score {CLAUSE} LIMIT 3 $$)",
    "calls": "SELECT id, weather, score FROM sqlsel.select_samples('images', "
    "(sqlsel.diversity('embedding'), sqlsel.weights('score')), n_samples := 3)",
    "Lightly's JSON": "SELECT id, weather, score FROM sqlsel.config('images', "
    f"""'{{"n_samples": 3, "strategies": [{CONFIGURATION}]}}')""",
    "part of a statement": "SELECT weather, count(*) AS picked FROM "
    f"sqlsel.sql($$ SELECT weather {CLAUSE} LIMIT 60 $$) GROUP BY ALL ORDER BY ALL",
}


def show(con: duckdb.DuckDBPyConnection, name: str, statement: str) -> None:
    """Run a statement as DuckDB runs any other, and print it with its rows."""
    rows = con.execute(statement).fetchall()
    print(f"\n{name}:\n  {statement}", *(f"    {row}" for row in rows), sep="\n")


if __name__ == "__main__":
    with duckdb.connect() as connection:
        sqlsel.load(connection)  # once, before the first transaction; the cursors need nothing more
        connection.execute(IMAGES)
        print("2,000 images; four ways to select among them, each on a cursor of its own:")
        for title, text in STATEMENTS.items():
            show(connection.cursor(), title, text)
