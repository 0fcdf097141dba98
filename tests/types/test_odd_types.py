"""Types of Arrow at which a library would panic or end the process: all in one process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from connection.subprocesses import python

PROGRAM = """
import warnings
import duckdb, numpy as np, pyarrow as pa
import sqlsel, sqlsel.polars as sel
warnings.simplefilter("ignore")
E = np.array([[1.0, i] for i in range(4)])
members = [pa.array([1, 2, 0, 3]), pa.array(["a", "b", "c", "d"])]
sparse = pa.UnionArray.from_sparse(pa.array([0, 0, 1, 0], pa.int8()), members)
offsets = pa.array([0, 1, 2, 3], pa.int32())
COLUMNS = {
    "sparse": sparse,
    "dense": pa.UnionArray.from_dense(pa.array([0, 0, 1, 0], pa.int8()), offsets, members),
    "in a struct": pa.StructArray.from_arrays([sparse], ["u"]),
    "in a list": pa.ListArray.from_arrays(pa.array(range(5), pa.int32()), sparse),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2, 4], pa.int32()), pa.array([1.5, 2.5])),
    "interval": pa.array([(1, 2, 3)] * 4, pa.month_day_nano_interval()),
    "nothing": pa.nulls(4),
    "floats by number": pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 1]), pa.array([1.5, 2.5])),
    "structs": pa.array([[{"a": 1}]] * 4),
}
SQL = ("WEIGHTS(x)", "DIVERSITY(x)", "BALANCE(x)", "WEIGHTS(i), key := x", "WEIGHTS(i), by := x",
       "WEIGHTS(i), preselected := x", "SIMILARITY(e, query := (SELECT x FROM t))")
con = duckdb.connect()
for name, x in COLUMNS.items():
    t = pa.table({"x": x, "i": range(4), "e": pa.array(E.tolist(), pa.list_(pa.float32(), 2))})
    cells = {
        f"{name} arrays {role}": lambda made=made: sqlsel.select(n=2, **made())
        for role, made in {
            "number": lambda: {"strategies": [sqlsel.weights(x)]},
            "vector": lambda: {"X": x},
            "class": lambda: {"strategies": [sqlsel.balance(x)]},
            "key": lambda: {"X": E, "ids": x},
            "group": lambda: {"X": E, "by": x},
            "preselected": lambda: {"X": E, "preselected": x},
            "query": lambda: {"strategies": [sqlsel.similarity(E, x)]},
        }.items()
    }
    cells |= {
        f"{name} sql {c}": lambda c=c: sqlsel.sql(con, f"SELECT i FROM t USING STRATEGY {c} LIMIT 2").fetchall()
        for c in SQL
    }
    cells |= {
        f"{name} polars {role}": lambda s=s, o=o: sel.rows(t, s, n=2, **o)
        for role, (s, o) in {
            "number": (sel.weights("x"), {}),
            "vector": (sel.diversity("x"), {}),
            "class": (sel.balance("x"), {}),
            "key": (sel.diversity("e"), {"id": "x"}),
            "group": (sel.diversity("e"), {"by": "x"}),
            "preselected": (sel.diversity("e"), {"preselected": "x"}),
            "query": (sel.similarity("e", __import__("polars").col("x")), {}),
        }.items()
    }
    for cell, call in cells.items():
        try:
            call()
            print("taken", cell, flush=True)
        except sqlsel.InvalidInput as error:
            print("refused", cell, str(error).splitlines()[0], flush=True)
"""


def test_no_type_of_arrow_ends_the_process_or_panics() -> None:
    ended = python(PROGRAM)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert len(lines) == 9 * 21
    assert sum(line.startswith("refused") for line in lines) > 90


@pytest.mark.parametrize(
    ("form", "refused"),
    [("csv", "s"), ("parquet", "u"), ("json", ""), ("table", ""), ("arrow", "")],
)
def test_a_union_is_written_or_refused(form: str, refused: str, tmp_path: Path) -> None:
    text = (
        "SELECT i, union_value(a := i) AS u, {'x': union_value(a := i)} AS s "
        "FROM range(3) r(i) USING STRATEGY WEIGHTS(i) LIMIT 2"
    )
    arguments = ["sql", text, "--format", form, "-o", str(tmp_path / "picks")]
    program = f"import sys\nfrom sqlsel.cli.main import main\nsys.argv[1:] = {arguments!r}\nmain()"
    ended = python(program)
    assert ended.code == (2 if refused else 0), ended.err
    if refused:
        assert f"{refused} is a UNION or holds one, which {form} does not have" in ended.err
        assert f"select {refused}::VARCHAR" in ended.err
