"""Tools of the same process select in their own SQL: what they pick is what ``sqlsel.sql`` picks.

No tool is installed by ``make``, and each test is skipped where its tool is missing. In a scratch
environment: ``pip install -e . pytest pillow scikit-learn`` and ``jupysql ipython``,
``duckdb-engine``, ``ibis-framework[duckdb]``, ``dbt-core<1.12 dbt-duckdb`` or ``marimo[sql]``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import sqlsel
from tests.connection.subprocesses import python

pytestmark = pytest.mark.filterwarnings("ignore")  # the tools' own

IMAGES = (
    "CREATE TABLE images AS SELECT i AS id, [cos(i), sin(i), cos(i / 9)]::FLOAT[3] AS embedding, "
    "i % 11 / 10 AS score FROM range(500) r(i)"
)
DIVERSE = '{"n_samples": 5, "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]}'
STATEMENTS = {
    "sql": "SELECT id FROM sqlsel.sql($$ SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 5 $$)",
    "select_samples": "SELECT id FROM sqlsel.select_samples('images', "
    "(sqlsel.diversity('embedding'), sqlsel.weights('score')), n_samples := 5)",
    "config": f"SELECT id FROM sqlsel.config('images', '{DIVERSE}')",
}
PLAIN = {
    "sql": "DIVERSITY(embedding)",
    "select_samples": "DIVERSITY(embedding), WEIGHTS(score)",
    "config": "DIVERSITY(embedding)",
}


@pytest.fixture
def picks(con: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """What each statement must pick, in the order of the picks."""
    con.execute(IMAGES)
    return {
        name: sqlsel.sql(con, f"SELECT id FROM images USING STRATEGY {clause} LIMIT 5")
        .pl()["id"]
        .to_list()
        for name, clause in PLAIN.items()
    }


def test_sqlalchemy_selects_on_every_connection_of_the_pool(
    picks: dict[str, list[int]], tmp_path: Path
) -> None:
    pytest.importorskip("duckdb_engine")
    sa = pytest.importorskip("sqlalchemy")
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'images.db'}")
    sa.event.listen(engine, "connect", lambda wrapper, _: sqlsel.load(wrapper.execute.__self__))
    with engine.begin() as first:
        first.execute(sa.text(IMAGES))
    with engine.connect() as first, engine.connect() as second:
        for con in (first, second):
            for name, statement in STATEMENTS.items():
                assert con.execute(sa.text(statement)).scalars().all() == picks[name]
        called = sa.func.sqlsel.sql(sa.bindparam("text"))
        query = sa.select(sa.literal_column("id")).select_from(called)
        text = f"SELECT id FROM images USING STRATEGY {PLAIN['sql']} LIMIT 5"
        assert first.execute(query, {"text": text}).scalars().all() == picks["sql"]
    engine.dispose()


def test_ibis_selects_in_a_query_with_a_schema_and_in_a_view(picks: dict[str, list[int]]) -> None:
    pytest.importorskip("ibis.backends.duckdb")
    import ibis

    con = ibis.duckdb.connect()
    sqlsel.load(con.con)
    con.raw_sql(IMAGES).fetchall()
    for name, statement in STATEMENTS.items():
        selected = con.sql(statement, schema={"id": "int64"})
        assert selected.to_pandas()["id"].to_list() == picks[name]
        con.raw_sql(f"CREATE VIEW picked_{name} AS {statement}").fetchall()
        joined = con.table(f"picked_{name}").join(con.table("images"), "id")
        assert sorted(joined.filter(joined.score >= 0).to_pandas()["id"]) == sorted(picks[name])
    con.disconnect()


def test_jupysql_selects_in_line_and_cell(
    picks: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOOMBER_STATS_ENABLED", "false")
    pytest.importorskip("IPython")
    pytest.importorskip("sql.magic")
    cells = {
        "load": "%load_ext sql",
        "connect": "import duckdb, sqlsel\ncon = duckdb.connect()\nsqlsel.load(con)",
        "choose": "%sql con --alias images",
        "images": f"%sql {IMAGES}",
        **{name: f"%%sql\n{statement}" for name, statement in STATEMENTS.items()},
        "line": f"%sql {STATEMENTS['sql'].replace('LIMIT 5', 'LIMIT {{2 + 1}}')}",
    }
    ended = python(
        "import json\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell, rows = InteractiveShell.instance(), {}\n"
        f"for name, cell in {cells!r}.items():\n"
        "    done = shell.run_cell(cell)\n"
        "    done.raise_error()\n"
        "    rows[name] = [row[0] for row in done.result or []]\n"
        "print('\\n' + json.dumps(rows))\n"
        "shell.run_cell('%sql --close images')"
    )
    assert ended.code == 0, ended.err
    rows = json.loads(next(line for line in ended.out.splitlines() if line.startswith("{")))
    assert {name: rows[name] for name in STATEMENTS} == picks
    assert rows["line"] == picks["sql"][:3]


def test_dbt_makes_tables_of_selections(
    picks: dict[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dbt.adapters.duckdb")
    monkeypatch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    referring = {
        name: f"-- depends_on: {{{{ ref('images') }}}}\n{statement}"
        for name, statement in STATEMENTS.items()
    }
    files = {
        "dbt_project.yml": "{name: picks, profile: picks, models: {+materialized: table}}",
        "profiles.yml": "{picks: {target: dev, outputs: {dev: {type: duckdb, path: picks.db, threads: 4, "
        "module_paths: [plugins], plugins: [{module: sqlsel_plugin}]}}}}",
        "plugins/sqlsel_plugin.py": "import sqlsel\n"
        "from dbt.adapters.duckdb.plugins import BasePlugin\n"
        "class Plugin(BasePlugin):\n"
        "    def configure_connection(self, conn):\n"
        "        sqlsel.load(conn)\n",
        "models/images.sql": IMAGES.removeprefix("CREATE TABLE images AS "),
        **{f"models/{name}.sql": text for name, text in referring.items()},
        "models/referred.sql": "FROM sqlsel.sql($$ SELECT id FROM {{ ref('images') }} "
        "USING STRATEGY DIVERSITY(embedding) LIMIT 5 $$)",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = _run("-m", "dbt.cli.main", "run", "--profiles-dir", ".", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(tmp_path / "picks.db"), read_only=True) as con:
        for name, expected in {**picks, "referred": picks["sql"]}.items():
            assert [row[0] for row in con.execute(f"FROM {name}").fetchall()] == expected


def test_marimo_selects_in_a_cell_that_joins_the_table(
    picks: dict[str, list[int]], tmp_path: Path
) -> None:
    pytest.importorskip("marimo")
    pytest.importorskip("sqlglot")
    selecting = [  # marimo sees no table in a text, so the join says which cell comes first
        "@app.cell\n"
        "def _(con, mo):\n"
        f"    {name} = mo.sql({f'SELECT id FROM ({text}) JOIN images USING (id)'!r}, engine=con)\n"
        f"    print({name!r}, *{name}['id'])\n"
        f"    return ({name},)\n"
        for name, text in STATEMENTS.items()
    ]
    making = (
        "@app.cell\n"
        "def _(con, mo):\n"
        f"    mo.sql({IMAGES!r}, engine=con)\n"
        "    return\n"
        "\n\n@app.cell\n"
        "def _():\n"
        "    import duckdb\n    import marimo as mo\n    import sqlsel\n"
        "    con = duckdb.connect()\n    sqlsel.load(con)\n"
        "    return con, mo\n"
    )
    running = "if __name__ == '__main__':\n    app.run()\n"
    notebook = tmp_path / "notebook.py"
    text = "\n\n".join(["import marimo\n\napp = marimo.App()\n", *selecting, making, running])
    notebook.write_text(text, encoding="utf-8")
    done = _run(notebook.name, folder=tmp_path)
    assert done.returncode == 0, done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    rows = {
        line[0]: {int(number) for number in line[1:]} for line in lines if line[0] in STATEMENTS
    }
    assert rows == {name: set(numbers) for name, numbers in picks.items()}


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
