"""The commands as a person types them; those that read stdin or are stopped, in processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from sqlsel.cli.main import _is_interrupt
from tests.programs import called, started

DIVERSITY = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}


def sqlsel(
    *arguments: str, stdin: str | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    if stdin is None:
        return called(*arguments, cwd=cwd)
    return subprocess.run(
        [sys.executable, "-m", "sqlsel", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """1,000 images in Parquet, 400 of them warm; and a configuration."""
    with duckdb.connect() as con:
        con.execute(
            f"""COPY (
                SELECT 'img' || lpad(i::VARCHAR, 4, '0') AS sample_id,
                    [sin(i), cos(i * 1.7), sin(i * 0.3)]::FLOAT[] AS embedding,
                    (i * 7919 % 1000) / 1000 AS score,
                    {{'temperature': CASE WHEN i < 400 THEN 30.0 ELSE 10.0 END,
                      'description': CASE WHEN i % 3 = 0 THEN 'sunny' ELSE 'cloudy' END
                    }} AS weather,
                    i < 5 AS wanted
                FROM range(1000) t(i)) TO '{tmp_path}/images.parquet'"""
        ).fetchall()
    (tmp_path / "config.json").write_text(json.dumps({"n_samples": 10, "strategies": [DIVERSITY]}))
    return tmp_path


def configured(folder: Path, *strategies: object, **budget: object) -> str:
    file = folder / "other.json"
    file.write_text(json.dumps({**(budget or {"n_samples": 10}), "strategies": strategies}))
    return str(file)


def test_run_prints_ids_in_pick_order_on_stdout_and_the_outcome_on_stderr(folder: Path) -> None:
    done = sqlsel("run", "config.json", "--data", "images.parquet", cwd=folder)
    names = done.stdout.splitlines()
    assert done.returncode == 0
    assert len(set(names)) == 10
    assert names[0] == "img0000"
    assert "10 samples selected of 10 asked, from 1,000 candidates" in done.stderr
    assert "DIVERSITY" in done.stderr


@pytest.mark.parametrize("kind", ["csv", "json", "ndjson", "arrow", "parquet"])
def test_run_reads_and_writes_every_format_with_the_same_picks(folder: Path, kind: str) -> None:
    first = sqlsel(
        "run", "config.json", "--data", "images.parquet", "-o", f"picks.{kind}", "-q", cwd=folder
    )
    assert (first.returncode, first.stderr, first.stdout) == (0, "", "")
    with duckdb.connect() as con:
        if kind == "arrow":
            import pyarrow as pa

            with pa.memory_map(str(folder / "picks.arrow")) as source:
                ids = pa.ipc.open_file(source).read_all().column("sample_id").to_pylist()
        else:
            ids = [
                r[0]
                for r in con.sql(
                    f"SELECT sample_id FROM '{folder}/picks.{kind}' ORDER BY rank"
                ).fetchall()
            ]
        assert (
            ids
            == sqlsel(
                "run", "config.json", "--data", "images.parquet", cwd=folder
            ).stdout.splitlines()
        )
        if kind in ("json", "ndjson"):
            con.execute(
                f"COPY (FROM '{folder}/images.parquet') TO '{folder}/copy.{kind}' (FORMAT json)"
            ).fetchall()
            again = sqlsel("run", "config.json", "--data", f"copy.{kind}", cwd=folder)
            assert again.stdout.splitlines() == ids


def test_run_on_a_table_of_a_database(folder: Path) -> None:
    with duckdb.connect(str(folder / "my.duckdb")) as con:
        con.execute(f"CREATE TABLE images AS FROM '{folder}/images.parquet'").fetchall()
    done = sqlsel("run", "config.json", "--db", "my.duckdb", "--data", "images", cwd=folder)
    assert (
        done.stdout.splitlines()
        == sqlsel("run", "config.json", "--data", "images.parquet", cwd=folder).stdout.splitlines()
    )
    wrong = sqlsel("run", "config.json", "--db", "my.duckdb", "--data", "imags", cwd=folder)
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "Error: unknown table 'imags'. Did you mean 'images'? Known: images.\n",
    )


def test_similarity_takes_its_queries_from_another_file_by_tag(folder: Path) -> None:
    similar = {
        "input": {"type": "EMBEDDINGS", "dataset_id": "mine", "tag_name": "wanted"},
        "strategy": {"type": "SIMILARITY"},
    }
    config = configured(folder, similar, n_samples=5)
    done = sqlsel(
        "run", config, "--data", "images.parquet", "--dataset", "mine=images.parquet", cwd=folder
    )
    assert sorted(done.stdout.splitlines()) == [f"img{i:04d}" for i in range(5)]


def test_a_proportion_counts_the_rows_before_thresholds(folder: Path) -> None:
    warm = {
        "input": {"type": "METADATA", "key": "weather.temperature"},
        "strategy": {"type": "THRESHOLD", "threshold": 20, "operation": "BIGGER"},
    }
    config = configured(folder, DIVERSITY, warm, proportion_samples=0.1)
    done = sqlsel("run", config, "--data", "images.parquet", cwd=folder)
    assert len(done.stdout.splitlines()) == 100
    assert "from 400 candidates" in done.stderr


def test_explain_shows_the_statement_the_scan_and_the_counts_and_sql_runs_it(folder: Path) -> None:
    warm = {
        "input": {"type": "METADATA", "key": "weather.temperature"},
        "strategy": {"type": "THRESHOLD", "threshold": 20, "operation": "BIGGER"},
    }
    config = configured(folder, DIVERSITY, warm)
    done = sqlsel("explain", config, "--data", "images.parquet", cwd=folder)
    assert "USING STRATEGY DIVERSITY" in done.stdout
    assert "after threshold 400" in done.stdout
    assert "filters in the scan: (struct_extract(weather, 'temperature') > 20.0)" in done.stdout
    statement = sqlsel(
        "explain", config, "--data", "images.parquet", "--sql-only", cwd=folder
    ).stdout
    again = sqlsel("sql", "-", "--format", "filenames", stdin=statement, cwd=folder)
    assert again.stdout == sqlsel("run", config, "--data", "images.parquet", cwd=folder).stdout
    facts = json.loads(
        sqlsel("explain", config, "--data", "images.parquet", "--format", "json", cwd=folder).stdout
    )
    assert (facts["rows"], facts["candidates"], facts["picks"]) == (1000, 400, 10)


def test_validate_says_ok_or_lists_every_problem(folder: Path) -> None:
    assert (
        sqlsel("validate", "config.json", "--data", "images.parquet", cwd=folder).stdout
        == "ok: 1 strategy, 1,000 samples\n"
    )
    (folder / "bad.json").write_text(
        '{"n_samples": 5, "proportion_samples": 0.1, "strategies": [{"input": {"type": "X"}}]}'
    )
    bad = sqlsel("validate", "bad.json", cwd=folder)
    assert bad.returncode == 2
    assert len(bad.stderr.splitlines()) >= 3
    assert "bad.json: give exactly one of n_samples and proportion_samples, not both" in bad.stderr


def test_sql_prints_csv_into_a_pipe_and_takes_parameters(folder: Path) -> None:
    text = (
        "SELECT sample_id, selection_rank() AS r FROM 'images.parquet' "
        "USING STRATEGY WEIGHTS(score) LIMIT $n"
    )
    done = sqlsel("sql", text, "-p", "n", "2", "-q", cwd=folder)
    assert done.stdout.splitlines()[0] == "sample_id,r"
    assert len(done.stdout.splitlines()) == 3
    assert sqlsel("sql", "-c", "SELECT 42 AS a", cwd=folder).stdout == "a\n42\n"


def test_an_output_is_never_replaced_without_force_and_never_left_half(folder: Path) -> None:
    (folder / "picks.csv").write_text("mine")
    refused = sqlsel(
        "run", "config.json", "--data", "images.parquet", "-o", "picks.csv", cwd=folder
    )
    assert (refused.returncode, refused.stderr) == (
        2,
        "Error: picks.csv exists; --force replaces it\n",
    )
    assert (folder / "picks.csv").read_text() == "mine"
    assert (
        sqlsel(
            "run",
            "config.json",
            "--data",
            "images.parquet",
            "-o",
            "picks.csv",
            "--force",
            cwd=folder,
        ).returncode
        == 0
    )
    assert not list(folder.glob(".*.tmp"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_leaves_nothing(folder: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "from sqlsel.cli import main; main(sys.argv[1:])"
    )
    before = sorted(p.name for p in folder.iterdir())
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "run",
            "config.json",
            "--data",
            "images.parquet",
            "-n",
            "900",
            "-o",
            "p.parquet",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: p.parquet: File too large\n"
    assert sorted(p.name for p in folder.iterdir()) == before


def test_fewer_than_asked_says_why_and_strict_ends_with_3(folder: Path) -> None:
    far = {
        "input": {"type": "EMBEDDINGS"},
        "strategy": {"type": "DIVERSITY", "stopping_condition_minimum_distance": 1.5},
    }
    config = configured(folder, far, n_samples=50)
    done = sqlsel("run", config, "--data", "images.parquet", cwd=folder)
    assert done.returncode == 0
    assert (
        "fewer than asked: every other candidate is closer than min_distance to a pick"
        in done.stderr
    )
    assert sqlsel("run", config, "--data", "images.parquet", "--strict", cwd=folder).returncode == 3


def test_a_closed_pipe_ends_quietly(folder: Path) -> None:
    done = subprocess.run(  # noqa: S602 - the pipe between two programs is what is tested
        f"{sys.executable} -m sqlsel run config.json --data images.parquet -n 900 | head -1",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "img0000\n"
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_with_130_and_leaves_no_file(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT i AS id, [random() FOR x IN range(32)]::FLOAT[] AS embedding "
            "FROM range(60000) t(i)) "
            f"TO '{tmp_path}/big.parquet'"
        ).fetchall()
    (tmp_path / "c.json").write_text(json.dumps({"n_samples": 50000, "strategies": [DIVERSITY]}))
    process = started("run", "c.json", "--data", "big.parquet", "-o", "picks.csv", cwd=tmp_path)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, "Interrupted.")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["big.parquet", "c.json"]


BAD = [
    (
        {"n_samples": 5, "proportion_samples": 0.1, "strategies": [DIVERSITY]},
        2,
        "give exactly one of n_samples and proportion_samples, not both",
    ),
    ({"strategies": [DIVERSITY]}, 2, "give n_samples or proportion_samples"),
    ({"n_samples": 5, "strategies": []}, 2, "needs at least one strategy"),
    (
        {"n_samples": 5, "strategy": [DIVERSITY]},
        2,
        "unknown key 'strategy'. Did you mean 'strategies'?",
    ),
]


@pytest.mark.parametrize(("config", "code", "message"), BAD)
def test_a_bad_configuration_is_told_in_words_without_a_traceback(
    folder: Path, config: object, code: int, message: str
) -> None:
    (folder / "bad.json").write_text(json.dumps(config))
    done = sqlsel("run", "bad.json", "--data", "images.parquet", "-o", "picks.csv", cwd=folder)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.startswith("Error: bad.json: ")
    assert "Traceback" not in done.stderr
    assert not (folder / "picks.csv").exists()


ROWS = {
    "NaN in a vector": (
        "SELECT 'a' AS sample_id, ['nan'::FLOAT, 1] AS embedding",
        "holds NaN",
    ),
    "a zero vector": ("SELECT 'a' AS sample_id, [0::FLOAT, 0] AS embedding", "is zero"),
    "ragged": (
        "SELECT unnest(['a', 'b']) AS sample_id, unnest([[1::FLOAT], [1, 2]]) AS embedding",
        "1 of 2 do not have the common length 1 (first at row 2: length 2)",
    ),
    "the same id twice": (
        "SELECT unnest(['a', 'a']) AS sample_id, [1::FLOAT, 2] AS embedding",
        "'a' occurs more than once",
    ),
    "no vectors": ("SELECT 'a' AS sample_id, 1 AS x", "no vector column"),
}


@pytest.mark.parametrize("name", ROWS)
def test_unfit_data_is_told_in_one_line(folder: Path, name: str) -> None:
    query, message = ROWS[name]
    with duckdb.connect() as con:
        con.execute(f"COPY ({query}) TO '{folder}/bad.parquet'").fetchall()
    done = sqlsel("run", "config.json", "--data", "bad.parquet", "-o", "picks.csv", cwd=folder)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (folder / "picks.csv").exists()


def test_an_empty_pool_gives_no_rows_and_the_reason(folder: Path) -> None:
    cold = {
        "input": {"type": "METADATA", "key": "weather.temperature"},
        "strategy": {"type": "THRESHOLD", "threshold": 99, "operation": "BIGGER"},
    }
    done = sqlsel(
        "run", configured(folder, DIVERSITY, cold), "--data", "images.parquet", cwd=folder
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "no row is a candidate" in done.stderr


def test_more_asked_than_there_is_gives_all(folder: Path) -> None:
    done = sqlsel("run", "config.json", "--data", "images.parquet", "-n", "5000", cwd=folder)
    assert len(done.stdout.splitlines()) == 1000
    assert "fewer than asked: all candidates are selected" in done.stderr


def test_a_missing_column_is_named_with_the_closest_one(folder: Path) -> None:
    wrong = {
        "input": {"type": "METADATA", "key": "wether.temperature"},
        "strategy": {"type": "WEIGHTS"},
    }
    done = sqlsel("run", configured(folder, wrong), "--data", "images.parquet", cwd=folder)
    assert done.returncode == 1
    assert (
        "unknown metadata key 'wether.temperature'. Did you mean 'weather.temperature'?"
        in done.stderr
    )


def test_what_does_not_fit_the_memory_is_refused_with_the_numbers(folder: Path) -> None:
    done = sqlsel(
        "run", "config.json", "--data", "images.parquet", "--memory-limit", "10 KiB", cwd=folder
    )
    assert done.returncode == 1
    assert "limit 0.0 MiB; narrow with WHERE or USING SAMPLE, or raise memory_limit" in done.stderr


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            "SELECT 1 USING STRATEGY DIVRSITY(e) LIMIT 4",
            'Error: Parser Error: unknown strategy "DIVRSITY"; did you mean DIVERSITY?',
        ),
        (
            "SELECT 1 USING STRATEGY WEIGHTS(e LIMIT 4",
            "Error: Parser Error: missing ) for WEIGHTS(",
        ),
    ],
)
def test_a_mistake_in_sql_has_its_caret(folder: Path, statement: str, line: str) -> None:
    done = sqlsel("sql", statement, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == line
    assert done.stderr.splitlines()[-1].strip("^ ") == ""


def test_help_is_quick_and_heavy_packages_stay_out() -> None:
    heavy = {"polars", "pyarrow", "hnswlib", "duckdb", "numpy"}
    code = f"import sys, sqlsel, sqlsel.cli.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert "run " in sqlsel("--help").stdout
    assert sqlsel().returncode == 2
    assert "Did you mean 'run'" in sqlsel("rnu").stderr


def test_an_interrupt_while_rows_go_from_python_to_duckdb_is_one() -> None:
    class Stopped:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise KeyboardInterrupt

    with duckdb.connect() as con, pytest.raises(duckdb.Error) as caught:
        _read(con, Stopped())
    assert _is_interrupt(caught.value)
    assert not _is_interrupt(duckdb.InvalidInputException("Invalid Input Error: no such thing"))


def _read(con: duckdb.DuckDBPyConnection, given: object) -> None:
    con.register("given", given)
    con.execute("SELECT * FROM given")
