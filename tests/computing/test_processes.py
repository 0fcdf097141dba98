"""The same work in processes of their own: the same rows, and errors that a person can read."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sqlsel.catalog import connect
from sqlsel.images.work import file_work
from tests.computing.conftest import Program
from tests.computing.tiny import detector, embedder, photos

BOXES, SCORES = [[0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 0.9, 1.0]], [[0.9, 0.0], [0.0, 0.6]]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    photos(tmp_path / "shop", 70)
    (tmp_path / "shop" / "a" / "0000.png").write_bytes(b"nothing")
    return tmp_path / "shop"


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_processes_and_threads_give_the_same_rows(
    program: Program, shop: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    """Of the two tasks that a model finds, one tells as much as both by default."""
    find = detector(shop.parent / "d.onnx", BOXES, SCORES)
    embed = embedder(shop.parent / "e.onnx")
    commands = {
        "metadata": ("metadata", shop),
        "embed": ("embed", shop, "--model", embed),
        "predict": ("predict", shop, "--model", find, "--task", "things"),
    }
    if every:
        commands["tagged"] = (*commands["predict"][:-1], "lightly_pretagging")
    told = {}
    for apart in (10**9, 0):
        monkeypatch.setattr(file_work, "_PROCESSES_FROM", apart)
        for name, command in commands.items():
            out = shop.parent / f"{name}{apart}.parquet"
            done = program(*command, "--threads", 2, "-o", out)
            assert done.code == 0, done.err
            assert "left out: a/0000.png: is no image" in done.err
            told.setdefault(name, []).append(pq.read_table(out))
    for name, (here, there) in told.items():
        assert len(here) >= 69, name
        assert here.equals(there), name


def test_crops_of_processes_are_those_of_threads(
    program: Program, shop: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = detector(shop.parent / "d.onnx", BOXES, SCORES)
    program("predict", shop, "--model", find, "--task", "things", "--db", db)
    embed = embedder(shop.parent / "e.onnx")
    rows = []
    for apart, name in ((10**9, "here"), (0, "there")):
        monkeypatch.setattr(file_work, "_PROCESSES_FROM", apart)
        told = ("--db", db, "--images", shop, "-o", shop.parent / name, "--model", embed)
        done = program("crops", "things", *told, "--threads", 2)
        assert done.code == 0, done.err
        with connect(db) as con:
            text = "SELECT * FROM shop_things.catalog ORDER BY sample_id"
            rows.append(con.execute(text).fetchall())
        pictures = sorted(
            path.relative_to(shop.parent / name) for path in (shop.parent / name).rglob("*.png")
        )
        assert len(pictures) == 138
    assert rows[0] == rows[1]


def test_what_goes_wrong_in_a_process_is_one_line_here(
    program: Program, shop: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = detector(shop.parent / "d.onnx", BOXES, SCORES)
    program("predict", shop, "--model", find, "--task", "things", "--db", db)
    monkeypatch.setattr(file_work, "_PROCESSES_FROM", 0)
    target = shop.parent / "crops"
    target.mkdir()
    (target / "a").write_text("a file where a folder should be", encoding="utf-8")
    done = program("crops", "things", "--db", db, "--images", shop, "-o", target, "--threads", 2)
    assert done.code == 1
    last = done.err.splitlines()[-1]
    assert last.startswith(f"Error: {target}/a")
    assert "Traceback" not in done.err
